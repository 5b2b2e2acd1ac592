// The deadlines of a connection that do not keep a world alive: keepalive probes, the end of patience in FinWait2, and
// probes of a window that has been shut for long. Made when one of them is first needed.

import { EventSource } from '../../../core/event_queue.ts';
import { after, earlier, elapsed, type Instant, NEVER } from '../../../core/time.ts';
import { sendKeepAliveProbe } from './reset.ts';
import type { TcpConnection } from './tcp_connection.ts';
import { handlePersist } from './timers.ts';

export class BackgroundTimer extends EventSource {
  readonly connection: TcpConnection;
  /** Keepalive probes without an answer. */
  probes = 0;
  /** When the next keepalive probe is due, or patience ends in FinWait2. */
  idleAt: Instant = NEVER;
  /** When the window is probed next. */
  persistAt: Instant = NEVER;

  constructor(connection: TcpConnection) {
    super();
    this.connection = connection;
  }

  override get rank(): number {
    return this.connection.rank;
  }

  override get isBackground(): boolean {
    return true;
  }

  override fire(now: Instant): void {
    const { connection } = this;
    if (this.persistAt <= now) {
      this.persistAt = NEVER;
      // The window may have opened meanwhile.
      if (connection.sendTimer === 'Persist') handlePersist(now, connection);
    }
    if (this.idleAt <= now && connection.background === this) handleIdle(now, this);
    if (connection.background === this) this.expect();
  }

  /** Enters the earlier of both in the machine's queue. */
  expect(): void {
    this.connection.context.schedule(this, earlier(this.idleAt, this.persistAt));
  }
}

/** Sets the background deadline that the connection's state calls for, if any. */
export function watchInBackground(now: Instant, connection: TcpConnection): void {
  const { state, options, context } = connection;
  let deadline: Instant = NEVER;
  if (state === 'FinWait2' && connection.isReceiveClosed) deadline = after(now, context.settings.finWait2Timeout);
  else if (options.keepAlive !== undefined && isIdleState(state)) deadline = after(now, options.keepAlive.idle);
  if (deadline === NEVER && connection.background === undefined) return;
  connection.background ??= new BackgroundTimer(connection);
  connection.background.probes = 0;
  connection.background.idleAt = deadline;
  connection.background.expect();
}

/** Has the window probed at `deadline`, without keeping the world alive for it. */
export function persistInBackground(connection: TcpConnection, deadline: Instant): void {
  connection.background ??= new BackgroundTimer(connection);
  connection.background.persistAt = deadline;
  connection.background.expect();
}

const isIdleState = (state: string): boolean => state === 'Established' || state === 'CloseWait';

function handleIdle(now: Instant, timer: BackgroundTimer): void {
  const { connection } = timer;
  const { keepAlive, userTimeout } = connection.options;
  timer.idleAt = NEVER;
  if (connection.state === 'FinWait2' && connection.isReceiveClosed) {
    connection.end(now, undefined, 'the peer never closed its side');
    return;
  }
  if (keepAlive === undefined || !isIdleState(connection.state)) return;
  const quietUntil = after(connection.lastHeardAt, keepAlive.idle);
  if (quietUntil > now) {
    timer.probes = 0;
    timer.idleAt = quietUntil;
    return;
  }
  const isPatienceOver = userTimeout !== undefined && elapsed(connection.lastHeardAt, now) >= userTimeout;
  if (timer.probes >= keepAlive.count || (timer.probes > 0 && isPatienceOver)) {
    connection.end(now, connection.softError ?? 'ETIMEDOUT', 'no answer to keepalive probes');
    return;
  }
  timer.probes++;
  sendKeepAliveProbe(now, connection);
  timer.idleAt = after(now, keepAlive.interval);
}
