// One frame of each kind, between 02:00:00:00:00:01 (10.0.0.1) and 02:00:00:00:00:02 (10.0.0.2): samples for tests of
// text, of captures, and of what survives mutation. Made with the emitters, whose own tests compare them with bytes.

import { joinBytes, utf8 } from '../../src/core/bytes.ts';
import type { Ipv4Address, LinkAddress } from '../../src/wire/address.ts';
import { emitArp } from '../../src/wire/arp.ts';
import { addSums, pseudoSumIpv4, sumBytes } from '../../src/wire/checksum.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
  emitTaggedEthernet,
} from '../../src/wire/ethernet.ts';
import { emitIcmp, ICMP_PROTOCOL, type IcmpMessage } from '../../src/wire/icmp.ts';
import { emitIpv4Header, IPV4_DONT_FRAGMENT, IPV4_MORE_FRAGMENTS } from '../../src/wire/ipv4.ts';
import { emitTcp, TCP_PROTOCOL, TcpFlag } from '../../src/wire/tcp.ts';
import { emitTcpOptions, NO_TCP_OPTIONS, type TcpOptions, tcpOptionsLength } from '../../src/wire/tcp_options.ts';
import { emitUdp, UDP_PROTOCOL } from '../../src/wire/udp.ts';
import { bytes, viewOf } from './bytes.ts';

const A = 0x0a000001 as Ipv4Address;
const B = 0x0a000002 as Ipv4Address;
const LINK_A = 0x0200_0000_0001 as LinkAddress;
const LINK_B = 0x0200_0000_0002 as LinkAddress;

function frame(etherType: number, payload: Uint8Array, isFromB = false): Uint8Array {
  const data = new Uint8Array(ETHERNET_HEADER_LENGTH + payload.length);
  emitEthernet(viewOf(data), 0, isFromB ? LINK_A : LINK_B, isFromB ? LINK_B : LINK_A, etherType);
  data.set(payload, ETHERNET_HEADER_LENGTH);
  return data;
}

function ipv4Frame(
  protocol: number,
  payload: Uint8Array,
  isFromB = false,
  fragmentField = IPV4_DONT_FRAGMENT,
): Uint8Array {
  const header = new Uint8Array(20);
  const [source, destination] = isFromB ? [B, A] : [A, B];
  const length = 20 + payload.length;
  emitIpv4Header(viewOf(header), 0, length, 4660, fragmentField, 64, protocol, 0, source, destination);
  return frame(ETHERTYPE_IPV4, joinBytes([header, payload]), isFromB);
}

function udp(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  const data = new Uint8Array(8 + payload.length);
  data.set(payload, 8);
  const sum = addSums(pseudoSumIpv4(A, B, UDP_PROTOCOL), sumBytes(viewOf(payload), 0, payload.length));
  emitUdp(viewOf(data), 0, { sourcePort, destinationPort, payloadLength: payload.length }, sum);
  return data;
}

/** From 10.0.0.1 to 10.0.0.2. */
export const udpFrame = (sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array =>
  ipv4Frame(UDP_PROTOCOL, udp(sourcePort, destinationPort, payload));

export interface Segment {
  readonly isFromB?: boolean;
  /** Of 10.0.0.2: 80 unless said otherwise. */
  readonly serverPort?: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly flags: number;
  readonly window: number;
  readonly options?: TcpOptions;
  readonly payload?: Uint8Array;
}

/** Between port 4000 of 10.0.0.1 and a port of 10.0.0.2. */
export function tcpFrame(segment: Segment): Uint8Array {
  const { isFromB = false, sequence, acknowledgment = 0, flags, window } = segment;
  const { options = NO_TCP_OPTIONS, payload = new Uint8Array(0), serverPort = 80 } = segment;
  const headerLength = 20 + tcpOptionsLength(options);
  const data = new Uint8Array(headerLength + payload.length);
  emitTcpOptions(viewOf(data), 20, options);
  data.set(payload, headerLength);
  const [sourcePort, destinationPort] = isFromB ? [serverPort, 4000] : [4000, serverPort];
  const ports = { sourcePort, destinationPort };
  const header = { sequence, acknowledgment, headerLength, flags, window, urgentPointer: 0 };
  const sum = addSums(pseudoSumIpv4(A, B, TCP_PROTOCOL), sumBytes(viewOf(data), 20, data.length - 20));
  emitTcp(viewOf(data), 0, { ...ports, ...header, payloadLength: payload.length }, sum);
  return ipv4Frame(TCP_PROTOCOL, data, isFromB);
}

function icmpFrame(message: IcmpMessage, payload: Uint8Array, isFromB = false): Uint8Array {
  const data = new Uint8Array(8 + payload.length);
  data.set(payload, 8);
  emitIcmp(viewOf(data), 0, message, sumBytes(viewOf(payload), 0, payload.length));
  return ipv4Frame(ICMP_PROTOCOL, data, isFromB);
}

const HELLO = utf8('hello');
const UDP_FRAME = udpFrame(5353, 53, HELLO);
const QUOTE = UDP_FRAME.subarray(ETHERNET_HEADER_LENGTH, ETHERNET_HEADER_LENGTH + 28);
const LONG_UDP = udp(5353, 53, new Uint8Array(2000));

function arpRequest(): Uint8Array {
  const data = new Uint8Array(28);
  const ask = { operation: 'request', senderLink: LINK_A, sender: A, targetLink: 0 as LinkAddress, target: B } as const;
  emitArp(viewOf(data), 0, ask);
  return frame(ETHERTYPE_ARP, data);
}

function tagged(): Uint8Array {
  const header = new Uint8Array(18);
  emitTaggedEthernet(viewOf(header), 0, LINK_B, LINK_A, { id: 5, priority: 3 }, ETHERTYPE_IPV4);
  return joinBytes([header, UDP_FRAME.subarray(ETHERNET_HEADER_LENGTH)]);
}

export const FRAMES = {
  arpRequest: arpRequest(),
  syn: tcpFrame({
    sequence: -1,
    flags: TcpFlag.Syn,
    window: 65535,
    options: {
      maximumSegmentSize: 1460,
      isSackPermitted: true,
      timestamps: { value: -2, echo: 0 },
      windowScale: 7,
      sackBlocks: [],
    },
  }),
  data: tcpFrame({
    sequence: 0,
    acknowledgment: 301,
    flags: TcpFlag.Psh | TcpFlag.Ack,
    window: 502,
    options: { ...NO_TCP_OPTIONS, timestamps: { value: 1, echo: 2 } },
    payload: HELLO,
  }),
  sack: tcpFrame({
    isFromB: true,
    sequence: 301,
    flags: TcpFlag.Ack,
    window: 510,
    options: { ...NO_TCP_OPTIONS, sackBlocks: [{ left: 5, right: 10 }] },
  }),
  reset: tcpFrame({ isFromB: true, sequence: 300, acknowledgment: 5, flags: TcpFlag.Rst | TcpFlag.Ack, window: 0 }),
  udp: UDP_FRAME,
  echoRequest: icmpFrame({ kind: 'echo-request', code: 0, identifier: 0xf001, sequence: 2 }, utf8('ping')),
  portUnreachable: icmpFrame({ kind: 'unreachable', code: 3, mtu: 0 }, QUOTE, true),
  tooBig: icmpFrame({ kind: 'unreachable', code: 4, mtu: 1400 }, QUOTE, true),
  timeExceeded: icmpFrame({ kind: 'time-exceeded', code: 0 }, QUOTE, true),
  redirect: icmpFrame({ kind: 'redirect', code: 1, gateway: 0x0a0000fe as Ipv4Address }, QUOTE, true),
  firstFragment: ipv4Frame(UDP_PROTOCOL, LONG_UDP.subarray(0, 16), false, IPV4_MORE_FRAGMENTS),
  lastFragment: ipv4Frame(UDP_PROTOCOL, LONG_UDP.subarray(16, 32), false, 2),
  tagged: tagged(),
  ipv6: frame(
    ETHERTYPE_IPV6,
    bytes(
      '60 00 00 00 00 08 3a ff' +
        'fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01' +
        'ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01' +
        '85 00 7d 37 00 00 00 00',
    ),
  ),
  unknown: frame(0x88b5, new Uint8Array(46)),
};
