// Which conversation a packet belongs to: protocol, both addresses, both ports. For ICMP echo the identifier stands for
// the ports. Read in place into one object that is used again and again: a router asks this for each packet.

import type { Arena } from '../../core/arena.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { ICMP_HEADER_LENGTH, ICMP_PROTOCOL, IcmpType, icmpIdentifier, icmpType, isIcmpError } from '../../wire/icmp.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from '../../wire/ipv4.ts';
import { TCP_PROTOCOL, tcpDestinationPort, tcpSourcePort } from '../../wire/tcp.ts';
import { UDP_HEADER_LENGTH, UDP_PROTOCOL, udpDestinationPort, udpSourcePort } from '../../wire/udp.ts';

export interface Flow {
  protocol: number;
  source: Ipv4Address;
  sourcePort: number;
  destination: Ipv4Address;
  destinationPort: number;
}

/** What an ICMP error quotes of a transport header at the least (RFC 792): ports, or an echo's identifier, lie in it. */
const MIN_TRANSPORT = 8;

const NOBODY = 0 as Ipv4Address;

export const emptyFlow = (): Flow => {
  return { protocol: 0, source: NOBODY, sourcePort: 0, destination: NOBODY, destinationPort: 0 };
};

export const copyFlow = (flow: Flow): Flow => ({ ...flow });

export const reversed = ({ protocol, source, sourcePort, destination, destinationPort }: Flow): Flow => {
  return {
    protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
};

export const sameFlow = (a: Flow, b: Flow): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol;

/**
 * 32 bits, signed: for a table that compares flows when hashes meet.
 *
 * @param seed 32 secret bits, so that nobody can choose flows whose hashes meet
 */
export function hashFlow(flow: Flow, seed: number): number {
  let h = Math.imul(seed ^ flow.source, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ flow.destination, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ ((flow.sourcePort << 16) | flow.destinationPort), 0x2c1b3c6d) + flow.protocol;
  return h ^ (h >>> 16);
}

/**
 * Reads the flow of the packet that starts at `at` into `flow`. False for what has none: other protocols, fragments
 * without their head, ICMP that is neither echo nor its answer.
 */
export function readFlow(arena: Arena, at: number, end: number, flow: Flow): boolean {
  const { view } = arena;
  const start = at + ipv4HeaderLength(view, at);
  if (ipv4FragmentOffset(view, at) > 0) return false;
  flow.protocol = ipv4Protocol(view, at);
  flow.source = ipv4Source(view, at);
  flow.destination = ipv4Destination(view, at);
  switch (flow.protocol) {
    case TCP_PROTOCOL:
      if (end - start < MIN_TRANSPORT) return false;
      flow.sourcePort = tcpSourcePort(view, start);
      flow.destinationPort = tcpDestinationPort(view, start);
      return true;
    case UDP_PROTOCOL:
      if (end - start < UDP_HEADER_LENGTH) return false;
      flow.sourcePort = udpSourcePort(view, start);
      flow.destinationPort = udpDestinationPort(view, start);
      return true;
    case ICMP_PROTOCOL: {
      if (end - start < ICMP_HEADER_LENGTH) return false;
      const type = icmpType(view, start);
      if (type !== IcmpType.EchoRequest && type !== IcmpType.EchoReply) return false;
      flow.sourcePort = icmpIdentifier(view, start);
      flow.destinationPort = flow.sourcePort;
      return true;
    }
    default:
      return false;
  }
}

/** Where the packet that an ICMP error quotes starts, or -1 when this is no ICMP error, or quotes too little. */
export function quotedPacket(arena: Arena, at: number, end: number): number {
  const { view } = arena;
  const start = at + ipv4HeaderLength(view, at);
  if (ipv4Protocol(view, at) !== ICMP_PROTOCOL || ipv4FragmentOffset(view, at) > 0) return -1;
  const quote = start + ICMP_HEADER_LENGTH;
  if (quote + IPV4_MIN_HEADER_LENGTH + MIN_TRANSPORT > end || !isIcmpError(icmpType(view, start))) return -1;
  const headerLength = ipv4HeaderLength(view, quote);
  return headerLength >= IPV4_MIN_HEADER_LENGTH && quote + headerLength + MIN_TRANSPORT <= end ? quote : -1;
}
