// Options of sockets, by the names of Linux and FreeBSD, as far as the machine has something to set. What it has not makes a
// script one that cannot be judged, and what no system would take is an error for the script to expect.

import { milliseconds, seconds } from '../../core/time.ts';
import { NotSupported } from './problem.ts';
import type { FieldSpec } from './script.ts';
import { isOpening, type Socket } from './sockets.ts';
import type { Dialect } from './symbols.ts';

/** A value that is not a number: `SO_LINGER`'s. */
export type OptionValue = number | Linger;

export interface Linger {
  readonly onoff: number;
  readonly linger: number;
}

interface OptionRule {
  /** What `getsockopt` gives. */
  readonly get?: (socket: Socket, dialect: Dialect) => OptionValue;
  /** Returns an errno where the value is refused. */
  readonly set?: (socket: Socket, value: number, dialect: Dialect) => string | undefined;
  readonly setLinger?: (socket: Socket, value: Linger) => void;
}

const LEVELS: Readonly<Record<string, string>> = {
  SOL_SOCKET: 'socket',
  SOL_TCP: 'tcp',
  IPPROTO_TCP: 'tcp',
  SOL_IP: 'ip',
  IPPROTO_IP: 'ip',
};

const SECOND = 1e9;
const MILLISECOND = 1e6;

const flag = (get: (socket: Socket) => boolean, set: (socket: Socket, isOn: boolean) => void): OptionRule => ({
  get: (socket) => Number(get(socket)),
  set(socket, value) {
    set(socket, value !== 0);
    return undefined;
  },
});

/** A time in seconds of keepalive, from 1 to what the systems take. */
const keepAliveSeconds = (name: 'idle' | 'interval'): OptionRule => ({
  get: ({ settings }) => Math.round(settings.keepAlive[name] / SECOND),
  set(socket, value) {
    if (value < 1 || value > 32_767) return 'EINVAL';
    beforeOpening(socket, 'keepalive');
    socket.settings.keepAlive[name] = seconds(value);
    return undefined;
  },
});

// Buffers have the size that they had when the connection was made.
function beforeOpening({ connection }: Socket, what: string): void {
  if (connection !== undefined) throw new NotSupported(`${what} cannot be changed once a connection is open`);
}

const bufferSize = (name: 'receiveBuffer' | 'sendBuffer'): OptionRule => ({
  // Linux counts the bookkeeping as well, and takes twice what it is told.
  get: ({ settings, connection }, dialect) =>
    (connection?.options[name] ?? settings.connection[name]) * (dialect === 'linux' ? 2 : 1),
  set(socket, value) {
    beforeOpening(socket, 'the size of a buffer');
    socket.settings.connection[name] = Math.max(value, 1024);
    return undefined;
  },
});

const RULES: ReadonlyMap<string, OptionRule> = new Map<string, OptionRule>([
  [
    'socket SO_REUSEADDR',
    flag(
      ({ settings }) => settings.mayReuse,
      ({ settings }, isOn) => (settings.mayReuse = isOn),
    ),
  ],
  [
    'socket SO_REUSEPORT',
    flag(
      ({ settings }) => settings.mayReuse,
      ({ settings }, isOn) => (settings.mayReuse = isOn),
    ),
  ],
  ['socket SO_RCVBUF', bufferSize('receiveBuffer')],
  ['socket SO_SNDBUF', bufferSize('sendBuffer')],
  [
    'socket SO_KEEPALIVE',
    flag(
      ({ settings }) => settings.isKeepingAlive,
      (socket, isOn) => {
        beforeOpening(socket, 'keepalive');
        socket.settings.isKeepingAlive = isOn;
      },
    ),
  ],
  ['socket SO_ACCEPTCONN', { get: ({ listener }) => Number(listener !== undefined) }],
  ['socket SO_TYPE', { get: () => 1 }],
  [
    'socket SO_LINGER',
    {
      get: ({ settings }) => ({ onoff: Number(settings.linger !== undefined), linger: settings.linger ?? 0 }),
      setLinger: ({ settings }, { onoff, linger }) => {
        settings.linger = onoff === 0 ? undefined : linger;
      },
    },
  ],
  [
    'tcp TCP_NODELAY',
    flag(
      ({ settings }) => settings.connection.noDelay,
      (socket, isOn) => socket.configure({ noDelay: isOn }),
    ),
  ],
  ['tcp TCP_KEEPIDLE', keepAliveSeconds('idle')],
  ['tcp TCP_KEEPINTVL', keepAliveSeconds('interval')],
  [
    'tcp TCP_KEEPCNT',
    {
      get: ({ settings }) => settings.keepAlive.count,
      set(socket, value) {
        if (value < 1 || value > 127) return 'EINVAL';
        beforeOpening(socket, 'keepalive');
        socket.settings.keepAlive.count = value;
        return undefined;
      },
    },
  ],
  [
    'tcp TCP_USER_TIMEOUT',
    {
      get: ({ settings }) => Math.round((settings.connection.userTimeout ?? 0) / MILLISECOND),
      set(socket, value) {
        if (value < 0) return 'EINVAL';
        beforeOpening(socket, 'the user timeout');
        socket.settings.connection.userTimeout = value === 0 ? undefined : milliseconds(value);
        return undefined;
      },
    },
  ],
  ['tcp TCP_MAXSEG', { get: (socket) => maximumSegment(socket) }],
]);

const DEFAULT_SEGMENT = 536; // RFC 9293 §3.7.1 (MUST-15)

const maximumSegment = ({ connection }: Socket): number =>
  connection === undefined || isOpening(connection) ? DEFAULT_SEGMENT : connection.mss;

/** @throws NotSupported */
function ruleFor(level: string, name: string): OptionRule {
  const rule = RULES.get(`${LEVELS[level] ?? level} ${name}`);
  if (rule === undefined) throw new NotSupported(`the socket option ${name} is not built`);
  return rule;
}

/** @returns an errno where it is refused @throws NotSupported */
export function setOption(
  socket: Socket,
  level: string,
  name: string,
  value: OptionValue,
  dialect: Dialect,
): string | undefined {
  const rule = ruleFor(level, name);
  if (typeof value === 'number') {
    if (rule.set === undefined) throw new NotSupported(`the socket option ${name} cannot be set here`);
    const errno = rule.set(socket, value, dialect);
    if (errno === undefined) socket.passOnSettings();
    return errno;
  }
  if (rule.setLinger === undefined) return 'EINVAL';
  rule.setLinger(socket, value);
  return undefined;
}

/** @throws NotSupported */
export function getOption(socket: Socket, level: string, name: string, dialect: Dialect): OptionValue {
  const rule = ruleFor(level, name);
  if (rule.get === undefined) throw new NotSupported(`the socket option ${name} cannot be asked for here`);
  return rule.get(socket, dialect);
}

/** `{onoff=1, linger=0}` */
export function lingerOf(fields: readonly FieldSpec[], numberOf: (field: FieldSpec) => number): Linger | undefined {
  const named = (...names: readonly string[]): FieldSpec | undefined =>
    fields.find(({ name }) => name !== undefined && names.includes(name));
  const onoff = named('onoff', 'l_onoff');
  const linger = named('linger', 'l_linger');
  if (onoff === undefined || linger === undefined) return undefined;
  return { onoff: numberOf(onoff), linger: numberOf(linger) };
}
