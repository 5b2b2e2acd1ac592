// Initial sequence numbers (RFC 6528): a clock, so that old segments do not fit a new connection between the same
// endpoints, plus a keyed hash of the endpoints, so that nobody else can guess where that clock stands for them.

import type { Serial } from '../../../core/serial.ts';
import { type SipHash, type SipKey, sipHashWords } from '../../../core/siphash.ts';
import type { Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';

const TICK = 4000; // nanoseconds: RFC 9293 §3.4.1, about every four microseconds

/** Two words that only this machine can tell, the same each time for the same endpoints. */
export function endpointHash(
  secret: SipKey,
  localAddress: IpAddress,
  localPort: number,
  remoteAddress: IpAddress,
  remotePort: number,
): SipHash {
  const words = [...addressWords(localAddress), ...addressWords(remoteAddress), (localPort << 16) | remotePort];
  return sipHashWords(secret, words);
}

/** RFC 6528 §3: ISN = M + F(localip, localport, remoteip, remoteport, secret). */
export const initialSequence = (now: Instant, hash: SipHash): Serial => (Math.floor(now / TICK) + hash[0]) | 0;

function addressWords(address: IpAddress): number[] {
  if (typeof address === 'number') return [address];
  const words: number[] = [];
  for (let i = 0; i < address.length; i += 2) words.push((address.charCodeAt(i) << 16) | address.charCodeAt(i + 1));
  return words;
}
