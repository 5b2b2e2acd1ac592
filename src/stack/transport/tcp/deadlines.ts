// Setting and clearing the deadlines of a connection. What happens when one is due: timers.ts.
//
// A deadline is a field. The queue holds a time that may be early, never late: an acknowledgment that moves the deadline
// on costs one store, and a timer that finds nothing due looks again.

import { after, type Duration, type Instant, NEVER } from '../../../core/time.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** Sets the retransmission timer (RFC 6298 (5.1), (5.3)). */
export function armRetransmission(now: Instant, connection: TcpConnection): void {
  connection.isPersisting = false;
  setSendTimer(connection, after(now, connection.rto));
}

/** Sets the persist timer: the window keeps us from sending, and the news that it has opened may get lost. */
export function armPersist(now: Instant, connection: TcpConnection): void {
  const { rto, attempts, context } = connection;
  // RFC 9293 §3.8.6.1 (SHLD-29, SHLD-30): the first after a retransmission timeout, then ever more slowly.
  const wait = Math.min(rto * 2 ** Math.min(attempts, 16), context.settings.maximumRto) as Duration;
  connection.isPersisting = true;
  setSendTimer(connection, after(now, wait));
}

export function clearSendTimer(connection: TcpConnection): void {
  connection.sendTimerAt = NEVER;
  connection.isPersisting = false;
}

export function armDelayedAck(now: Instant, connection: TcpConnection): void {
  if (connection.delayedAckAt !== NEVER) return;
  connection.delayedAckAt = after(now, connection.context.settings.delayedAck);
  expectAt(connection, connection.delayedAckAt);
}

/**
 * Takes a connection that waits for nothing out of the queue, lest a far deadline that has been left behind keep a world
 * alive. A near one may stay: in a bulk transfer it would be entered again at once.
 */
export function retractDeadline(now: Instant, connection: TcpConnection): void {
  if (connection.place < 0 || connection.sendTimerAt !== NEVER || connection.delayedAckAt !== NEVER) return;
  const { context } = connection;
  if (context.isDueAfter(connection, after(now, context.settings.delayedAck))) context.schedule(connection, NEVER);
}

function setSendTimer(connection: TcpConnection, deadline: Instant): void {
  connection.sendTimerAt = deadline;
  expectAt(connection, deadline);
}

function expectAt(connection: TcpConnection, deadline: Instant): void {
  const { context } = connection;
  if (context.isDueAfter(connection, deadline)) context.schedule(connection, deadline);
}
