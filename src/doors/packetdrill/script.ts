// A packetdrill script as it was read: options, and events in the order in which they are to happen.
//
// Times are nanoseconds. Sequence numbers are those of the script, 0 to 2^32 - 1; what they are on the wire, the run
// decides (sequence_space.ts).

import type { Duration } from '../../core/time.ts';
import type { Statement } from './code_syntax.ts';

export interface Script {
  /** `--name=value` lines, in their order; no value: an empty text. */
  readonly options: readonly ScriptOption[];
  readonly events: readonly ScriptEvent[];
}

export interface ScriptOption {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** When an event is to happen, from the script's start or from the event before it. */
export type EventTime =
  | { readonly kind: 'absolute' | 'relative'; readonly at: Duration }
  | { readonly kind: 'absolute-range' | 'relative-range'; readonly from: Duration; readonly to: Duration }
  | { readonly kind: 'any' };

export type ScriptEvent = {
  readonly line: number;
  readonly time: EventTime;
} & (
  | { readonly kind: 'packet'; readonly packet: PacketSpec }
  | { readonly kind: 'call'; readonly call: CallSpec }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'code'; readonly code: readonly Statement[] }
);

// Packets.

export interface PacketSpec {
  /** `in`: the script sends it to the machine. */
  readonly direction: 'in' | 'out';
  readonly ip: IpSpec;
  readonly content: TcpSpec | IcmpSpec;
}

/** What a packet's IP header has, where the script says. */
export interface IpSpec {
  /** The bits of the traffic class that are given, and their values. */
  readonly trafficClass: { readonly mask: number; readonly value: number } | undefined;
  /** Either of the two ECT codepoints (RFC 3168 §5). */
  readonly isAnyEct: boolean;
  readonly ttl: number | undefined;
}

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface TcpSpec {
  readonly kind: 'tcp';
  readonly ports: Ports | undefined;
  /** `TcpFlag` bits, and `ACCURATE_ECN_FLAG`. */
  readonly flags: number;
  /** Undefined: `...`, any. */
  readonly sequence: number | undefined;
  /** As on the wire, and not from the initial sequence number on. */
  readonly isAbsolute: boolean;
  readonly length: number;
  readonly acknowledgment: number | undefined;
  readonly window: number | undefined;
  readonly urgentPointer: number;
  /** Undefined: `<...>`, any. */
  readonly options: readonly OptionSpec[] | undefined;
}

/** The ninth flag, once the nonce sum, now AE (RFC 9768 §3.1.1). */
export const ACCURATE_ECN_FLAG = 0x100;

export interface BlockSpec {
  readonly left: number;
  readonly right: number;
}

export type OptionSpec =
  | { readonly kind: 'eol' | 'nop' | 'sackOK' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'sack'; readonly blocks: readonly BlockSpec[] }
  | {
      readonly kind: 'TS';
      /** Undefined: `...`, any. */
      readonly value: number | undefined;
      readonly echo: number;
      /** The echo is as on the wire. */
      readonly isAbsoluteEcho: boolean;
    }
  /** Any other, by its number. */
  | { readonly kind: 'other'; readonly number: number; readonly data: Uint8Array };

export interface IcmpSpec {
  readonly kind: 'icmp';
  readonly type: number;
  readonly code: number;
  readonly mtu: number | undefined;
  readonly identifier: number;
  /** Of the segment that it quotes. */
  readonly quoted: { readonly sequence: number; readonly length: number } | undefined;
}

// Calls.

export interface CallSpec {
  readonly name: string;
  readonly parameters: readonly Expression[];
  /** It may block, and returns at this time: counted as the event's own. */
  readonly end: Duration | undefined;
  readonly result: Expression;
  /** `EINPROGRESS`, where it fails. */
  readonly errno: string | undefined;
}

export type Expression =
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'struct'; readonly fields: readonly FieldSpec[] }
  | { readonly kind: 'apply'; readonly name: string; readonly parameters: readonly Expression[] };

/** `sin_port = htons(80)`, `msg_iov(1) = [...]`, or a value alone. */
export interface FieldSpec {
  readonly name: string | undefined;
  readonly value: Expression;
}
