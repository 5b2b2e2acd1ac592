// What an acknowledgment does (RFC 9293 §3.10.7.4, fifth, ESTABLISHED): it frees the send buffer, measures the round
// trip, opens the windows, and moves the retransmission timer on.

import type { Serial } from '../../../core/serial.ts';
import { elapsed, type Instant } from '../../../core/time.ts';
import { setSendTimerForFlight } from './deadlines.ts';
import { handleAckInRecovery } from './new_reno_recovery.ts';
import { addRoundTrip } from './round_trip_time.ts';
import type { TcpConnection } from './tcp_connection.ts';

const MICROSECOND = 1e3;

/**
 * `ack` lies in (sndUna, sndNxt]. Not for a connection with SACK while anything is out of the ordinary (sack_recovery.ts).
 *
 * @param echoAge milliseconds since the echoed timestamp was sent; -1 when there is none
 */
export function acknowledge(now: Instant, connection: TcpConnection, ack: Serial, echoAge: number): void {
  const flight = (connection.sndNxt - connection.sndUna) | 0;
  const count = (ack - connection.sndUna) | 0;
  takeAcknowledged(now, connection, ack, echoAge);
  if (count >= connection.mss) connection.provenMss = connection.mss;
  const { rack } = connection;
  if (rack !== undefined) rack.board.acknowledge(ack);
  if (connection.recovery === 'Open' && connection.duplicateAcks === 0) {
    setSendTimerForFlight(now, connection, true);
    const { ecn, congestion, srtt } = connection;
    if (ecn === undefined || !ecn.isOld(ack)) congestion.onAcknowledged(now, count, flight, srtt);
  } else {
    handleAckInRecovery(now, connection, ack, count, flight);
  }
  // Most acknowledgments let something go out; those of the last data do not.
  if (connection.unsentBytes > 0 || connection.isSendClosed) connection.context.markDirty(connection);
}

/** The part that has nothing to do with loss or congestion: `ack` lies in (sndUna, sndNxt]. */
export function takeAcknowledged(now: Instant, connection: TcpConnection, ack: Serial, echoAge: number): void {
  const stream = connection.sendStream;
  if (stream !== undefined && stream.length > 0) {
    // A FIN counts in sequence space and has no byte.
    const bytes = Math.min((ack - connection.sendStreamSequence) | 0, stream.length);
    if (bytes > 0) {
      stream.consume(bytes);
      connection.sendStreamSequence = (connection.sendStreamSequence + bytes) | 0;
    }
    if (connection.wantsToWrite && 4 * stream.length <= 3 * connection.options.sendBuffer) {
      connection.wantsToWrite = false;
      connection.context.markReady(connection);
    }
  }
  connection.sndUna = ack;
  if (((connection.sendFrom - ack) | 0) < 0) connection.sendFrom = ack;
  measure(now, connection, ack, echoAge);
  connection.attempts = 0;
  connection.stalledSince = now;
}

function measure(now: Instant, connection: TcpConnection, ack: Serial, echoAge: number): void {
  if (connection.isTiming) {
    if (((ack - connection.timedSequence) | 0) <= 0) return;
    connection.isTiming = false;
    addRoundTrip(connection, Math.round(elapsed(connection.timedAt, now) / MICROSECOND) | 0);
  } else if (echoAge >= 0 && (connection.attempts > 0 || connection.srtt < 0)) {
    // RFC 7323 §4.1: after a retransmission the timestamp alone tells which of the two was acknowledged.
    addRoundTrip(connection, Math.min(echoAge, 1_000_000) * 1000);
  }
}

/** RFC 9293 §3.10.7.4, fifth: the window of a segment that is not older than the one it came from last. */
export function updateSendWindow(connection: TcpConnection, sequence: Serial, ack: Serial, window: number): boolean {
  const order = (connection.sndWl1 - sequence) | 0;
  if (order > 0 || (order === 0 && ((connection.sndWl2 - ack) | 0) > 0)) return false;
  const before = connection.sndWnd;
  connection.sndWnd = window;
  connection.sndWl1 = sequence;
  connection.sndWl2 = ack;
  if (window > connection.maxSndWnd) connection.maxSndWnd = window;
  return window !== before;
}
