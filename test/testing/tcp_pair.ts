// Two TCPs joined by a wire in virtual time, without a network layer: what one sends, the other receives after a delay,
// unless the wire loses, doubles, delays or damages it. What crossed is kept as text.

import { Arena } from '../../src/core/arena.ts';
import { Journal } from '../../src/core/journal.ts';
import { Random } from '../../src/core/random.ts';
import { after, earlier, type Instant, milliseconds, NEVER, START } from '../../src/core/time.ts';
import type { PacketSender, SendOutcome } from '../../src/stack/net/network_layer_api.ts';
import type { TcpConnection } from '../../src/stack/transport/tcp/tcp_connection.ts';
import { type ConnectRequest, TcpLayer } from '../../src/stack/transport/tcp/tcp_layer.ts';
import type { TcpListenerEndpoint } from '../../src/stack/transport/tcp/tcp_listener.ts';
import { DEFAULT_TCP_SETTINGS, type TcpSettings } from '../../src/stack/transport/tcp/tcp_settings.ts';
import { type IpAddress, type Ipv4Address, parseIpv4Address } from '../../src/wire/address.ts';
import { pseudoSumIpv4, sumBytes } from '../../src/wire/checksum.ts';
import {
  emitTcp,
  TCP_HEADER_LENGTH,
  TCP_PROTOCOL,
  TcpFlag,
  tcpAcknowledgment,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpWindow,
} from '../../src/wire/tcp.ts';
import { emitTcpOptions, NO_TCP_OPTIONS, parseTcpOptions, type TcpOptions } from '../../src/wire/tcp_options.ts';

export type Side = 'A' | 'B';

export const ADDRESS: Readonly<Record<Side, Ipv4Address>> = { A: address('10.0.0.1'), B: address('10.0.0.2') };

export interface PairOptions {
  readonly delay?: number;
  readonly mtu?: number;
  readonly seed?: number;
  readonly settings?: Partial<TcpSettings>;
  /** Probabilities. */
  readonly loss?: number;
  readonly duplication?: number;
  readonly reordering?: number;
  readonly corruption?: number;
}

interface Flight {
  readonly at: Instant;
  readonly order: number;
  readonly to: Side;
  readonly slot: number;
  readonly trafficClass: number;
}

export class Pair {
  readonly arena: Arena = new Arena(2 ** 28);
  readonly A: TcpLayer;
  readonly B: TcpLayer;
  readonly journal: Journal = new Journal();
  /** What crossed the wire, a line a segment. */
  readonly log: string[] = [];
  isLogging = true;
  now: Instant = START;
  mtu: number;
  /** What ICMP has made both ends believe. */
  claimedMtu = Infinity;
  /** Looks at each segment before it leaves, counted from 1 for each side; true: it is lost. */
  loses: (from: Side, number: number, text: string) => boolean = () => false;
  /** Likewise, how many milliseconds later it arrives than usual. */
  holdsUp: (from: Side, number: number, text: string) => number = () => 0;
  /** Likewise, whether a router marks it, if it may (RFC 3168). */
  marks: (from: Side, number: number, text: string) => boolean = () => false;
  /** Called with each connection or listener that reports something. */
  onReady: (side: Side, endpoint: TcpConnection | TcpListenerEndpoint) => void = () => undefined;
  private readonly options: PairOptions;
  private readonly random: Random;
  private readonly flights: Flight[] = [];
  private readonly sent = { A: 0, B: 0 };
  private readonly firstSequence: Partial<Record<Side, number>> = {};
  private order = 0;

  constructor(options: PairOptions = {}) {
    this.options = options;
    this.mtu = options.mtu ?? 1500;
    this.random = Random.fromSeed(options.seed ?? 1);
    const settings = { ...DEFAULT_TCP_SETTINGS, ...options.settings };
    this.A = this.layer('A', settings);
    this.B = this.layer('B', settings);
  }

  connect(from: Side, request: Partial<ConnectRequest> = {}): TcpConnection {
    const to = other(from);
    const made = this[from].connect(this.now, { remoteAddress: ADDRESS[to], remotePort: 80, ...request });
    if (typeof made === 'string') throw new Error(made);
    return made;
  }

  listen(side: Side, port = 80, backlog?: number): TcpListenerEndpoint {
    const made = this[side].listen(this.now, undefined, port, backlog);
    if (typeof made === 'string') throw new Error(made);
    return made;
  }

  /** A connection from A to B after its handshake: A's end and B's. */
  established(request: Partial<ConnectRequest> = {}): [TcpConnection, TcpConnection] {
    const listener = this.listen('B');
    const a = this.connect('A', request);
    this.settle();
    const b = listener.accept();
    if (b === undefined || a.state !== 'Established') throw new Error(`not established: ${a.state}`);
    return [a, b];
  }

  flush(): void {
    this.A.flush(this.now);
    this.B.flush(this.now);
    for (const side of ['A', 'B'] as const) {
      for (let ready = this[side].pollReady(); ready !== undefined; ready = this[side].pollReady()) {
        this.onReady(side, ready);
      }
    }
    this.A.flush(this.now);
    this.B.flush(this.now);
  }

  /** The next thing that happens; false when nothing does. Background deadlines count up to `until`. */
  step(until: Instant = START): boolean {
    this.flush();
    let next = earlier(this.A.pollTimeout(), this.B.pollTimeout());
    const background = earlier(this.A.pollBackgroundTimeout(), this.B.pollBackgroundTimeout());
    if (background <= until) next = earlier(next, background);
    const flight = this.flights[0];
    if (flight !== undefined && flight.at <= next) {
      this.flights.shift();
      this.now = flight.at;
      this[flight.to].receive(
        this.now,
        flight.slot,
        ADDRESS[other(flight.to)],
        ADDRESS[flight.to],
        0,
        64,
        flight.trafficClass,
      );
    } else if (next === NEVER) {
      return false;
    } else {
      this.now = next;
      this.A.handleTimeout(next);
      this.B.handleTimeout(next);
    }
    this.flush();
    return true;
  }

  /** Runs until nothing is under way and no foreground deadline is left, at most `steps` steps. */
  settle(steps = 100_000): void {
    for (let i = 0; i < steps; i++) if (!this.step()) return;
    throw new Error('it does not come to rest');
  }

  /** Runs everything that is due until `seconds` after now, background included. */
  run(seconds: number): void {
    const end = after(this.now, milliseconds(1000 * seconds));
    this.flush();
    for (;;) {
      const due = Math.min(
        this.flights[0]?.at ?? NEVER,
        this.A.pollTimeout(),
        this.B.pollTimeout(),
        this.A.pollBackgroundTimeout(),
        this.B.pollBackgroundTimeout(),
      );
      if (due > end) break;
      this.step(end);
    }
    this.now = end;
  }

  /** Sends a handmade segment to `to`, with numbers relative to the first SYNs. */
  inject(
    to: Side,
    ports: readonly [from: number, to: number],
    flags: number,
    sequence: number,
    acknowledgment: number,
    extra: { readonly window?: number; readonly options?: TcpOptions; readonly payload?: string } = {},
  ): void {
    const payload = new TextEncoder().encode(extra.payload ?? '');
    const slot = this.arena.allocateFrom(payload);
    const options = new DataView(new ArrayBuffer(40));
    const optionsLength = emitTcpOptions(options, 0, extra.options ?? NO_TCP_OPTIONS);
    const headerLength = TCP_HEADER_LENGTH + optionsLength;
    const at = this.arena.prepend(slot, headerLength);
    this.arena.bytes.set(new Uint8Array(options.buffer, 0, optionsLength), at + TCP_HEADER_LENGTH);
    const from = other(to);
    const sum =
      pseudoSumIpv4(ADDRESS[from], ADDRESS[to], TCP_PROTOCOL) +
      sumBytes(this.arena.view, at + TCP_HEADER_LENGTH, optionsLength + payload.length);
    const header = {
      sourcePort: ports[0],
      destinationPort: ports[1],
      sequence: (sequence + (this.firstSequence[from] ?? 0)) | 0,
      acknowledgment: (acknowledgment + (this.firstSequence[to] ?? 0)) | 0,
      headerLength,
      flags,
      window: extra.window ?? 65_535,
      urgentPointer: 0,
      payloadLength: payload.length,
    };
    emitTcp(this.arena.view, at, header, sum);
    this.note(from, slot, 'forged');
    this[to].receive(this.now, slot, ADDRESS[from], ADDRESS[to], 0);
  }

  /** What has crossed since it was last asked for. */
  ladder(): string {
    return `\n${this.log.splice(0).join('\n')}\n`;
  }

  private layer(side: Side, settings: TcpSettings): TcpLayer {
    const sender: PacketSender = {
      send: (now, slot, _source, destination, _protocol, options) =>
        this.carry(now, side, slot, destination, options.trafficClass),
      selectSource: () => ADDRESS[side],
      pathMtu: () => Math.min(this.mtu, this.claimedMtu),
      learnPathMtu: (_now, _destination, mtu) => (this.claimedMtu = Math.min(mtu, this.claimedMtu)),
      isLocal: (address) => address === ADDRESS[side],
      isBroadcast: (address) => address === -1,
    };
    const random = Random.fromSeed(this.options.seed ?? 1).fork(side);
    return new TcpLayer({ arena: this.arena, random, sender, journal: this.journal, hostName: side }, settings);
  }

  private carry(now: Instant, from: Side, slot: number, destination: IpAddress, trafficClass: number): SendOutcome {
    const number = ++this.sent[from];
    if (destination !== ADDRESS[other(from)]) {
      this.arena.release(slot);
      return 'no-route';
    }
    if (this.arena.length(slot) + 20 > this.mtu) {
      this.arena.release(slot);
      return 'too-big';
    }
    const { loss = 0, duplication = 0, reordering = 0, corruption = 0, delay = 10 } = this.options;
    const text = this.describe(from, slot);
    const isLost = this.random.chance(loss) || this.loses(from, number, text);
    const isMarked = (trafficClass & 3) !== 0 && this.marks(from, number, text);
    this.note(from, slot, isLost ? 'lost' : isMarked ? 'marked' : '');
    if (isLost) {
      this.arena.release(slot);
      return 'sent';
    }
    const copies = this.random.chance(duplication) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const copy = i + 1 < copies ? this.arena.duplicate(slot) : slot;
      if (this.random.chance(corruption)) {
        const at = this.arena.start(copy) + this.random.below(this.arena.length(copy));
        this.arena.bytes[at] = (this.arena.bytes[at] ?? 0) ^ (1 << this.random.below(8));
      }
      const held = this.holdsUp(from, number, text);
      const late = held + (this.random.chance(reordering) ? this.random.below(4 * delay) : 0);
      this.enter({
        at: after(now, milliseconds(delay + late)),
        order: this.order++,
        to: other(from),
        slot: copy,
        trafficClass: trafficClass | (isMarked ? 3 : 0),
      });
    }
    return 'sent';
  }

  private enter(flight: Flight): void {
    let at = this.flights.length;
    for (; at > 0; at--) {
      const before = this.flights[at - 1];
      if (before === undefined || before.at <= flight.at) break;
    }
    this.flights.splice(at, 0, flight);
  }

  private note(from: Side, slot: number, remark: string): void {
    if (!this.isLogging) return;
    const time = (this.now / 1e9).toFixed(3);
    const arrow = remark === 'lost' ? '-x' : '->';
    this.log.push(
      `${time} ${from} ${arrow} ${other(from)} ${this.describe(from, slot)}${remark === 'forged' || remark === 'marked' ? ` (${remark})` : ''}`,
    );
  }

  private describe(from: Side, slot: number): string {
    const { view } = this.arena;
    const at = this.arena.start(slot);
    const flags = tcpFlags(view, at);
    const sequence = tcpSequence(view, at);
    const headerLength = tcpHeaderLength(view, at);
    if (flags & TcpFlag.Syn && this.firstSequence[from] === undefined) this.firstSequence[from] = sequence;
    const length = this.arena.length(slot) - headerLength;
    const start = (sequence - (this.firstSequence[from] ?? 0)) >>> 0;
    const names = (['Syn', 'Fin', 'Rst', 'Psh', 'Ack', 'Ece', 'Cwr'] as const).filter((name) => flags & TcpFlag[name]);
    let text = names.join(',').toUpperCase();
    text += length > 0 ? ` ${start}:${start + length}` : ` ${start}`;
    if (flags & TcpFlag.Ack) {
      text += ` ack ${(tcpAcknowledgment(view, at) - (this.firstSequence[other(from)] ?? 0)) >>> 0}`;
    }
    text += ` win ${tcpWindow(view, at)}`;
    const options = parseTcpOptions(view, at + TCP_HEADER_LENGTH, at + headerLength);
    if (typeof options === 'number') return text;
    const shown: string[] = [];
    if (options.maximumSegmentSize !== undefined) shown.push(`mss ${options.maximumSegmentSize}`);
    if (options.isSackPermitted) shown.push('sackOK');
    if (flags & TcpFlag.Syn && options.timestamps !== undefined) shown.push('TS');
    if (options.windowScale !== undefined) shown.push(`wscale ${options.windowScale}`);
    for (const { left, right } of options.sackBlocks) {
      const first = this.firstSequence[other(from)] ?? 0;
      shown.push(`sack ${(left - first) >>> 0}:${(right - first) >>> 0}`);
    }
    return shown.length === 0 ? text : `${text} <${shown.join(',')}>`;
  }
}

export const other = (side: Side): Side => (side === 'A' ? 'B' : 'A');

function address(text: string): Ipv4Address {
  const parsed = parseIpv4Address(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
