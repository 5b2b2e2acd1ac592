// Taking in a segment's text and FIN (RFC 9293 §3.10.7.4, seventh and eighth): in order straight into the receive
// stream; out of order to its place behind the gap, remembered as a range, until the gap is closed.
//
// Nothing is taken beyond the window that was offered, so the stream is bounded by the receive buffer. The number of
// ranges behind gaps is bounded too: a segment that would make one more is dropped and comes again.

import { ByteStream } from '../../../core/byte_stream.ts';
import { DropReason } from '../../../core/drop_reason.ts';
import { IntervalSet } from '../../../core/interval_set.ts';
import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import { armDelayedAck } from './deadlines.ts';
import type { TcpConnection } from './tcp_connection.ts';

export const MAX_GAPS = 128;

/** The text of an acceptable segment: `length` bytes from number `sequence` on, which lie at `place` in the arena. */
export function acceptText(
  now: Instant,
  connection: TcpConnection,
  sequence: Serial,
  place: number,
  length: number,
): void {
  const { rcvNxt, context } = connection;
  if (length > connection.rcvMss) connection.rcvMss = length;
  const first = Math.max((rcvNxt - sequence) | 0, 0); // what is there already
  const last = Math.min(length, (connection.rcvEdge - sequence) | 0); // what the window leaves room for
  if (first >= last) {
    connection.isAckNow = true; // RFC 5681 §4.2: at once, so that the sender learns where we stand
    context.markDirty(connection);
    return;
  }
  connection.receiveStream ??= new ByteStream(context.arena);
  const stream = connection.receiveStream;
  const offset = stream.length + ((sequence + first - rcvNxt) | 0);
  if (((sequence + first - rcvNxt) | 0) > 0) {
    connection.reassembly ??= new IntervalSet(MAX_GAPS);
    if (connection.reassembly.add(sequence + first, sequence + last)) {
      stream.copySumFrom(place + first, offset, last - first);
      connection.latestArrival = (sequence + first) | 0;
    } else {
      context.countDrop(DropReason.ReceiveBufferFull);
    }
    connection.isAckNow = true; // RFC 5681 §4.2: a duplicate acknowledgment for each segment out of order
    context.markDirty(connection);
    return;
  }
  stream.copySumFrom(place + first, offset, last - first);
  takeIn(now, connection, last - first);
}

/** `count` bytes have been written behind the stream's end; takes in what they join on to as well. */
export function takeIn(now: Instant, connection: TcpConnection, count: number): void {
  const { reassembly, context } = connection;
  const stream = connection.receiveStream;
  if (stream === undefined) return;
  stream.commit(count);
  connection.rcvNxt = (connection.rcvNxt + count) | 0;
  if (reassembly !== undefined && reassembly.size > 0) {
    reassembly.removeBefore(connection.rcvNxt);
    if (reassembly.size > 0 && reassembly.start(0) === connection.rcvNxt) {
      const end = reassembly.end(0);
      stream.commit((end - connection.rcvNxt) | 0);
      connection.rcvNxt = end;
      reassembly.removeBefore(end);
    }
    connection.isAckNow = true; // RFC 5681 §4.2: when it fills a gap, in whole or in part
  } else if (((connection.rcvNxt - connection.lastAckSent) | 0) >= 2 * connection.rcvMss) {
    connection.isAckNow = true; // RFC 9293 §3.8.6.3 (SHLD-19): at least each second full segment
  }
  if (connection.isAckNow) context.markDirty(connection);
  else armDelayedAck(now, connection);
  context.markReady(connection);
}

/** A FIN stands at number `sequence`: in its turn when all before it has arrived. True when it was. */
export function acceptFin(connection: TcpConnection, sequence: Serial): boolean {
  const distance = (sequence - connection.rcvNxt) | 0;
  if (distance < 0 || connection.isFinReceived) return false;
  if (distance > 0) {
    // Behind a gap, or behind what the window cut off: then it comes again.
    if (((sequence - connection.rcvEdge) | 0) <= 0) {
      connection.hasEarlyFin = true;
      connection.earlyFin = sequence;
    }
    return false;
  }
  connection.isFinReceived = true;
  connection.rcvNxt = (connection.rcvNxt + 1) | 0;
  connection.reassembly = undefined;
  connection.isAckNow = true; // RFC 9293 §3.10.7.4, eighth
  connection.context.markDirty(connection);
  connection.context.markReady(connection);
  return true;
}
