// How often somebody had to wait for the other end before the first byte of an answer came: what a connection costs on a long way,
// as the wire shows it.
//
//   SYN ──▶ ◀── SYN-ACK    hello ──▶ ◀── hello ... Finished    Finished, request ──▶ ◀── answer        three round trips
//
// One is: something new from here, then something new from there. Acknowledgments alone say nothing new, nor does what is sent
// again; a server's flight of many segments is one turn.

import { type Serial, serialAtMost } from '../../core/serial.ts';
import type { Instant } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';
import { ipv4Destination, ipv4Source } from '../../wire/ipv4.ts';
import { TcpFlag, tcpDestinationPort, tcpFlags, tcpSequence, tcpSourcePort } from '../../wire/tcp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { dissect } from './dissection.ts';

export interface ConnectionEnd {
  readonly address: IpAddress;
  readonly port: number;
}

type Side = 'local' | 'remote';

/**
 * @param frames in their order, of a network at which `local` itself is seen: behind a NAT it has another address
 * @param until when the first byte of the answer had come
 */
export function roundTripsTo(
  frames: readonly CapturedFrame[],
  local: ConnectionEnd,
  remote: ConnectionEnd,
  until: Instant,
): number {
  let network: string | undefined;
  let turn: Side | undefined;
  let roundTrips = 0;
  const told = new Map<Side, Serial>();
  for (const frame of frames) {
    if (frame.time > until) break;
    if (network !== undefined && frame.network !== network) continue;
    const segment = segmentOf(frame, local, remote);
    if (segment === undefined) continue;
    network ??= frame.network;
    const { side, end, isBeginning } = segment;
    const before = told.get(side);
    if (isBeginning && before !== end) {
      // Another connection over the same ports.
      told.clear();
      roundTrips = 0;
    } else if (before !== undefined && serialAtMost(end, before)) continue; // nothing new
    told.set(side, end);
    if (side === 'remote' && turn === 'local') roundTrips++;
    turn = side;
  }
  return roundTrips;
}

interface Segment {
  readonly side: Side;
  /** The number behind its last byte. */
  readonly end: Serial;
  /** A SYN of the local end. */
  readonly isBeginning: boolean;
}

// Nothing where it carries nothing.
function segmentOf(frame: CapturedFrame, local: ConnectionEnd, remote: ConnectionEnd): Segment | undefined {
  const { view, ip, tcp, payload } = dissect(frame);
  if (ip === undefined || tcp === undefined) return undefined;
  const from = { address: ipv4Source(view, ip.at), port: tcpSourcePort(view, tcp.at) };
  const to = { address: ipv4Destination(view, ip.at), port: tcpDestinationPort(view, tcp.at) };
  const isOwn = isSame(from, local) && isSame(to, remote);
  if (!isOwn && !(isSame(from, remote) && isSame(to, local))) return undefined;
  const hasSyn = (tcpFlags(view, tcp.at) & TcpFlag.Syn) !== 0;
  const length = Number(hasSyn) + (payload === undefined ? 0 : payload.end - payload.at);
  if (length === 0) return undefined;
  const end = (tcpSequence(view, tcp.at) + length) | 0;
  return { side: isOwn ? 'local' : 'remote', end, isBeginning: isOwn && hasSyn };
}

const isSame = (a: ConnectionEnd, b: ConnectionEnd): boolean => a.address === b.address && a.port === b.port;
