// A frame with one UDP datagram in it, as an attacker takes it apart and puts it together: every sum is right, so that
// nobody sees by the form that somebody else has written it. Not here: what the datagram says.

import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import type { Ipv4Address, LinkAddress } from '../../wire/address.ts';
import { addSums, pseudoSumIpv4, sumBytes } from '../../wire/checksum.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_IPV4, emitEthernet, parseEthernet } from '../../wire/ethernet.ts';
import { emitIpv4Header, IPV4_MIN_HEADER_LENGTH, ipv4IsFragment, parseIpv4 } from '../../wire/ipv4.ts';
import { emitUdp, parseUdp, UDP_HEADER_LENGTH, UDP_PROTOCOL } from '../../wire/udp.ts';

const TTL = 64;

export interface DatagramFrame {
  readonly sourceLink: LinkAddress;
  readonly destinationLink: LinkAddress;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Nothing where the frame carries anything else, or is damaged. */
export function readDatagramFrame(frame: Uint8Array): DatagramFrame | undefined {
  const view = viewOf(frame);
  const ethernet = parseEthernet(view, 0, view.byteLength);
  if (isDrop(ethernet) || ethernet.etherType !== ETHERTYPE_IPV4) return undefined;
  const at = ethernet.headerLength;
  const packet = parseIpv4(view, at, view.byteLength);
  if (isDrop(packet) || packet.protocol !== UDP_PROTOCOL || ipv4IsFragment(view, at)) return undefined;
  const udpAt = at + packet.headerLength;
  const { source, destination } = packet;
  const datagram = parseUdp(view, udpAt, at + packet.totalLength, pseudoSumIpv4(source, destination, UDP_PROTOCOL));
  if (isDrop(datagram)) return undefined;
  const payloadAt = udpAt + UDP_HEADER_LENGTH;
  return {
    sourceLink: ethernet.source,
    destinationLink: ethernet.destination,
    source,
    destination,
    sourcePort: datagram.sourcePort,
    destinationPort: datagram.destinationPort,
    payload: frame.slice(payloadAt, payloadAt + datagram.payloadLength),
  };
}

export function writeDatagramFrame(datagram: DatagramFrame): Uint8Array {
  const { source, destination, sourcePort, destinationPort, payload } = datagram;
  const udpAt = ETHERNET_HEADER_LENGTH + IPV4_MIN_HEADER_LENGTH;
  const payloadAt = udpAt + UDP_HEADER_LENGTH;
  const frame = new Uint8Array(payloadAt + payload.length);
  const view = viewOf(frame);
  frame.set(payload, payloadAt);
  const sum = addSums(pseudoSumIpv4(source, destination, UDP_PROTOCOL), sumBytes(view, payloadAt, payload.length));
  emitUdp(view, udpAt, { sourcePort, destinationPort, payloadLength: payload.length }, sum);
  const total = frame.length - ETHERNET_HEADER_LENGTH;
  emitIpv4Header(view, ETHERNET_HEADER_LENGTH, total, 0, 0, TTL, UDP_PROTOCOL, 0, source, destination);
  emitEthernet(view, 0, datagram.destinationLink, datagram.sourceLink, ETHERTYPE_IPV4);
  return frame;
}
