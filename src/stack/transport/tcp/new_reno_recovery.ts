// Loss recovery without SACK: fast retransmit and fast recovery of RFC 5681 §3.2 with the NewReno changes of RFC 6582,
// and limited transmit (RFC 3042).
//
//   1st, 2nd duplicate ACK   one new segment each (limited transmit)
//   3rd                      the first unacknowledged segment goes again; cwnd = ssthresh = flight / 2, plus three segments
//   each further one         one segment more may go out: one has left the network
//   partial acknowledgment   the next hole goes again
//   full acknowledgment      recovery is over
//
// Not here: by how much the congestion window shrinks (congestion/), and timeouts (timers.ts).

import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import { armRetransmission, setSendTimerForFlight } from './deadlines.ts';
import type { TcpConnection } from './tcp_connection.ts';

const DUPLICATE_THRESHOLD = 3; // RFC 5681 §3.2

/** A duplicate acknowledgment in the sense of RFC 5681 §2 has come. */
export function handleDuplicateAck(connection: TcpConnection): void {
  const { mss } = connection;
  connection.duplicateAcks++;
  if (connection.recovery === 'Recovery') {
    connection.inflation += mss; // RFC 6582 §3.2 step 2 (RFC 5681 §3.2 step 4)
  } else if (connection.duplicateAcks < DUPLICATE_THRESHOLD) {
    connection.inflation = connection.duplicateAcks * mss; // RFC 3042 §2
    if (connection.recovery === 'Open') connection.recovery = 'Disorder';
  } else if (connection.duplicateAcks === DUPLICATE_THRESHOLD) {
    enterRecovery(connection);
  }
  connection.context.markDirty(connection);
}

function enterRecovery(connection: TcpConnection): void {
  connection.inflation = 0;
  // RFC 6582 §3.2 step 2: duplicates of what was sent again after the last loss prove nothing.
  if (((connection.sndUna - connection.recover) | 0) <= 0) return;
  const flight = (connection.sndNxt - connection.sndUna) | 0;
  connection.congestion.onLoss(flight);
  connection.ecn?.noteReduction();
  connection.recover = (connection.sndNxt - 1) | 0;
  connection.recovery = 'Recovery';
  connection.inflation = DUPLICATE_THRESHOLD * connection.mss;
  connection.isRetransmitPending = true;
  connection.isTiming = false;
}

/** New data was acknowledged up to `ack`, `count` of the `flight` bytes that were out, and not everything is in order. */
export function handleAckInRecovery(
  now: Instant,
  connection: TcpConnection,
  ack: Serial,
  count: number,
  flight: number,
): void {
  const { mss } = connection;
  const isFirstPartial = connection.duplicateAcks > 0;
  const isOver = ((ack - connection.recover) | 0) > 0;
  connection.duplicateAcks = 0;
  if (connection.sendFrom === ack) setSendTimerForFlight(now, connection, true);
  else if (connection.recovery !== 'Recovery' || isFirstPartial || isOver) armRetransmission(now, connection); // RFC 6298 (5.3)
  if (connection.recovery !== 'Recovery') {
    connection.inflation = 0;
    if (isOver || connection.recovery === 'Disorder') connection.recovery = 'Open';
    connection.congestion.onAcknowledged(now, count, flight, connection.srtt);
    return;
  }
  if (isOver) {
    connection.recovery = 'Open';
    connection.inflation = 0;
    connection.isRetransmitPending = false;
    connection.congestion.onRecovered((connection.sndNxt - ack) | 0);
    return;
  }
  // RFC 6582 §3.2 step 3, partial acknowledgments: the next hole, and as much new data as keeps the flight as it is.
  connection.isRetransmitPending = true;
  connection.inflation = Math.max(connection.inflation - count + (count >= mss ? mss : 0), 0);
}

/** The retransmission timer has expired: everything counts as lost (RFC 6582 §3.2 step 4). */
export function forgetRecovery(connection: TcpConnection): void {
  connection.recover = (connection.sndNxt - 1) | 0;
  connection.recovery = 'Loss';
  connection.duplicateAcks = 0;
  connection.inflation = 0;
  connection.isRetransmitPending = false;
  connection.sendFrom = connection.sndUna; // RFC 6298 (5.4): again from the first segment not acknowledged
}
