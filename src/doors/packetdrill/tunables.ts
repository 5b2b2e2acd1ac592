// What a script may set about the machine before and while it runs: TCP's settings, and what new sockets begin with.
//
// One object, changed in place: the machine's TCP reads its settings whenever it needs them. Not here: the names that the
// systems have for these (sysctl_names.ts, socket_options.ts).

import { type Duration, milliseconds, seconds } from '../../core/time.ts';
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
  /** How long a handshake may take. */
  handshakeTime: Duration;
  mayReuse: boolean;
  /** Seconds, while `SO_LINGER` is on. */
  linger: number | undefined;
}

const HANDSHAKE_TIME = seconds(75); // FreeBSD's

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
  const sockets = {
    connection,
    keepAlive,
    isKeepingAlive: false,
    handshakeTime: HANDSHAKE_TIME,
    mayReuse: false,
    linger: undefined,
  };
  return { tcp, sockets };
}

/** The machine counts how often a SYN goes again: as often as that goes in `time`, each wait twice as long as the last. */
export function setHandshakeTime({ tcp, sockets }: Tunables, time: Duration): void {
  sockets.handshakeTime = time;
  tcp.synRetries = 0;
  for (
    let wait = tcp.initialRto as number, at = wait;
    at < time;
    wait = Math.min(2 * wait, tcp.maximumRto), at += wait
  ) {
    tcp.synRetries++;
  }
}

export const copyOfSettings = (from: SocketSettings): SocketSettings => ({
  ...from,
  connection: { ...from.connection },
});
