// The fields that a packet filter can name: Wireshark's names, with Wireshark's meaning. A field has any number of values
// in a frame: none when its protocol is not there, two for `ip.addr`.

import type { ObservedMessage, RecordContent } from '../../secure/tls/eavesdropper.ts';
import type { ClientHello, HelloRetryRequest, ServerHello } from '../../secure/tls/handshake_message.ts';
import { ContentType } from '../../secure/tls/record.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress } from '../../wire/address.ts';
import { DHCP_MESSAGE_TYPES } from '../../wire/dhcp_options.ts';
import { icmpCode, icmpIdentifier, icmpSequence, icmpType } from '../../wire/icmp.ts';
import {
  ipv4Destination,
  ipv4DontFragment,
  ipv4FragmentOffset,
  ipv4HasMoreFragments,
  ipv4Identification,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  ipv4TrafficClass,
  ipv4Ttl,
} from '../../wire/ipv4.ts';
import {
  TcpFlag,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
} from '../../wire/tcp.ts';
import { udpDestinationPort, udpLength, udpSourcePort } from '../../wire/udp.ts';
import type { Dissection, Layer } from './dissection.ts';

/** How a field's values are written and compared. `protocol`: it can only be there or not. */
export type FieldKind = 'protocol' | 'number' | 'boolean' | 'ipv4' | 'link' | 'text';

export interface FilterField {
  readonly kind: FieldKind;
  /** Numbers (booleans as 0 and 1, addresses as their numbers) or text. */
  values(dissection: Dissection): readonly (number | string)[];
  readonly description: string;
}

type LayerName = 'ip' | 'icmp' | 'udp' | 'tcp';
type Read = (view: DataView, at: number, layer: Layer) => number | boolean;

const field = (kind: FieldKind, description: string, values: FilterField['values']): FilterField => {
  return { kind, description, values };
};

const protocol = (description: string, isThere: (d: Dissection) => boolean): FilterField =>
  field('protocol', description, (d) => (isThere(d) ? [1] : []));

/** Fields read from one layer's header. */
const inLayer = (kind: FieldKind, layer: LayerName, description: string, ...reads: readonly Read[]): FilterField =>
  field(kind, description, (d) => {
    const found = d[layer];
    return found === undefined ? [] : reads.map((read) => Number(read(d.view, found.at, found)));
  });

const flag = (bit: number, description: string): FilterField =>
  inLayer('boolean', 'tcp', description, (view, at) => (tcpFlags(view, at) & bit) !== 0);

const one = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

const payloadLength = (d: Dissection): number => (d.payload === undefined ? 0 : d.payload.end - d.payload.at);

export const FILTER_FIELDS: ReadonlyMap<string, FilterField> = new Map([
  ['frame', protocol('every frame', () => true)],
  ['frame.number', field('number', 'its place in the capture, from 1', (d) => [d.frame.number])],
  ['frame.len', field('number', 'its bytes, without the check sequence', (d) => [d.frame.bytes.length])],
  ['frame.comment', field('text', 'what became of it', (d) => one(d.frame.comment))],
  ['frame.interface_name', field('text', 'the network', (d) => [d.frame.network])],
  ['eth', protocol('Ethernet', (d) => d.ethernet !== undefined)],
  ['eth.src', field('link', 'source', (d) => one(d.ethernet?.source))],
  ['eth.dst', field('link', 'destination', (d) => one(d.ethernet?.destination))],
  [
    'eth.addr',
    field('link', 'either', (d) => (d.ethernet === undefined ? [] : [d.ethernet.source, d.ethernet.destination])),
  ],
  ['eth.type', field('number', 'what it carries', (d) => one(d.ethernet?.etherType))],
  ['vlan.id', field('number', 'the VLAN of a tagged frame', (d) => one(d.ethernet?.vlan?.id))],
  ['arp', protocol('ARP', (d) => d.arp !== undefined)],
  [
    'arp.opcode',
    field('number', '1 request, 2 reply', (d) => (d.arp === undefined ? [] : [d.arp.operation === 'request' ? 1 : 2])),
  ],
  ['arp.src.hw_mac', field('link', "the sender's link address", (d) => one(d.arp?.senderLink))],
  ['arp.src.proto_ipv4', field('ipv4', "the sender's address", (d) => one(d.arp?.sender))],
  ['arp.dst.hw_mac', field('link', "the target's link address", (d) => one(d.arp?.targetLink))],
  ['arp.dst.proto_ipv4', field('ipv4', 'the address asked for', (d) => one(d.arp?.target))],
  ['ip', protocol('IPv4', (d) => d.ip !== undefined)],
  ['ip.src', inLayer('ipv4', 'ip', 'source', ipv4Source)],
  ['ip.dst', inLayer('ipv4', 'ip', 'destination', ipv4Destination)],
  ['ip.addr', inLayer('ipv4', 'ip', 'either', ipv4Source, ipv4Destination)],
  ['ip.ttl', inLayer('number', 'ip', 'time to live', ipv4Ttl)],
  ['ip.proto', inLayer('number', 'ip', 'protocol number', ipv4Protocol)],
  ['ip.len', inLayer('number', 'ip', 'total length', ipv4TotalLength)],
  ['ip.id', inLayer('number', 'ip', 'identification', ipv4Identification)],
  ['ip.dsfield', inLayer('number', 'ip', 'DSCP and ECN', ipv4TrafficClass)],
  ['ip.flags.df', inLayer('boolean', 'ip', "don't fragment", ipv4DontFragment)],
  ['ip.flags.mf', inLayer('boolean', 'ip', 'more fragments', ipv4HasMoreFragments)],
  ['ip.frag_offset', inLayer('number', 'ip', 'fragment offset, bytes', ipv4FragmentOffset)],
  ['icmp', protocol('ICMP', (d) => d.icmp !== undefined)],
  ['icmp.type', inLayer('number', 'icmp', 'type', icmpType)],
  ['icmp.code', inLayer('number', 'icmp', 'code', icmpCode)],
  ['icmp.ident', inLayer('number', 'icmp', 'identifier of an echo', icmpIdentifier)],
  ['icmp.seq', inLayer('number', 'icmp', 'sequence number of an echo', icmpSequence)],
  ['udp', protocol('UDP', (d) => d.udp !== undefined)],
  ['udp.srcport', inLayer('number', 'udp', 'source port', udpSourcePort)],
  ['udp.dstport', inLayer('number', 'udp', 'destination port', udpDestinationPort)],
  ['udp.port', inLayer('number', 'udp', 'either', udpSourcePort, udpDestinationPort)],
  ['udp.length', inLayer('number', 'udp', 'length with its header', udpLength)],
  ['tcp', protocol('TCP', (d) => d.tcp !== undefined)],
  ['tcp.srcport', inLayer('number', 'tcp', 'source port', tcpSourcePort)],
  ['tcp.dstport', inLayer('number', 'tcp', 'destination port', tcpDestinationPort)],
  ['tcp.port', inLayer('number', 'tcp', 'either', tcpSourcePort, tcpDestinationPort)],
  ['tcp.seq_raw', inLayer('number', 'tcp', 'sequence number as sent', (v, at) => tcpSequence(v, at) >>> 0)],
  ['tcp.ack_raw', inLayer('number', 'tcp', 'acknowledgment number as sent', (v, at) => tcpAcknowledgment(v, at) >>> 0)],
  ['tcp.window_size_value', inLayer('number', 'tcp', 'window as sent, not scaled', tcpWindow)],
  ['tcp.len', field('number', 'bytes of data', (d) => (d.tcp === undefined ? [] : [payloadLength(d)]))],
  ['tcp.flags', inLayer('number', 'tcp', 'all flags', (v, at) => v.getUint16(at + 12) & 0xfff)],
  ['tcp.flags.fin', flag(TcpFlag.Fin, 'FIN')],
  ['tcp.flags.syn', flag(TcpFlag.Syn, 'SYN')],
  ['tcp.flags.reset', flag(TcpFlag.Rst, 'RST')],
  ['tcp.flags.push', flag(TcpFlag.Psh, 'PSH')],
  ['tcp.flags.ack', flag(TcpFlag.Ack, 'ACK')],
  ['tcp.flags.urg', flag(TcpFlag.Urg, 'URG')],
  ['dhcp', protocol('DHCP', (d) => d.dhcp !== undefined)],
  ['dhcp.id', field('number', 'transaction id', (d) => one(d.dhcp?.transactionId))],
  ['dhcp.ip.your', field('ipv4', 'the address that is given', (d) => one(d.dhcp?.yourAddress))],
  ['dhcp.option.dhcp', field('number', '1 discover, 2 offer, 3 request, 5 ack ...', (d) => one(dhcpType(d)))],
  ['dns', protocol('DNS', (d) => d.dns !== undefined)],
  ['dns.id', field('number', 'id', (d) => one(d.dns?.id))],
  ['dns.flags.response', field('boolean', 'an answer', (d) => (d.dns === undefined ? [] : [Number(d.dns.isResponse)]))],
  [
    'dns.flags.truncated',
    field('boolean', 'cut: ask over TCP', (d) => (d.dns === undefined ? [] : [Number(d.dns.isTruncated)])),
  ],
  [
    'dns.flags.rcode',
    field('number', '0 no error, 3 no such name ...', (d) => (d.dns?.isResponse ? [d.dns.rcode & 15] : [])),
  ],
  [
    'dns.qry.name',
    field('text', 'the name asked for', (d) => (d.dns?.questions ?? []).map(({ name }) => plainName(name))),
  ],
  ['dns.qry.type', field('number', '1 A, 2 NS, 5 CNAME ...', (d) => (d.dns?.questions ?? []).map(({ type }) => type))],
  ['dns.a', field('ipv4', 'an address in any section', (d) => addressesIn(d))],
  ['dns.count.answers', field('number', 'records in the answer', (d) => one(d.dns?.answers.length))],
  ['http', protocol('HTTP', (d) => d.http !== undefined)],
  ['http.request', protocol('an HTTP request', (d) => d.http?.kind === 'request')],
  ['http.response', protocol('an HTTP response', (d) => d.http?.kind === 'response')],
  ['http.request.method', field('text', 'GET ...', (d) => (d.http?.kind === 'request' ? [d.http.method] : []))],
  ['http.request.uri', field('text', 'request target', (d) => (d.http?.kind === 'request' ? [d.http.target] : []))],
  ['http.host', field('text', 'Host', (d) => one(d.http?.host))],
  ['tls', protocol('TLS: a record ends here', (d) => (d.tls?.records.length ?? 0) > 0)],
  [
    'tls.record.content_type',
    field('number', '20 change cipher spec, 21 alert, 22 handshake, 23 data; under protection, if it is off', (d) =>
      contentsOf(d).map(({ type }) => type),
    ),
  ],
  [
    'tls.record.opaque_type',
    field('number', '23: the record is protected', (d) =>
      (d.tls?.records ?? []).flatMap(({ bytes }) => (bytes[0] === ContentType.ApplicationData ? [bytes[0]] : [])),
    ),
  ],
  [
    'tls.handshake.type',
    field('number', '1 client hello, 2 server hello ...', (d) => messagesOf(d).map(({ bytes }) => bytes[0] ?? 0)),
  ],
  [
    'tls.handshake.ciphersuite',
    field('number', 'offered, or chosen', (d) =>
      helloOf(d).flatMap((hello) => (hello.kind === 'client-hello' ? hello.cipherSuites : [hello.cipherSuite])),
    ),
  ],
  [
    'tls.handshake.extensions_server_name',
    field('text', 'the name that the client asks for', (d) =>
      helloOf(d).flatMap((hello) => (hello.kind === 'client-hello' ? one(hello.serverName) : [])),
    ),
  ],
  [
    'tls.alert_message.desc',
    field('number', '0 close notify, 40 handshake failure ...', (d) =>
      contentsOf(d).flatMap(({ type, data }) => (type === ContentType.Alert ? one(data[1]) : [])),
    ),
  ],
  ['http.response.code', field('number', 'status', (d) => (d.http?.kind === 'response' ? [d.http.status] : []))],
]);

const contentsOf = (d: Dissection): readonly RecordContent[] =>
  (d.tls?.records ?? []).flatMap(({ content }) => one(content));

// Those that end here: a message may lie in several records.
const messagesOf = (d: Dissection): readonly ObservedMessage[] =>
  contentsOf(d).flatMap(({ fragments }) =>
    fragments.flatMap(({ whole, offset, length }) => (offset + length === whole?.bytes.length ? [whole] : [])),
  );

const helloOf = (d: Dissection): readonly (ClientHello | ServerHello | HelloRetryRequest)[] =>
  messagesOf(d).flatMap(({ message }) =>
    message.kind === 'client-hello' || message.kind === 'server-hello' || message.kind === 'hello-retry-request'
      ? [message]
      : [],
  );

function dhcpType({ dhcp }: Dissection): number | undefined {
  const type = dhcp?.options.messageType;
  return type === undefined ? undefined : DHCP_MESSAGE_TYPES.indexOf(type) + 1;
}

// As Wireshark shows names: without the dot of the root.
const plainName = (name: string): string => name.replace(/(?<=.)\.$/, '');

function addressesIn({ dns }: Dissection): readonly number[] {
  if (dns === undefined) return [];
  const records = [...dns.answers, ...dns.authorities, ...dns.additionals];
  return records.flatMap(({ data }) => (data.kind === 'A' ? [data.address] : []));
}

/** A field's value as text. */
export function formatFieldValue(kind: FieldKind, value: number | string): string {
  if (typeof value === 'string') return value;
  if (kind === 'ipv4') return formatIpv4(value as Ipv4Address);
  if (kind === 'link') return formatLinkAddress(value as LinkAddress);
  return String(value);
}
