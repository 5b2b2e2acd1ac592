// An IPv4 packet as tcpdump prints it, from `IP` on, with what it carries.

import { isDrop } from '../core/drop_reason.ts';
import { formatIpv4 } from './address.ts';
import { pseudoSumIpv4, sumBytes, VALID_SUM } from './checksum.ts';
import { formatIcmp } from './format_icmp.ts';
import type { FrameFormat } from './format_payload.ts';
import { formatTcp } from './format_tcp.ts';
import { ICMP_PROTOCOL } from './icmp.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipVersion,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HasMoreFragments,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from './ipv4.ts';
import { TCP_HEADER_LENGTH, TCP_PROTOCOL, tcpDestinationPort, tcpHeaderLength, tcpSourcePort } from './tcp.ts';
import {
  formatUdp,
  parseUdp,
  UDP_HEADER_LENGTH,
  UDP_PROTOCOL,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
} from './udp.ts';

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMP_PROTOCOL, 'icmp'],
  [TCP_PROTOCOL, 'tcp'],
  [UDP_PROTOCOL, 'udp'],
]);

const protocolName = (protocol: number): string => PROTOCOL_NAMES.get(protocol) ?? `ip-proto-${protocol}`;

/** The packet in `[at, end)`; padding behind its total length is left out. */
export function formatIpv4Packet(view: DataView, at: number, end: number, format: FrameFormat): string {
  if (end - at < IPV4_MIN_HEADER_LENGTH) return '[|ip]';
  const headerLength = ipv4HeaderLength(view, at);
  const totalLength = ipv4TotalLength(view, at);
  if (ipVersion(view, at) !== 4) return `IP${ipVersion(view, at)}, wrong version, length ${end - at}`;
  if (headerLength < IPV4_MIN_HEADER_LENGTH) return `IP bad-hlen ${headerLength}`;
  if (totalLength < headerLength) return `IP bad-len ${totalLength}`;
  if (headerLength > end - at) return '[|ip]';
  const isSumRight = sumBytes(view, at, headerLength) === VALID_SUM;
  const carried = { view, at: at + headerLength, end: Math.min(end, at + totalLength), packetAt: at, format };
  return `IP ${isSumRight ? '' : '[bad header cksum] '}${formatCarried(carried, totalLength > end - at)}`;
}

interface Carried {
  readonly view: DataView;
  /** The transport's header. */
  readonly at: number;
  readonly end: number;
  /** The header of the packet around it. */
  readonly packetAt: number;
  readonly format: FrameFormat;
}

function formatCarried(carried: Carried, isCutOff: boolean): string {
  const { view, at, end, packetAt } = carried;
  const protocol = ipv4Protocol(view, packetAt);
  const source = formatIpv4(ipv4Source(view, packetAt));
  const destination = formatIpv4(ipv4Destination(view, packetAt));
  const isWhole = !ipv4IsFragment(view, packetAt) && !isCutOff;
  const fragment = formatFragment(view, packetAt);
  if (ipv4FragmentOffset(view, packetAt) > 0) {
    return `${source} > ${destination}: ${protocolName(protocol)}${fragment}`; // only the first shows ports
  }
  if (protocol === TCP_PROTOCOL) return formatTcpIn(carried, source, destination, isWhole) + fragment;
  if (protocol === UDP_PROTOCOL) return formatUdpIn(carried, source, destination, isWhole) + fragment;
  if (protocol === ICMP_PROTOCOL) return `${source} > ${destination}: ${formatIcmp(view, at, end, isWhole)}${fragment}`;
  return `${source} > ${destination}: ${protocolName(protocol)} ${end - at}${fragment}`;
}

/** ` (frag 4660:1480@2960+)`: identification, bytes, offset, and whether more follow. */
function formatFragment(view: DataView, at: number): string {
  if (!ipv4IsFragment(view, at)) return '';
  const length = ipv4TotalLength(view, at) - ipv4HeaderLength(view, at);
  const more = ipv4HasMoreFragments(view, at) ? '+' : '';
  return ` (frag ${ipv4Identification(view, at)}:${length}@${ipv4FragmentOffset(view, at)}${more})`;
}

function formatUdpIn(carried: Carried, source: string, destination: string, isWhole: boolean): string {
  const { view, at, end, packetAt, format } = carried;
  if (end - at < UDP_HEADER_LENGTH) return `${source} > ${destination}: [|udp]`;
  const sourcePort = udpSourcePort(view, at);
  const destinationPort = udpDestinationPort(view, at);
  const length = udpLength(view, at);
  if (length < UDP_HEADER_LENGTH)
    return `${source}.${sourcePort} > ${destination}.${destinationPort}: [bad udp length]`;
  const header = { sourcePort, destinationPort, payloadLength: length - UDP_HEADER_LENGTH };
  if (!isWhole) return formatUdp(header, source, destination);
  const pseudoSum = pseudoSumIpv4(ipv4Source(view, packetAt), ipv4Destination(view, packetAt), UDP_PROTOCOL);
  if (isDrop(parseUdp(view, at, end, pseudoSum))) return `${formatUdp(header, source, destination)} [bad udp cksum]`;
  const payload = bytesIn(view, at + UDP_HEADER_LENGTH, at + length);
  const said = format.formatUdpPayload?.(sourcePort, destinationPort, payload);
  if (said === undefined) return formatUdp(header, source, destination);
  return `${source}.${sourcePort} > ${destination}.${destinationPort}: ${said}`;
}

function formatTcpIn(carried: Carried, source: string, destination: string, isWhole: boolean): string {
  const { view, at, end, packetAt, format } = carried;
  if (end - at < TCP_HEADER_LENGTH) return `${source} > ${destination}: [|tcp]`;
  const sourcePort = tcpSourcePort(view, at);
  const destinationPort = tcpDestinationPort(view, at);
  const [from, to] = [`${source}.${sourcePort}`, `${destination}.${destinationPort}`];
  const pseudoSum = pseudoSumIpv4(ipv4Source(view, packetAt), ipv4Destination(view, packetAt), TCP_PROTOCOL);
  const line = `${from} > ${to}: ${formatTcp(view, at, end, isWhole ? pseudoSum : undefined, format.tcpOrigin?.(from, to))}`;
  const payloadAt = at + tcpHeaderLength(view, at);
  if (payloadAt >= end || payloadAt < at + TCP_HEADER_LENGTH) return line;
  const said = format.formatTcpPayload?.(sourcePort, destinationPort, bytesIn(view, payloadAt, end));
  return said === undefined ? line : `${line}: ${said}`;
}

const bytesIn = (view: DataView, at: number, end: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, end - at);
