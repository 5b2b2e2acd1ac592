// SYN cookies (RFC 4987 §3.6): when a listener has no room for one more handshake, the answer to a SYN carries in its
// sequence number all that is to be remembered of it, and nothing is kept. The acknowledgment brings it back.
//
//    sequence number   | time 5 | segment size 3 | keyed hash of endpoints, the peer's number and these 24 |
//    timestamp         | the machine's clock ................. | 0 | SACK 1 | window scale 4, 15: none |
//
// What a peer has offered beyond a segment size is kept only if it sends timestamps. Not here: when a cookie is sent
// (tcp_layer.ts).

import type { Serial } from '../../../core/serial.ts';
import { type SipKey, sipHashWords } from '../../../core/siphash.ts';
import type { Instant } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { NO_TCP_OPTIONS, type TcpOptions } from '../../../wire/tcp_options.ts';

const PERIOD = 64e9; // nanoseconds
/** How many periods a cookie is good for, besides the one in which it was made. */
const MAX_AGE = 1;
/** For as long, in nanoseconds, after the last cookie one may come back. */
export const COOKIE_LIFETIME: number = PERIOD * (MAX_AGE + 1);
/** Segment sizes that a cookie can hold: the largest that is not more than the peer's is taken. */
const SEGMENT_SIZES = [88, 536, 1024, 1220, 1380, 1440, 1460, 8960] as const;
const HASH_MASK = 0xff_ffff;
const OPTION_BITS = 6;
const OPTION_MASK = (1 << OPTION_BITS) - 1;
const SACK_BIT = 0x10;
const NO_SCALE = 0xf;

export interface Endpoints {
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
}

/** The sequence number of the answer to a SYN with number `irs` that offers `options`. */
export function makeCookie(
  now: Instant,
  secret: SipKey,
  endpoints: Endpoints,
  irs: Serial,
  { maximumSegmentSize = 536 }: TcpOptions,
): Serial {
  let size = 0;
  for (const [i, bytes] of SEGMENT_SIZES.entries()) if (bytes <= maximumSegmentSize) size = i;
  return cookie(secret, endpoints, irs, Math.floor(now / PERIOD) & 31, size);
}

/** The segment size that a cookie holds; nothing when it is none of ours, or too old. */
export function readCookie(
  now: Instant,
  secret: SipKey,
  endpoints: Endpoints,
  irs: Serial,
  value: Serial,
): number | undefined {
  const time = value >>> 27;
  if (((Math.floor(now / PERIOD) - time) & 31) > MAX_AGE) return undefined;
  const size = (value >>> 24) & 7;
  return cookie(secret, endpoints, irs, time, size) === value ? SEGMENT_SIZES[size] : undefined;
}

/** The clock with the peer's offers in its last bits: never later than it is. */
export function stampOffers(clock: Serial, { isSackPermitted, windowScale = NO_SCALE }: TcpOptions): Serial {
  const stamp = (clock & ~OPTION_MASK) | (isSackPermitted ? SACK_BIT : 0) | windowScale;
  return (((stamp - clock) | 0) > 0 ? stamp - (1 << OPTION_BITS) : stamp) | 0;
}

/** What the peer had offered, from a cookie and from the timestamps of the segment that brought it back. */
export function offersOf(maximumSegmentSize: number, { timestamps }: TcpOptions): TcpOptions {
  if (timestamps === undefined) return { ...NO_TCP_OPTIONS, maximumSegmentSize };
  const bits = timestamps.echo & OPTION_MASK;
  const scale = bits & NO_SCALE;
  return {
    maximumSegmentSize,
    isSackPermitted: (bits & SACK_BIT) !== 0,
    windowScale: scale === NO_SCALE ? undefined : scale,
    timestamps,
    sackBlocks: [],
  };
}

function cookie(secret: SipKey, endpoints: Endpoints, irs: Serial, time: number, size: number): Serial {
  const { localAddress, localPort, remoteAddress, remotePort } = endpoints;
  const head = (time << 3) | size;
  const [hash] = sipHashWords(secret, [localAddress, remoteAddress, (localPort << 16) | remotePort, irs, head]);
  return (head << 24) | (hash & HASH_MASK);
}
