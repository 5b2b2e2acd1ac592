// What a connection sends next (RFC 9293 §3.7, §3.8): the handshake, what is lost, new data as far as both windows
// allow, the FIN, a probe, an acknowledgment. One segment a call, as a slot.

import { NO_SLOT } from '../../../core/arena.ts';
import type { Serial } from '../../../core/serial.ts';
import { elapsed, type Instant, NEVER } from '../../../core/time.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { armPersist, armRetransmission } from './deadlines.ts';
import { synSegment } from './handshake.ts';
import { writeSegment } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';
import { maySend } from './tcp_state.ts';

/** The next segment to go out now, headers and all; `NO_SLOT` when there is none. */
export function pollTransmit(now: Instant, connection: TcpConnection): number {
  const { state } = connection;
  if (state === 'SynSent' || state === 'SynReceived') {
    if (connection.sendFrom === connection.iss) return sendSyn(now, connection);
  } else if (maySend(state)) {
    if (connection.isRetransmitPending) {
      connection.isRetransmitPending = false;
      if (connection.sndUna !== connection.sndNxt) return retransmitFirst(now, connection);
    }
    const slot = sendNext(now, connection);
    if (slot !== NO_SLOT) return slot;
  }
  if (!connection.isAckNow || state === 'SynSent' || state === 'Closed') return NO_SLOT;
  const slot = connection.context.arena.allocate(0);
  // RFC 9293 §3.10.7.4: SEQ=SND.NXT; after a timeout `sendFrom` may lie behind it.
  writeSegment(now, connection, slot, connection.sndNxt, 0, 0, 0);
  return slot;
}

function sendSyn(now: Instant, connection: TcpConnection): number {
  const slot = synSegment(now, connection);
  connection.sendFrom = (connection.iss + 1) | 0;
  if (connection.sndNxt === connection.iss) {
    connection.sndNxt = connection.sendFrom;
    startTiming(now, connection, connection.iss);
  }
  armRetransmission(now, connection);
  return slot;
}

// New data, or data that is sent again after a timeout; a FIN behind the last of it.
function sendNext(now: Instant, connection: TcpConnection): number {
  const { sendFrom, sndUna, mss } = connection;
  const pending = (connection.sendStreamSequence + connection.unsentBytes - sendFrom) | 0;
  // -1: the FIN itself has been sent.
  if (pending < 0 || (pending === 0 && !connection.isSendClosed)) return NO_SLOT;
  const flight = (sendFrom - sndUna) | 0;
  if (flight === 0) restartAfterIdle(now, connection);
  const congestionWindow = connection.congestion.cwnd + connection.inflation;
  const { sndWnd } = connection;
  const usable = (sndWnd < congestionWindow ? sndWnd : congestionWindow) - flight;
  let count = pending < mss ? pending : mss;
  if (usable < count) count = usable > 0 ? usable : 0;
  const isLast = count === pending;
  if (!isWorthSending(connection, count, isLast, flight)) {
    // Nothing is out that would bring an acknowledgment: only a probe tells when the window opens.
    if (flight === 0 && connection.isProbePending) return sendProbe(now, connection, pending);
    if (flight === 0 && (connection.sendTimerAt === NEVER || !connection.isPersisting)) armPersist(now, connection);
    return NO_SLOT;
  }
  const withFin = isLast && connection.isSendClosed;
  if (connection.isPersisting) connection.attempts = 0;
  return sendText(now, connection, sendFrom, count, withFin, isLast);
}

// RFC 9293 §3.8.6.2.1: the sender's part against the silly window syndrome; §3.7.4: Nagle's algorithm.
function isWorthSending(connection: TcpConnection, count: number, isLast: boolean, flight: number): boolean {
  if (count >= connection.mss) return true;
  if (isLast) {
    // A lone FIN needs no window: it has no byte that would have to be stored.
    if (count === 0 || connection.isSendClosed || connection.noDelay) return true;
    return flight === 0 || connection.sendFrom !== connection.sndNxt;
  }
  return count > 0 && 2 * count >= connection.maxSndWnd && connection.sndWnd < connection.congestion.cwnd;
}

// RFC 9293 §3.8.6.1: one byte beyond the window, or what little the window takes. It is sent again from the same place.
function sendProbe(now: Instant, connection: TcpConnection, pending: number): number {
  connection.isProbePending = false;
  const count = Math.min(pending, Math.max(connection.sndWnd, 1), connection.mss);
  const sequence = connection.sendFrom;
  const { arena } = connection.context;
  const slot = arena.allocate(count);
  const offset = (sequence - connection.sendStreamSequence) | 0;
  const sum = count === 0 ? 0 : (connection.sendStream?.copySumTo(arena.start(slot), offset, count) ?? 0);
  const end = (sequence + count) | 0;
  if (((end - connection.sndNxt) | 0) > 0) connection.sndNxt = end;
  writeSegment(now, connection, slot, sequence, 0, count, sum);
  return slot;
}

// The first unacknowledged segment once more, whatever the windows say (RFC 5681 §3.2 step 3).
function retransmitFirst(now: Instant, connection: TcpConnection): number {
  const { sndUna, mss } = connection;
  const pending = (connection.sendStreamSequence + connection.unsentBytes - sndUna) | 0;
  const sent = (connection.sndNxt - sndUna) | 0;
  const count = Math.min(pending, sent, mss);
  connection.context.counters.retransmitted++;
  return sendText(now, connection, sndUna, count, count === pending && sent > pending, count === pending);
}

function sendText(
  now: Instant,
  connection: TcpConnection,
  sequence: Serial,
  count: number,
  withFin: boolean,
  isLast: boolean,
): number {
  const { arena } = connection.context;
  const slot = arena.allocate(count);
  let sum = 0;
  if (count > 0 && connection.sendStream !== undefined) {
    sum = connection.sendStream.copySumTo(arena.start(slot), (sequence - connection.sendStreamSequence) | 0, count);
  }
  const end = (sequence + (withFin ? count + 1 : count)) | 0;
  if (((end - connection.sendFrom) | 0) > 0) connection.sendFrom = end;
  if (((end - connection.sndNxt) | 0) > 0) {
    if (!connection.isTiming) startTiming(now, connection, sequence);
    connection.sndNxt = end;
  }
  connection.lastSentAt = now;
  if (connection.sendTimerAt === NEVER || connection.isPersisting) {
    if (connection.attempts === 0) connection.stalledSince = now;
    armRetransmission(now, connection); // RFC 6298 (5.1)
  }
  // RFC 9293 §3.9.1.2: PSH at the end of what the program has written.
  writeSegment(
    now,
    connection,
    slot,
    sequence,
    (isLast && count > 0 ? TcpFlag.Psh : 0) | (withFin ? TcpFlag.Fin : 0),
    count,
    sum,
  );
  return slot;
}

function startTiming(now: Instant, connection: TcpConnection, sequence: Serial): void {
  connection.isTiming = true;
  connection.timedSequence = sequence;
  connection.timedAt = now;
}

// RFC 5681 §4.1: what the path took long ago says nothing about now.
function restartAfterIdle(now: Instant, connection: TcpConnection): void {
  if (connection.attempts === 0 && elapsed(connection.lastSentAt, now) > connection.rto) {
    connection.congestion.onIdle();
    connection.lastSentAt = now;
  }
}
