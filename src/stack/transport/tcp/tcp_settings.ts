// What a TCP may be set to: for a whole machine, and for one connection.

import { type Duration, milliseconds, minutes, seconds } from '../../../core/time.ts';
import type { SendOptions } from '../../net/network_layer_api.ts';
import type { EcnUse } from './ecn.ts';

/** Settings of a machine. */
export interface TcpSettings {
  /** RFC 6298 §2: one second until a round trip has been measured. */
  readonly initialRto: Duration;
  /** RFC 6298 (2.4): one second. Linux takes 200 ms. */
  readonly minimumRto: Duration;
  /** RFC 6298 (2.5): at least 60 s. */
  readonly maximumRto: Duration;
  /** How often a SYN is sent again: seven times take 183 s, and RFC 9293 §3.8.3 (MUST-23) asks for three minutes. */
  readonly synRetries: number;
  /** How often other segments are sent again; R2 of RFC 9293 §3.8.3 is at least 100 s. */
  readonly dataRetries: number;
  /** RFC 9293 §3.8.6.3: below half a second. */
  readonly delayedAck: Duration;
  /** Twice the maximum segment lifetime. RFC 9293 §3.4.2 has four minutes, all the world one. */
  readonly timeWait: Duration;
  /** How long a connection given up by its program waits in FinWait2 for the peer's FIN. */
  readonly finWait2Timeout: Duration;
  /** RFC 7323. */
  readonly timestamps: boolean;
  readonly windowScaling: boolean;
  /** RFC 2018. */
  readonly selectiveAcknowledgment: boolean;
  /** RFC 2883: what has come twice is reported. */
  readonly duplicateSack: boolean;
  /** RFC 3168. */
  readonly ecn: EcnUse;
  /** RFC 8985 §7, for connections with selective acknowledgments. */
  readonly tailLossProbe: boolean;
  /** RFC 8985 §7.2: how late the peer may acknowledge a lone segment. */
  readonly maximumAckDelay: Duration;
  /** RFC 5682: whether a timeout was needless is found out, and it is taken back. */
  readonly fRto: boolean;
  /** RFC 6928 §2: segments that may be in flight at first. */
  readonly initialWindow: number;
  /** By how many segments one acknowledgment widens the window in slow start: 1 (RFC 5681 §3.1), or 2 (RFC 3465 §2.3). */
  readonly slowStartLimit: number;
  /** Whether an ICMP soft error ends a connection attempt: RFC 5461 §4.1 against RFC 9293 §3.9.2.2 (MUST-56). */
  readonly softErrorsEndConnecting: boolean;
  /** RFC 5927 §7.2: that a path has become narrower is believed when a segment has timed out as well. */
  readonly doubtsPathMtu: boolean;
  /** RFC 5961 §7: how many challenge ACKs a connection sends in an interval. */
  readonly challengeAcks: number;
  readonly challengeInterval: Duration;
  /** Connections of a listener that have not finished their handshake. */
  readonly synBacklog: number;
  /** RFC 4987 §3.6: further SYNs are answered with cookies, and not dropped. */
  readonly synCookies: boolean;
  /** Entries in TIME_WAIT; beyond it a connection ends without one. */
  readonly maximumTimeWait: number;
}

export const DEFAULT_TCP_SETTINGS: TcpSettings = {
  initialRto: seconds(1),
  minimumRto: seconds(1),
  maximumRto: seconds(60),
  synRetries: 7,
  dataRetries: 15,
  delayedAck: milliseconds(40),
  timeWait: minutes(1),
  finWait2Timeout: minutes(1),
  timestamps: true,
  windowScaling: true,
  selectiveAcknowledgment: true,
  duplicateSack: true,
  ecn: 'accept',
  tailLossProbe: true,
  maximumAckDelay: milliseconds(200),
  fRto: true,
  initialWindow: 10,
  slowStartLimit: 1,
  softErrorsEndConnecting: true,
  doubtsPathMtu: true,
  challengeAcks: 10,
  challengeInterval: seconds(5),
  synBacklog: 256,
  synCookies: true,
  maximumTimeWait: 65_536,
};

export interface KeepAlive {
  /** Silence before the first probe. */
  readonly idle: Duration;
  /** Between probes. */
  readonly interval: Duration;
  /** Probes without answer before the connection is given up. */
  readonly count: number;
}

/** RFC 9293 §3.8.4: off unless asked for, and no sooner than two hours. */
export const DEFAULT_KEEP_ALIVE: KeepAlive = { idle: minutes(120), interval: seconds(75), count: 9 };

export type CongestionControlName = 'cubic' | 'new-reno';

/** RFC 1191 §6: segments are not to be fragmented, so that the path says what fits. */
export const TCP_SEND_OPTIONS: SendOptions = { ttl: 64, trafficClass: 0, dontFragment: true, interfaceIndex: -1 };

/** Settings of a connection. */
export interface TcpOptionsOfConnection {
  /** Bytes written and not yet acknowledged. */
  readonly sendBuffer: number;
  /** Bytes arrived and not yet read: the window that is offered. */
  readonly receiveBuffer: number;
  /** Switches Nagle's algorithm off (RFC 9293 §3.7.4): small segments go out at once. */
  readonly noDelay: boolean;
  /** Nothing less than a full segment goes out, for 200 ms at most: TCP_CORK. */
  readonly cork: boolean;
  /** `close` resets the connection, whatever has not been sent: SO_LINGER with a time of zero. */
  readonly abortsOnClose: boolean;
  /** Limits the payload of segments either way, as far as it is less than what the path takes: TCP_MAXSEG. */
  readonly maximumSegmentSize: number | undefined;
  /** Time to live, traffic class, and whether the path may fragment. ECN sets the last two bits of the class itself. */
  readonly sendOptions: SendOptions;
  readonly congestionControl: CongestionControlName;
  readonly keepAlive: KeepAlive | undefined;
  /** How long data may stay unacknowledged, or a window shut (RFC 5482); `undefined`: by `dataRetries`. */
  readonly userTimeout: Duration | undefined;
}

export const DEFAULT_CONNECTION_OPTIONS: TcpOptionsOfConnection = {
  sendBuffer: 262_144,
  receiveBuffer: 262_144,
  noDelay: false,
  cork: false,
  abortsOnClose: false,
  maximumSegmentSize: undefined,
  sendOptions: TCP_SEND_OPTIONS,
  congestionControl: 'cubic',
  keepAlive: undefined,
  userTimeout: undefined,
};
