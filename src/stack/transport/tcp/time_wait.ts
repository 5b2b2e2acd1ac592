// TIME_WAIT (RFC 9293 §3.6.1): for twice the segment lifetime after a connection its endpoints answer a repeated FIN, and
// no old segment is taken for a new connection's. Only what that needs is kept. It does not keep a world alive.

import type { Serial } from '../../../core/serial.ts';
import { type Instant, NEVER } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import { NO_TCP_OPTIONS, type TcpOptions } from '../../../wire/tcp_options.ts';
import { sequenceLength } from './reset.ts';
import { bareSegment } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';

const MILLISECOND = 1e6;

export class TimeWaitEntry {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly sndNxt: Serial;
  readonly rcvNxt: Serial;
  /** The window field as last offered. */
  readonly window: number;
  readonly windowShift: number;
  readonly tsRecent: Serial;
  /** The clock for timestamps at instant 0, in milliseconds. */
  readonly tsOffset: number;
  readonly hasTimestamps: boolean;
  /** When it is over; moved on by a repeated FIN. */
  deadline: Instant;
  // Its neighbors in the queue, whose business they are.
  before: TimeWaitEntry | undefined = undefined;
  behind: TimeWaitEntry | undefined = undefined;

  constructor(connection: TcpConnection, deadline: Instant) {
    this.localAddress = connection.localAddress;
    this.localPort = connection.localPort;
    this.remoteAddress = connection.remoteAddress;
    this.remotePort = connection.remotePort;
    this.sndNxt = connection.sndNxt;
    this.rcvNxt = connection.rcvNxt;
    this.window = ((connection.rcvEdge - connection.rcvNxt) | 0) >> connection.rcvWndShift;
    this.windowShift = connection.rcvWndShift;
    this.tsRecent = connection.tsRecent;
    this.tsOffset = connection.tsOffset;
    this.hasTimestamps = connection.hasTimestamps;
    this.deadline = deadline;
  }

  get state(): 'TimeWait' {
    return 'TimeWait';
  }
}

/** All of one machine: as each rests for equally long, the oldest is the next one whose time is over. */
export class TimeWaitQueue {
  private first: TimeWaitEntry | undefined;
  private last: TimeWaitEntry | undefined;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(entry: TimeWaitEntry): void {
    entry.before = this.last;
    if (this.last === undefined) this.first = entry;
    else this.last.behind = entry;
    this.last = entry;
    this.count++;
  }

  remove(entry: TimeWaitEntry): void {
    const { before, behind } = entry;
    if (before === undefined) this.first = behind;
    else before.behind = behind;
    if (behind === undefined) this.last = before;
    else behind.before = before;
    entry.before = undefined;
    entry.behind = undefined;
    this.count--;
  }

  pollTimeout(): Instant {
    return this.first?.deadline ?? NEVER;
  }

  /** The first entry, if its time is over at `now`. */
  peekDue(now: Instant): TimeWaitEntry | undefined {
    return this.pollTimeout() <= now ? this.first : undefined;
  }
}

export type TimeWaitVerdict = 'answered' | 'over' | 'reopen';

/**
 * A segment has come for endpoints in TIME_WAIT.
 *
 * @param isListening somebody would take a new connection there
 */
export function arrivesInTimeWait(
  now: Instant,
  context: TcpContext,
  entry: TimeWaitEntry,
  header: TcpHeader,
  options: TcpOptions,
  isListening: boolean,
): TimeWaitVerdict {
  const { flags, sequence } = header;
  if (flags & TcpFlag.Rst) {
    // RFC 5961 §3.2
    if (sequence === entry.rcvNxt) return 'over';
    if ((sequence - entry.rcvNxt) >>> 0 >= entry.window << entry.windowShift) return 'answered';
  } else if (flags & TcpFlag.Syn && !(flags & TcpFlag.Ack) && isListening && isNewer(entry, header, options)) {
    return 'reopen';
  } else if (
    !(flags & (TcpFlag.Ack | TcpFlag.Syn)) &&
    (sequence - entry.rcvNxt) >>> 0 < entry.window << entry.windowShift
  ) {
    return 'answered'; // RFC 9293 §3.10.7.4, fifth: dropped
  } else if (flags & TcpFlag.Fin && ((sequence + sequenceLength(header) - entry.rcvNxt) | 0) === 0) {
    // RFC 9293 §3.10.7.4, eighth, TIME-WAIT: our last acknowledgment was lost.
    context.restartTimeWait(now, entry);
  } else if (sequenceLength(header) === 0 && sequence === entry.rcvNxt) {
    return 'answered'; // an acknowledgment that asks for nothing
  }
  const clock = (now / MILLISECOND + entry.tsOffset) | 0;
  const slot = bareSegment(
    context,
    entry.localAddress,
    entry.localPort,
    entry.remoteAddress,
    entry.remotePort,
    entry.sndNxt,
    entry.rcvNxt,
    TcpFlag.Ack,
    entry.window,
    entry.hasTimestamps ? { ...NO_TCP_OPTIONS, timestamps: { value: clock, echo: entry.tsRecent } } : NO_TCP_OPTIONS,
  );
  context.reply(slot, entry.localAddress, entry.remoteAddress);
  return 'answered';
}

// RFC 6191 §2: by the peer's clock where both connections have one, else by its sequence numbers.
function isNewer(entry: TimeWaitEntry, header: TcpHeader, options: TcpOptions): boolean {
  if (entry.hasTimestamps && options.timestamps !== undefined) {
    const age = (options.timestamps.value - entry.tsRecent) | 0;
    if (age !== 0) return age > 0;
  }
  return ((header.sequence - entry.rcvNxt) | 0) > 0;
}
