// What a script may set about the machine before and while it runs: TCP's settings, and what new sockets begin with.
//
// One object, changed in place: the machine's TCP reads its settings whenever it needs them. Not here: the names that the
// systems have for these (sysctl_names.ts, socket_options.ts).

import { milliseconds } from '../../core/time.ts';
import {
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_KEEP_ALIVE,
  DEFAULT_TCP_SETTINGS,
  type KeepAlive,
  type TcpOptionsOfConnection,
  type TcpSettings,
} from '../../stack/transport/tcp/tcp_settings.ts';
import type { Dialect } from './symbols.ts';

export type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** What a socket is set to; a listener's sockets begin with the listener's. */
export interface SocketSettings {
  readonly connection: Mutable<TcpOptionsOfConnection>;
  /** What keepalive would be like, whether or not it is on. */
  keepAlive: KeepAlive;
  isKeepingAlive: boolean;
  mayReuse: boolean;
  /** Seconds, while `SO_LINGER` is on. */
  linger: number | undefined;
}

export interface Tunables {
  readonly tcp: Mutable<TcpSettings>;
  /** What new sockets begin with. */
  readonly sockets: SocketSettings;
}

/**
 * As the standards have it; where a script shows that it was written for FreeBSD, as that starts. What Linux does otherwise
 * its scripts ask for (shell.ts).
 */
export function tunablesOf(dialect: Dialect): Tunables {
  const tcp: Mutable<TcpSettings> = { ...DEFAULT_TCP_SETTINGS };
  const connection: Mutable<TcpOptionsOfConnection> = { ...DEFAULT_CONNECTION_OPTIONS };
  let keepAlive = DEFAULT_KEEP_ALIVE;
  if (dialect === 'freebsd') {
    connection.receiveBuffer = 65_536;
    connection.sendBuffer = 32_768;
    tcp.minimumRto = milliseconds(230); // rexmit_min and rexmit_slop
    tcp.tailLossProbe = false; // as its default stack
    keepAlive = { ...keepAlive, count: 8 };
  }
  const sockets = { connection, keepAlive, isKeepingAlive: false, mayReuse: false, linger: undefined };
  return { tcp, sockets };
}

export const copyOfSettings = (from: SocketSettings): SocketSettings => ({
  ...from,
  connection: { ...from.connection },
});
