import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../test/testing/bytes.ts';
import { FRAMES, udpFrame } from '../../test/testing/frames.ts';
import { hexOf, utf8 } from '../core/bytes.ts';
import { formatFrame } from './format_frame.ts';
import { type PayloadFormatter, payloadFormatterByPort } from './format_payload.ts';

const TABLE: Readonly<Record<keyof typeof FRAMES, string>> = {
  arpRequest: 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
  syn: 'IP 10.0.0.1.4000 > 10.0.0.2.80: Flags [S], seq 4294967295, win 65535, options [mss 1460,sackOK,TS val 4294967294 ecr 0,nop,wscale 7], length 0',
  data: 'IP 10.0.0.1.4000 > 10.0.0.2.80: Flags [P.], seq 0:5, ack 301, win 502, options [nop,nop,TS val 1 ecr 2], length 5',
  sack: 'IP 10.0.0.2.80 > 10.0.0.1.4000: Flags [.], ack 0, win 510, options [nop,nop,sack 1 {5:10}], length 0',
  reset: 'IP 10.0.0.2.80 > 10.0.0.1.4000: Flags [R.], seq 300, ack 5, win 0, length 0',
  udp: 'IP 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 5',
  echoRequest: 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 61441, seq 2, length 12',
  portUnreachable: 'IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 udp port 53 unreachable, length 36',
  tooBig: 'IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 unreachable - need to frag (mtu 1400), length 36',
  timeExceeded: 'IP 10.0.0.2 > 10.0.0.1: ICMP time exceeded in-transit, length 36',
  redirect: 'IP 10.0.0.2 > 10.0.0.1: ICMP redirect 10.0.0.2 to host 10.0.0.254, length 36',
  firstFragment: 'IP 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 2000 (frag 4660:16@0+)',
  lastFragment: 'IP 10.0.0.1 > 10.0.0.2: udp (frag 4660:16@16)',
  tagged: 'vlan 5, p 3, IP 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 5',
  ipv6: 'IP6 fe80::1 > ff02::1: ip-proto-58 8',
  unknown: '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype Unknown (0x88b5), length 60',
};
for (const [name, line] of Object.entries(TABLE)) {
  test(`${name} prints as tcpdump prints it`, () => {
    assert.equal(formatFrame(FRAMES[name as keyof typeof FRAMES]), line);
  });
}

test('padding behind the packet is not printed', () => {
  assert.equal(formatFrame(Uint8Array.of(...FRAMES.udp, 0, 0, 0, 0)), TABLE.udp);
});

test('damage is shown, with what it damaged', () => {
  const changed = (frame: Uint8Array, at: number): string => formatFrame(frame.with(at, (frame[at] ?? 0) ^ 0x40));
  assert.equal(changed(FRAMES.udp, 24), 'IP [bad header cksum] 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 5');
  assert.equal(changed(FRAMES.udp, 44), `${TABLE.udp} [bad udp cksum]`);
  assert.equal(changed(FRAMES.echoRequest, 44), `${TABLE.echoRequest} [bad icmp cksum]`);
  assert.equal(changed(FRAMES.data, 67), `${TABLE.data} [bad tcp cksum]`);
});

test('a frame that ends early says where', () => {
  const lines = [3, 14, 33, 34, 42, 50].map((length) => formatFrame(FRAMES.syn.subarray(0, length)));
  assert.deepEqual(lines, [
    '[|ether], length 3',
    '[|ip]',
    '[|ip]',
    'IP 10.0.0.1 > 10.0.0.2: [|tcp]',
    'IP 10.0.0.1 > 10.0.0.2: [|tcp]',
    'IP 10.0.0.1 > 10.0.0.2: [|tcp]',
  ]);
  assert.equal(formatFrame(FRAMES.syn.subarray(0, 60)), 'IP 10.0.0.1.4000 > 10.0.0.2.80: Flags [S] [|tcp]');
  assert.equal(formatFrame(FRAMES.arpRequest.subarray(0, 41)), '[|ARP]');
});

test('numbers count from the origin of the connection where it is known', () => {
  const tcpOrigin = (source: string) =>
    source === '10.0.0.1.4000' ? { sequence: -1, acknowledgment: 300 } : { sequence: 300, acknowledgment: -1 };
  assert.match(formatFrame(FRAMES.syn, { tcpOrigin }), /seq 0, win/);
  assert.match(formatFrame(FRAMES.data, { tcpOrigin }), /seq 1:6, ack 1,/);
  assert.match(formatFrame(FRAMES.sack, { tcpOrigin }), /ack 1, .*sack 1 \{6:11\}/);
});

test('a payload is printed by whoever knows its port', () => {
  const formatUdpPayload = payloadFormatterByPort(new Map([[53, (payload) => `greeting ${hexOf(payload)}`]]));
  assert.equal(formatFrame(FRAMES.udp, { formatUdpPayload }), 'IP 10.0.0.1.5353 > 10.0.0.2.53: greeting 68656c6c6f');
  assert.equal(
    formatFrame(udpFrame(1, 2, utf8('hello')), { formatUdpPayload }),
    'IP 10.0.0.1.1 > 10.0.0.2.2: UDP, length 5',
  );
  const formatTcpPayload = payloadFormatterByPort(new Map([[80, () => 'HTTP']]));
  assert.equal(formatFrame(FRAMES.data, { formatTcpPayload }), `${TABLE.data}: HTTP`);
});

test('the lower port decides, then the higher one, and a format may decline', () => {
  const format = payloadFormatterByPort(
    new Map<number, PayloadFormatter>([
      [53, (payload) => (payload.length > 0 ? 'low' : undefined)],
      [5353, () => 'high'],
    ]),
  );
  assert.equal(format(5353, 53, bytes('00')), 'low');
  assert.equal(format(5353, 53, bytes('')), 'high');
  assert.equal(format(53, 53, bytes('')), undefined);
});

test('any bytes print as one line of bounded length', () => {
  const frame = fc.constantFrom(...Object.values(FRAMES));
  const mutations = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(frame, mutations, fc.nat(100), (original, changes, length) => {
      const data = original.slice(0, length);
      for (const [at, value] of changes) if (at < data.length) data[at] = value;
      const line = formatFrame(data);
      assert.ok(line.length > 0 && line.length < 400 && !line.includes('\n'), hex(data));
    }),
  );
});
