// Packets between a script and the machine: IP packets as bytes, made from what a script says and read for what it expects.

import { isDrop } from '../../core/drop_reason.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { addSums, checksumOf, pseudoSumIpv4, sumBytes } from '../../wire/checksum.ts';
import { ICMP_HEADER_LENGTH, ICMP_PROTOCOL, setIcmpChecksum } from '../../wire/icmp.ts';
import { emitIpv4Header, IPV4_MIN_HEADER_LENGTH, parseIpv4 } from '../../wire/ipv4.ts';
import { emitTcp, parseTcp, TCP_HEADER_LENGTH, TCP_PROTOCOL } from '../../wire/tcp.ts';
import { decodeOptions, encodeOptions } from './option_bytes.ts';
import { ACCURATE_ECN_FLAG, type OptionSpec } from './script.ts';

/** Bytes of the quoted segment in an ICMP error: ports and sequence number (RFC 792). */
const QUOTED_LENGTH = 8;
const HOPS = 64;

export interface Addresses {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
}

/** A segment as it is on the wire. Numbers are unsigned. */
export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly trafficClass: number;
  readonly ttl: number;
  /** `TcpFlag` bits, and `ACCURATE_ECN_FLAG`. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: readonly OptionSpec[];
  readonly payload: Uint8Array;
}

export function encodeSegment({ source, destination }: Addresses, segment: Segment): Uint8Array {
  const options = encodeOptions(segment.options);
  const headerLength = TCP_HEADER_LENGTH + options.length;
  const length = headerLength + segment.payload.length;
  const { bytes, view } = ipPacket({ source, destination }, length, TCP_PROTOCOL, segment.trafficClass, segment.ttl);
  const at = IPV4_MIN_HEADER_LENGTH;
  bytes.set(options, at + TCP_HEADER_LENGTH);
  bytes.set(segment.payload, at + headerLength);
  const sum = addSums(
    pseudoSumIpv4(source, destination, TCP_PROTOCOL),
    sumBytes(view, at + TCP_HEADER_LENGTH, length - TCP_HEADER_LENGTH),
  );
  emitTcp(
    view,
    at,
    {
      sourcePort: segment.sourcePort,
      destinationPort: segment.destinationPort,
      sequence: segment.sequence | 0,
      acknowledgment: segment.acknowledgment | 0,
      headerLength,
      flags: segment.flags,
      window: segment.window,
      urgentPointer: segment.urgentPointer,
      payloadLength: segment.payload.length,
    },
    sum,
  );
  return bytes;
}

/** An ICMP message about a segment that the machine sent, or about nothing. */
export interface IcmpMessageBytes {
  readonly type: number;
  readonly code: number;
  /** The lower half of the header's second word: an MTU, or nothing. */
  readonly mtu: number;
  /** Its upper half: an identifier, or nothing. */
  readonly identifier: number;
  readonly quoted:
    | (Addresses & {
        readonly sourcePort: number;
        readonly destinationPort: number;
        readonly sequence: number;
        readonly length: number;
      })
    | undefined;
  readonly trafficClass: number;
  readonly ttl: number;
}

export function encodeIcmp(addresses: Addresses, message: IcmpMessageBytes): Uint8Array {
  const { quoted } = message;
  const length = ICMP_HEADER_LENGTH + (quoted === undefined ? 0 : IPV4_MIN_HEADER_LENGTH + QUOTED_LENGTH);
  const { bytes, view } = ipPacket(addresses, length, ICMP_PROTOCOL, message.trafficClass, message.ttl);
  const at = IPV4_MIN_HEADER_LENGTH;
  view.setUint16(at, (message.type << 8) | message.code);
  view.setUint16(at + 4, message.identifier);
  view.setUint16(at + 6, message.mtu);
  if (quoted !== undefined) {
    const quoteAt = at + ICMP_HEADER_LENGTH;
    const total = IPV4_MIN_HEADER_LENGTH + TCP_HEADER_LENGTH + quoted.length;
    emitIpv4Header(view, quoteAt, total, 0, 0, HOPS, TCP_PROTOCOL, 0, quoted.source, quoted.destination);
    const segmentAt = quoteAt + IPV4_MIN_HEADER_LENGTH;
    view.setUint16(segmentAt, quoted.sourcePort);
    view.setUint16(segmentAt + 2, quoted.destinationPort);
    view.setUint32(segmentAt + 4, quoted.sequence);
  }
  setIcmpChecksum(view, at, checksumOf(sumBytes(view, at, length)));
  return bytes;
}

function ipPacket(
  { source, destination }: Addresses,
  length: number,
  protocol: number,
  trafficClass: number,
  ttl: number,
): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(IPV4_MIN_HEADER_LENGTH + length);
  const view = new DataView(bytes.buffer);
  emitIpv4Header(view, 0, bytes.length, 0, 0, ttl, protocol, trafficClass, source, destination);
  return { bytes, view };
}

/** What the machine has sent: a segment, or a packet of another protocol; undefined where its sums are wrong. */
export type Decoded = { readonly segment: Segment } | { readonly protocol: number };

export function decodePacket(bytes: Uint8Array): Decoded | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ip = parseIpv4(view, 0, bytes.length);
  if (isDrop(ip)) return undefined;
  if (ip.protocol !== TCP_PROTOCOL) return { protocol: ip.protocol };
  const at = ip.headerLength;
  const tcp = parseTcp(view, at, ip.totalLength, pseudoSumIpv4(ip.source, ip.destination, TCP_PROTOCOL));
  if (isDrop(tcp)) return undefined;
  return {
    segment: {
      sourcePort: tcp.sourcePort,
      destinationPort: tcp.destinationPort,
      trafficClass: ip.trafficClass,
      ttl: ip.ttl,
      flags: tcp.flags | (view.getUint16(at + 12) & ACCURATE_ECN_FLAG),
      sequence: tcp.sequence >>> 0,
      acknowledgment: tcp.acknowledgment >>> 0,
      window: tcp.window,
      urgentPointer: tcp.urgentPointer,
      options: decodeOptions(bytes.subarray(at + TCP_HEADER_LENGTH, at + tcp.headerLength)),
      payload: bytes.slice(at + tcp.headerLength, ip.totalLength),
    },
  };
}
