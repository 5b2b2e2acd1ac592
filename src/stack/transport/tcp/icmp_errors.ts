// What an ICMP error does to the connection whose segment it quotes (RFC 9293 §3.9.2.2, RFC 5461, RFC 5927).
//
//   too big, of an untried size        segments shrink, and the lost one goes again (RFC 1191 §6.5)
//   too big, of a size that arrived    doubted, until that very segment has timed out (RFC 5927 §7.2)
//   during the handshake               the attempt fails
//   later                              noted, in case the connection is given up: a guess must not be able to end it

import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import { TCP_HEADER_LENGTH } from '../../../wire/tcp.ts';
import type { IcmpError } from '../../net/network_layer_api.ts';
import { errorOfIcmp } from '../transport_error.ts';
import { updateSegmentSize } from './handshake.ts';
import { resendAll } from './sack_recovery.ts';
import type { TcpConnection } from './tcp_connection.ts';

const IPV4_HEADER = 20;

/** A claim that the path takes less than it did, put off until it is confirmed. */
export interface DoubtedMtu {
  /** The number of the quoted segment. */
  readonly sequence: Serial;
  readonly mtu: number;
  readonly length: number;
}

/** @param sequence the number of the quoted segment */
export function icmpErrorArrives(now: Instant, connection: TcpConnection, error: IcmpError, sequence: Serial): void {
  if (!isOut(connection, sequence)) return;
  if (error.kind === 'too-big') {
    pathShrinks(now, connection);
    return;
  }
  const isHandshake = connection.state === 'SynSent' || connection.state === 'SynReceived';
  const isHard = error.kind === 'unreachable' && error.code >= 2 && error.code <= 4; // RFC 1122 §4.2.3.9
  connection.softError = errorOfIcmp(error);
  if (isHandshake && (isHard || connection.context.settings.softErrorsEndConnecting)) {
    connection.end(now, connection.softError, 'ICMP says that the peer cannot be reached');
  }
}

/** Whether a segment as long as the one with number `sequence` may be too long for the path. */
export function believesTooBig(connection: TcpConnection, { mtu, length }: IcmpError, sequence: Serial): boolean {
  if (!isOut(connection, sequence)) return false;
  const claimed = mtu - IPV4_HEADER - TCP_HEADER_LENGTH - (connection.hasTimestamps ? 12 : 0);
  if (!connection.context.settings.doubtsPathMtu || claimed >= connection.provenMss) return true;
  connection.doubtedMtu = { sequence, mtu, length };
  return false;
}

/** The retransmission timer has expired: what had been claimed of the segment that was not acknowledged is true. */
export function confirmDoubtedMtu(now: Instant, connection: TcpConnection): void {
  const { doubtedMtu, context } = connection;
  if (doubtedMtu === undefined) return;
  connection.doubtedMtu = undefined;
  const { sequence, mtu, length } = doubtedMtu;
  if (((sequence - connection.sndUna) | 0) < 0) return; // it did arrive
  context.sender.learnPathMtu(now, connection.remoteAddress, mtu, length);
  connection.provenMss = 0;
  updateSegmentSize(now, connection);
}

// RFC 5927 §4.1: only what is out can have come to grief; other numbers are guesses.
const isOut = (connection: TcpConnection, sequence: Serial): boolean =>
  ((sequence - connection.sndUna) | 0) >= 0 && ((sequence - connection.sndNxt) | 0) < 0;

/** The network layer knows by now what fits: cuts segments to it, and sends again what was lost for its size. */
export function pathShrinks(now: Instant, connection: TcpConnection): boolean {
  const before = connection.mss;
  updateSegmentSize(now, connection);
  if (connection.mss >= before) return false;
  if (connection.sndUna !== connection.sndNxt && connection.state !== 'SynSent' && connection.state !== 'SynReceived') {
    // RFC 1191 §6.5: at once, and the congestion window stays as it is
    if (connection.isSackPermitted) resendAll(connection);
    else connection.sendFrom = connection.sndUna;
    connection.isTiming = false;
  }
  connection.context.markDirty(connection);
  return true;
}
