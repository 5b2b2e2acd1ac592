// A connection's variables at one moment, with the names and the units of Linux's `tcp_info`, so that whoever knows `ss -ti`
// or a packetdrill script finds them: `tcpi_snd_cwnd` is `sndCwnd`. Times are microseconds, windows of congestion control
// are segments, everything else is bytes.
//
// Not here: how they are shown.

import { elapsed, type Instant, NEVER } from '../../../core/time.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { CongestionControlName } from './tcp_settings.ts';
import type { TcpState } from './tcp_state.ts';

/**
 * How loss recovery stands, in the words of Linux: all is well; something is odd, but nothing is given up; a loss is being
 * repaired; everything was given up when the retransmission timer expired.
 */
export type RecoveryState = 'Open' | 'Disorder' | 'Recovery' | 'Loss';

export interface TcpInfo {
  readonly state: TcpState;
  readonly caState: RecoveryState;
  readonly congestionControl: CongestionControlName;
  /** Expiries of the retransmission timer in a row. */
  readonly retransmits: number;
  /** Zero-window probes, or keepalive probes, without an answer. */
  readonly probes: number;
  /** How often the retransmission timeout has been doubled. */
  readonly backoff: number;
  readonly hasTimestamps: boolean;
  readonly hasSack: boolean;
  readonly hasWindowScaling: boolean;
  readonly hasEcn: boolean;
  readonly sndWscale: number;
  readonly rcvWscale: number;
  readonly rto: number;
  /** The delay of acknowledgments. */
  readonly ato: number;
  readonly sndMss: number;
  readonly rcvMss: number;
  /** The payload limit of the peer's SYN. */
  readonly peerMss: number;
  /** Segments that have been sent and not acknowledged; how many of them have arrived behind gaps, and are lost. */
  readonly unacked: number;
  readonly sacked: number;
  readonly lost: number;
  readonly lastDataSent: number;
  readonly lastDataRecv: number;
  /** 0 before the first measurement, as `rttvar`. */
  readonly rtt: number;
  readonly rttvar: number;
  readonly minRtt: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  /** Segments have overtaken others. */
  readonly reordSeen: boolean;
  /** D-SACKs that have come. */
  readonly dsackDups: number;
  /** The receive buffer: the most that the window will offer. */
  readonly rcvSpace: number;
  readonly sndWnd: number;
  readonly rcvWnd: number;
  /** Bytes that the program has written and that have not been sent. */
  readonly notsentBytes: number;
}

const MICROSECOND = 1e3;

export function tcpInfo(now: Instant, connection: TcpConnection): TcpInfo {
  const { mss, congestion, sndUna, sndNxt, attempts, rack } = connection;
  const isPersisting = connection.sendTimerAt !== NEVER && connection.sendTimer === 'Persist';
  const flight = (sndNxt - sndUna) | 0;
  const end = connection.finSequence;
  return {
    state: connection.state,
    caState: connection.recovery,
    congestionControl: congestion.name,
    retransmits: isPersisting ? 0 : attempts,
    probes: isPersisting ? attempts : (connection.background?.probes ?? 0),
    backoff: attempts,
    hasTimestamps: connection.hasTimestamps,
    hasSack: connection.isSackPermitted,
    hasWindowScaling: connection.isScaling,
    hasEcn: connection.ecn !== undefined,
    sndWscale: connection.sndWndShift,
    rcvWscale: connection.rcvWndShift,
    rto: inMicroseconds(connection.rto),
    ato: inMicroseconds(connection.context.settings.delayedAck),
    sndMss: mss,
    rcvMss: connection.rcvMss,
    peerMss: connection.peerMss,
    unacked: Math.ceil(flight / mss),
    sacked: Math.ceil((rack?.board.sackedBytes ?? 0) / mss),
    lost: Math.ceil((rack?.board.lostBytes ?? 0) / mss),
    lastDataSent: inMicroseconds(elapsed(connection.lastSentAt, now)),
    lastDataRecv: inMicroseconds(elapsed(connection.lastHeardAt, now)),
    rtt: Math.max(connection.srtt, 0),
    rttvar: connection.rttvar,
    minRtt: connection.minRtt,
    sndCwnd: Math.floor(congestion.cwnd / mss),
    sndSsthresh: Math.floor(congestion.ssthresh / mss),
    reordSeen: rack?.isReorderingSeen === true,
    dsackDups: rack?.duplicates ?? 0,
    rcvSpace: connection.options.receiveBuffer,
    sndWnd: connection.sndWnd,
    rcvWnd: Math.max((connection.rcvEdge - connection.rcvNxt) | 0, 0),
    notsentBytes: Math.max((end - sndNxt) | 0, 0),
  };
}

const inMicroseconds = (nanoseconds: number): number => Math.round(nanoseconds / MICROSECOND);
