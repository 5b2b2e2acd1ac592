import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewOf } from '../../core/bytes.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { after, type Instant, seconds } from '../../core/time.ts';
import type { Device } from '../../stack/link/device.ts';
import { type Ipv4Address, type LinkAddress, parseIpv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { ARP_LENGTH, emitArp } from '../../wire/arp.ts';
import { addSums, pseudoSumIpv4, sumBytes } from '../../wire/checksum.ts';
import { type DhcpMessage, encodeDhcp } from '../../wire/dhcp.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, emitEthernet } from '../../wire/ethernet.ts';
import { emitIpv4Header, IPV4_MIN_HEADER_LENGTH } from '../../wire/ipv4.ts';
import { emitUdp, UDP_HEADER_LENGTH, UDP_PROTOCOL } from '../../wire/udp.ts';
import { ArpInspection } from './arp_inspection.ts';

const device = (node: number): Device => ({ node, receive: () => undefined });
const [GATEWAY, VICTOR, MALLORY] = [device(1), device(2), device(3)];
const [GATEWAY_LINK, VICTOR_LINK, MALLORY_LINK] = [
  0x0200_0000_0001, 0x0200_0000_0002, 0x0200_0000_0003,
] as LinkAddress[];
const ip = (text: string): Ipv4Address => parseIpv4Address(text) ?? UNSPECIFIED_IPV4;
const T0 = 0 as Instant;

function arp(source: LinkAddress | undefined, senderLink: LinkAddress | undefined, sender: string): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + ARP_LENGTH);
  const link = senderLink ?? (0 as LinkAddress);
  emitEthernet(viewOf(frame), 0, 0x0200_0000_00ff as LinkAddress, source ?? (0 as LinkAddress), ETHERTYPE_ARP);
  const target = ip('10.0.0.99');
  emitArp(viewOf(frame), ETHERNET_HEADER_LENGTH, {
    operation: 'reply',
    senderLink: link,
    sender: ip(sender),
    targetLink: link,
    target,
  });
  return frame;
}

function lease(messageType: 'Ack' | 'Offer', lasts = 60): Uint8Array {
  const message: DhcpMessage = {
    operation: 'reply',
    hops: 0,
    transactionId: 1,
    secondsElapsed: 0,
    isBroadcast: false,
    clientAddress: UNSPECIFIED_IPV4,
    yourAddress: ip('10.0.0.50'),
    nextServer: UNSPECIFIED_IPV4,
    relayAgent: UNSPECIFIED_IPV4,
    clientLinkAddress: VICTOR_LINK ?? (0 as LinkAddress),
    serverName: '',
    bootFile: '',
    options: { messageType, leaseTime: seconds(lasts) },
  };
  const payload = encodeDhcp(message);
  const udp = ETHERNET_HEADER_LENGTH + IPV4_MIN_HEADER_LENGTH;
  const frame = new Uint8Array(udp + UDP_HEADER_LENGTH + payload.length);
  const view = viewOf(frame);
  const [from, to] = [ip('10.0.0.1'), ip('10.0.0.50')];
  frame.set(payload, udp + UDP_HEADER_LENGTH);
  const sum = addSums(pseudoSumIpv4(from, to, UDP_PROTOCOL), sumBytes(view, udp + UDP_HEADER_LENGTH, payload.length));
  emitUdp(view, udp, { sourcePort: 67, destinationPort: 68, payloadLength: payload.length }, sum);
  emitIpv4Header(
    view,
    ETHERNET_HEADER_LENGTH,
    frame.length - ETHERNET_HEADER_LENGTH,
    0,
    0,
    64,
    UDP_PROTOCOL,
    0,
    from,
    to,
  );
  emitEthernet(view, 0, VICTOR_LINK ?? (0 as LinkAddress), GATEWAY_LINK ?? (0 as LinkAddress), ETHERTYPE_IPV4);
  return frame;
}

function inspection(...told: readonly (readonly [Device | undefined, Uint8Array])[]): {
  judge(now: Instant, sender: Device | undefined, frame: Uint8Array): 'passes' | 'dropped';
} {
  const inspector = new ArpInspection([{ device: GATEWAY ?? device(9), addresses: [ip('10.0.0.1')] }]);
  const judge = (now: Instant, sender: Device | undefined, frame: Uint8Array): 'passes' | 'dropped' => {
    const reason = inspector.inspect(now, sender ?? device(9), viewOf(frame), 0, frame.length);
    assert.ok(reason === 0 || reason === DropReason.RuleDropped);
    return reason === 0 ? 'passes' : 'dropped';
  };
  for (const [sender, frame] of told) assert.equal(judge(T0, sender, frame), 'passes');
  return { judge };
}

test('a trusted machine says what it likes, and nobody else says that its address is elsewhere', () => {
  const { judge } = inspection();
  assert.equal(judge(T0, GATEWAY, arp(GATEWAY_LINK, GATEWAY_LINK, '10.0.0.1')), 'passes');
  assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.1')), 'dropped');
  assert.equal(judge(T0, MALLORY, arp(GATEWAY_LINK, GATEWAY_LINK, '10.0.0.1')), 'dropped', 'under its link address');
});

test('a lease binds an address to the link address that got it, until it ends', () => {
  const { judge } = inspection([GATEWAY, lease('Ack')]);
  assert.equal(judge(T0, VICTOR, arp(VICTOR_LINK, VICTOR_LINK, '10.0.0.50')), 'passes');
  assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.50')), 'dropped');
  assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, VICTOR_LINK, '10.0.0.50')), 'dropped', 'frame and ARP disagree');
  assert.equal(judge(after(T0, seconds(60)), MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.50')), 'passes');
});

test('only an Ack of a trusted machine is a lease', () => {
  for (const told of [
    [GATEWAY, lease('Offer')],
    [MALLORY, lease('Ack')],
  ] as const) {
    const { judge } = inspection(told);
    assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.50')), 'passes');
  }
});

test('who asks whether an address is free claims nothing, and an address without a binding is anybody’s', () => {
  const { judge } = inspection([GATEWAY, lease('Ack')]);
  assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '0.0.0.0')), 'passes');
  assert.equal(judge(T0, MALLORY, arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.66')), 'passes');
});

test('what is cut short anywhere passes or is dropped, and nothing throws', () => {
  for (const frame of [lease('Ack'), arp(MALLORY_LINK, MALLORY_LINK, '10.0.0.1')]) {
    for (let length = 0; length < frame.length; length++) {
      inspection().judge(T0, GATEWAY, frame.slice(0, length));
      inspection().judge(T0, MALLORY, frame.slice(0, length));
    }
  }
});
