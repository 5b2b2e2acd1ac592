// ICMP for IPv4 (RFC 792, RFC 1122 §3.2.2, RFC 1191): echoes, and complaints about a packet that they quote.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |  type  |  code  |    checksum     |   over the whole message, no pseudo-header
//   |  by type: identifier | sequence   |   or next-hop MTU, gateway, pointer
//   +--------+--------+--------+--------+
//   | data of an echo, or the packet complained about: its header and at least eight bytes
//
// Not here: whether to answer, and how often. What a quoted packet says: icmp_quote.ts.

import { DropReason } from '../core/drop_reason.ts';
import { type Ipv4Address, ipv4At } from './address.ts';
import { addSums, checksumOf, sumBytes, sumOf32, VALID_SUM } from './checksum.ts';

export const ICMP_PROTOCOL = 1;
export const ICMP_HEADER_LENGTH = 8;

export const IcmpType = {
  EchoReply: 0,
  Unreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  EchoRequest: 8,
  RouterAdvertisement: 9,
  RouterSolicitation: 10,
  TimeExceeded: 11,
  ParameterProblem: 12,
  TimestampRequest: 13,
  TimestampReply: 14,
  AddressMaskRequest: 17,
  AddressMaskReply: 18,
} as const;
export type IcmpType = (typeof IcmpType)[keyof typeof IcmpType];

/** Codes of `unreachable`: RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
export const UnreachableCode = {
  Network: 0,
  Host: 1,
  Protocol: 2,
  Port: 3,
  FragmentationNeeded: 4,
  SourceRouteFailed: 5,
  NetworkUnknown: 6,
  HostUnknown: 7,
  NetworkProhibited: 9,
  HostProhibited: 10,
  NetworkForTrafficClass: 11,
  HostForTrafficClass: 12,
  CommunicationProhibited: 13,
} as const;

/** Codes of `time-exceeded`. */
export const TimeExceededCode = { InTransit: 0, Reassembly: 1 } as const;

const CODE = 1;
const CHECKSUM = 2;
const REST = 4;
const IDENTIFIER = 4;
const SEQUENCE = 6;
const NEXT_HOP_MTU = 6;

// Level 1: fields in place. No allocation, no judgement; the caller has eight bytes at `at`.

export const icmpType = (view: DataView, at: number): number => view.getUint8(at);
export const icmpCode = (view: DataView, at: number): number => view.getUint8(at + CODE);
export const icmpChecksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
/** Of an echo: which program asks. */
export const icmpIdentifier = (view: DataView, at: number): number => view.getUint16(at + IDENTIFIER);
/** Of an echo: which of its questions. */
export const icmpSequence = (view: DataView, at: number): number => view.getUint16(at + SEQUENCE);

export const setIcmpType = (view: DataView, at: number, type: number): void => view.setUint8(at, type);
export const setIcmpCode = (view: DataView, at: number, code: number): void => view.setUint8(at + CODE, code);
export const setIcmpChecksum = (view: DataView, at: number, checksum: number): void =>
  view.setUint16(at + CHECKSUM, checksum);
export const setIcmpIdentifier = (view: DataView, at: number, identifier: number): void =>
  view.setUint16(at + IDENTIFIER, identifier);
export const setIcmpSequence = (view: DataView, at: number, sequence: number): void =>
  view.setUint16(at + SEQUENCE, sequence);

/** RFC 1122 §3.2.2: no error is ever sent about one of these. */
export const isIcmpError = (type: number): boolean =>
  type === IcmpType.Unreachable ||
  type === IcmpType.SourceQuench ||
  type === IcmpType.Redirect ||
  type === IcmpType.TimeExceeded ||
  type === IcmpType.ParameterProblem;

// Level 2: the valid meaning.

export interface IcmpEcho {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly code: number;
  readonly identifier: number;
  readonly sequence: number;
}

export interface IcmpUnreachable {
  readonly kind: 'unreachable';
  readonly code: number;
  /** RFC 1191 §4: the longest packet that the next hop takes, with code 4; 0 from routers that do not say. */
  readonly mtu: number;
}

export interface IcmpTimeExceeded {
  readonly kind: 'time-exceeded';
  readonly code: number;
}

export interface IcmpRedirect {
  readonly kind: 'redirect';
  readonly code: number;
  readonly gateway: Ipv4Address;
}

export interface IcmpParameterProblem {
  readonly kind: 'parameter-problem';
  readonly code: number;
  /** The byte of the quoted packet that is wrong, with code 0. */
  readonly pointer: number;
}

/** Recognised, and no more: out of use (RFC 6633, RFC 6918) or not built. */
export interface IcmpOther {
  readonly kind:
    | 'source-quench'
    | 'router-advertisement'
    | 'router-solicitation'
    | 'timestamp-request'
    | 'timestamp-reply'
    | 'address-mask-request'
    | 'address-mask-reply';
  readonly code: number;
  /** The second word of the header, signed. */
  readonly rest: number;
}

export type IcmpMessage =
  | IcmpEcho
  | IcmpUnreachable
  | IcmpTimeExceeded
  | IcmpRedirect
  | IcmpParameterProblem
  | IcmpOther;

/** A message as it came. */
export type ReceivedIcmp = IcmpMessage & {
  /** Where in the view the bytes behind the header start: the quoted packet, or the data of an echo. */
  readonly quoteAt: number;
};

/** Reads the message that fills `[at, end)`. Codes are not judged (RFC 1122 §3.2.2.1: unknown ones are tolerated). */
export function parseIcmp(view: DataView, at: number, end: number): ReceivedIcmp | DropReason {
  if (end - at < ICMP_HEADER_LENGTH) return DropReason.Truncated;
  if (end - at > 0xffff) return DropReason.BadLength;
  if (sumBytes(view, at, end - at) !== VALID_SUM) return DropReason.BadChecksum;
  const code = icmpCode(view, at);
  const quoteAt = at + ICMP_HEADER_LENGTH;
  const type = icmpType(view, at);
  switch (type) {
    case IcmpType.EchoRequest:
    case IcmpType.EchoReply:
      return {
        kind: type === IcmpType.EchoRequest ? 'echo-request' : 'echo-reply',
        code,
        identifier: icmpIdentifier(view, at),
        sequence: icmpSequence(view, at),
        quoteAt,
      };
    case IcmpType.Unreachable: {
      const mtu = code === UnreachableCode.FragmentationNeeded ? view.getUint16(at + NEXT_HOP_MTU) : 0;
      return { kind: 'unreachable', code, mtu, quoteAt };
    }
    case IcmpType.TimeExceeded:
      return { kind: 'time-exceeded', code, quoteAt };
    case IcmpType.Redirect:
      return { kind: 'redirect', code, gateway: ipv4At(view, at + REST), quoteAt };
    case IcmpType.ParameterProblem:
      return { kind: 'parameter-problem', code, pointer: view.getUint8(at + REST), quoteAt };
    default: {
      const kind = OTHER_KINDS.get(type);
      if (kind === undefined) return DropReason.UnknownOperation; // RFC 1122 §3.2.2: discarded silently
      return { kind, code, rest: view.getInt32(at + REST), quoteAt };
    }
  }
}

/**
 * Writes all eight header bytes in front of data that is already in place.
 *
 * @param payloadSum the sum of the bytes behind the header
 */
export function emitIcmp(view: DataView, at: number, message: IcmpMessage, payloadSum: number): void {
  const first = (TYPE_OF[message.kind] << 8) | message.code;
  const rest = restOf(message);
  view.setUint16(at, first);
  view.setUint16(at + CHECKSUM, checksumOf(addSums(first + sumOf32(rest), payloadSum)));
  view.setInt32(at + REST, rest);
}

const OTHER_KINDS: ReadonlyMap<number, IcmpOther['kind']> = new Map([
  [IcmpType.SourceQuench, 'source-quench'],
  [IcmpType.RouterAdvertisement, 'router-advertisement'],
  [IcmpType.RouterSolicitation, 'router-solicitation'],
  [IcmpType.TimestampRequest, 'timestamp-request'],
  [IcmpType.TimestampReply, 'timestamp-reply'],
  [IcmpType.AddressMaskRequest, 'address-mask-request'],
  [IcmpType.AddressMaskReply, 'address-mask-reply'],
]);

const TYPE_OF: Readonly<Record<IcmpMessage['kind'], IcmpType>> = {
  'echo-reply': IcmpType.EchoReply,
  unreachable: IcmpType.Unreachable,
  'source-quench': IcmpType.SourceQuench,
  redirect: IcmpType.Redirect,
  'echo-request': IcmpType.EchoRequest,
  'router-advertisement': IcmpType.RouterAdvertisement,
  'router-solicitation': IcmpType.RouterSolicitation,
  'time-exceeded': IcmpType.TimeExceeded,
  'parameter-problem': IcmpType.ParameterProblem,
  'timestamp-request': IcmpType.TimestampRequest,
  'timestamp-reply': IcmpType.TimestampReply,
  'address-mask-request': IcmpType.AddressMaskRequest,
  'address-mask-reply': IcmpType.AddressMaskReply,
};

/** The second word of the header, signed. */
function restOf(message: IcmpMessage): number {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply':
      return (message.identifier << 16) | message.sequence;
    case 'unreachable':
      return message.mtu;
    case 'time-exceeded':
      return 0;
    case 'redirect':
      return message.gateway;
    case 'parameter-problem':
      return message.pointer << 24;
    default:
      return message.rest;
  }
}
