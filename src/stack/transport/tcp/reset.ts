// Segments outside the stream: resets (RFC 9293 §3.5.2), challenge ACKs (RFC 5961 §3 to §5, §7), keepalive probes.

import { NO_SLOT } from '../../../core/arena.ts';
import { elapsed, type Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import { bareSegment, writeSegment } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';

/** Answers a segment that fits no connection, as its sender must be able to believe it (RFC 9293 §3.5.2, group 1). */
export function refuse(context: TcpContext, header: TcpHeader, source: IpAddress, destination: IpAddress): void {
  if (header.flags & TcpFlag.Rst) return;
  const isAck = (header.flags & TcpFlag.Ack) !== 0;
  const slot = bareSegment(
    context,
    destination,
    header.destinationPort,
    source,
    header.sourcePort,
    isAck ? header.acknowledgment : 0,
    isAck ? 0 : (header.sequence + sequenceLength(header)) | 0,
    isAck ? TcpFlag.Rst : TcpFlag.Rst | TcpFlag.Ack,
  );
  context.counters.resetsSent++;
  if (slot !== NO_SLOT) context.reply(slot, destination, source);
}

/** How far a segment reaches in sequence space: SYN and FIN count one each. */
export const sequenceLength = (header: TcpHeader): number =>
  header.payloadLength + ((header.flags & TcpFlag.Syn) !== 0 ? 1 : 0) + ((header.flags & TcpFlag.Fin) !== 0 ? 1 : 0);

/** Tells the peer that the connection is gone. */
export function sendReset(now: Instant, connection: TcpConnection): void {
  const { context } = connection;
  const slot = context.arena.allocate(0);
  writeSegment(now, connection, slot, connection.sndNxt, TcpFlag.Rst, 0, 0);
  context.counters.resetsSent++;
  context.reply(slot, connection.localAddress, connection.remoteAddress);
}

/** RFC 5961 §3.2: says where we stand, so that a true peer can send the exact reset, and a guesser learns nothing. */
export function challenge(now: Instant, connection: TcpConnection): void {
  // RFC 5961 §7. The limit is each connection's own: one for all of them could be read off by a third party.
  const { challengeAcks, challengeInterval } = connection.context.settings;
  if (elapsed(connection.challengesSince, now) >= challengeInterval) {
    connection.challengesSince = now;
    connection.challenges = 0;
  }
  if (connection.challenges >= challengeAcks) return;
  connection.challenges++;
  connection.context.counters.challengeAcks++;
  connection.isAckNow = true;
  connection.context.markDirty(connection);
}

/** RFC 9293 §3.8.4: a segment that is old by one number, which the peer must acknowledge. */
export function sendKeepAliveProbe(now: Instant, connection: TcpConnection): void {
  const { context } = connection;
  const slot = context.arena.allocate(0);
  writeSegment(now, connection, slot, (connection.sndUna - 1) | 0, 0, 0, 0);
  context.reply(slot, connection.localAddress, connection.remoteAddress);
}
