// The window that we offer: how far it reaches, and when news of it is worth a segment of its own (RFC 9293 §3.8.6.2.2:
// the receiver's part against the silly window syndrome).

import type { TcpConnection } from './tcp_connection.ts';

const MAX_FIELD = 0xffff;

/** The window field of a segment that leaves now; moves `rcvEdge` when that gains enough. */
export function offerWindow(connection: TcpConnection): number {
  const { rcvNxt, rcvWndShift } = connection;
  const free = freeSpace(connection);
  let window = (connection.rcvEdge - rcvNxt) | 0;
  if (free - window >= smallestGain(connection)) window = (free >> rcvWndShift) << rcvWndShift;
  const unit = (1 << rcvWndShift) - 1;
  // RFC 7323 §2.4: rounded up, so that the right edge does not move left for the sake of rounding alone.
  let field = (window + unit) >> rcvWndShift;
  if (field << rcvWndShift > free + unit) field = window >> rcvWndShift;
  if (field > MAX_FIELD) field = MAX_FIELD;
  const edge = (rcvNxt + (field << rcvWndShift)) | 0;
  if (((edge - connection.rcvEdge) | 0) > 0) connection.rcvEdge = edge;
  return field;
}

/** Whether what the program has just read is news for the peer: the window has doubled, or grown by a quarter of all. */
export function considerWindowUpdate(connection: TcpConnection): void {
  const window = (connection.rcvEdge - connection.rcvNxt) | 0;
  const gain = freeSpace(connection) - window;
  const isNews = gain >= window || (4 * gain >= connection.options.receiveBuffer && gain >= 2 * connection.rcvMss);
  if (!isNews || gain < smallestGain(connection) || connection.isFinReceived) return;
  connection.isAckNow = true;
  connection.context.markDirty(connection);
}

const freeSpace = (connection: TcpConnection): number =>
  Math.max(connection.options.receiveBuffer - connection.readableBytes, 0);

// RFC 9293 §3.8.6.2.2: half the buffer or a full segment, whichever is less.
const smallestGain = (connection: TcpConnection): number =>
  Math.min(connection.options.receiveBuffer >> 1, connection.rcvMss);
