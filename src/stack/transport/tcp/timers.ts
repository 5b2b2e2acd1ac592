// What a connection does when time has passed: retransmission (RFC 6298 §5), zero-window probes (RFC 9293 §3.8.6.1),
// delayed acknowledgments, and the end of patience. Not here: deadlines that do not keep a world alive
// (background_timer.ts).

import { after, earlier, type Instant, NEVER } from '../../../core/time.ts';
import { armPersist, armRetransmission, clearSendTimer } from './deadlines.ts';
import { confirmDoubtedMtu } from './icmp_errors.ts';
import { forgetRecovery } from './new_reno_recovery.ts';
import { rackOf } from './rack.ts';
import { backOff } from './round_trip_time.ts';
import { giveUpFlight, reorderingIsOver } from './sack_recovery.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** The queue says that something may be due. */
export function handleDeadlines(now: Instant, connection: TcpConnection): void {
  if (connection.delayedAckAt <= now) {
    connection.delayedAckAt = NEVER;
    connection.isAckNow = true;
    connection.context.markDirty(connection);
  }
  if (connection.sendTimerAt <= now) {
    if (isPastUserTimeout(now, connection)) giveUp(now, connection);
    else
      switch (connection.sendTimer) {
        case 'Retransmission':
          handleRetransmission(now, connection);
          break;
        case 'Persist':
          handlePersist(now, connection);
          break;
        case 'TailLossProbe':
          handleProbe(now, connection);
          break;
        case 'Reordering':
          reorderingIsOver(now, connection);
          break;
      }
  }
  connection.context.schedule(connection, earlier(connection.sendTimerAt, connection.delayedAckAt));
}

function handleRetransmission(now: Instant, connection: TcpConnection): void {
  const { state, context, congestion } = connection;
  const isHandshake = state === 'SynSent' || state === 'SynReceived';
  const limit = isHandshake ? context.settings.synRetries : context.settings.dataRetries;
  if (connection.attempts >= limit) {
    giveUp(now, connection);
    return;
  }
  confirmDoubtedMtu(now, connection);
  if (isHandshake) {
    congestion.onHandshakeLoss();
  } else {
    connection.ecn?.noteReduction();
    congestion.onTimeout((connection.sendFrom - connection.sndUna) | 0, connection.attempts);
  }
  backOff(connection);
  connection.attempts++;
  connection.isTiming = false; // RFC 6298 §3, Karn: which of the two is acknowledged, nobody knows
  if (isHandshake) connection.sendFrom = connection.sndUna;
  else if (connection.isSackPermitted) giveUpFlight(now, connection);
  else forgetRecovery(connection);
  clearSendTimer(connection); // set again as the segment leaves
  context.markDirty(connection);
}

// RFC 8985 §7.3; the retransmission timer runs on, whether or not a probe leaves.
function handleProbe(now: Instant, connection: TcpConnection): void {
  const rack = rackOf(connection);
  if (!rack.isProbing) rack.isProbeDue = true;
  armRetransmission(now, connection);
  connection.context.markDirty(connection);
}

/** The window is still shut, as far as we know. */
export function handlePersist(now: Instant, connection: TcpConnection): void {
  // RFC 9293 §3.8.6.1 (MUST-37): the window may stay shut as long as the peer answers.
  if (connection.attempts >= connection.context.settings.dataRetries || isPastUserTimeout(now, connection)) {
    giveUp(now, connection);
    return;
  }
  connection.attempts++;
  connection.isProbePending = true;
  armPersist(now, connection);
  connection.context.markDirty(connection);
}

// RFC 5482: counted from when the data that waits first left.
function isPastUserTimeout(now: Instant, connection: TcpConnection): boolean {
  const { userTimeout } = connection.options;
  return userTimeout !== undefined && now >= after(connection.stalledSince, userTimeout);
}

function giveUp(now: Instant, connection: TcpConnection): void {
  connection.end(now, connection.softError ?? 'ETIMEDOUT', 'no acknowledgment in spite of retransmissions');
}
