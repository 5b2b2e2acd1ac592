import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import { FRAMES } from '../../test/testing/frames.ts';
import { joinBytes } from '../core/bytes.ts';
import type { Instant } from '../core/time.ts';
import type { IpAddress } from './address.ts';
import { parseIpAddress } from './address.ts';
import { readCapture } from './pcapng_reader.ts';
import { PcapngWriter } from './pcapng_writer.ts';

const START = { seconds: 1_700_000_000, nanoseconds: 5 };
const at = (time: number): Instant => time as Instant;

const HEADER_BYTES = bytes(
  '0a 0d 0d 0a' + // section header
    '2c 00 00 00' + // 44 bytes
    '4d 3c 2b 1a' + // byte order: little
    '01 00 00 00' + // version 1.0
    'ff ff ff ff ff ff ff ff' + // length of the section: not given
    '04 00 06 00 6e 65 74 20 30 2e 00 00' + // application: "net 0."
    '00 00 00 00' + // end of options
    '2c 00 00 00', // 44 bytes
);
const INTERFACE_BYTES = bytes(
  '01 00 00 00' + // interface
    '28 00 00 00' + // 40 bytes
    '01 00 00 00' + // Ethernet
    '00 00 00 00' + // no snap length
    '02 00 04 00 68 6f 6d 65' + // name: "home"
    '09 00 01 00 09 00 00 00' + // time resolution: 10^-9
    '00 00 00 00' + // end of options
    '28 00 00 00', // 40 bytes
);
const PACKET_BYTES = bytes(
  '06 00 00 00' + // enhanced packet
    '30 00 00 00' + // 48 bytes
    '00 00 00 00' + // interface 0
    'fe 9c 97 17' + // time, high half
    '07 00 2a 36' + // time, low half: 1,700,000,000.000000007 s
    '03 00 00 00' + // bytes here
    '03 00 00 00' + // bytes it had
    'aa bb cc 00' + // data, padded
    '01 00 04 00 6c 6f 73 74' + // comment: "lost"
    '00 00 00 00' + // end of options
    '30 00 00 00', // 48 bytes
);

test('emit', () => {
  const writer = new PcapngWriter(START, 'net 0.');
  assert.equal(hex(writer.header()), hex(HEADER_BYTES));
  assert.equal(hex(writer.interface('home')), hex(INTERFACE_BYTES));
  assert.equal(hex(writer.packet(0, at(2), bytes('aa bb cc'), 'lost')), hex(PACKET_BYTES));
});

test('what the writer writes, the reader reads', () => {
  const writer = new PcapngWriter(START, 'netarium 0.1.0');
  const home = parseIpAddress('192.168.0.2') as IpAddress;
  const away = parseIpAddress('2001:db8::1') as IpAddress;
  const file = joinBytes([
    writer.header(),
    writer.interface('home'),
    writer.interface('internet'),
    writer.tlsSecrets('CLIENT_RANDOM 00 11\n'),
    writer.names([
      { address: home, names: ['laptop', 'laptop.home'] },
      { address: away, names: ['server.example'] },
    ]),
    writer.packet(1, at(1_999_999_999), FRAMES.syn),
    writer.packet(0, at(3e9), FRAMES.arpRequest, 'lost on the link', 'then seen again'),
  ]);
  const capture = readCapture(file);
  const packets = capture.packets.map((packet) => ({ ...packet, data: hex(packet.data) }));
  assert.deepEqual(
    { ...capture, packets },
    {
      format: 'pcapng',
      application: 'netarium 0.1.0',
      interfaces: [
        { name: 'home', linkType: 1 },
        { name: 'internet', linkType: 1 },
      ],
      tlsSecrets: ['CLIENT_RANDOM 00 11\n'],
      names: [
        { address: home, names: ['laptop', 'laptop.home'] },
        { address: away, names: ['server.example'] },
      ],
      packets: [
        {
          interfaceNumber: 1,
          seconds: 1_700_000_002,
          nanoseconds: 4,
          data: hex(FRAMES.syn),
          originalLength: FRAMES.syn.length,
          comments: [],
        },
        {
          interfaceNumber: 0,
          seconds: 1_700_000_003,
          nanoseconds: 5,
          data: hex(FRAMES.arpRequest),
          originalLength: FRAMES.arpRequest.length,
          comments: ['lost on the link', 'then seen again'],
        },
      ],
    },
  );
});

test('times are exact to the nanosecond, beyond what a float64 holds', () => {
  const seconds = fc.nat(2 ** 33);
  const nanoseconds = fc.nat(999_999_999);
  fc.assert(
    fc.property(seconds, nanoseconds, fc.maxSafeNat(), (startSeconds, startNanoseconds, time) => {
      const writer = new PcapngWriter({ seconds: startSeconds, nanoseconds: startNanoseconds }, 'x');
      writer.interface('i');
      const view = viewOf(writer.packet(0, at(time), bytes('')));
      const written = (BigInt(view.getUint32(12, true)) << 32n) | BigInt(view.getUint32(16, true));
      assert.equal(written, BigInt(startSeconds) * 1_000_000_000n + BigInt(startNanoseconds) + BigInt(time));
    }),
  );
});

test('any frame and any comments come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(fc.string({ unit: 'grapheme' })), (data, comments) => {
      const writer = new PcapngWriter(START, 'x');
      const pieces = [writer.header(), writer.interface('i'), writer.packet(0, at(0), data, ...comments)];
      const capture = readCapture(joinBytes(pieces));
      assert.equal(capture.problem, undefined);
      assert.equal(capture.packets.length, 1);
      assert.equal(hex(capture.packets[0]?.data ?? bytes('')), hex(data));
      assert.deepEqual(capture.packets[0]?.comments, comments);
    }),
  );
});

test('a comment that is too long is cut between characters', () => {
  const writer = new PcapngWriter(START, 'x');
  const pieces = [writer.header(), writer.interface('i'), writer.packet(0, at(0), bytes(''), '€'.repeat(22_000))];
  assert.deepEqual(readCapture(joinBytes(pieces)).packets[0]?.comments, ['€'.repeat(21_845)]);
  const shifted = [
    writer.header(),
    writer.interface('i'),
    writer.packet(0, at(0), bytes(''), `ab${'€'.repeat(22_000)}`),
  ];
  assert.deepEqual(readCapture(joinBytes(shifted)).packets[0]?.comments, [`ab${'€'.repeat(21_844)}`]);
});

test('a packet of an interface that was not added is refused', () => {
  const writer = new PcapngWriter(START, 'x');
  assert.throws(() => writer.packet(0, at(0), bytes('')), RangeError);
  writer.interface('i');
  assert.throws(() => writer.packet(1, at(0), bytes('')), RangeError);
  assert.throws(() => writer.packet(-1, at(0), bytes('')), RangeError);
});

test('a start that is no moment is refused', () => {
  for (const start of [
    { seconds: -1, nanoseconds: 0 },
    { seconds: 0.5, nanoseconds: 0 },
    { seconds: Number.NaN, nanoseconds: 0 },
    { seconds: 0, nanoseconds: 1e9 },
  ]) {
    assert.throws(() => new PcapngWriter(start, 'x'), RangeError);
  }
});
