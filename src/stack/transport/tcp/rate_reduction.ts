// How much may be in flight during recovery: proportional rate reduction (RFC 9937). For what arrives, a share goes out, so
// that the flight comes down to its new size over the round trip instead of all at once.
//
//   flight > ssthresh    out = delivered * ssthresh / flight at the start
//   flight <= ssthresh   as much as was delivered, and a segment more for each acknowledgment that brings no bad news
//
// Not here: the new size (congestion/), and which segment goes (output.ts).

import type { Rack } from './rack.ts';

/**
 * Recovery begins.
 *
 * @param flight bytes from `sndUna` to `sndNxt` before the acknowledgment that caused it
 * @param sacked bytes that had arrived behind gaps before it
 */
export function beginReduction(rack: Rack, flight: number, sacked: number): void {
  rack.prrDelivered = 0;
  rack.prrOut = 0;
  // RFC 9937 §6.2: what had arrived before is not delivered again.
  rack.recoverFs = Math.max(flight - sacked, 1);
}

/**
 * An acknowledgment during recovery.
 *
 * @param delivered bytes that it says have arrived
 * @param pipe bytes under way
 * @param isSafe it moves `sndUna` on and shows no further loss (SafeACK)
 */
export function reduce(
  rack: Rack,
  delivered: number,
  pipe: number,
  ssthresh: number,
  mss: number,
  isSafe: boolean,
): void {
  rack.prrDelivered += delivered;
  let count: number;
  if (pipe > ssthresh) {
    count = Math.ceil((rack.prrDelivered * ssthresh) / rack.recoverFs) - rack.prrOut;
  } else {
    count = Math.max(rack.prrDelivered - rack.prrOut, delivered);
    if (isSafe) count += mss;
    count = Math.min(ssthresh - pipe, count);
  }
  count = Math.max(count, 0);
  // RFC 9937 §6.2: the first retransmission goes at once.
  if (rack.prrOut === 0 && count < mss) count = mss;
  rack.window = pipe + count;
}
