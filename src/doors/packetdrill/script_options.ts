// The options at the head of a script: addresses, ports, sizes and tolerances of the machine and its run.

import { type Duration, microseconds } from '../../core/time.ts';
import { type Ipv4Address, parseIpv4Address } from '../../wire/address.ts';
import { NotSupported, ScriptSyntaxError } from './problem.ts';
import type { Script, ScriptOption } from './script.ts';
import type { Dialect } from './symbols.ts';

export interface RunOptions {
  readonly dialect: Dialect;
  readonly localAddress: Ipv4Address;
  readonly prefixLength: number;
  readonly gateway: Ipv4Address;
  readonly remoteAddress: Ipv4Address;
  readonly bindPort: number;
  readonly connectPort: number;
  readonly mtu: number;
  /** How early or late an event may be; undefined: nothing is said. */
  readonly tolerance: Duration | undefined;
  /** The same in percent of the time since the event before. */
  readonly tolerancePercent: number;
  /** Microseconds for each number of the timestamps' clock, where those of the machine are to be compared. */
  readonly timestampTick: number;
  /** No piece of a segment counts for the segment. */
  readonly hasStrictSegments: boolean;
}

const MIN_MTU = 68; // RFC 791 §3.2

type Draft = { -readonly [Name in keyof RunOptions]: RunOptions[Name] };

const SETTERS: Readonly<Record<string, (draft: Draft, option: ScriptOption) => void>> = {
  ip_version(_draft, { value, line }) {
    if (value === 'ipv6') throw new NotSupported('TCP over IPv6 is not built', line);
    if (value !== 'ipv4' && value !== 'ipv4-mapped-ipv6')
      throw new ScriptSyntaxError(line, `there is no ip_version ${value}`);
  },
  local_ip: (draft, option) => (draft.localAddress = addressIn(option)),
  remote_ip: (draft, option) => (draft.remoteAddress = addressIn(option)),
  gateway_ip: (draft, option) => (draft.gateway = addressIn(option)),
  netmask_ip: (draft, option) => (draft.prefixLength = bitsIn(addressIn(option), option)),
  bind_port: (draft, option) => (draft.bindPort = numberIn(option, 1, 0xffff)),
  connect_port: (draft, option) => (draft.connectPort = numberIn(option, 1, 0xffff)),
  mtu: (draft, option) => (draft.mtu = numberIn(option, MIN_MTU, 0xffff)),
  tolerance_usecs: (draft, option) => (draft.tolerance = microseconds(numberIn(option, 0, 1e9))),
  tolerance_percent: (draft, option) => (draft.tolerancePercent = numberIn(option, 0, 1000)),
  tcp_ts_tick_usecs: (draft, option) => (draft.timestampTick = numberIn(option, 0, 1e6)),
  strict_segments: (draft) => (draft.hasStrictSegments = true),
  udp_encapsulation(_draft, { line }) {
    throw new NotSupported('TCP in UDP is not built', line);
  },
  tcp_md5_secret(_draft, { line }) {
    throw new NotSupported('signatures of segments (RFC 2385) are not built', line);
  },
};

// About how packetdrill runs its tests on a machine of flesh and blood, or given a meaning elsewhere.
const OF_NO_CONSEQUENCE = [
  'define',
  'tcp_ts_ecr_scaled',
  'code_command',
  'code_format',
  'code_sockopt',
  'speed',
  'mss',
  'debug',
  'verbose',
];

/** @throws ScriptSyntaxError, NotSupported */
export function runOptionsOf(script: Script): RunOptions {
  const draft: Draft = {
    dialect: dialectOf(script),
    localAddress: address('192.168.0.1'),
    prefixLength: 16,
    gateway: address('192.168.0.2'),
    remoteAddress: address('192.0.2.1'),
    bindPort: 8080,
    connectPort: 8080,
    mtu: 1500,
    tolerance: undefined,
    tolerancePercent: 0,
    timestampTick: 0,
    hasStrictSegments: false,
  };
  for (const option of script.options) {
    const set = SETTERS[option.name];
    if (set !== undefined) set(draft, option);
    else if (!OF_NO_CONSEQUENCE.includes(option.name)) {
      throw new NotSupported(`the option --${option.name} is not built`, option.line);
    }
  }
  return draft;
}

/** By the knobs that it turns. */
function dialectOf({ events }: Script): Dialect {
  const isFreeBsd = events.some(
    (event) => event.kind === 'command' && /\bnet\.inet\.|\bkern\.ipc\.|\bsockstat\b/.test(event.command),
  );
  return isFreeBsd ? 'freebsd' : 'linux';
}

function address(text: string): Ipv4Address {
  const parsed = parseIpv4Address(text);
  if (parsed === undefined) throw new RangeError(`${text} is no address`);
  return parsed;
}

function addressIn({ name, value, line }: ScriptOption): Ipv4Address {
  const [text = ''] = value.split('/');
  const parsed = parseIpv4Address(text);
  if (parsed !== undefined) return parsed;
  if (text.includes(':')) throw new NotSupported('TCP over IPv6 is not built', line);
  throw new ScriptSyntaxError(line, `--${name} takes an address, not "${value}"`);
}

function numberIn({ name, value, line }: ScriptOption, least: number, most: number): number {
  const found = Number(value);
  if (value !== '' && found >= least && found <= most) return found;
  throw new ScriptSyntaxError(line, `--${name} takes a number from ${least} to ${most}, not "${value}"`);
}

function bitsIn(mask: Ipv4Address, { line }: ScriptOption): number {
  const bits = Math.clz32(~mask);
  if ((mask | 0) === (bits === 0 ? 0 : -1 << (32 - bits))) return bits;
  throw new ScriptSyntaxError(line, 'the ones of a netmask stand together in front');
}
