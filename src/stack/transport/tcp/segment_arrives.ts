// A segment has arrived for a connection (RFC 9293 §3.10.7.3 and §3.10.7.4), checked in the order of the RFC, with the
// changes of RFC 5961 (blind attacks) and RFC 7323 (timestamps). What is common is also known to fast_path.ts.
//
//   timestamp -> sequence number, RST -> SYN -> ACK -> text -> FIN
//
// There is no third step: security and compartments are nobody's any more. The sixth is urgent data.
// Not here: segments without a connection (tcp_listener.ts, reset.ts), and TIME_WAIT (time_wait.ts).

import { DropReason } from '../../../core/drop_reason.ts';
import type { Serial } from '../../../core/serial.ts';
import { elapsed, hours, type Instant } from '../../../core/time.ts';
import { TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import type { TcpOptions } from '../../../wire/tcp_options.ts';
import { acknowledge, updateSendWindow } from './acknowledgment.ts';
import { watchInBackground } from './background_timer.ts';
import { ecnArrives } from './ecn.ts';
import { becomeEstablished, learnFromSyn } from './handshake.ts';
import { handleDuplicateAck } from './new_reno_recovery.ts';
import { acceptFin, acceptText, keepForLater, noteDuplicate, takeKept } from './receive.ts';
import { challenge, refuse, sendReset, sequenceLength } from './reset.ts';
import { resetRtoAfterHandshake } from './round_trip_time.ts';
import { selectiveAckArrives } from './sack_recovery.ts';
import { timestampNow } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';
import { mayReceive } from './tcp_state.ts';

const TIMESTAMP_LIFETIME = hours(24 * 24); // RFC 7323 §5.5: an idle connection forgets what the peer's clock said

/**
 * @param place where the segment's text starts in the arena
 * @param isMarked a router has marked the packet (RFC 3168)
 */
export function segmentArrives(
  now: Instant,
  connection: TcpConnection,
  header: TcpHeader,
  options: TcpOptions,
  place: number,
  isMarked = false,
): void {
  connection.lastHeardAt = now;
  if (connection.state === 'SynSent') arrivesInSynSent(now, connection, header, options, place);
  else arrivesInOtherStates(now, connection, header, options, place, isMarked);
}

// RFC 9293 §3.10.7.3
function arrivesInSynSent(
  now: Instant,
  connection: TcpConnection,
  header: TcpHeader,
  options: TcpOptions,
  place: number,
): void {
  const { acknowledgment, flags } = header;
  const isAck = (flags & TcpFlag.Ack) !== 0;
  // First: ACK. Our SYN carries no data, so there is one number that it can acknowledge.
  const isOurs = isAck && acknowledgment === connection.sndNxt && acknowledgment !== connection.iss;
  if (isAck && !isOurs) {
    refuse(connection.context, header, connection.remoteAddress, connection.localAddress);
    return;
  }
  // Second: RST. Without an acknowledgment it may be anybody's.
  if (flags & TcpFlag.Rst) {
    if (isOurs) connection.end(now, 'ECONNREFUSED', 'refused by the peer');
    return;
  }
  // Fourth: SYN; fifth: neither.
  if (!(flags & TcpFlag.Syn)) return;
  learnFromSyn(now, connection, header, options);
  if (isOurs) {
    resetRtoAfterHandshake(connection);
    acknowledge(now, connection, acknowledgment, echoAge(now, connection, options));
    becomeEstablished(now, connection, 'SYN,ACK arrived');
    connection.isAckNow = true;
    textAndFinArrive(now, connection, header, (header.sequence + 1) | 0, place);
  } else {
    keepForLater(connection, place, header.payloadLength, (flags & TcpFlag.Fin) !== 0);
    // Simultaneous open (RFC 9293 §3.5, figure 7): our SYN goes again, now with an acknowledgment.
    connection.move(now, 'SynArrives', 'SYN arrived while ours was out');
    connection.sendFrom = connection.iss;
  }
  connection.context.markDirty(connection);
}

// RFC 9293 §3.10.7.4
function arrivesInOtherStates(
  now: Instant,
  connection: TcpConnection,
  header: TcpHeader,
  options: TcpOptions,
  place: number,
  isMarked: boolean,
): void {
  const { context } = connection;
  const { sequence, acknowledgment, flags } = header;
  const isReset = (flags & TcpFlag.Rst) !== 0;
  const isSyn = (flags & TcpFlag.Syn) !== 0;

  // RFC 7323 §5.3 R1: before the sequence number.
  if (connection.hasTimestamps && !isReset && !passesTimestampCheck(now, connection, header, options)) return;

  // First and second: a RST. RFC 5961 §3.2: only the exact number resets; one that is merely in the window may be a guess.
  if (isReset) {
    if (sequence === connection.rcvNxt) resetArrives(now, connection);
    else if (isInWindow(connection, sequence)) challenge(now, connection);
    else context.countDrop(DropReason.TcpUnacceptable);
    return;
  }

  // First: the sequence number.
  if (!isAcceptable(connection, header)) {
    context.countDrop(DropReason.TcpUnacceptable);
    const isRepeatedSyn = isSyn && connection.state === 'SynReceived' && sequence === connection.irs;
    if (isRepeatedSyn && !(flags & TcpFlag.Ack)) {
      connection.sendFrom = connection.iss; // the peer has not heard our answer
      connection.isTiming = false;
      takeTimestamp(now, connection, header, options);
      context.markDirty(connection);
    } else if (isRepeatedSyn) {
      connection.isAckNow = true; // simultaneous open (RFC 9293 §3.5, figure 7): the acknowledgment finishes it
      context.markDirty(connection);
    } else if (isSyn) {
      challenge(now, connection); // RFC 5961 §4.2: whatever its number
    } else {
      answerUnacceptable(now, connection, header);
    }
    return;
  }

  // Fourth: SYN. RFC 5961 §4.2, unless the connection was opened passively and is not open yet.
  if (isSyn) {
    if (connection.listener !== undefined) connection.end(now, undefined, 'another SYN: back to listening');
    else challenge(now, connection);
    return;
  }

  // Fifth: ACK.
  if (!(flags & TcpFlag.Ack)) return;
  if (connection.state === 'SynReceived' && !ackOfSynArrives(now, connection, header, options)) return;
  const ahead = (acknowledgment - connection.sndNxt) | 0;
  const behind = (connection.sndUna - acknowledgment) | 0;
  // RFC 5961 §5.2: what was never sent, or lies further back than any window, is a guess.
  if (ahead > 0 || behind > connection.maxSndWnd) {
    challenge(now, connection);
    return;
  }
  takeTimestamp(now, connection, header, options);
  ecnArrives(connection, header, isMarked);
  const window = header.window << connection.sndWndShift;
  if (connection.isSackPermitted && behind <= 0 && (connection.recovery !== 'Open' || options.sackBlocks.length > 0)) {
    selectiveAckArrives(now, connection, acknowledgment, options, echoAge(now, connection, options));
  } else if (behind < 0) {
    acknowledge(now, connection, acknowledgment, echoAge(now, connection, options));
  } else if (behind === 0 && isDuplicate(connection, header, window)) {
    handleDuplicateAck(connection);
  }
  if (connection.sendTimer === 'Persist') connection.attempts = Math.min(connection.attempts, MAX_ANSWERED_PROBES);
  if (behind <= 0 && updateSendWindow(connection, sequence, acknowledgment, window)) context.markDirty(connection);
  if (!ackOfFinArrives(now, connection)) return;

  textAndFinArrive(now, connection, header, sequence, place);
}

/** @param sequence of the first byte of text */
function textAndFinArrive(
  now: Instant,
  connection: TcpConnection,
  header: TcpHeader,
  sequence: Serial,
  place: number,
): void {
  const { payloadLength } = header;
  // Seventh: text. In CLOSE-WAIT and later there is none any more.
  if (payloadLength > 0 && mayReceive(connection.state)) {
    const end = (sequence + payloadLength - connection.rcvNxt) | 0;
    if (connection.isReceiveClosed && end > 0) {
      // RFC 9293 §3.6.1 (SHLD-3): nobody is left to read it.
      sendReset(now, connection);
      connection.end(now, 'ECONNRESET', 'data arrived for a program that is gone');
      return;
    }
    acceptText(now, connection, sequence, place, payloadLength);
  }

  // Eighth: FIN, this one or one that came early.
  const isFin = (header.flags & TcpFlag.Fin) !== 0;
  const finSequence = isFin ? (sequence + payloadLength) | 0 : connection.earlyFin;
  if ((isFin || connection.hasEarlyFin) && acceptFin(connection, finSequence)) finArrives(now, connection);
}

// Probes that the peer has answered do not count towards giving up; the pauses between them stay long.
const MAX_ANSWERED_PROBES = 6;

// RFC 9293 §3.10.7.4, first, table 6; what reaches into the window from before it is acceptable too. The number that is
// expected is so even when the window is shut: its acknowledgment counts though its text does not.
function isAcceptable(connection: TcpConnection, header: TcpHeader): boolean {
  const { sequence } = header;
  const { rcvNxt } = connection;
  if (sequence === rcvNxt) return true;
  const length = sequenceLength(header);
  const startsInWindow = ((sequence - connection.rcvEdge) | 0) < 0;
  // RFC 9293 appendix A.2: a peer that has filled the window acknowledges with the number behind it.
  if (length === 0) return ((sequence - connection.rcvEdge) | 0) <= 0 && ((sequence - rcvNxt) | 0) > 0;
  return startsInWindow && ((sequence + length - rcvNxt) | 0) > 0;
}

const isInWindow = (connection: TcpConnection, sequence: Serial): boolean =>
  ((sequence - connection.rcvNxt) | 0) >= 0 && ((sequence - connection.rcvEdge) | 0) < 0;

// "Send an acknowledgment": at once for text, which is lost acknowledgments' due; otherwise not more often than
// challenges, so that two confused ends do not answer each other for ever.
function answerUnacceptable(now: Instant, connection: TcpConnection, header: TcpHeader): void {
  if (header.payloadLength === 0 && !(header.flags & TcpFlag.Fin) && !isKeepAliveProbe(connection, header)) {
    challenge(now, connection);
    return;
  }
  if (header.payloadLength > 0) noteOldText(connection, header);
  connection.isAckNow = true;
  connection.context.markDirty(connection);
}

// RFC 2883 §4.1.1: what lies before the window has come before.
function noteOldText(connection: TcpConnection, { sequence, payloadLength }: TcpHeader): void {
  const { rcvNxt } = connection;
  const end = (sequence + payloadLength) | 0;
  if (((end - rcvNxt) | 0) <= 0 && ((sequence - connection.irs) | 0) > 0) noteDuplicate(connection, sequence, end);
}

const isKeepAliveProbe = (connection: TcpConnection, header: TcpHeader): boolean =>
  ((header.sequence + 1 - connection.rcvNxt) | 0) === 0;

function passesTimestampCheck(
  now: Instant,
  connection: TcpConnection,
  header: TcpHeader,
  options: TcpOptions,
): boolean {
  const { timestamps } = options;
  if (timestamps === undefined) {
    if (header.flags & TcpFlag.Syn) return true; // it is challenged further on
    connection.context.countDrop(DropReason.TcpUnacceptable); // RFC 7323 §3.2: dropped silently
    return false;
  }
  if (((timestamps.value - connection.tsRecent) | 0) >= 0) return true;
  if (elapsed(connection.tsRecentAt, now) > TIMESTAMP_LIFETIME) {
    connection.tsRecent = timestamps.value;
    return true;
  }
  connection.context.countDrop(DropReason.TcpUnacceptable);
  answerUnacceptable(now, connection, header);
  return false;
}

// RFC 7323 §4.3 (2)
function takeTimestamp(now: Instant, connection: TcpConnection, header: TcpHeader, options: TcpOptions): void {
  const { timestamps } = options;
  if (!connection.hasTimestamps || timestamps === undefined) return;
  if (((header.sequence - connection.lastAckSent) | 0) > 0) return;
  connection.tsRecent = timestamps.value;
  connection.tsRecentAt = now;
}

function echoAge(now: Instant, connection: TcpConnection, options: TcpOptions): number {
  const { timestamps } = options;
  if (!connection.hasTimestamps || timestamps === undefined) return -1;
  return (timestampNow(now, connection) - timestamps.echo) | 0;
}

function resetArrives(now: Instant, connection: TcpConnection): void {
  const { state } = connection;
  if (state === 'SynReceived') {
    // Without a listener it was a simultaneous open, and the program waits to hear.
    const error = connection.listener === undefined ? 'ECONNREFUSED' : undefined;
    connection.end(now, error, 'reset by the peer during the handshake');
  } else if (state === 'Closing' || state === 'LastAck') {
    connection.end(now, undefined, 'reset by the peer while closing');
  } else {
    connection.end(now, 'ECONNRESET', 'reset by the peer');
  }
}

// Fifth, SYN-RECEIVED: true when the handshake is done and the segment is to be looked at further.
function ackOfSynArrives(now: Instant, connection: TcpConnection, header: TcpHeader, options: TcpOptions): boolean {
  const { context, listener } = connection;
  if (header.acknowledgment !== connection.sndNxt) {
    refuse(context, header, connection.remoteAddress, connection.localAddress);
    return false;
  }
  if (listener?.isFull) {
    context.countDrop(DropReason.TcpBacklogFull); // our SYN,ACK goes again, and so will this
    return false;
  }
  resetRtoAfterHandshake(connection);
  acknowledge(now, connection, header.acknowledgment, echoAge(now, connection, options));
  connection.sndWnd = header.window << connection.sndWndShift;
  connection.maxSndWnd = Math.max(connection.maxSndWnd, connection.sndWnd);
  connection.sndWl1 = header.sequence;
  connection.sndWl2 = header.acknowledgment;
  becomeEstablished(now, connection, 'ACK of our SYN arrived');
  takeKept(now, connection);
  return true;
}

// RFC 5681 §2: outstanding data, no text, neither SYN nor FIN, the same number and the same window as the last.
const isDuplicate = (connection: TcpConnection, header: TcpHeader, window: number): boolean =>
  header.payloadLength === 0 &&
  !(header.flags & TcpFlag.Fin) &&
  !connection.isSackPermitted &&
  connection.sendFrom !== connection.sndUna &&
  window === connection.sndWnd;

// Fifth, FIN-WAIT-1 and on. False when the connection is over.
function ackOfFinArrives(now: Instant, connection: TcpConnection): boolean {
  const { state } = connection;
  if (state !== 'FinWait1' && state !== 'Closing' && state !== 'LastAck') return true;
  if (connection.sndUna !== ((connection.finSequence + 1) | 0)) return true;
  connection.move(now, 'AckOfFin', 'our FIN was acknowledged');
  if (state === 'FinWait1') {
    watchInBackground(now, connection);
    return true;
  }
  if (state === 'Closing') connection.context.enterTimeWait(now, connection);
  connection.release();
  return false;
}

function finArrives(now: Instant, connection: TcpConnection): void {
  connection.move(now, 'FinArrives', 'FIN arrived');
  if (connection.state !== 'TimeWait') return;
  connection.context.enterTimeWait(now, connection);
  connection.release();
}
