// What each byte of the headers below a message means: Ethernet, ARP, IPv4, ICMP, UDP, TCP. Each function reads one header with a
// reader that records spans, as far as the bytes go. Not here: which header comes where (explanation.ts).

import type { ByteReader } from '../../core/byte_reader.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress } from '../../wire/address.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN } from '../../wire/ethernet.ts';
import { ICMP_PROTOCOL, IcmpType } from '../../wire/icmp.ts';
import { IPV4_DONT_FRAGMENT, IPV4_MORE_FRAGMENTS } from '../../wire/ipv4.ts';
import { TCP_PROTOCOL, TcpFlag } from '../../wire/tcp.ts';
import { UDP_PROTOCOL } from '../../wire/udp.ts';

const ETHERTYPES: Readonly<Record<number, string>> = {
  [ETHERTYPE_IPV4]: 'IPv4',
  [ETHERTYPE_ARP]: 'ARP',
  [ETHERTYPE_VLAN]: 'VLAN tag',
  [ETHERTYPE_IPV6]: 'IPv6',
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  [ICMP_PROTOCOL]: 'ICMP',
  [TCP_PROTOCOL]: 'TCP',
  [UDP_PROTOCOL]: 'UDP',
};

const ICMP_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(IcmpType).map(([name, type]) => [
    type,
    name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
  ]),
);

const FLAGS = Object.entries(TcpFlag).map(([name, bit]) => [name.toUpperCase(), bit] as const);

/** RFC 9293 §3.1, RFC 7323, RFC 2018: an option's bytes behind its length, told by the whole. */
const TCP_OPTIONS: Readonly<Record<number, (data: ByteReader) => [label: string, value: string]>> = {
  2: (data) => ['maximum segment size', String(data.uint16())],
  3: (data) => ['window scale', `2^${data.uint8()}`],
  4: () => ['SACK permitted', 'yes'],
  5: (data) => ['SACK', blocks(data)],
  8: (data) => ['timestamps', `value ${data.uint32()}, echo ${data.uint32()}`],
};

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** `0x0800 (IPv4)` */
const named = (names: Readonly<Record<number, string>>, value: number, digits: number): string =>
  names[value] === undefined ? hex(value, digits) : `${hex(value, digits)} (${names[value]})`;

export function ethernetSpans(reader: ByteReader): void {
  linkAddress(reader, 'destination');
  linkAddress(reader, 'source');
  const type = number16(reader, 'type', (value) => named(ETHERTYPES, value, 4));
  if (type !== ETHERTYPE_VLAN) return;
  number16(reader, 'priority and VLAN', (value) => `priority ${value >>> 13}, VLAN ${value & 0xfff}`);
  number16(reader, 'type', (value) => named(ETHERTYPES, value, 4));
}

export function arpSpans(reader: ByteReader): void {
  number16(reader, 'hardware', (value) => (value === 1 ? 'Ethernet' : String(value)));
  number16(reader, 'protocol', (value) => named(ETHERTYPES, value, 4));
  number8(reader, 'length of link addresses');
  number8(reader, 'length of addresses');
  number16(reader, 'operation', (value) => (value === 1 ? 'request' : value === 2 ? 'reply' : String(value)));
  linkAddress(reader, 'sender link address');
  address(reader, 'sender address');
  linkAddress(reader, 'target link address');
  address(reader, 'target address');
}

/** With its options: the reader's end is theirs. */
export function ipv4Spans(reader: ByteReader): void {
  number8(reader, 'version and header length', (value) => `version ${value >>> 4}, ${(value & 15) * 4} bytes`);
  number8(reader, 'DSCP and ECN', (value) => `DSCP ${value >>> 2}, ECN ${value & 3}`);
  number16(reader, 'total length');
  number16(reader, 'identification');
  number16(reader, 'flags and fragment offset', fragmentText);
  number8(reader, 'time to live');
  number8(reader, 'protocol', (value) =>
    PROTOCOLS[value] === undefined ? String(value) : `${value} (${PROTOCOLS[value]})`,
  );
  number16(reader, 'header checksum', (value) => hex(value, 4));
  address(reader, 'source');
  address(reader, 'destination');
  while (reader.remaining > 0) option(reader, () => ['IP option', '']);
}

export function udpSpans(reader: ByteReader): void {
  number16(reader, 'source port');
  number16(reader, 'destination port');
  number16(reader, 'length');
  number16(reader, 'checksum', (value) => hex(value, 4));
}

/** With its options: the reader's end is theirs. */
export function tcpSpans(reader: ByteReader): void {
  number16(reader, 'source port');
  number16(reader, 'destination port');
  number32(reader, 'sequence number');
  number32(reader, 'acknowledgment number');
  number8(reader, 'header length', (value) => `${(value >>> 4) * 4} bytes`);
  number8(reader, 'flags', (value) => {
    const set = FLAGS.filter(([, bit]) => (value & bit) !== 0).map(([name]) => name);
    return set.length === 0 ? 'none' : set.join(', ');
  });
  number16(reader, 'window');
  number16(reader, 'checksum', (value) => hex(value, 4));
  number16(reader, 'urgent pointer');
  while (reader.remaining > 0) {
    option(reader, (kind, data) => TCP_OPTIONS[kind]?.(data) ?? [`TCP option ${kind}`, '']);
  }
}

export function icmpSpans(reader: ByteReader): void {
  const type = number8(
    reader,
    'type',
    (value) => `${value}${ICMP_NAMES.has(value) ? ` (${ICMP_NAMES.get(value)})` : ''}`,
  );
  number8(reader, 'code');
  number16(reader, 'checksum', (value) => hex(value, 4));
  switch (type) {
    case IcmpType.EchoRequest:
    case IcmpType.EchoReply:
      number16(reader, 'identifier');
      number16(reader, 'sequence number');
      break;
    case IcmpType.Redirect:
      address(reader, 'gateway');
      break;
    case IcmpType.Unreachable:
      number16(reader, 'unused');
      number16(reader, 'MTU of the next hop');
      break;
    default:
      number32(reader, 'rest of the header');
  }
}

// RFC 791 §3.1, RFC 9293 §3.1: 0 ends the list, 1 fills; the others have a length.
function option(reader: ByteReader, tell: (kind: number, data: ByteReader) => [label: string, value: string]): void {
  const start = reader.at;
  const kind = reader.uint8();
  if (kind === 0) {
    reader.skip(reader.remaining);
    reader.mark(start, 'end of options');
    return;
  }
  if (kind === 1) {
    reader.mark(start, 'no operation');
    return;
  }
  const length = reader.uint8();
  const data = reader.sub(Math.max(0, length - 2));
  const [label, value] = length < 2 || reader.isTruncated ? ['an option that is cut off', ''] : tell(kind, data);
  // What is wrong with its length is wrong with all behind it.
  if (length < 2) reader.skip(reader.remaining);
  reader.mark(start, label, value === '' ? undefined : value);
}

function blocks(data: ByteReader): string {
  const texts: string[] = [];
  while (data.remaining >= 8) texts.push(`${data.uint32()} to ${data.uint32()}`);
  return texts.join(', ');
}

function fragmentText(value: number): string {
  const flags = [
    (value & IPV4_DONT_FRAGMENT) === 0 ? '' : "don't fragment, ",
    (value & IPV4_MORE_FRAGMENTS) === 0 ? '' : 'more fragments, ',
  ];
  return `${flags.join('')}offset ${(value & 0x1fff) * 8}`;
}

function number8(reader: ByteReader, label: string, meaning: (value: number) => string = String): number {
  const value = reader.uint8();
  if (!reader.isTruncated) reader.mark(reader.at - 1, label, meaning(value));
  return value;
}

function number16(reader: ByteReader, label: string, meaning: (value: number) => string = String): number {
  const value = reader.uint16();
  if (!reader.isTruncated) reader.mark(reader.at - 2, label, meaning(value));
  return value;
}

function number32(reader: ByteReader, label: string): void {
  const value = reader.uint32();
  if (!reader.isTruncated) reader.mark(reader.at - 4, label, String(value));
}

function address(reader: ByteReader, label: string): void {
  const value = reader.int32() as Ipv4Address;
  if (!reader.isTruncated) reader.mark(reader.at - 4, label, formatIpv4(value));
}

function linkAddress(reader: ByteReader, label: string): void {
  const value = (reader.uint16() * 0x1_0000_0000 + reader.uint32()) as LinkAddress;
  if (!reader.isTruncated) reader.mark(reader.at - 6, label, formatLinkAddress(value));
}
