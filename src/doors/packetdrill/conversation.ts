// The connections of one script: which segments belong to which of them, what the machine has sent on each and nobody has
// looked at yet, and what crossed so far, as text.

import { formatInstant, type Instant } from '../../core/time.ts';
import { Flow } from './flow.ts';
import type { SentPacket } from './machine.ts';
import { decodePacket, type Segment } from './packet_bytes.ts';
import { segmentText } from './packet_text.ts';
import { firstWrong } from './payload.ts';
import type { Ports, TcpSpec } from './script.ts';

const FIRST_REMOTE_PORT = 49_152; // RFC 6335 §6
const LINES_KEPT = 8;

/** A segment of the machine, as it is on the wire. */
export interface SentSegment {
  readonly at: Instant;
  readonly segment: Segment;
  /** Where the first byte stands that is not the one that the program wrote; -1 when all are. */
  readonly wrongByte: number;
}

interface Exchange {
  readonly flow: Flow;
  readonly waiting: SentSegment[];
}

export class Conversation {
  /** The connection that segments without ports belong to. */
  private current: Exchange | undefined;
  private readonly exchanges: Exchange[] = [];
  private readonly lines: string[] = [];
  private nextRemotePort = FIRST_REMOTE_PORT;
  private readonly bindPort: number;
  /** What was wrong with packets that could not be read, or belong to nobody. */
  readonly strays: string[] = [];

  constructor(bindPort: number) {
    this.bindPort = bindPort;
  }

  get currentFlow(): Flow | undefined {
    return this.current?.flow;
  }

  /** A new socket is what the script is about now: the next segment begins a connection. */
  forgetCurrent(): void {
    this.current = undefined;
  }

  /** The machine opens a connection. */
  beginActive(localPort: number, remotePort: number): void {
    const known = this.find({ source: localPort, destination: remotePort });
    this.current = known ?? this.begin(new Flow(localPort, remotePort, true));
  }

  /** The connection that a segment of the script belongs to. @param localPort of the socket that it is for */
  flowOf(spec: TcpSpec, isInbound: boolean, localPort: number | undefined): Flow {
    const { ports } = spec;
    if (ports !== undefined) {
      const own = isInbound ? { source: ports.destination, destination: ports.source } : ports;
      this.current = this.find(own) ?? this.begin(new Flow(own.source, own.destination, false));
    }
    this.current ??= this.begin(new Flow(localPort ?? this.bindPort, this.nextRemotePort++, false));
    return this.current.flow;
  }

  /** Takes in what the machine has sent. */
  takeIn(packets: SentPacket[]): void {
    for (const { at, bytes } of packets.splice(0)) {
      const decoded = decodePacket(bytes);
      if (decoded === undefined) this.strays.push(`a packet at ${timeText(at)} whose checksums are wrong`);
      if (decoded === undefined || !('segment' in decoded)) continue;
      const { segment } = decoded;
      const exchange = this.find({ source: segment.sourcePort, destination: segment.destinationPort });
      if (exchange === undefined) {
        this.strays.push(`${timeText(at)} ${segmentText(segment)} to port ${segment.destinationPort}`);
        continue;
      }
      const { flow, waiting } = exchange;
      flow.learnFromMachine(segment);
      const position = flow.positionInOwn(segment);
      const wrongByte = position === undefined ? -1 : firstWrong(segment.payload, position);
      waiting.push({ at, segment, wrongByte });
      this.note(at, `> ${segmentText(flow.toScript(segment, undefined))}`);
    }
  }

  /** The next segment of the current connection that nobody has looked at. */
  shift(): SentSegment | undefined {
    return this.current?.waiting.shift();
  }

  peek(): SentSegment | undefined {
    return this.current?.waiting[0];
  }

  /** All that nobody has looked at, as text. */
  get unexpected(): readonly string[] {
    const left = this.exchanges.flatMap(({ flow, waiting }) =>
      waiting.map(({ at, segment }) => `${timeText(at)} > ${segmentText(flow.toScript(segment, undefined))}`),
    );
    return [...left, ...this.strays];
  }

  note(at: Instant, text: string): void {
    this.lines.push(`${timeText(at)} ${text}`);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }

  /** What crossed last. */
  get latest(): readonly string[] {
    return [...this.lines];
  }

  private find({ source, destination }: Ports): Exchange | undefined {
    return this.exchanges.find(({ flow }) => flow.localPort === source && flow.remotePort === destination);
  }

  private begin(flow: Flow): Exchange {
    const made: Exchange = { flow, waiting: [] };
    this.exchanges.push(made);
    return made;
  }
}

/** Seconds, to the microsecond: as scripts count. */
export const timeText = (at: Instant): string => formatInstant(at).slice(0, -3);
