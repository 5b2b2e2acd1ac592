// What an ICMP error does to the connection whose segment it quotes (RFC 9293 §3.9.2.2, RFC 5461, RFC 5927).
//
//   too big                            segments shrink, and the lost one goes again (RFC 1191 §6.5)
//   during the handshake               the attempt fails
//   later                              noted, in case the connection is given up: a guess must not be able to end it

import type { Instant } from '../../../core/time.ts';
import type { IcmpError } from '../../net/network_layer_api.ts';
import { errorOfIcmp } from '../transport_error.ts';
import { updateSegmentSize } from './handshake.ts';
import { resendAll } from './sack_recovery.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** @param sequence the number of the quoted segment */
export function icmpErrorArrives(now: Instant, connection: TcpConnection, error: IcmpError, sequence: number): void {
  // RFC 5927 §4.1: only what is out can have come to grief; other numbers are guesses.
  const ahead = (sequence - connection.sndUna) | 0;
  if (ahead < 0 || ((sequence - connection.sndNxt) | 0) >= 0) return;
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
