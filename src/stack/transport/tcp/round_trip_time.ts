// The retransmission timeout, from measured round trips (RFC 6298). Microseconds, in whole numbers.

import { type Duration, microseconds, seconds } from '../../../core/time.ts';
import type { TcpConnection } from './tcp_connection.ts';

const RTO_AFTER_SYN_LOSS = seconds(3); // RFC 6298 (5.7)
const CLOCK_GRANULARITY = 1000; // microseconds: the tick of the timestamps clock

/** Takes in a round trip of `sample` microseconds, at least 0. */
export function addRoundTrip(connection: TcpConnection, sample: number): void {
  if (connection.srtt < 0 || sample < connection.minRtt) connection.minRtt = sample;
  if (connection.srtt < 0) {
    connection.srtt = sample; // RFC 6298 (2.2)
    connection.rttvar = sample >> 1;
  } else {
    // RFC 6298 (2.3): alpha 1/8, beta 1/4; the variance first
    const error = Math.abs(connection.srtt - sample);
    connection.rttvar += (error - connection.rttvar) >> 2;
    connection.srtt += (sample - connection.srtt) >> 3;
  }
  const { minimumRto, maximumRto } = connection.context.settings;
  const rto = microseconds(connection.srtt + Math.max(CLOCK_GRANULARITY, 4 * connection.rttvar));
  connection.rto = Math.min(Math.max(rto, minimumRto), maximumRto) as Duration;
}

/** RFC 6298 (5.5): the timer has expired. */
export function backOff(connection: TcpConnection): void {
  connection.rto = Math.min(2 * connection.rto, connection.context.settings.maximumRto) as Duration;
}

/** RFC 6298 (5.7): once a handshake that needed retransmissions is done. */
export function resetRtoAfterHandshake(connection: TcpConnection): void {
  if (connection.attempts > 0 && connection.srtt < 0) connection.rto = RTO_AFTER_SYN_LOSS;
}
