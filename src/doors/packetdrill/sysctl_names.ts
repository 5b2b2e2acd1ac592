// The knobs of TCP by the names that Linux and FreeBSD have for them, and what each means for the machine under test.
//
// A knob that the machine does not have is understood where its value says what the machine does anyway; any other value
// makes a script one that cannot be judged.

import { milliseconds, seconds } from '../../core/time.ts';
import type { KeepAlive } from '../../stack/transport/tcp/tcp_settings.ts';
import { CONGESTION_CONTROLS } from './congestion_names.ts';
import { NotSupported } from './problem.ts';
import type { Tunables } from './tunables.ts';

type Knob = (tunables: Tunables, value: string, name: string) => void;

/** What the machine does anyway. */
const asIs =
  (...values: readonly string[]): Knob =>
  (_tunables, value, name) => {
    if (!values.includes(value)) throw new NotSupported(`${name}=${value} is not built`);
  };

/** Whatever its value: nothing that a script can see follows from it here. */
const ofNoConsequence: Knob = () => undefined;

const number = (value: string, name: string): number => {
  const found = Number(value);
  if (value === '' || !Number.isFinite(found)) throw new NotSupported(`${name}=${value} is no number`);
  return found;
};

const counted =
  (set: (tunables: Tunables, value: number) => void): Knob =>
  (tunables, value, name) =>
    set(tunables, number(value, name));

const keepAlivePart = (name: keyof KeepAlive, of: (value: number) => number): Knob =>
  counted(({ sockets }, value) => {
    sockets.keepAlive = { ...sockets.keepAlive, [name]: of(value) };
  });

const switched = (set: (tunables: Tunables, isOn: boolean) => void): Knob =>
  counted((tunables, value) => set(tunables, value !== 0));

/** `4096 131072 6291456`: the middle one is what sockets begin with. */
const buffers =
  (set: (tunables: Tunables, size: number) => void): Knob =>
  (tunables, value, name) => {
    const [, middle] = value.trim().split(/\s+/);
    if (middle === undefined) throw new NotSupported(`${name}=${value} is not three sizes`);
    set(tunables, number(middle, name));
  };

const congestionControl: Knob = ({ sockets }, value, name) => {
  const found = CONGESTION_CONTROLS[value];
  if (found === undefined) throw new NotSupported(`${name}=${value} is not built`);
  sockets.connection.congestionControl = found;
};

const FREEBSD: Readonly<Record<string, Knob>> = {
  'kern.ipc.maxsockbuf': ofNoConsequence, // it bounds the shift of windows, which each end may choose
  'net.inet.tcp.hostcache.purgenow': ofNoConsequence, // nothing is remembered about hosts
  'net.inet.tcp.recvspace': counted(({ sockets }, value) => (sockets.connection.receiveBuffer = value)),
  'net.inet.tcp.sendspace': counted(({ sockets }, value) => (sockets.connection.sendBuffer = value)),
  'net.inet.tcp.rfc1323': switched(({ tcp }, isOn) => {
    tcp.timestamps = isOn;
    tcp.windowScaling = isOn;
  }),
  'net.inet.tcp.sack.enable': switched(({ tcp }, isOn) => (tcp.selectiveAcknowledgment = isOn)),
  'net.inet.tcp.blackhole': asIs('0'),
  'net.inet.tcp.ecn.enable': asIs('2', '0'),
  'net.inet.tcp.insecure_rst': asIs('0'),
  'net.inet.tcp.insecure_syn': asIs('0'),
  'net.inet.tcp.drop_synfin': asIs('0'), // RFC 9293 §3.10.7.2: what stands beside a SYN does not spoil it
  'net.inet.tcp.syncookies': asIs('1', '0'),
  'net.inet.tcp.syncookies_only': asIs('0'),
  'net.inet.tcp.rexmit_initial': counted(({ tcp }, value) => (tcp.initialRto = milliseconds(value))),
  'net.inet.tcp.rexmit_slop': ofNoConsequence, // a tolerance of theirs
  'net.inet.tcp.rexmit_drop_options': asIs('0'),
  'net.inet.tcp.delacktime': counted(({ tcp }, value) => (tcp.delayedAck = milliseconds(value))),
  'net.inet.tcp.keepidle': keepAlivePart('idle', milliseconds),
  'net.inet.tcp.keepintvl': keepAlivePart('interval', milliseconds),
  'net.inet.tcp.keepcnt': keepAlivePart('count', (count) => count),
  'net.inet.tcp.cc.algorithm': congestionControl,
  'net.inet.tcp.msl': counted(({ tcp }, value) => (tcp.timeWait = milliseconds(2 * value))),
  'net.inet.tcp.path_mtu_discovery': asIs('1'),
  'net.inet.tcp.mssdflt': asIs('536'),
  'net.inet.tcp.v6mssdflt': ofNoConsequence,
  'net.inet.tcp.fastopen.client_enable': asIs('0'),
  'net.inet.tcp.fastopen.server_enable': asIs('0'),
  'net.inet.tcp.udp_tunneling_port': asIs('0'),
};

const LINUX: Readonly<Record<string, Knob>> = {
  'net.ipv4.tcp_rmem': buffers(({ sockets }, size) => (sockets.connection.receiveBuffer = size)),
  'net.ipv4.tcp_wmem': buffers(({ sockets }, size) => (sockets.connection.sendBuffer = size)),
  'net.ipv4.tcp_timestamps': switched(({ tcp }, isOn) => (tcp.timestamps = isOn)),
  'net.ipv4.tcp_window_scaling': switched(({ tcp }, isOn) => (tcp.windowScaling = isOn)),
  'net.ipv4.tcp_sack': switched(({ tcp }, isOn) => (tcp.selectiveAcknowledgment = isOn)),
  'net.ipv4.tcp_dsack': switched(({ tcp }, isOn) => (tcp.duplicateSack = isOn)),
  'net.ipv4.tcp_fack': asIs('0'),
  'net.ipv4.tcp_reordering': asIs('3'),
  'net.ipv4.tcp_syn_retries': counted(({ tcp }, value) => (tcp.synRetries = value)),
  'net.ipv4.tcp_synack_retries': ofNoConsequence,
  'net.ipv4.tcp_retries2': counted(({ tcp }, value) => (tcp.dataRetries = value)),
  'net.ipv4.tcp_ecn': asIs('0', '2'),
  'net.ipv4.tcp_ecn_option': ofNoConsequence,
  'net.ipv4.tcp_fastopen': ofNoConsequence, // whoever uses it says so by an option or a flag
  'net.ipv4.tcp_fastopen_key': ofNoConsequence,
  'net.ipv4.tcp_fastopen_blackhole_timeout_sec': ofNoConsequence,
  'net.ipv4.tcp_pacing_ss_ratio': ofNoConsequence, // nothing is paced
  'net.ipv4.tcp_pacing_ca_ratio': ofNoConsequence,
  'net.ipv4.tcp_tso_win_divisor': ofNoConsequence, // no segment is cut by a network card
  'net.ipv4.tcp_min_tso_segs': ofNoConsequence,
  'net.ipv4.tcp_keepalive_time': keepAlivePart('idle', seconds),
  'net.ipv4.tcp_keepalive_intvl': keepAlivePart('interval', seconds),
  'net.ipv4.tcp_keepalive_probes': keepAlivePart('count', (count) => count),
  'net.ipv4.tcp_fin_timeout': counted(({ tcp }, value) => (tcp.finWait2Timeout = seconds(value))),
  'net.ipv4.tcp_mtu_probing': asIs('0'),
  'net.ipv4.tcp_base_mss': ofNoConsequence,
  'net.ipv4.tcp_autocorking': asIs('0', '1'),
  'net.ipv4.tcp_moderate_rcvbuf': asIs('0', '1'),
  'net.ipv4.tcp_syncookies': asIs('0', '1'),
  'net.ipv4.tcp_frto': ofNoConsequence,
  'net.ipv4.tcp_early_retrans': ofNoConsequence,
  'net.ipv4.tcp_recovery': ofNoConsequence,
  'net.ipv4.tcp_congestion_control': congestionControl,
  'net.ipv4.tcp_slow_start_after_idle': asIs('0', '1'),
  'net.ipv4.tcp_notsent_lowat': asIs('4294967295', '-1'),
  'net.ipv4.tcp_rfc1337': ofNoConsequence, // RFC 1337 (F1): resets in TIME_WAIT are judged by RFC 5961
  'net.ipv4.tcp_invalid_ratelimit': ofNoConsequence,
  'net.core.somaxconn': ofNoConsequence,
};

/** @param name with dots or slashes @throws NotSupported */
export function applySysctl(tunables: Tunables, name: string, value: string): void {
  const dotted = name.replace(/^\/?(?:proc\/sys\/)?/, '').replaceAll('/', '.');
  const knob = FREEBSD[dotted] ?? LINUX[dotted];
  if (knob === undefined) throw new NotSupported(`${dotted} is not known here`);
  knob(tunables, value, dotted);
}
