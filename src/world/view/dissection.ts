// Where the layers of a captured frame begin, and what the longer messages in it say. Reads what is there and judges
// little: a frame that is cut or damaged has the layers that can still be told apart.

import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import { ARP_LENGTH, type ArpPacket, parseArp } from '../../wire/arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, type DhcpMessage, parseDhcp } from '../../wire/dhcp.ts';
import { DNS_PORT, type DnsMessage, parseDns } from '../../wire/dns_message.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, type EthernetHeader, parseEthernet } from '../../wire/ethernet.ts';
import { ICMP_HEADER_LENGTH, ICMP_PROTOCOL, icmpType, isIcmpError } from '../../wire/icmp.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipVersion,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4TotalLength,
} from '../../wire/ipv4.ts';
import { TCP_HEADER_LENGTH, TCP_PROTOCOL, tcpDestinationPort, tcpHeaderLength, tcpSourcePort } from '../../wire/tcp.ts';
import { UDP_HEADER_LENGTH, UDP_PROTOCOL, udpDestinationPort, udpLength, udpSourcePort } from '../../wire/udp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { type HttpStart, httpStart } from './http_start.ts';
import { type TlsSegment, tlsIn } from './tls_segment.ts';

/** A stretch of the frame's bytes: `end` lies behind it. */
export interface Layer {
  readonly at: number;
  readonly end: number;
}

export interface Dissection {
  readonly frame: CapturedFrame;
  readonly view: DataView;
  readonly ethernet: EthernetHeader | undefined;
  readonly arp: ArpPacket | undefined;
  readonly ip: Layer | undefined;
  readonly icmp: Layer | undefined;
  readonly udp: Layer | undefined;
  readonly tcp: Layer | undefined;
  /** What TCP or UDP carries. */
  readonly payload: Layer | undefined;
  readonly dns: DnsMessage | undefined;
  readonly dhcp: DhcpMessage | undefined;
  /** Of what TLS carries, where somebody gave the secrets away. */
  readonly http: HttpStart | undefined;
  /** Of the segment by itself: `FrameReader` knows what came before. */
  readonly tls: TlsSegment | undefined;
  /** What an ICMP error quotes, from its IP header on. */
  readonly quoted: Dissection | undefined;
}

type Mutable = { -readonly [Key in keyof Dissection]: Dissection[Key] };

export function dissect(frame: CapturedFrame): Dissection {
  const view = viewOf(frame.bytes);
  const dissection = empty(frame, view);
  const header = parseEthernet(view, 0, view.byteLength);
  if (isDrop(header)) return dissection;
  dissection.ethernet = header;
  const at = header.headerLength;
  if (header.etherType === ETHERTYPE_ARP && view.byteLength - at >= ARP_LENGTH) {
    const arp = parseArp(view, at, view.byteLength);
    if (!isDrop(arp)) dissection.arp = arp;
  }
  if (header.etherType === ETHERTYPE_IPV4) dissectIp(dissection, at);
  return dissection;
}

const empty = (frame: CapturedFrame, view: DataView): Mutable => ({
  frame,
  view,
  ethernet: undefined,
  arp: undefined,
  ip: undefined,
  icmp: undefined,
  udp: undefined,
  tcp: undefined,
  payload: undefined,
  dns: undefined,
  dhcp: undefined,
  http: undefined,
  tls: undefined,
  quoted: undefined,
});

function dissectIp(dissection: Mutable, at: number): void {
  const { view } = dissection;
  if (view.byteLength - at < IPV4_MIN_HEADER_LENGTH || ipVersion(view, at) !== 4) return;
  const headerLength = ipv4HeaderLength(view, at);
  const end = Math.min(at + ipv4TotalLength(view, at), view.byteLength);
  if (headerLength < IPV4_MIN_HEADER_LENGTH || at + headerLength > end) return;
  dissection.ip = { at, end };
  if (ipv4FragmentOffset(view, at) > 0) return; // what follows is the middle of something
  const start = at + headerLength;
  const protocol = ipv4Protocol(view, at);
  if (protocol === ICMP_PROTOCOL && end - start >= ICMP_HEADER_LENGTH) dissectIcmp(dissection, start, end);
  if (protocol === UDP_PROTOCOL && end - start >= UDP_HEADER_LENGTH) dissectUdp(dissection, start, end);
  if (protocol === TCP_PROTOCOL && end - start >= TCP_HEADER_LENGTH) dissectTcp(dissection, start, end);
}

function dissectIcmp(dissection: Mutable, at: number, end: number): void {
  dissection.icmp = { at, end };
  const { frame, view } = dissection;
  if (!isIcmpError(icmpType(view, at))) return;
  const quoted = empty(frame, view);
  dissectIp(quoted, at + ICMP_HEADER_LENGTH);
  if (quoted.ip !== undefined) dissection.quoted = quoted;
}

function dissectUdp(dissection: Mutable, at: number, packetEnd: number): void {
  const { view } = dissection;
  const end = Math.min(at + udpLength(view, at), packetEnd);
  const start = at + UDP_HEADER_LENGTH;
  dissection.udp = { at, end };
  if (start > end) return;
  dissection.payload = { at: start, end };
  const ports = [udpSourcePort(view, at), udpDestinationPort(view, at)];
  if (ports.includes(DNS_PORT)) {
    const dns = parseDns(view, start, end);
    if (!isDrop(dns)) dissection.dns = dns;
  } else if (ports.includes(DHCP_SERVER_PORT) || ports.includes(DHCP_CLIENT_PORT)) {
    const dhcp = parseDhcp(view, start, end);
    if (!isDrop(dhcp)) dissection.dhcp = dhcp;
  }
}

function dissectTcp(dissection: Mutable, at: number, end: number): void {
  const { view } = dissection;
  const start = at + tcpHeaderLength(view, at);
  dissection.tcp = { at, end };
  if (start > end || start - at < TCP_HEADER_LENGTH) return;
  dissection.payload = { at: start, end };
  if (start === end) return;
  const ports = [tcpSourcePort(view, at), tcpDestinationPort(view, at)];
  if (ports.includes(DNS_PORT) && end - start > 2 && view.getUint16(start) === end - start - 2) {
    const dns = parseDns(view, start + 2, end);
    if (!isDrop(dns)) dissection.dns = dns;
    return;
  }
  const bytes = dissection.frame.bytes.subarray(start, end);
  dissection.http = httpStart(bytes);
  dissection.tls = tlsIn(bytes);
}
