// The deadlines of a connection that do not keep a world alive: keepalive probes, and the end of patience in FinWait2.
// Made when one of them is first needed.

import { EventSource } from '../../../core/event_queue.ts';
import { after, type Instant, NEVER } from '../../../core/time.ts';
import { sendKeepAliveProbe } from './reset.ts';
import type { TcpConnection } from './tcp_connection.ts';

export class BackgroundTimer extends EventSource {
  readonly connection: TcpConnection;
  /** Keepalive probes without an answer. */
  probes = 0;

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
    handleBackground(now, this);
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
  context.schedule(connection.background, deadline);
}

const isIdleState = (state: string): boolean => state === 'Established' || state === 'CloseWait';

export function handleBackground(now: Instant, timer: BackgroundTimer): void {
  const { connection } = timer;
  const { keepAlive } = connection.options;
  if (connection.state === 'FinWait2' && connection.isReceiveClosed) {
    connection.end(now, undefined, 'the peer never closed its side');
    return;
  }
  if (keepAlive === undefined || !isIdleState(connection.state)) {
    connection.context.schedule(timer, NEVER);
    return;
  }
  const quietUntil = after(connection.lastHeardAt, keepAlive.idle);
  if (quietUntil > now) {
    timer.probes = 0;
    connection.context.schedule(timer, quietUntil);
    return;
  }
  if (timer.probes >= keepAlive.count) {
    connection.end(now, connection.softError ?? 'ETIMEDOUT', 'no answer to keepalive probes');
    return;
  }
  timer.probes++;
  sendKeepAliveProbe(now, connection);
  connection.context.schedule(timer, after(now, keepAlive.interval));
}
