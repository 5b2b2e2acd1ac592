// Options of sockets, by the names of Linux and FreeBSD, as far as the machine has something to set. What it has not makes a
// script one that cannot be judged, and what no system would take is an error for the script to expect.

import { milliseconds } from '../../core/time.ts';
import type { KeepAlive } from '../../stack/transport/tcp/tcp_settings.ts';
import { CONGESTION_CONTROLS } from './congestion_names.ts';
import { NotSupported } from './problem.ts';
import type { FieldSpec } from './script.ts';
import { isOpening, type Socket } from './sockets.ts';
import type { Dialect } from './symbols.ts';

/** A number, a name, or what `SO_LINGER` takes. */
export type OptionValue = number | string | Linger;

export interface Linger {
  readonly onoff: number;
  readonly linger: number;
}

interface OptionRule {
  /** What `getsockopt` gives. */
  readonly get?: (socket: Socket, dialect: Dialect) => OptionValue;
  /** Returns an errno where the value is refused. */
  readonly set?: (socket: Socket, value: number) => string | undefined;
  readonly setLinger?: (socket: Socket, value: Linger) => void;
  /** Returns an errno where the name is refused. */
  readonly setName?: (socket: Socket, value: string) => string | undefined;
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

/** A part of keepalive, from one up to what the systems take. */
const keepAlivePart = (name: keyof KeepAlive, most: number, unit: number): OptionRule => ({
  get: ({ settings }) => Math.round(settings.keepAlive[name] / unit),
  set(socket, value) {
    if (value < 1 || value > most) return 'EINVAL';
    const { settings } = socket;
    settings.keepAlive = { ...settings.keepAlive, [name]: value * unit };
    if (settings.isKeepingAlive) socket.configure({ keepAlive: settings.keepAlive });
    return undefined;
  },
});

const bufferSize = (name: 'receiveBuffer' | 'sendBuffer'): OptionRule => ({
  // Linux counts the bookkeeping as well, and takes twice what it is told.
  get: ({ settings }, dialect) => settings.connection[name] * (dialect === 'linux' ? 2 : 1),
  set(socket, value) {
    socket.configure({ [name]: Math.max(value, SMALLEST_BUFFER) });
    return undefined;
  },
});

const reuse: OptionRule = flag(
  ({ settings }) => settings.mayReuse,
  ({ settings }, isOn) => {
    settings.mayReuse = isOn;
  },
);

const cork: OptionRule = flag(
  ({ settings }) => settings.connection.cork,
  (socket, isOn) => socket.configure({ cork: isOn }),
);

const RULES: ReadonlyMap<string, OptionRule> = new Map<string, OptionRule>([
  ['socket SO_REUSEADDR', reuse],
  ['socket SO_REUSEPORT', reuse],
  ['socket SO_RCVBUF', bufferSize('receiveBuffer')],
  ['socket SO_SNDBUF', bufferSize('sendBuffer')],
  [
    'socket SO_KEEPALIVE',
    flag(
      ({ settings }) => settings.isKeepingAlive,
      (socket, isOn) => {
        socket.settings.isKeepingAlive = isOn;
        socket.configure({ keepAlive: isOn ? socket.settings.keepAlive : undefined });
      },
    ),
  ],
  ['socket SO_ACCEPTCONN', { get: ({ listener }) => Number(listener !== undefined) }],
  ['socket SO_TYPE', { get: () => 1 }],
  [
    'socket SO_LINGER',
    {
      get: ({ settings }) => ({ onoff: Number(settings.linger !== undefined), linger: settings.linger ?? 0 }),
      setLinger: (socket, { onoff, linger }) => {
        socket.settings.linger = onoff === 0 ? undefined : linger;
        socket.configure({ abortsOnClose: socket.settings.linger === 0 });
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
  ['tcp TCP_CORK', cork],
  ['tcp TCP_NOPUSH', cork],
  ['tcp TCP_KEEPIDLE', keepAlivePart('idle', 32_767, SECOND)],
  ['tcp TCP_KEEPINTVL', keepAlivePart('interval', 32_767, SECOND)],
  ['tcp TCP_KEEPCNT', keepAlivePart('count', 127, 1)],
  [
    'tcp TCP_USER_TIMEOUT',
    {
      get: ({ settings }) => Math.round((settings.connection.userTimeout ?? 0) / MILLISECOND),
      set(socket, value) {
        if (value < 0) return 'EINVAL';
        socket.configure({ userTimeout: value === 0 ? undefined : milliseconds(value) });
        return undefined;
      },
    },
  ],
  [
    'tcp TCP_CONGESTION',
    {
      get: ({ settings }) => (settings.connection.congestionControl === 'cubic' ? 'cubic' : 'reno'),
      setName(socket, value) {
        const congestionControl = CONGESTION_CONTROLS[value];
        if (congestionControl === undefined) return 'ENOENT';
        socket.configure({ congestionControl });
        return undefined;
      },
    },
  ],
  [
    'tcp TCP_MAXSEG',
    {
      get: (socket) => maximumSegment(socket),
      set(socket, value) {
        if (value !== 0 && (value < SMALLEST_SEGMENT || value > LARGEST_SEGMENT)) return 'EINVAL';
        socket.configure({ maximumSegmentSize: value === 0 ? undefined : value });
        return undefined;
      },
    },
  ],
]);

const SMALLEST_BUFFER = 1024;
// What Linux takes.
const SMALLEST_SEGMENT = 88;
const LARGEST_SEGMENT = 32_767;
const DEFAULT_SEGMENT = 536; // RFC 9293 §3.7.1 (MUST-15)

const maximumSegment = ({ connection, settings }: Socket): number =>
  connection === undefined || isOpening(connection)
    ? (settings.connection.maximumSegmentSize ?? DEFAULT_SEGMENT)
    : connection.mss;

/** @throws NotSupported */
function ruleFor(level: string, name: string): OptionRule {
  const rule = RULES.get(`${LEVELS[level] ?? level} ${name}`);
  if (rule === undefined) throw new NotSupported(`the socket option ${name} is not built`);
  return rule;
}

/** @returns an errno where it is refused @throws NotSupported */
export function setOption(socket: Socket, level: string, name: string, value: OptionValue): string | undefined {
  const rule = ruleFor(level, name);
  if (typeof value === 'number') {
    if (rule.set === undefined) throw new NotSupported(`the socket option ${name} cannot be set here`);
    return rule.set(socket, value);
  }
  if (typeof value === 'string') return rule.setName === undefined ? 'EINVAL' : rule.setName(socket, value);
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
