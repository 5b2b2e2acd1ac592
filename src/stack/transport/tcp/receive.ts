// Taking in a segment's text and FIN (RFC 9293 §3.10.7.4, seventh and eighth): in order straight into the receive
// stream; out of order to its place behind the gap, remembered as a range, until the gap is closed.
//
// Nothing is taken beyond the window that was offered, so the stream is bounded by the receive buffer. What lies behind
// gaps: reassembly.ts.

import { ByteStream } from '../../../core/byte_stream.ts';
import { DropReason } from '../../../core/drop_reason.ts';
import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import { armDelayedAck } from './deadlines.ts';
import { Reassembly } from './reassembly.ts';
import type { TcpConnection } from './tcp_connection.ts';

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
  if (first > 0) noteDuplicate(connection, sequence, sequence + Math.min(first, length));
  // RFC 5681 §4.2: at once, so that the sender learns where we stand
  if (first > 0 || first >= last) connection.isAckNow = true;
  if (first >= last) {
    context.markDirty(connection);
    return;
  }
  connection.receiveStream ??= new ByteStream(context.arena);
  const stream = connection.receiveStream;
  const offset = stream.length + ((sequence + first - rcvNxt) | 0);
  // RFC 2883 §4: of what has come twice in one segment, the lowest part is told.
  const repeated =
    first > 0 ? undefined : connection.reassembly?.overlap((sequence + first) | 0, (sequence + last) | 0);
  if (((sequence + first - rcvNxt) | 0) > 0) {
    connection.reassembly ??= new Reassembly();
    if (connection.reassembly.add(sequence + first, sequence + last)) {
      stream.copySumFrom(place + first, offset, last - first);
      if (repeated !== undefined) noteDuplicate(connection, repeated.left, repeated.right);
    } else {
      context.countDrop(DropReason.ReceiveBufferFull);
    }
    connection.isAckNow = true; // RFC 5681 §4.2: a duplicate acknowledgment for each segment out of order
    context.markDirty(connection);
    return;
  }
  stream.copySumFrom(place + first, offset, last - first);
  if (repeated !== undefined) noteDuplicate(connection, repeated.left, repeated.right);
  takeIn(now, connection, last - first);
}

/** Text and a FIN that come with a SYN before the connection is open wait until it is (RFC 9293 §3.10.7.3, fourth). */
export function keepForLater(connection: TcpConnection, place: number, length: number, hasFin: boolean): void {
  const { rcvNxt } = connection;
  const count = Math.min(length, (connection.rcvEdge - rcvNxt) | 0);
  if (count > 0) {
    connection.receiveStream ??= new ByteStream(connection.context.arena);
    connection.receiveStream.copySumFrom(place, 0, count);
    connection.reassembly ??= new Reassembly();
    connection.reassembly.add(rcvNxt, (rcvNxt + count) | 0);
  }
  if (!hasFin || count < length) return;
  connection.hasEarlyFin = true;
  connection.earlyFin = (rcvNxt + length) | 0;
}

/** The connection is open. */
export function takeKept(now: Instant, connection: TcpConnection): void {
  const { reassembly, rcvNxt } = connection;
  if (reassembly === undefined) return;
  const end = reassembly.advance(rcvNxt);
  connection.receiveStream?.commit((end - rcvNxt) | 0);
  connection.rcvNxt = end;
  armDelayedAck(now, connection);
  connection.context.markReady(connection);
}

/** `count` bytes have been written behind the stream's end; takes in what they join on to as well. */
export function takeIn(now: Instant, connection: TcpConnection, count: number): void {
  const { reassembly, context } = connection;
  const stream = connection.receiveStream;
  if (stream === undefined) return;
  stream.commit(count);
  connection.rcvNxt = (connection.rcvNxt + count) | 0;
  if (reassembly !== undefined && reassembly.size > 0) {
    const end = reassembly.advance(connection.rcvNxt);
    stream.commit((end - connection.rcvNxt) | 0);
    connection.rcvNxt = end;
    connection.isAckNow = true; // RFC 5681 §4.2: when it fills a gap, in whole or in part
  } else if (((connection.rcvNxt - connection.lastAckSent) | 0) >= 2 * connection.rcvMss) {
    connection.isAckNow = true; // RFC 9293 §3.8.6.3 (SHLD-19): at least each second full segment
  }
  if (connection.isAckNow) context.markDirty(connection);
  else armDelayedAck(now, connection);
  context.markReady(connection);
}

/** `[left, right)` has come twice: the next segment says so, if the peer understands it. */
export function noteDuplicate(connection: TcpConnection, left: Serial, right: Serial): void {
  if (!connection.isSackPermitted || !connection.context.settings.duplicateSack) return;
  connection.reassembly ??= new Reassembly();
  connection.reassembly.noteDuplicate({ left: left | 0, right: right | 0 });
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
      connection.isAckNow = true; // RFC 5681 §4.2: out of order, as text may be
      connection.context.markDirty(connection);
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
