// Every codec of the wire, with bytes that it accepts: what random and mutated inputs go through. A new codec is a new row.

import { joinBytes, textOf, utf8 } from '../../src/core/bytes.ts';
import { DropReason } from '../../src/core/drop_reason.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Ipv4Address, LinkAddress } from '../../src/wire/address.ts';
import { parseArp } from '../../src/wire/arp.ts';
import { type DhcpMessage, encodeDhcp, parseDhcp } from '../../src/wire/dhcp.ts';
import { DnsType, dnsName, dnsQuery, encodeDns, parseDns } from '../../src/wire/dns.ts';
import { parseEthernet } from '../../src/wire/ethernet.ts';
import { formatFrame } from '../../src/wire/format_frame.ts';
import { parseIcmp } from '../../src/wire/icmp.ts';
import { parseIcmpQuote } from '../../src/wire/icmp_quote.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { encodeIpv4Options, parseIpv4Options } from '../../src/wire/ipv4_options.ts';
import { readCapture } from '../../src/wire/pcapng_reader.ts';
import { PcapngWriter } from '../../src/wire/pcapng_writer.ts';
import { parseTcp } from '../../src/wire/tcp.ts';
import { parseTcpOptions } from '../../src/wire/tcp_options.ts';
import { parseUdp } from '../../src/wire/udp.ts';
import { HttpRequestParser, HttpResponseParser } from '../../src/world/app/http/http_parser.ts';
import { URI_SAMPLES } from '../../src/world/app/uri/samples.ts';
import { parseUri } from '../../src/world/app/uri/uri.ts';
import { bytes, viewOf } from '../testing/bytes.ts';
import { FRAMES } from '../testing/frames.ts';

export interface Codec {
  readonly name: string;
  /** Well-formed inputs, from which mutations start. At least one. */
  readonly samples: readonly Uint8Array[];
  /** The codec itself: what it returns must be in proportion to the input. */
  readonly parse: (data: Uint8Array) => unknown;
  /** How many characters of text or entries of lists a byte of input may become; 64 unless given. */
  readonly outputPerByte?: number;
}

type Parse = (view: DataView, at: number, end: number) => unknown;
const whole =
  (parse: Parse) =>
  (data: Uint8Array): unknown =>
    parse(viewOf(data), 0, data.length);

/**
 * The same, behind a checksum that nearly no mutation survives: the sum that the codec is told makes the bytes sum to what
 * is right, so that inputs get past it half of the time.
 */
const summed =
  (parse: (view: DataView, at: number, end: number, pseudoSum: number) => unknown) =>
  (data: Uint8Array): unknown => {
    const view = viewOf(data);
    const direct = parse(view, 0, data.length, 0);
    if (direct !== DropReason.BadChecksum) return direct;
    let sum = data.length;
    for (let i = 0; i < data.length; i++) sum += (data[i] ?? 0) << (i % 2 === 0 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return parse(view, 0, data.length, ~sum & 0xffff);
  };

/** The same for checksums over the bytes alone: the field at `at` is made right. */
const resummed =
  (parse: Parse, at: number, coveredLength: (data: Uint8Array) => number) =>
  (data: Uint8Array): unknown => {
    const direct = parse(viewOf(data), 0, data.length);
    if (direct !== DropReason.BadChecksum) return direct;
    const copy = data.slice();
    copy[at] = 0;
    copy[at + 1] = 0;
    let sum = 0;
    const length = Math.min(coveredLength(copy), copy.length);
    for (let i = 0; i < length; i++) sum += (copy[i] ?? 0) << (i % 2 === 0 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    viewOf(copy).setUint16(at, ~sum & 0xffff);
    return parse(viewOf(copy), 0, copy.length);
  };

const { arpRequest, syn, data, sack, reset, udp, echoRequest, portUnreachable, tooBig, redirect, tagged } = FRAMES;
const packet = (frame: Uint8Array): Uint8Array => frame.subarray(14);
const carried = (frame: Uint8Array): Uint8Array => frame.subarray(34);

function captureFile(): Uint8Array {
  const writer = new PcapngWriter({ seconds: 1_700_000_000, nanoseconds: 1 }, 'netarium 0.1.0');
  return joinBytes([
    writer.header(),
    writer.interface('home'),
    writer.tlsSecrets('CLIENT_RANDOM 00 11\n'),
    writer.packet(0, 1 as Instant, udp, 'lost on the link'),
    writer.packet(0, 2 as Instant, arpRequest),
  ]);
}

const PCAP_FILE = bytes(
  'a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001 6553f100 000001f4 00000002 00000005 aabb',
);

export const DNS_QUERY: Uint8Array = encodeDns(
  dnsQuery(7, { name: dnsName('www.foo.test.'), type: DnsType.A, class: 1 }),
);

function dnsAnswer(): Uint8Array {
  const question = { name: dnsName('www.foo.test.'), type: DnsType.A, class: 1 };
  const target = dnsName('web.foo.test.');
  return encodeDns(
    dnsQuery(7, question, {
      isResponse: true,
      answers: [
        { name: question.name, type: DnsType.CNAME, class: 1, ttl: 300, data: { kind: 'CNAME', target } },
        { name: target, type: DnsType.A, class: 1, ttl: 300, data: { kind: 'A', address: 0x0a00_0001 as Ipv4Address } },
      ],
    }),
  );
}

const NOBODY = 0 as Ipv4Address;
const DISCOVER: DhcpMessage = {
  operation: 'request',
  hops: 0,
  transactionId: 7,
  secondsElapsed: 0,
  isBroadcast: false,
  clientAddress: NOBODY,
  yourAddress: NOBODY,
  nextServer: NOBODY,
  relayAgent: NOBODY,
  clientLinkAddress: 0x0200_0000_0001 as LinkAddress,
  serverName: '',
  bootFile: '',
  options: { messageType: 'Discover', hostName: 'alice' },
};
export const DHCP_DISCOVER: Uint8Array = encodeDhcp(DISCOVER);

const REQUESTS = [
  'GET /a?b HTTP/1.1\r\nHost: foo.test\r\nAccept: */*\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: foo.test\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: b\r\n\r\n',
].map(utf8);
const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\nuntil the end',
].map(utf8);

/** Everything that a stream of these bytes means, fed in two pieces. */
function httpEvents(parser: HttpRequestParser | HttpResponseParser, data: Uint8Array): readonly unknown[] {
  const events: unknown[] = [];
  const middle = data.length >> 1;
  for (const piece of [data.subarray(0, middle), data.subarray(middle)]) {
    parser.push(piece);
    if (piece.byteOffset + piece.length === data.byteOffset + data.length) parser.end();
    for (let event = parser.poll(); event !== undefined; event = parser.poll()) events.push(event);
  }
  return events;
}

export const CODECS: readonly Codec[] = [
  { name: 'ethernet', samples: [udp, tagged], parse: whole(parseEthernet) },
  { name: 'arp', samples: [packet(arpRequest)], parse: whole(parseArp) },
  {
    name: 'ipv4',
    samples: [packet(udp), packet(FRAMES.firstFragment), packet(FRAMES.lastFragment)],
    parse: resummed(parseIpv4, 10, (bytes) => 4 * ((bytes[0] ?? 0) & 15)),
  },
  {
    name: 'ipv4 options',
    samples: [
      encodeIpv4Options({ routerAlert: 0, recordRoute: { addresses: [], used: 0 } }),
      bytes('83 07 04 c0 a8 00 01 07 0b 08 0a 00 00 01 00 00 00 00 44 0c 0d 21 0a 00 00 01 80 00 00 02'),
    ],
    parse: whole(parseIpv4Options),
  },
  {
    name: 'icmp',
    samples: [echoRequest, portUnreachable, tooBig, redirect].map(carried),
    parse: resummed(parseIcmp, 2, (bytes) => bytes.length),
  },
  { name: 'icmp quote', samples: [carried(portUnreachable).subarray(8)], parse: whole(parseIcmpQuote) },
  { name: 'udp', samples: [carried(udp)], parse: summed(parseUdp) },
  { name: 'tcp', samples: [syn, data, sack, reset].map(carried), parse: summed(parseTcp) },
  {
    name: 'tcp options',
    samples: [carried(syn).subarray(20), carried(data).subarray(20, 32), carried(sack).subarray(20)],
    parse: whole(parseTcpOptions),
  },
  { name: 'text of a frame', samples: Object.values(FRAMES), parse: (frame) => formatFrame(frame) },
  { name: 'dns', samples: [DNS_QUERY, dnsAnswer()], parse: whole(parseDns) },
  { name: 'dhcp', samples: [DHCP_DISCOVER], parse: whole(parseDhcp) },
  { name: 'http request', samples: REQUESTS, parse: (data) => httpEvents(new HttpRequestParser(), data) },
  {
    name: 'http response',
    samples: RESPONSES,
    parse: (data): unknown => {
      const parser = new HttpResponseParser();
      for (let n = 0; n < 4; n++) parser.expect('GET');
      return httpEvents(parser, data);
    },
  },
  { name: 'uri', samples: URI_SAMPLES.map(utf8), parse: (data) => parseUri(textOf(data)) },
  { name: 'capture file', samples: [captureFile(), PCAP_FILE], parse: readCapture },
];
