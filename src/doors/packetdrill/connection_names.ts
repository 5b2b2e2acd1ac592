// What the code of a script finds under `tcpi_...` and the names beside it: the variables of the connection under test, as
// `TCP_INFO` gives them.

import type { Instant } from '../../core/time.ts';
import { type TcpInfo, tcpInfo } from '../../stack/transport/tcp/tcp_info.ts';
import type { TcpState } from '../../stack/transport/tcp/tcp_state.ts';
import type { CodeValue, Lookup } from './code_evaluation.ts';
import { NotSupported } from './problem.ts';
import type { Socket } from './sockets.ts';
import type { Dialect } from './symbols.ts';

// The numbers that Linux has for the states; FreeBSD's scripts know them by name alone.
const STATES: Readonly<Record<TcpState, number>> = {
  Established: 1,
  SynSent: 2,
  SynReceived: 3,
  FinWait1: 4,
  FinWait2: 5,
  TimeWait: 6,
  Closed: 7,
  CloseWait: 8,
  LastAck: 9,
  Listen: 10,
  Closing: 11,
};

const OPTION_BITS = { timestamps: 1, sack: 2, windowScaling: 4, ecn: 8 };
const RECOVERY_STATES: readonly string[] = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'];
/** No loss has been seen yet. */
const INFINITE_THRESHOLD = 0x7fff_ffff;

const CONSTANTS: Readonly<Record<string, number>> = {
  TCP_ESTABLISHED: STATES.Established,
  TCP_SYN_SENT: STATES.SynSent,
  TCP_SYN_RECV: STATES.SynReceived,
  TCP_FIN_WAIT1: STATES.FinWait1,
  TCP_FIN_WAIT2: STATES.FinWait2,
  TCP_TIME_WAIT: STATES.TimeWait,
  TCP_CLOSE: STATES.Closed,
  TCP_CLOSE_WAIT: STATES.CloseWait,
  TCP_LAST_ACK: STATES.LastAck,
  TCP_LISTEN: STATES.Listen,
  TCP_CLOSING: STATES.Closing,
  TCPI_ESTABLISHED: STATES.Established,
  TCPI_SYN_SENT: STATES.SynSent,
  TCPI_SYN_RECEIVED: STATES.SynReceived,
  TCPI_FIN_WAIT_1: STATES.FinWait1,
  TCPI_FIN_WAIT_2: STATES.FinWait2,
  TCPI_TIME_WAIT: STATES.TimeWait,
  TCPI_CLOSED: STATES.Closed,
  TCPI_CLOSE_WAIT: STATES.CloseWait,
  TCPI_LAST_ACK: STATES.LastAck,
  TCPI_LISTEN: STATES.Listen,
  TCPI_CLOSING: STATES.Closing,
  ...Object.fromEntries(RECOVERY_STATES.map((state, number) => [`TCP_CA_${state}`, number])),
  TCPI_OPT_TIMESTAMPS: OPTION_BITS.timestamps,
  TCPI_OPT_SACK: OPTION_BITS.sack,
  TCPI_OPT_WSCALE: OPTION_BITS.windowScaling,
  TCPI_OPT_ECN: OPTION_BITS.ecn,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
  TCP_INFINITE_SSTHRESH: INFINITE_THRESHOLD,
};

/** @param socket the one under test @throws NotSupported on a name that stands for nothing here */
export function connectionNames(now: Instant, socket: Socket | undefined, dialect: Dialect): Lookup {
  const names = variablesOf(now, socket, dialect);
  return (name) => {
    const value = names.get(name) ?? CONSTANTS[name];
    if (value === undefined) throw new NotSupported(`the code asks for ${name}, which is not known here`);
    return value;
  };
}

function variablesOf(now: Instant, socket: Socket | undefined, dialect: Dialect): ReadonlyMap<string, CodeValue> {
  const connection = socket?.connection;
  if (connection === undefined) {
    const state = socket?.listener === undefined ? STATES.Closed : STATES.Listen;
    return new Map([
      ['tcpi_state', state],
      ['tcpi_options', 0],
    ]);
  }
  const info = tcpInfo(now, connection);
  const names = new Map<string, CodeValue>();
  for (const [name, value] of Object.entries(info)) {
    if (typeof value === 'number') names.set(linuxName(name), inTheirUnits(name, value));
    else if (typeof value === 'boolean') names.set(linuxName(name), Number(value));
  }
  names.set('tcpi_state', STATES[info.state]);
  names.set('tcpi_ca_state', RECOVERY_STATES.indexOf(info.caState));
  names.set('tcpi_options', optionBits(info));
  if (dialect === 'freebsd') {
    // FreeBSD counts windows in bytes.
    names.set('tcpi_snd_cwnd', connection.congestion.cwnd);
    names.set('tcpi_snd_ssthresh', connection.congestion.ssthresh);
  }
  return names;
}

/** `sndCwnd`: `tcpi_snd_cwnd` */
const linuxName = (name: string): string => `tcpi_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

const MILLISECOND = 1e3; // of microseconds

function inTheirUnits(name: string, value: number): number {
  if (name === 'sndSsthresh') return Math.min(value, INFINITE_THRESHOLD);
  // How long ago something was, Linux tells in milliseconds.
  return name.startsWith('last') ? Math.floor(value / MILLISECOND) : value;
}

const optionBits = ({ hasTimestamps, hasSack, hasWindowScaling, hasEcn }: TcpInfo): number =>
  (hasTimestamps ? OPTION_BITS.timestamps : 0) |
  (hasSack ? OPTION_BITS.sack : 0) |
  (hasWindowScaling ? OPTION_BITS.windowScaling : 0) |
  (hasEcn ? OPTION_BITS.ecn : 0);
