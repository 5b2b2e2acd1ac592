// Setting and clearing the deadlines of a connection. What happens when one is due: timers.ts.
//
// A deadline is a field. The queue holds a time that may be early, never late: an acknowledgment that moves the deadline
// on costs one store, and a timer that finds nothing due looks again.

import {
  after,
  type Duration,
  earlier,
  elapsed,
  type Instant,
  milliseconds,
  NEVER,
  seconds,
} from '../../../core/time.ts';
import { persistInBackground } from './background_timer.ts';
import type { TcpConnection } from './tcp_connection.ts';

const MICROSECOND = 1e3;
/** How long a window that is shut keeps a world alive: R2 of RFC 9293 §3.8.3. */
const PATIENCE: Duration = seconds(100);
/** How long less than a segment is held back by `cork`: as Linux. */
const CORK_LIMIT: Duration = milliseconds(200);

/** What the one timer of a connection's sending side is for. */
export type SendTimer = 'Retransmission' | 'Persist' | 'TailLossProbe' | 'Reordering';

/** Sets the retransmission timer (RFC 6298 (5.1), (5.3)). */
export function armRetransmission(now: Instant, connection: TcpConnection): void {
  setSendTimer(connection, 'Retransmission', after(now, connection.rto));
}

/** Sets the timer for what is out, as the first of it leaves or is acknowledged: a probe goes before all is given up. */
export function armFlight(now: Instant, connection: TcpConnection): void {
  const { srtt, rto } = connection;
  if (connection.isSackPermitted && connection.recovery === 'Open' && srtt >= 0) {
    const { tailLossProbe, maximumAckDelay } = connection.context.settings;
    const isOne = ((connection.sndNxt - connection.sndUna) | 0) <= connection.mss;
    // RFC 8985 §7.2: a lone segment may be acknowledged late.
    const wait = 2 * MICROSECOND * srtt + (isOne ? maximumAckDelay : 0);
    if (tailLossProbe && wait < rto) {
      setSendTimer(connection, 'TailLossProbe', after(now, wait as Duration));
      return;
    }
  }
  setSendTimer(connection, 'Retransmission', after(now, rto));
}

/** New data has left at `now` while a probe is planned. */
export function extendFlight(now: Instant, connection: TcpConnection): void {
  // RFC 8985 §7.2: put off by each new segment, but not beyond the retransmission timer.
  armFlight(now, connection);
  const { rack } = connection;
  if (rack === undefined) return; // everything that is out left now
  const limit = after(rack.board.timeOf(0), connection.rto);
  if (connection.sendTimerAt > limit) setSendTimer(connection, 'Retransmission', limit);
}

/** After an acknowledgment. `isAdvance`: it moved `sndUna` on. */
export function setSendTimerForFlight(now: Instant, connection: TcpConnection, isAdvance: boolean): void {
  const { sendFrom, sndUna, sendTimer } = connection;
  if (sendFrom === sndUna) {
    clearSendTimer(connection); // RFC 6298 (5.2)
    retractDeadline(now, connection);
  } else if (isAdvance) {
    armFlight(now, connection); // RFC 6298 (5.3)
  } else if (connection.sendTimerAt !== NEVER && (sendTimer === 'TailLossProbe' || sendTimer === 'Reordering')) {
    // What it stood for is over; the retransmission timer runs since the oldest segment left.
    const oldest = connection.rack?.board.timeOf(0) ?? connection.lastSentAt;
    const deadline = after(oldest, connection.rto);
    setSendTimer(connection, 'Retransmission', deadline > now ? deadline : now);
  }
}

/** Sets the timer at whose end what may have been overtaken is lost (RFC 8985 §6.2, step 5). */
export function armReordering(now: Instant, connection: TcpConnection, wait: Duration): void {
  setSendTimer(connection, 'Reordering', after(now, wait));
}

/**
 * Sets the persist timer: the window keeps us from sending, and the news that it has opened may get lost. A window that
 * stays shut is probed for ever if the peer answers, but does not keep a world alive as long.
 */
export function armPersist(now: Instant, connection: TcpConnection): void {
  const { rto, attempts, context, options } = connection;
  if (connection.sendTimer !== 'Persist') connection.stalledSince = now;
  // RFC 9293 §3.8.6.1 (SHLD-29, SHLD-30): the first after a retransmission timeout, then ever more slowly.
  const backedOff = Math.min(rto * 2 ** Math.min(attempts, 16), context.settings.maximumRto);
  const deadline = after(now, (options.cork ? Math.min(backedOff, CORK_LIMIT) : backedOff) as Duration);
  const isAnswered = elapsed(connection.lastHeardAt, now) <= context.settings.maximumRto;
  if (!isAnswered || elapsed(connection.stalledSince, now) < PATIENCE) {
    setSendTimer(connection, 'Persist', deadline);
  } else {
    connection.sendTimer = 'Persist';
    connection.sendTimerAt = NEVER;
    persistInBackground(connection, deadline);
  }
}

/** Whether the window is probed, or will be. */
export const isPersisting = ({ sendTimer, sendTimerAt, background }: TcpConnection): boolean =>
  sendTimer === 'Persist' && (sendTimerAt !== NEVER || (background !== undefined && background.persistAt !== NEVER));

export function clearSendTimer(connection: TcpConnection): void {
  connection.sendTimerAt = NEVER;
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

function setSendTimer(connection: TcpConnection, timer: SendTimer, deadline: Instant): void {
  const { userTimeout } = connection.options;
  let at = deadline;
  if (userTimeout !== undefined) at = earlier(deadline, after(connection.stalledSince, userTimeout)); // RFC 5482
  connection.sendTimer = timer;
  connection.sendTimerAt = at;
  expectAt(connection, at);
}

function expectAt(connection: TcpConnection, deadline: Instant): void {
  const { context } = connection;
  if (context.isDueAfter(connection, deadline)) context.schedule(connection, deadline);
}
