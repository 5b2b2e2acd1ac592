// What a frame says in a few words, for places that are narrow: `SYN seq 0`, `A? www.foo.test`, `GET /`.

import type { ObservedRecord } from '../../secure/tls/eavesdropper.ts';
import { ContentType } from '../../secure/tls/record.ts';
import { formatIpv4, formatLinkAddress } from '../../wire/address.ts';
import { formatDnsData } from '../../wire/dns_record_text.ts';
import { formatDnsType } from '../../wire/dns_type.ts';
import { icmpCode, icmpSequence, icmpType } from '../../wire/icmp.ts';
import { ipv4FragmentOffset, ipv4Protocol } from '../../wire/ipv4.ts';
import { TcpFlag, tcpAcknowledgment, tcpFlags, tcpSequence } from '../../wire/tcp.ts';
import { udpDestinationPort, udpSourcePort } from '../../wire/udp.ts';
import type { Dissection, Layer } from './dissection.ts';
import type { FrameReader } from './frame_text.ts';
import { segmentEnds } from './segment_ends.ts';
import { tlsText } from './tls_text.ts';

/** The first words of each ICMP message that is not an echo. */
const ICMP_TITLES: Readonly<Record<number, string>> = {
  3: 'unreachable',
  5: 'redirect',
  11: 'time exceeded',
  12: 'parameter problem',
};
// RFC 792 and RFC 1812 §5.2.7.1: codes of "unreachable".
const UNREACHABLE: readonly string[] = ['net', 'host', 'protocol', 'port', 'fragmentation needed'];

const FLAGS: readonly (readonly [number, string])[] = [
  [TcpFlag.Syn, 'SYN'],
  [TcpFlag.Fin, 'FIN'],
  [TcpFlag.Rst, 'RST'],
  [TcpFlag.Psh, 'PSH'],
  [TcpFlag.Ack, 'ACK'],
];

/** @param reader that has read the frame: it knows where connections begin */
export function frameTitle(dissection: Dissection, reader: FrameReader): string {
  const { view, arp, ip, icmp, udp, tcp } = dissection;
  if (arp !== undefined) {
    if (arp.operation === 'request') return `ARP who-has ${formatIpv4(arp.target)}?`;
    // The arrow begins at whoever says so, unless it speaks for another.
    const place = arp.senderLink === dissection.ethernet?.source ? 'here' : formatLinkAddress(arp.senderLink);
    return `ARP ${formatIpv4(arp.sender)} is ${place}`;
  }
  if (icmp !== undefined) return icmpTitle(view, icmp);
  if (dissection.dhcp !== undefined) return `DHCP ${dissection.dhcp.options.messageType ?? dissection.dhcp.operation}`;
  if (dissection.dns !== undefined) return dnsTitle(dissection);
  if (tcp !== undefined) return tcpTitle(dissection, tcp, reader);
  if (udp !== undefined) {
    const length = dissection.payload === undefined ? 0 : dissection.payload.end - dissection.payload.at;
    return `UDP ${udpSourcePort(view, udp.at)} > ${udpDestinationPort(view, udp.at)}, ${length} bytes`;
  }
  if (ip !== undefined) {
    const offset = ipv4FragmentOffset(view, ip.at);
    return offset > 0 ? `fragment at ${offset}` : `IP protocol ${ipv4Protocol(view, ip.at)}`;
  }
  return `Ethernet, ${view.byteLength} bytes`;
}

function icmpTitle(view: DataView, { at }: Layer): string {
  const [type, code] = [icmpType(view, at), icmpCode(view, at)];
  if (type === 8) return `echo request, seq ${icmpSequence(view, at)}`;
  if (type === 0) return `echo reply, seq ${icmpSequence(view, at)}`;
  const title = ICMP_TITLES[type] ?? `type ${type}`;
  return `ICMP ${type === 3 && UNREACHABLE[code] !== undefined ? `${UNREACHABLE[code]} ` : ''}${title}`;
}

function dnsTitle({ dns }: Dissection): string {
  const [question] = dns?.questions ?? [];
  const asked = question === undefined ? '' : `${formatDnsType(question.type)}? ${question.name}`;
  if (dns?.isResponse !== true) return `DNS ${asked}`;
  const answers = dns.answers.map(({ data }) => formatDnsData(data));
  if (answers.length > 0) return `DNS ${answers.join(', ')}`;
  if ((dns.rcode & 15) === 3) return 'DNS no such name';
  if (dns.isTruncated) return 'DNS truncated: ask over TCP';
  const [authority] = dns.authorities;
  return authority === undefined ? `DNS rcode ${dns.rcode & 15}` : `DNS see ${formatDnsData(authority.data)}`;
}

// Beside others a ChangeCipherSpec says nothing in TLS 1.3.
function withoutFiller(records: readonly ObservedRecord[]): readonly ObservedRecord[] {
  const telling = records.filter(({ bytes }) => bytes[0] !== ContentType.ChangeCipherSpec);
  return telling.length === 0 ? records : telling;
}

function tcpTitle(dissection: Dissection, { at }: Layer, reader: FrameReader): string {
  const { view, payload, http, tls } = dissection;
  if (tls !== undefined) return `TLS ${tlsText(withoutFiller(tls.records))}`;
  const ends = segmentEnds(dissection);
  const origin = ends === undefined ? { sequence: 0, acknowledgment: 0 } : reader.origin(ends);
  const flags = tcpFlags(view, at);
  const names = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const length = payload === undefined ? 0 : payload.end - payload.at;
  const sequence = (tcpSequence(view, at) - origin.sequence) >>> 0;
  const isNumbered = length > 0 || (flags & (TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Rst)) !== 0;
  const numbers = [
    isNumbered ? `seq ${sequence}${length > 0 ? `:${(sequence + length) >>> 0}` : ''}` : '',
    (flags & TcpFlag.Ack) !== 0 ? `ack ${(tcpAcknowledgment(view, at) - origin.acknowledgment) >>> 0}` : '',
  ].filter((text) => text !== '');
  if (http?.kind === 'request') return `${http.method} ${http.target}`;
  if (http?.kind === 'response') return `HTTP ${http.status}, ${numbers[0]}`;
  return `${names.join(',')} ${numbers.join(' ')}`;
}
