// What a connection sends next (RFC 9293 §3.7, §3.8): the handshake, what is lost, new data as far as both windows
// allow, the FIN, a probe, an acknowledgment. One segment a call, as a slot.

import { NO_SLOT } from '../../../core/arena.ts';
import type { Serial } from '../../../core/serial.ts';
import { elapsed, type Instant, NEVER } from '../../../core/time.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { armFlight, armPersist, armRetransmission, extendFlight, isPersisting } from './deadlines.ts';
import { synSegment } from './handshake.ts';
import { pipeOf, type Rack, rackOf } from './rack.ts';
import { segmentRoom, writeSegment } from './segment_writer.ts';
import { sendsNewFirst } from './spurious_timeout.ts';
import { probeLeft } from './tail_loss_probe.ts';
import type { TcpConnection } from './tcp_connection.ts';
import { maySend } from './tcp_state.ts';

/** The next segment to go out now, headers and all; `NO_SLOT` when there is none. */
export function pollTransmit(now: Instant, connection: TcpConnection): number {
  const { state } = connection;
  if (state === 'SynSent' || state === 'SynReceived') {
    if (connection.sendFrom === connection.iss) return sendSyn(now, connection);
  } else if (maySend(state)) {
    const { rack } = connection;
    if (rack !== undefined) {
      const again = sendAgain(now, connection, rack);
      if (again !== NO_SLOT) return again;
    } else if (connection.isRetransmitPending) {
      connection.isRetransmitPending = false;
      if (connection.sndUna !== connection.sndNxt) return retransmitFirst(now, connection);
    }
    // What is lost goes before what is new.
    if (rack === undefined || rack.board.lostBytes === 0 || sendsNewFirst(connection, rack)) {
      const slot = sendNext(now, connection);
      if (slot !== NO_SLOT) return slot;
    }
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
    connection.stalledSince = now;
    startTiming(now, connection, connection.iss);
  } else {
    connection.context.counters.retransmitted++;
  }
  armRetransmission(now, connection);
  return slot;
}

// With SACK: what is lost, as far as the window of recovery allows, or the last segment again as a probe.
function sendAgain(now: Instant, connection: TcpConnection, rack: Rack): number {
  const { board } = rack;
  if (board.lostBytes > 0) {
    if (!connection.isRetransmitPending && sendsNewFirst(connection, rack)) return NO_SLOT;
    const i = board.firstLost();
    const start = board.startOf(i);
    const count = Math.min((board.endOf(i) - start) | 0, segmentRoom(connection));
    if (!connection.isRetransmitPending && pipeOf(connection) + count > sendingWindow(connection, rack)) return NO_SLOT;
    connection.isRetransmitPending = false;
    return resend(now, connection, rack, i, start, (start + count) | 0);
  }
  if (!rack.isProbeDue) return NO_SLOT;
  const { sndUna, sndNxt } = connection;
  if (sndUna === sndNxt) {
    rack.isProbeDue = false;
    return NO_SLOT;
  }
  const isNewAllowed = ((connection.finSequence - sndNxt) | 0) > 0 && ((sndNxt - sndUna) | 0) < connection.sndWnd;
  if (isNewAllowed) return NO_SLOT; // `sendNext` sees to it
  rack.isProbeDue = false;
  const i = board.size - 1;
  const start = board.startOf(i);
  const count = Math.min((sndNxt - start) | 0, segmentRoom(connection));
  const slot = resend(now, connection, rack, i, (sndNxt - count) | 0, sndNxt);
  probeLeft(connection, rack, true);
  return slot;
}

// `[start, end)`, which begins in record `i`, once more.
function resend(now: Instant, connection: TcpConnection, rack: Rack, i: number, start: Serial, end: Serial): number {
  rack.board.resend(i, start, end, now);
  if (connection.recovery === 'Recovery') rack.prrOut += (end - start) | 0;
  const hasFin = connection.isSendClosed && end === ((connection.finSequence + 1) | 0);
  const count = (end - start - (hasFin ? 1 : 0)) | 0;
  return sendText(now, connection, start, count, hasFin, hasFin || end === connection.finSequence);
}

// With SACK: how many bytes may be in flight.
const sendingWindow = ({ recovery, congestion }: TcpConnection, rack: Rack): number =>
  recovery === 'Recovery' ? rack.window : congestion.cwnd;

// New data, or data that is sent again after a timeout; a FIN behind the last of it.
function sendNext(now: Instant, connection: TcpConnection): number {
  const { sendFrom, sndUna, mss, rack } = connection;
  const pending = (connection.sendStreamSequence + connection.unsentBytes - sendFrom) | 0;
  // -1: the FIN itself has been sent.
  if (pending < 0 || (pending === 0 && !connection.isSendClosed)) return NO_SLOT;
  const flight = (sendFrom - sndUna) | 0;
  if (flight === 0) restartAfterIdle(now, connection);
  const { sndWnd, recovery } = connection;
  let usable = connection.congestion.cwnd - flight;
  let isProbe = false;
  if (rack !== undefined) {
    if (recovery !== 'Open') usable = sendingWindow(connection, rack) - pipeOf(connection);
    isProbe = rack.isProbeDue; // RFC 8985 §7.3: whatever the congestion window says
    if (isProbe && usable < mss) usable = mss;
  } else if (recovery !== 'Open') {
    usable += connection.inflation;
  }
  if (sndWnd - flight < usable) usable = sndWnd - flight;
  const room = segmentRoom(connection);
  let count = pending < room ? pending : room;
  if (usable < count) count = usable > 0 ? usable : 0;
  const isLast = count === pending;
  if (!isProbe && count < room && !isWorthSending(connection, count, isLast, flight)) {
    // Nothing is out that would bring an acknowledgment: only a probe tells when the window opens.
    if (flight === 0 && connection.isProbePending) return sendProbe(now, connection, pending);
    if (flight === 0 && !isPersisting(connection)) armPersist(now, connection);
    return NO_SLOT;
  }
  const withFin = isLast && connection.isSendClosed;
  if (connection.sendTimer === 'Persist') connection.attempts = 0;
  const slot = sendText(now, connection, sendFrom, count, withFin, isLast);
  if (isProbe && rack !== undefined) {
    rack.isProbeDue = false;
    probeLeft(connection, rack, false);
  }
  return slot;
}

// Less than a full segment. RFC 9293 §3.8.6.2.1: the sender's part against the silly window syndrome; §3.7.4: Nagle's algorithm.
function isWorthSending(connection: TcpConnection, count: number, isLast: boolean, flight: number): boolean {
  if (isLast) {
    // A lone FIN needs no window: it has no byte that would have to be stored.
    if (count === 0 || connection.isSendClosed) return true;
    const { noDelay, cork } = connection.options;
    if (cork) return false;
    if (noDelay) return true;
    return flight === 0 || connection.sendFrom !== connection.sndNxt;
  }
  return count > 0 && 2 * count >= connection.maxSndWnd && connection.sndWnd < connection.congestion.cwnd;
}

// RFC 9293 §3.8.6.1: one byte beyond the window, or what little the window takes. It is sent again from the same place.
function sendProbe(now: Instant, connection: TcpConnection, pending: number): number {
  connection.isProbePending = false;
  const count = Math.min(pending, Math.max(connection.sndWnd, 1), segmentRoom(connection));
  const sequence = connection.sendFrom;
  const { arena } = connection.context;
  const slot = arena.allocate(count);
  const offset = (sequence - connection.sendStreamSequence) | 0;
  const sum = count === 0 ? 0 : (connection.sendStream?.copySumTo(arena.start(slot), offset, count) ?? 0);
  const end = (sequence + count) | 0;
  if (((end - connection.sndNxt) | 0) > 0) {
    if (connection.isSackPermitted) rackOf(connection).board.append(end, now);
    connection.sndNxt = end;
  }
  writeSegment(now, connection, slot, sequence, 0, count, sum);
  return slot;
}

// The first unacknowledged segment once more, whatever the windows say (RFC 5681 §3.2 step 3).
function retransmitFirst(now: Instant, connection: TcpConnection): number {
  const { sndUna } = connection;
  const pending = (connection.sendStreamSequence + connection.unsentBytes - sndUna) | 0;
  const sent = (connection.sndNxt - sndUna) | 0;
  const count = Math.min(pending, sent, segmentRoom(connection));
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
  // Once at each instant, not when an acknowledgment has just set it, and when there is more than one segment.
  const isPutOff =
    connection.sendTimer === 'TailLossProbe' &&
    ((connection.lastSentAt !== now && connection.stalledSince !== now) ||
      ((connection.sndNxt - connection.sndUna) | 0) <= connection.mss);
  const { ecn } = connection;
  const ecnFlags = ecn === undefined ? 0 : ecn.leave(sequence === connection.sndNxt);
  noteSent(now, connection, sequence, end);
  if (connection.sendTimerAt === NEVER || connection.sendTimer === 'Persist') {
    if (connection.attempts === 0) connection.stalledSince = now;
    armFlight(now, connection); // RFC 6298 (5.1)
  } else if (isPutOff) {
    extendFlight(now, connection);
  }
  // RFC 9293 §3.9.1.2: PSH at the end of what the program has written.
  writeSegment(
    now,
    connection,
    slot,
    sequence,
    (isLast && count > 0 ? TcpFlag.Psh : 0) | (withFin ? TcpFlag.Fin : 0) | ecnFlags,
    count,
    sum,
  );
  return slot;
}

// Writes down that `[sequence, end)` leaves.
function noteSent(now: Instant, connection: TcpConnection, sequence: Serial, end: Serial): void {
  const { sndNxt, sndUna } = connection;
  let { rack } = connection;
  if (((end - sndNxt) | 0) <= 0) {
    connection.context.counters.retransmitted++;
  } else {
    if (connection.isSackPermitted) {
      // One time is enough as long as everything has it.
      if (rack === undefined && sndNxt !== sndUna && connection.lastSentAt !== now) rack = rackOf(connection);
      if (rack !== undefined) {
        rack.board.append(end, now);
        if (connection.recovery === 'Recovery') rack.prrOut += (end - sndNxt) | 0;
      }
    }
    if (!connection.isTiming) startTiming(now, connection, sequence);
    connection.sndNxt = end;
  }
  connection.lastSentAt = now;
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
