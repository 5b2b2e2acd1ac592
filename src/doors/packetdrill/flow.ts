// One connection of a script: its ports, and how the numbers of the script and those on the wire belong together.
//
// Scripts count from the initial sequence number on, whatever that is: in segments with a SYN numbers are the peer's own,
// in all others they are counted from the SYN. The peer's initial number is the one that the script gives it; the machine's
// is learned from the SYN that it sends. Timestamps likewise: what the machine's clock shows for a number of the script is
// learned from each segment that has one.

import { TcpFlag } from '../../wire/tcp.ts';
import type { Segment } from './packet_bytes.ts';
import type { OptionSpec, TcpSpec } from './script.ts';

const DEFAULT_SEGMENT_SIZE = 536; // RFC 9293 §3.7.1 (MUST-15)

export class Flow {
  localPort: number;
  readonly remotePort: number;
  /** Opened by the machine. */
  readonly isActive: boolean;
  private localIss = 0;
  private hasLocalIss = false;
  private scriptIss = 0;
  private remoteIss = 0;
  private hasRemoteIss = false;
  private readonly timestamps = new Map<number, number>();
  private firstTimestamp: { readonly script: number; readonly wire: number } | undefined;
  private acknowledged: number | undefined;
  private finSequence: number | undefined;
  private ownSegmentSize = DEFAULT_SEGMENT_SIZE;
  /** The shifts that both SYNs offered, for comparing windows in bytes. */
  private readonly shifts: { script: number | undefined; own: number | undefined; peer: number | undefined } = {
    script: undefined,
    own: undefined,
    peer: undefined,
  };

  constructor(localPort: number, remotePort: number, isActive: boolean) {
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.isActive = isActive;
  }

  /** A segment of the script for the machine, with the numbers that it has on the wire. */
  toWire(spec: TcpSpec, payload: Uint8Array): Segment {
    const isSyn = (spec.flags & TcpFlag.Syn) !== 0;
    if (isSyn) this.learnFromPeer(spec);
    const localShift = isSyn ? (this.localIss - this.scriptIss) >>> 0 : this.localIss;
    const sequence = ((spec.sequence ?? 0) + (isSyn || spec.isAbsolute ? 0 : this.remoteIss)) >>> 0;
    const isAck = (spec.flags & TcpFlag.Ack) !== 0;
    return {
      sourcePort: spec.ports?.source ?? this.remotePort,
      destinationPort: spec.ports?.destination ?? this.localPort,
      trafficClass: 0,
      ttl: 0,
      flags: spec.flags,
      sequence,
      acknowledgment: isAck ? ((spec.acknowledgment ?? 0) + localShift) >>> 0 : (spec.acknowledgment ?? 0),
      window: spec.window ?? 0,
      urgentPointer: spec.urgentPointer,
      options: (spec.options ?? []).map((option) => this.optionToWire(option, localShift, isAck)),
      payload,
    };
  }

  private learnFromPeer(spec: TcpSpec): void {
    const isAnswer = (spec.flags & TcpFlag.Ack) !== 0 && this.isActive;
    const answersOurs = isAnswer && ((spec.acknowledgment ?? 0) - this.scriptIss) >>> 0 === 1;
    if (this.hasRemoteIss && !answersOurs) return;
    this.remoteIss = spec.sequence ?? 0;
    this.hasRemoteIss = answersOurs || !this.isActive;
    this.shifts.peer = shiftIn(spec.options ?? []);
  }

  private optionToWire(option: OptionSpec, localShift: number, isAck: boolean): OptionSpec {
    if (option.kind === 'sack') {
      const moved = option.blocks.map(({ left, right }) => ({
        left: (left + localShift) >>> 0,
        right: (right + localShift) >>> 0,
      }));
      return { kind: 'sack', blocks: moved };
    }
    if (option.kind !== 'TS' || option.isAbsoluteEcho || !isAck) return option;
    return { ...option, echo: this.timestampOnWire(option.echo) };
  }

  // One that the machine has sent; or, by the time that lies between, one that it might have.
  private timestampOnWire(script: number): number {
    const known = this.timestamps.get(script);
    if (known !== undefined) return known;
    const first = this.firstTimestamp;
    return first === undefined ? script : (script - first.script + first.wire) >>> 0;
  }

  /** A segment that the machine has sent has come to be looked at: a SYN says where it counts from. */
  learnFromMachine(segment: Segment): void {
    if ((segment.flags & TcpFlag.Syn) === 0) return;
    this.localIss = segment.sequence;
    this.hasLocalIss = true;
    this.shifts.own = shiftIn(segment.options);
    this.ownSegmentSize = segmentSizeIn(segment.options);
    if ((segment.flags & TcpFlag.Ack) === 0) return;
    this.remoteIss = (segment.acknowledgment - 1) >>> 0;
    this.hasRemoteIss = true;
  }

  /** The script says with which numbers it sees the segment that comes next. */
  expect(spec: TcpSpec): void {
    if ((spec.flags & TcpFlag.Syn) === 0) return;
    this.scriptIss = spec.sequence ?? 0;
    this.shifts.script = shiftIn(spec.options ?? []);
  }

  /** A segment that the machine has sent, with the numbers of the script. */
  toScript(segment: Segment, expected: TcpSpec | undefined): Segment {
    const isSyn = (segment.flags & TcpFlag.Syn) !== 0;
    const localShift = isSyn ? (this.localIss - this.scriptIss) >>> 0 : this.localIss;
    const remoteShift = isSyn ? 0 : this.remoteIss;
    const isAck = (segment.flags & TcpFlag.Ack) !== 0;
    return {
      ...segment,
      sequence: expected?.isAbsolute === true ? segment.sequence : (segment.sequence - localShift) >>> 0,
      acknowledgment: isAck ? (segment.acknowledgment - remoteShift) >>> 0 : segment.acknowledgment,
      options: segment.options.map((option) => this.optionToScript(option, remoteShift, expected)),
    };
  }

  private optionToScript(option: OptionSpec, remoteShift: number, expected: TcpSpec | undefined): OptionSpec {
    if (option.kind === 'sack') {
      const moved = option.blocks.map(({ left, right }) => ({
        left: (left - remoteShift) >>> 0,
        right: (right - remoteShift) >>> 0,
      }));
      return { kind: 'sack', blocks: moved };
    }
    if (option.kind !== 'TS' || option.value === undefined) return option;
    const written = expected?.options?.find(({ kind }) => kind === 'TS');
    if (written?.kind === 'TS' && written.value !== undefined) {
      this.timestamps.set(written.value, option.value);
      this.firstTimestamp ??= { script: written.value, wire: option.value };
    }
    const first = this.firstTimestamp;
    return first === undefined ? option : { ...option, value: (option.value - first.wire + first.script) >>> 0 };
  }

  /** The number on the wire of a segment of the machine that the script quotes. */
  quotedSequence(sequence: number): number {
    return (sequence + this.localIss) >>> 0;
  }

  /** How far the window fields of the machine's segments are shifted, as it is and as the script has it. */
  get windowShifts(): { readonly own: number; readonly script: number } {
    const { own, script, peer } = this.shifts;
    // RFC 7323 §2.2: only when both SYNs had the option.
    const isScaling = own !== undefined && peer !== undefined;
    return { own: isScaling ? own : 0, script: isScaling ? (script ?? own) : 0 };
  }

  /** The largest payload that the machine takes. */
  get segmentSize(): number {
    return this.ownSegmentSize;
  }

  /** Whether an acknowledgment tells of more than those before it; numbers of the script. */
  isNews(acknowledgment: number): boolean {
    return this.acknowledged !== undefined && ((acknowledgment - this.acknowledged) | 0) > 0;
  }

  /** Whether a segment of the script is a FIN alone, and one that has been seen before. */
  hasSentFin({ flags, sequence, length }: TcpSpec): boolean {
    return (flags & TcpFlag.Fin) !== 0 && length === 0 && sequence !== undefined && sequence === this.finSequence;
  }

  /** The script has seen a segment of the machine; numbers of the script. */
  note({ flags, sequence, payload, acknowledgment }: Segment): void {
    if ((flags & TcpFlag.Ack) !== 0) this.acknowledged = acknowledgment;
    if ((flags & TcpFlag.Fin) !== 0) this.finSequence = (sequence + payload.length) >>> 0;
  }

  /** Where in the machine's stream the byte with this number on the wire stands; nothing before there was a SYN. */
  positionInOwn({ sequence, flags }: Segment): number | undefined {
    if (!this.hasLocalIss) return undefined;
    return (sequence - this.localIss - ((flags & TcpFlag.Syn) === 0 ? 1 : 0)) | 0;
  }

  /** Where in the stream of its peer the first byte of a segment of the script stands. */
  positionInPeers({ sequence = 0, flags, isAbsolute }: TcpSpec): number {
    if ((flags & TcpFlag.Syn) !== 0) return 0;
    return (sequence - 1 - (isAbsolute ? this.remoteIss : 0)) | 0;
  }
}

function shiftIn(options: readonly OptionSpec[]): number | undefined {
  for (const option of options) if (option.kind === 'wscale') return Math.min(option.value, 14);
  return undefined;
}

function segmentSizeIn(options: readonly OptionSpec[]): number {
  for (const option of options) if (option.kind === 'mss') return option.value;
  return DEFAULT_SEGMENT_SIZE;
}
