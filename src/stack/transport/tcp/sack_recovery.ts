// What an acknowledgment means for a connection with SACK while anything is out of the ordinary: what has arrived, what is
// lost by that (rack.ts), and how recovery goes on.
//
//   Open      nothing strange                       Disorder   something has overtaken, or a probe is out
//   Recovery  a loss, until all is acknowledged      Loss       the same after the retransmission timer has expired
//             that was out when it was seen
//
// Not here: connections without SACK (new_reno_recovery.ts), and what is sent (output.ts).

import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import type { SackBlock, TcpOptions } from '../../../wire/tcp_options.ts';
import { takeAcknowledged } from './acknowledgment.ts';
import { armReordering, setSendTimerForFlight } from './deadlines.ts';
import {
  deliverBlocks,
  deliverUntil,
  detectLoss,
  endRound,
  learnFromDuplicate,
  loseAll,
  loseAtTimeout,
  pipeOf,
  type Rack,
  rackOf,
} from './rack.ts';
import { beginReduction, reduce } from './rate_reduction.ts';
import { doubtTimeout, judgeTimeout } from './spurious_timeout.ts';
import { probeIsAnswered } from './tail_loss_probe.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** `ack` lies in [sndUna, sndNxt]. `echoAge` as for `acknowledge`. */
export function selectiveAckArrives(
  now: Instant,
  connection: TcpConnection,
  ack: Serial,
  options: TcpOptions,
  echoAge: number,
): void {
  const rack = rackOf(connection);
  const { board } = rack;
  const echo = connection.hasTimestamps ? options.timestamps?.echo : undefined;
  const advanced = (ack - connection.sndUna) | 0;
  const flight = (connection.sndNxt - connection.sndUna) | 0;
  const sackedBefore = board.sackedBytes;
  const hasDuplicate = isDuplicateReport(options.sackBlocks, ack);
  const blocks = hasDuplicate ? options.sackBlocks.slice(1) : options.sackBlocks;

  deliverUntil(now, connection, ack, echo);
  if (advanced > 0) takeAcknowledged(now, connection, ack, echoAge);
  deliverBlocks(now, connection, blocks, echo);
  const delivered = advanced + board.sackedBytes - sackedBefore;
  if (hasDuplicate) {
    rack.duplicates++;
    learnFromDuplicate(connection, rack);
  }

  if (advanced > 0) leaveRecovery(connection, rack, ack);
  if (connection.recovery === 'Loss' && judgeTimeout(connection, rack, advanced > 0)) takeBack(connection, rack);
  const hasRepaired =
    rack.isProbing && probeIsAnswered(rack, ack, advanced > 0, hasDuplicate, options.sackBlocks.length > 0);
  const lostBefore = board.lostBytes;
  const timeout = detectLoss(now, connection, rack);
  const isBadNews = board.lostBytes > lostBefore;
  if (!isRepairing(connection)) {
    if (isBadNews) enterRecovery(connection, rack, flight, sackedBefore);
    else if (hasRepaired)
      connection.congestion.onLoss(flight); // RFC 8985 §7.4.2: once, and nothing is left to repair
    else if (advanced > 0) connection.congestion.onAcknowledged(now, advanced, flight, connection.srtt);
  } else if (connection.recovery === 'Loss' && advanced > 0) {
    connection.congestion.onAcknowledged(now, advanced, flight, connection.srtt);
  }
  if (connection.recovery === 'Recovery' && delivered > 0) {
    const { congestion, mss } = connection;
    reduce(rack, delivered, pipeOf(connection), congestion.ssthresh, mss, advanced > 0 && !isBadNews);
  }
  settle(connection, rack);
  if (timeout > 0) armReordering(now, connection, timeout);
  else setSendTimerForFlight(now, connection, advanced > 0);
  connection.context.markDirty(connection);
}

/** The reordering timer has expired: what was doubtful is lost by now. */
export function reorderingIsOver(now: Instant, connection: TcpConnection): void {
  const rack = rackOf(connection);
  const flight = (connection.sndNxt - connection.sndUna) | 0;
  const timeout = detectLoss(now, connection, rack);
  if (rack.board.lostBytes > 0 && !isRepairing(connection)) {
    enterRecovery(connection, rack, flight, rack.board.sackedBytes);
    reduce(rack, 0, pipeOf(connection), connection.congestion.ssthresh, connection.mss, false);
  }
  if (timeout > 0) armReordering(now, connection, timeout);
  else setSendTimerForFlight(now, connection, false);
  connection.context.markDirty(connection);
}

/** The retransmission timer has expired. */
export function giveUpFlight(now: Instant, connection: TcpConnection): void {
  const rack = rackOf(connection);
  doubtTimeout(connection, rack, connection.recovery !== 'Loss');
  loseAtTimeout(now, connection, rack);
  rack.isProbing = false;
  rack.isProbeDue = false;
  connection.recover = (connection.sndNxt - 1) | 0;
  connection.recovery = 'Loss';
  connection.isRetransmitPending = true;
}

/** Everything goes again, and not because the network was full: RFC 1191 §6.5. */
export function resendAll(connection: TcpConnection): void {
  const rack = rackOf(connection);
  loseAll(rack);
  if (connection.recovery === 'Open') {
    connection.recovery = 'Disorder';
    connection.recover = (connection.sndNxt - 1) | 0;
  }
}

const isRepairing = ({ recovery }: TcpConnection): boolean => recovery === 'Recovery' || recovery === 'Loss';

function enterRecovery(connection: TcpConnection, rack: Rack, flight: number, sacked: number): void {
  connection.congestion.onLoss(flight);
  connection.ecn?.noteReduction();
  connection.recover = (connection.sndNxt - 1) | 0;
  connection.recovery = 'Recovery';
  connection.isTiming = false;
  rack.isProbing = false;
  beginReduction(rack, flight, sacked);
}

// All that was out when the loss was seen has been acknowledged.
function leaveRecovery(connection: TcpConnection, rack: Rack, ack: Serial): void {
  if (((ack - connection.recover) | 0) <= 0) return;
  connection.isRetransmitPending = false;
  if (isRepairing(connection)) {
    endRound(rack);
    connection.recovery = 'Disorder';
  }
}

// The timeout was spurious: nothing was lost by it (RFC 5682 §3.1, step 3b).
function takeBack(connection: TcpConnection, rack: Rack): void {
  rack.board.forgetLost();
  connection.isRetransmitPending = false;
  connection.recovery = 'Disorder';
  connection.recover = (connection.sndUna - 1) | 0;
  connection.congestion.onSpuriousTimeout();
}

// Whether the ordinary way does again.
function settle(connection: TcpConnection, rack: Rack): void {
  if (isRepairing(connection)) return;
  const { board, isProbing } = rack;
  const isQuiet =
    board.sackedBytes === 0 &&
    board.lostBytes === 0 &&
    !isProbing &&
    (connection.recovery === 'Open' || ((connection.sndUna - connection.recover) | 0) > 0);
  connection.recovery = isQuiet ? 'Open' : 'Disorder';
}

// RFC 2883 §4: the first block lies before the acknowledgment, or within the second.
function isDuplicateReport(blocks: readonly SackBlock[], ack: Serial): boolean {
  const [first = undefined, second = undefined] = blocks;
  if (first === undefined) return false;
  if (((first.left - ack) | 0) < 0) return true;
  return second !== undefined && ((first.left - second.left) | 0) >= 0 && ((second.right - first.right) | 0) >= 0;
}
