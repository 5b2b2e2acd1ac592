// What an IPv4 packet must be before anyone looks at it (RFC 1122 §3.2.1, RFC 1812 §5.2.2, §5.3.7), without allocation.

import type { Arena } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import {
  BROADCAST_IPV4,
  type Ipv4Address,
  isLoopbackIpv4,
  isMulticastIpv4,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import { VALID_SUM } from '../../wire/checksum.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipVersion,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Source,
  ipv4TotalLength,
} from '../../wire/ipv4.ts';
import { checkIpv4Options, hasSourceRoute } from '../../wire/ipv4_options.ts';
import type { NetworkInterface } from './network_interface.ts';

export const GOOD = 0;

/** What is wrong with the header of the packet in `[at, end)`; padding behind its total length does not count. */
export function checkHeader(arena: Arena, at: number, end: number): DropReason | typeof GOOD {
  const { view } = arena;
  if (end - at < IPV4_MIN_HEADER_LENGTH) return DropReason.Truncated;
  if (ipVersion(view, at) !== 4) return DropReason.BadVersion; // RFC 1122 §3.2.1.1
  const headerLength = ipv4HeaderLength(view, at);
  if (headerLength < IPV4_MIN_HEADER_LENGTH) return DropReason.BadLength;
  const totalLength = ipv4TotalLength(view, at);
  if (totalLength < headerLength) return DropReason.BadLength;
  if (totalLength > end - at) return DropReason.Truncated;
  // RFC 1122 §3.2.1.2. The arena's loop takes 8 ns for a usual header, one over the view 16.
  if (arena.sum(at, headerLength) !== VALID_SUM) return DropReason.BadChecksum;
  return headerLength === IPV4_MIN_HEADER_LENGTH ? GOOD : checkOptions(view, at, headerLength);
}

/** Whether the packet at `at`, which came in from outside, can come from where it says, and go where it says. */
export function checkAddresses(view: DataView, at: number, from: NetworkInterface): DropReason | typeof GOOD {
  const source = ipv4Source(view, at);
  const destination = ipv4Destination(view, at);
  // RFC 1122 §3.2.1.3 (g): 127.0.0.0/8 never appears outside a machine.
  if (!canSend(source) || isLoopbackIpv4(source) || from.kindOf(source) !== 'other') return DropReason.BadSource;
  if (isLoopbackIpv4(destination) || destination === UNSPECIFIED_IPV4 || isReserved(destination)) {
    return DropReason.NotForUs;
  }
  return GOOD;
}

/** RFC 1122 §3.2.1.3: zero is the source of machines that have no address yet; groups never send. */
const canSend = (source: Ipv4Address): boolean =>
  !isMulticastIpv4(source) && !isReserved(source) && source !== BROADCAST_IPV4;

/** RFC 1112 §4: 240.0.0.0/4, apart from the limited broadcast. */
const isReserved = (address: Ipv4Address): boolean => address >>> 28 === 0xf && address !== BROADCAST_IPV4;

function checkOptions(view: DataView, at: number, headerLength: number): DropReason | typeof GOOD {
  const start = at + IPV4_MIN_HEADER_LENGTH;
  const end = at + headerLength;
  const reason = checkIpv4Options(view, start, end);
  if (reason !== undefined) return reason;
  // RFC 7126 §4.3, §4.4: whoever names the way of a packet usually wants to get around something.
  return hasSourceRoute(view, start, end) ? DropReason.BadOption : GOOD;
}
