// A listener: the port on which connections are taken, those whose handshake is under way, and those that wait to be
// accepted. Both queues are bounded: a SYN that finds the first one full is answered with a cookie (syn_cookies.ts), and one
// that finds the second full is dropped: its sender tries again.

import { DropReason } from '../../../core/drop_reason.ts';
import type { Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { sendReset } from './reset.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';
import type { TcpOptionsOfConnection } from './tcp_settings.ts';

export class TcpListenerEndpoint {
  /** Free for the owner. */
  tag: unknown = undefined;
  /** Whose it is, for tables. */
  owner = '';
  /** No address: any of the machine's. */
  readonly localAddress: IpAddress | undefined;
  readonly localPort: number;
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
  /** Given to the connections that it takes; nothing: those of the machine. */
  options: TcpOptionsOfConnection | undefined = undefined;
  /** Until then the acknowledgment of a cookie may come. */
  cookiesUntil: Instant = -1 as Instant;
  /** SYNs answered with a cookie, and connections that one has opened. */
  cookiesSent = 0;
  cookiesReturned = 0;
  isReady = false;
  isClosed = false;
  private readonly context: TcpContext;
  private readonly unlisten: (listener: TcpListenerEndpoint) => void;
  private readonly opening: TcpConnection[] = [];
  private readonly waiting: TcpConnection[] = [];

  constructor(
    context: TcpContext,
    address: IpAddress | undefined,
    port: number,
    backlog: number,
    unlisten: (listener: TcpListenerEndpoint) => void,
  ) {
    this.context = context;
    this.localAddress = address;
    this.localPort = port;
    this.backlog = backlog;
    this.unlisten = unlisten;
  }

  /** Connections that wait to be accepted. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** No further connection may finish its handshake. */
  get isFull(): boolean {
    return this.waiting.length >= this.backlog;
  }

  /** The connection that has waited longest; it may have failed meanwhile. */
  accept(): TcpConnection | undefined {
    const connection = this.waiting.shift();
    if (connection !== undefined) connection.isOwned = true;
    return connection;
  }

  /** Takes no more connections; those not accepted are reset. */
  close(now: Instant): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.unlisten(this);
    for (const connection of [...this.opening]) {
      sendReset(now, connection);
      connection.end(now, undefined, 'the listener was closed');
    }
    for (const connection of this.waiting.splice(0)) connection.abort(now);
  }

  // For the files beside this one.

  /** What becomes of a SYN: a handshake, an answer of which nothing is remembered, or nothing. */
  admission(): 'handshake' | 'cookie' | 'none' {
    const { synBacklog, synCookies } = this.context.settings;
    if (!this.isFull) {
      if (this.opening.length < synBacklog) return 'handshake';
      if (synCookies) return 'cookie';
    }
    this.context.countDrop(DropReason.TcpBacklogFull);
    return 'none';
  }

  /** A handshake has begun. */
  begin(connection: TcpConnection): void {
    connection.listener = this;
    this.opening.push(connection);
  }

  /** A handshake is done. */
  establish(connection: TcpConnection): void {
    this.lose(connection);
    connection.listener = undefined;
    this.waiting.push(connection);
    this.context.markReady(this);
  }

  /** A handshake came to nothing. */
  lose(connection: TcpConnection): void {
    const at = this.opening.indexOf(connection);
    if (at >= 0) this.opening.splice(at, 1);
  }
}
