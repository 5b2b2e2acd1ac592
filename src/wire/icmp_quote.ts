// The packet that an ICMP error quotes (RFC 792): its IPv4 header and the first bytes of what it carried, usually cut off.
// Its checksums are not checked: routers have changed the header on the way, and most of the payload is missing.

import { DropReason } from '../core/drop_reason.ts';
import type { Ipv4Address } from './address.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipVersion,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from './ipv4.ts';

/** RFC 792: the first 64 bits of the payload come along, so ports, and the sequence number of TCP. */
export const QUOTED_PAYLOAD_LENGTH = 8;

export interface IcmpQuote {
  /** Who sent the packet: of an error that is for us, we did. */
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  /** Bytes of the whole packet, as it said itself: more than are here. */
  readonly totalLength: number;
  /** Where in the view the transport's header starts; at least eight of its bytes are there. */
  readonly transportAt: number;
}

/** Reads the quote that starts at `at` and may reach up to `end`. A fragment other than the first shows no ports. */
export function parseIcmpQuote(view: DataView, at: number, end: number): IcmpQuote | DropReason {
  if (end - at < IPV4_MIN_HEADER_LENGTH) return DropReason.Truncated;
  if (ipVersion(view, at) !== 4) return DropReason.BadVersion;
  const headerLength = ipv4HeaderLength(view, at);
  if (headerLength < IPV4_MIN_HEADER_LENGTH) return DropReason.BadLength;
  if (end - at < headerLength + QUOTED_PAYLOAD_LENGTH) return DropReason.Truncated;
  if (ipv4FragmentOffset(view, at) !== 0) return DropReason.UnexpectedMessage;
  return {
    source: ipv4Source(view, at),
    destination: ipv4Destination(view, at),
    protocol: ipv4Protocol(view, at),
    totalLength: ipv4TotalLength(view, at),
    transportAt: at + headerLength,
  };
}
