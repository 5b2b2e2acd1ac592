// The IPv4 header (RFC 791 §3.1): bytes to meaning and back, nothing kept.
//
//    0      7 8     15 16    23 24    31
//   +---+----+--------+--------+--------+
//   | 4 |len | class  |  total length   |   header length in words of 32 bits, total length in bytes
//   |  identification |.DM  offset / 8  |   D: do not fragment, M: more fragments
//   |  TTL   |protocol|    checksum     |   of the header alone
//   |         source address            |
//   |       destination address         |
//   | options ...                       |   see ipv4_options.ts
//   +-----------------------------------+
//
// Not here: whether the packet is for us, and putting fragments together.

import { DropReason } from '../core/drop_reason.ts';
import { type Ipv4Address, ipv4At } from './address.ts';
import { addSums, checksumOf, sumBytes, sumOf32, updateChecksum, VALID_SUM } from './checksum.ts';
import { checkIpv4Options } from './ipv4_options.ts';

export const IPV4_MIN_HEADER_LENGTH = 20;
export const IPV4_MAX_HEADER_LENGTH = 60;
/** The longest packet, header included. */
export const IPV4_MAX_LENGTH = 0xffff;
/** RFC 791 §3.2: every link carries a packet of this length whole. */
export const IPV4_MIN_MTU = 68;

/** Bits of the fragment field; the other thirteen are the offset in units of eight bytes. */
export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

// Level 1: fields in place. No allocation, no judgement; the caller has twenty bytes at `at`.

/** 4, unless it is some other protocol's packet. */
export const ipVersion = (view: DataView, at: number): number => view.getUint8(at) >>> 4;
/** In bytes, options included: 0 to 60; below 20 in a malformed packet. */
export const ipv4HeaderLength = (view: DataView, at: number): number => (view.getUint8(at) & 0x0f) << 2;
/** Differentiated services and explicit congestion notification, together eight bits (RFC 2474, RFC 3168). */
export const ipv4TrafficClass = (view: DataView, at: number): number => view.getUint8(at + 1);
export const ipv4TotalLength = (view: DataView, at: number): number => view.getUint16(at + TOTAL_LENGTH);
export const ipv4Identification = (view: DataView, at: number): number => view.getUint16(at + IDENTIFICATION);
/** Both flags and the offset, as they stand. */
export const ipv4FragmentField = (view: DataView, at: number): number => view.getUint16(at + FRAGMENT);
/** In bytes: 0 to 65,528. */
export const ipv4FragmentOffset = (view: DataView, at: number): number =>
  (view.getUint16(at + FRAGMENT) & FRAGMENT_OFFSET) << 3;
export const ipv4HasMoreFragments = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FRAGMENT) & IPV4_MORE_FRAGMENTS) !== 0;
export const ipv4DontFragment = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FRAGMENT) & IPV4_DONT_FRAGMENT) !== 0;
/** Whether it is a piece of a packet: not the first, or not the last. */
export const ipv4IsFragment = (view: DataView, at: number): boolean =>
  (view.getUint16(at + FRAGMENT) & (IPV4_MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
export const ipv4Ttl = (view: DataView, at: number): number => view.getUint8(at + TTL);
export const ipv4Protocol = (view: DataView, at: number): number => view.getUint8(at + PROTOCOL);
export const ipv4Checksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
export const ipv4Source = (view: DataView, at: number): Ipv4Address => ipv4At(view, at + SOURCE);
export const ipv4Destination = (view: DataView, at: number): Ipv4Address => ipv4At(view, at + DESTINATION);

// None of these touches the checksum.
export const setIpv4TotalLength = (view: DataView, at: number, length: number): void =>
  view.setUint16(at + TOTAL_LENGTH, length);
export const setIpv4FragmentField = (view: DataView, at: number, field: number): void =>
  view.setUint16(at + FRAGMENT, field);
export const setIpv4Ttl = (view: DataView, at: number, ttl: number): void => view.setUint8(at + TTL, ttl);
export const setIpv4Checksum = (view: DataView, at: number, checksum: number): void =>
  view.setUint16(at + CHECKSUM, checksum);
export const setIpv4Source = (view: DataView, at: number, address: Ipv4Address): void =>
  view.setInt32(at + SOURCE, address);
export const setIpv4Destination = (view: DataView, at: number, address: Ipv4Address): void =>
  view.setInt32(at + DESTINATION, address);

/** One hop less; the checksum follows without another sum (RFC 1624 §3). The TTL must not be zero already. */
export function decrementIpv4Ttl(view: DataView, at: number): void {
  const before = view.getUint16(at + TTL);
  const after = before - 0x100;
  setIpv4Checksum(view, at, updateChecksum(ipv4Checksum(view, at), before, after));
  view.setUint16(at + TTL, after);
}

// Level 2: the valid meaning.

export interface Ipv4Header {
  /** Bytes, options included: 20 to 60, a multiple of four. */
  readonly headerLength: number;
  /** Bytes, header included. */
  readonly totalLength: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Bytes, a multiple of eight. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly trafficClass: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
}

/**
 * Reads the header of the packet in `[at, end)`; Ethernet's padding behind its total length is ignored. Options are
 * checked, not returned: `parseIpv4Options` reads them.
 */
export function parseIpv4(view: DataView, at: number, end: number): Ipv4Header | DropReason {
  if (end - at < IPV4_MIN_HEADER_LENGTH) return DropReason.Truncated;
  if (ipVersion(view, at) !== 4) return DropReason.BadVersion; // RFC 1122 §3.2.1.1
  const headerLength = ipv4HeaderLength(view, at);
  if (headerLength < IPV4_MIN_HEADER_LENGTH) return DropReason.BadLength; // RFC 791 §3.1, IHL: at least five words
  const totalLength = ipv4TotalLength(view, at);
  if (totalLength < headerLength) return DropReason.BadLength;
  if (totalLength > end - at) return DropReason.Truncated;
  if (sumBytes(view, at, headerLength) !== VALID_SUM) return DropReason.BadChecksum; // RFC 1122 §3.2.1.2
  const moreFragments = ipv4HasMoreFragments(view, at);
  const fragmentOffset = ipv4FragmentOffset(view, at);
  const payloadLength = totalLength - headerLength;
  if (moreFragments && payloadLength % 8 !== 0) return DropReason.BadLength; // RFC 791 §3.2: cut at units of eight
  if (fragmentOffset + headerLength + payloadLength > IPV4_MAX_LENGTH) return DropReason.BadLength;
  if (headerLength > IPV4_MIN_HEADER_LENGTH) {
    const reason = checkIpv4Options(view, at + IPV4_MIN_HEADER_LENGTH, at + headerLength);
    if (reason !== undefined) return reason;
  }
  return {
    headerLength,
    totalLength,
    identification: ipv4Identification(view, at),
    dontFragment: ipv4DontFragment(view, at),
    moreFragments,
    fragmentOffset,
    ttl: ipv4Ttl(view, at),
    protocol: ipv4Protocol(view, at),
    trafficClass: ipv4TrafficClass(view, at),
    source: ipv4Source(view, at),
    destination: ipv4Destination(view, at),
  };
}

const NO_OPTIONS = new Uint8Array(0);

/**
 * Writes `header.headerLength` bytes, checksum included: the fixed part, the options, and zeros (end of options) behind
 * them.
 *
 * @param options as `encodeIpv4Options` makes them; at most `header.headerLength` - 20 bytes
 */
export function emitIpv4(view: DataView, at: number, header: Ipv4Header, options: Uint8Array = NO_OPTIONS): void {
  const { headerLength, dontFragment, moreFragments, fragmentOffset } = header;
  const fragmentField =
    (dontFragment ? IPV4_DONT_FRAGMENT : 0) | (moreFragments ? IPV4_MORE_FRAGMENTS : 0) | (fragmentOffset >>> 3);
  emitIpv4Header(
    view,
    at,
    header.totalLength,
    header.identification,
    fragmentField,
    header.ttl,
    header.protocol,
    header.trafficClass,
    header.source,
    header.destination,
  );
  if (headerLength === IPV4_MIN_HEADER_LENGTH) return;
  const words = (headerLength - IPV4_MIN_HEADER_LENGTH) >>> 2;
  view.setUint8(at, 0x40 | (headerLength >>> 2));
  let sum = words << 8; // the header length has grown by so many words
  for (let i = 0; i < 4 * words; i += 2) {
    const pair = ((options[i] ?? 0) << 8) | (options[i + 1] ?? 0);
    view.setUint16(at + IPV4_MIN_HEADER_LENGTH + i, pair);
    sum += pair;
  }
  setIpv4Checksum(view, at, updateChecksum(ipv4Checksum(view, at), 0, addSums(sum, 0)));
}

/**
 * Writes the twenty bytes of a header without options, checksum included, with no object on the way.
 *
 * @param fragmentField flags and offset as in `ipv4FragmentField`; `IPV4_DONT_FRAGMENT` for most
 */
export function emitIpv4Header(
  view: DataView,
  at: number,
  totalLength: number,
  identification: number,
  fragmentField: number,
  ttl: number,
  protocol: number,
  trafficClass: number,
  source: Ipv4Address,
  destination: Ipv4Address,
): void {
  const first = 0x4500 | trafficClass;
  const hops = (ttl << 8) | protocol;
  // Summed from the values at hand: reading back bytes just written stalls the processor.
  const addresses = sumOf32(source) + sumOf32(destination);
  const sum = addSums(first + totalLength + identification, fragmentField + hops + addresses);
  view.setUint16(at, first);
  view.setUint16(at + TOTAL_LENGTH, totalLength);
  view.setUint16(at + IDENTIFICATION, identification);
  view.setUint16(at + FRAGMENT, fragmentField);
  view.setUint16(at + TTL, hops);
  view.setUint16(at + CHECKSUM, checksumOf(sum));
  view.setInt32(at + SOURCE, source);
  view.setInt32(at + DESTINATION, destination);
}
