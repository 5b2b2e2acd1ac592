// Which segments are lost, told by time (RACK of RFC 8985): one that left well before another that has arrived, and is
// still not acknowledged, is lost. "Well before" is a window that grows with the reordering that the path has shown.
//
//   left:      1    2    3    4
//   arrived:   1         3            2 left before 3; lost once RACK.rtt + reoWnd have passed since
//
// Kept for connections with SACK, from the first time that they have segments of different age out. Not here: what follows
// from a loss (sack_recovery.ts).

import type { Serial } from '../../../core/serial.ts';
import { after, type Duration, elapsed, type Instant, microseconds, START } from '../../../core/time.ts';
import type { SackBlock } from '../../../wire/tcp_options.ts';
import { Mark, Scoreboard } from './scoreboard.ts';
import type { TimeoutDoubt } from './spurious_timeout.ts';
import type { TcpConnection } from './tcp_connection.ts';

const DUPLICATE_THRESHOLD = 3; // RFC 8985 §6.2, step 4: as RFC 5681 has it
const MAX_REPORTED = 16; // RFC 8985 §6.2, step 4: recoveries without a D-SACK after which the window shrinks again
const NO_TIME: Duration = 0 as Duration;
const MILLISECOND = 1e6;

export class Rack {
  readonly board: Scoreboard;
  /** When that segment left which left last of all that have arrived (RACK.xmit_ts), its end, and its round trip. */
  xmitTs: Instant = START;
  endSeq: Serial;
  rtt: Duration = NO_TIME;
  /** The highest number that has arrived (RACK.fack). */
  fack: Serial;
  isReorderingSeen = false;
  /** Quarters of the least round trip that the reordering window has (RACK.reo_wnd_mult). */
  reoWndMult = 1;
  reoWndPersist: number = MAX_REPORTED;
  /** Until what is out now has been acknowledged, further D-SACKs do not count (RACK.dsack_round). */
  dsackRound: Serial;
  isInDsackRound = false;
  /** Segments that have arrived behind a gap, as far as blocks tell. */
  sackedSegments = 0;
  /** D-SACKs received. */
  duplicates = 0;

  // Proportional rate reduction (rate_reduction.ts), in bytes.

  prrDelivered = 0;
  prrOut = 0;
  recoverFs = 0;
  /** What may be in flight during recovery. */
  window = 0;

  // Tail loss probes (tail_loss_probe.ts).

  /** A probe is to go out. */
  isProbeDue = false;
  /** A probe is out, and what follows tells whether it was needed; then `tlpEndSeq` is `sndNxt` as it left. */
  isProbing = false;
  tlpEndSeq: Serial;
  tlpIsRetransmission = false;

  // Whether a timeout was needed (spurious_timeout.ts).

  doubt: TimeoutDoubt = 'Off';
  /** Something has arrived that had been given up and not sent again. */
  hasOriginalArrived = false;
  /** `sndNxt` when the timer expired. */
  doubtFrom: Serial;

  constructor(start: Serial) {
    this.board = new Scoreboard(start);
    this.endSeq = start;
    this.fack = start;
    this.dsackRound = start;
    this.tlpEndSeq = start;
    this.doubtFrom = start;
  }
}

/** The connection's, made when it is first needed. */
export function rackOf(connection: TcpConnection): Rack {
  if (connection.rack === undefined) {
    connection.rack = new Rack(connection.sndUna);
    if (connection.sndNxt !== connection.sndUna) {
      connection.rack.board.append(connection.sndNxt, connection.lastSentAt);
    }
  }
  return connection.rack;
}

/** Bytes that are thought to be under way. */
export function pipeOf(connection: TcpConnection): number {
  const flight = (connection.sndNxt - connection.sndUna) | 0;
  const { rack } = connection;
  return rack === undefined ? flight : flight - rack.board.sackedBytes - rack.board.lostBytes;
}

/**
 * Everything before `ack` has arrived, also what was not known to have.
 *
 * @param echo the timestamp that came back; `undefined`: none
 */
export function deliverUntil(now: Instant, connection: TcpConnection, ack: Serial, echo: Serial | undefined): void {
  const rack = rackOf(connection);
  const { board } = rack;
  if (((rack.fack - connection.sndUna) | 0) < 0) rack.fack = connection.sndUna;
  for (let i = 0; i < board.size && ((board.startOf(i) - ack) | 0) < 0; i++) {
    const marks = board.marksOf(i);
    if (marks & Mark.Sacked) continue;
    const end = board.endOf(i);
    deliver(now, connection, rack, ((end - ack) | 0) < 0 ? end : ack, board.timeOf(i), marks, echo);
  }
  board.acknowledge(ack);
  if (board.sackedBytes === 0) rack.sackedSegments = 0;
}

/** Takes blocks in, from the lowest number on: those of what is out. */
export function deliverBlocks(
  now: Instant,
  connection: TcpConnection,
  blocks: readonly SackBlock[],
  echo: Serial | undefined,
): void {
  const rack = rackOf(connection);
  const { board } = rack;
  const { sndUna, sndNxt } = connection;
  const ordered = blocks.length < 2 ? blocks : [...blocks].sort((a, b) => (a.left - b.left) | 0);
  for (const { left, right } of ordered) {
    // What was never sent, or is old, is nonsense or a duplicate.
    if (((left - sndUna) | 0) < 0 || ((right - sndNxt) | 0) > 0 || ((right - left) | 0) <= 0) continue;
    let count = 0;
    for (let i = board.indexOf(left); i < board.size && ((board.startOf(i) - right) | 0) < 0; i++) {
      const marks = board.marksOf(i);
      if (marks & Mark.Sacked) continue;
      const start = board.startOf(i);
      const end = board.endOf(i);
      const from = ((start - left) | 0) < 0 ? left : start;
      const to = ((end - right) | 0) > 0 ? right : end;
      const time = board.timeOf(i);
      const at = board.sack(i, from, to);
      if (at < 0) return;
      deliver(now, connection, rack, to, time, marks, echo);
      count += (to - from) | 0;
      i = at;
    }
    rack.sackedSegments += Math.ceil(count / connection.mss);
  }
}

// RFC 8985 §6.2, steps 1 to 3, for one segment that has arrived now.
function deliver(
  now: Instant,
  connection: TcpConnection,
  rack: Rack,
  end: Serial,
  time: Instant,
  marks: number,
  echo: Serial | undefined,
): void {
  const ahead = (end - rack.fack) | 0;
  if (ahead > 0) rack.fack = end;
  else if (ahead < 0 && !(marks & Mark.Again)) rack.isReorderingSeen = true;
  if ((marks & (Mark.Again | Mark.Lost)) === Mark.Lost) rack.hasOriginalArrived = true;
  const rtt = elapsed(time, now);
  if (marks & Mark.Again) {
    // Which of the two has arrived? Not the second one, if that was too short a time ago.
    if (echo !== undefined && ((echo - Math.floor(time / MILLISECOND + connection.tsOffset)) | 0) < 0) return;
    if (rtt < microseconds(connection.minRtt)) return;
  }
  rack.rtt = rtt;
  if (time < rack.xmitTs || (time === rack.xmitTs && ((end - rack.endSeq) | 0) < 0)) return;
  rack.xmitTs = time;
  rack.endSeq = end;
}

/** RFC 8985 §6.2, step 4: a D-SACK says that something went again without need. */
export function learnFromDuplicate(connection: TcpConnection, rack: Rack): void {
  if (rack.isInDsackRound && ((connection.sndUna - rack.dsackRound) | 0) >= 0) rack.isInDsackRound = false;
  if (rack.isInDsackRound) return;
  rack.isInDsackRound = true;
  rack.dsackRound = connection.sndNxt;
  rack.reoWndMult++;
  rack.reoWndPersist = MAX_REPORTED;
}

/** RFC 8985 §6.2, step 4: a recovery is over. */
export function endRound(rack: Rack): void {
  rack.reoWndPersist--;
  if (rack.reoWndPersist <= 0) rack.reoWndMult = 1;
}

/** RFC 8985 §6.2, step 5: marks what is lost. Returns for how long what may be lost has still time; 0: nothing has. */
export function detectLoss(now: Instant, connection: TcpConnection, rack: Rack): Duration {
  const { board, xmitTs, endSeq } = rack;
  const patience = rack.rtt + reorderingWindow(connection, rack);
  let timeout = 0;
  for (let i = 0; i < board.size; i++) {
    const marks = board.marksOf(i);
    if (marks & (Mark.Sacked | Mark.Lost)) continue;
    const time = board.timeOf(i);
    if (time > xmitTs || (time === xmitTs && ((board.endOf(i) - endSeq) | 0) > 0)) {
      if (marks === 0) break; // whatever is behind it left later
      continue;
    }
    const left = time + patience - now;
    if (left <= 0) board.lose(i);
    else if (left > timeout) timeout = left;
  }
  return timeout as Duration;
}

/** RFC 8985 §6.3: the retransmission timer has expired. */
export function loseAtTimeout(now: Instant, connection: TcpConnection, rack: Rack): void {
  const { board } = rack;
  // RFC 2018 §8: what lies at the start of all and is said to have arrived has been thrown away again.
  if (board.size > 0 && board.marksOf(0) & Mark.Sacked) board.forgetSacked();
  const limit = after(now, -(rack.rtt + reorderingWindow(connection, rack)) as Duration);
  for (let i = 0; i < board.size; i++) {
    if (!(board.marksOf(i) & (Mark.Sacked | Mark.Lost)) && (i === 0 || board.timeOf(i) <= limit)) board.lose(i);
  }
}

/** Everything that has not arrived goes again. */
export function loseAll(rack: Rack): void {
  const { board } = rack;
  for (let i = 0; i < board.size; i++) if (!(board.marksOf(i) & (Mark.Sacked | Mark.Lost))) board.lose(i);
}

// RFC 8985 §6.2, step 4
function reorderingWindow(connection: TcpConnection, rack: Rack): Duration {
  const { recovery, srtt, minRtt } = connection;
  if (!rack.isReorderingSeen) {
    if (recovery === 'Recovery' || recovery === 'Loss' || rack.sackedSegments >= DUPLICATE_THRESHOLD) return NO_TIME;
  }
  if (srtt < 0) return NO_TIME;
  return microseconds(Math.min((rack.reoWndMult * minRtt) >> 2, srtt));
}
