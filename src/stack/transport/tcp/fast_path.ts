// The two segments that make up a bulk transfer, known by looking at their headers once (Van Jacobson's header
// prediction): the next piece of text, and the acknowledgment of the next piece. Anything out of the ordinary goes the
// long way round (segment_arrives.ts), which must come to the same result.
//
// Text is summed as it is copied behind the end of the receive stream, where it does not count until the sum was right.

import { ByteStream } from '../../../core/byte_stream.ts';
import { DropReason } from '../../../core/drop_reason.ts';
import type { Instant } from '../../../core/time.ts';
import { addSums, sumBytes, VALID_SUM } from '../../../wire/checksum.ts';
import { TcpFlag, tcpAcknowledgment, tcpSequence, tcpWindow } from '../../../wire/tcp.ts';
import { hasOnlyTimestamps, tcpTimestampEcho, tcpTimestampValue } from '../../../wire/tcp_options.ts';
import { acknowledge } from './acknowledgment.ts';
import { takeIn } from './receive.ts';
import { timestampNow } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';

const FIXED_LENGTH = 20;
const HEADER_LENGTH = 32;
const LENGTH_AND_FLAGS = (HEADER_LENGTH << 10) | TcpFlag.Ack;

/** Takes in the segment of `length` bytes at `at`, or returns false, having changed nothing. The state is Established. */
export function receiveFast(now: Instant, connection: TcpConnection, at: number, length: number): boolean {
  const { arena } = connection.context;
  const { view } = arena;
  const textLength = length - HEADER_LENGTH;
  if (
    textLength < 0 ||
    (view.getUint16(at + 12) & ~TcpFlag.Psh) !== LENGTH_AND_FLAGS ||
    !connection.hasTimestamps ||
    !hasOnlyTimestamps(view, at + FIXED_LENGTH, HEADER_LENGTH - FIXED_LENGTH)
  ) {
    return false;
  }
  const sequence = tcpSequence(view, at);
  const ack = tcpAcknowledgment(view, at);
  const timestamp = tcpTimestampValue(view, at + FIXED_LENGTH);
  const acknowledged = (ack - connection.sndUna) | 0;
  const { reassembly } = connection;
  if (
    sequence !== connection.rcvNxt ||
    ((timestamp - connection.tsRecent) | 0) < 0 ||
    acknowledged < 0 ||
    ((ack - connection.sndNxt) | 0) > 0 ||
    connection.recovery !== 'Open' ||
    (reassembly !== undefined && reassembly.size > 0)
  ) {
    return false;
  }
  const window = tcpWindow(view, at) << connection.sndWndShift;
  let sum = connection.receiveConstantSum + length + sumBytes(view, at, HEADER_LENGTH);
  if (textLength === 0) {
    if (acknowledged === 0) return false; // a duplicate, or news of the window
    if (addSums(sum, 0) !== VALID_SUM) return reject(connection);
  } else {
    if (textLength > ((connection.rcvEdge - sequence) | 0) || connection.isReceiveClosed) return false;
    connection.receiveStream ??= new ByteStream(arena);
    const stream = connection.receiveStream;
    sum += stream.copySumFrom(at + HEADER_LENGTH, stream.length, textLength);
    if (addSums(sum, 0) !== VALID_SUM) {
      stream.dropAhead();
      return reject(connection);
    }
  }
  const echo = tcpTimestampEcho(arena.view, at + FIXED_LENGTH);
  connection.lastHeardAt = now;
  if (sequence === connection.lastAckSent) {
    connection.tsRecent = timestamp; // RFC 7323 §4.3 (2): not beyond Last.ACK.sent
    connection.tsRecentAt = now;
  }
  if (acknowledged > 0) acknowledge(now, connection, ack, (timestampNow(now, connection) - echo) | 0);
  if (window !== connection.sndWnd && connection.unsentBytes > 0) connection.context.markDirty(connection);
  connection.sndWnd = window;
  connection.sndWl1 = sequence;
  connection.sndWl2 = ack;
  if (window > connection.maxSndWnd) connection.maxSndWnd = window;
  if (textLength > 0) {
    if (textLength > connection.rcvMss) connection.rcvMss = textLength;
    takeIn(now, connection, textLength);
  }
  return true;
}

function reject(connection: TcpConnection): boolean {
  connection.context.countDrop(DropReason.BadChecksum);
  return true;
}
