import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../test/testing/bytes.ts';
import { FRAMES } from '../../test/testing/frames.ts';
import { joinBytes } from '../core/bytes.ts';
import type { Instant } from '../core/time.ts';
import type { Capture } from './capture.ts';
import { readCapture } from './pcapng_reader.ts';
import { PcapngWriter } from './pcapng_writer.ts';

// A file as a machine of the other byte order writes it.
const SECTION_BYTES = bytes('0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffff ffffffff 0000001c');
const INTERFACE_BYTES = bytes(
  '00000001 00000030' + // interface, 48 bytes
    '0001 0000 00000002' + // Ethernet, frames cut to two bytes
    '0009 0001 8a000000' + // time resolution: 2^-10
    '000e 0008 ffffffff ffffffff' + // time offset: minus one second
    '0003 0003 6f6c6400' + // description: "old"
    '00000030',
);
const PACKET_BYTES = bytes(
  '00000006 00000024' + // enhanced packet, 36 bytes
    '00000000' + // interface 0
    '00000001 00000200' + // time: 2^32 + 512 ticks
    '00000002 00000005' + // two bytes of five
    'aabb 0000' + // data, padded
    '00000024',
);
const SIMPLE_BYTES = bytes('00000003 00000014 00000005 ccdd0000 00000014');
const UNKNOWN_BYTES = bytes('00000bad 0000000c 0000000c');

const summary = ({ packets, ...rest }: Capture) => ({
  ...rest,
  packets: packets.map(
    ({ interfaceNumber, seconds, nanoseconds, data, originalLength }) =>
      `${interfaceNumber} ${seconds}.${String(nanoseconds).padStart(9, '0')} ${hex(data)} of ${originalLength}`,
  ),
});

test('big-endian files, other resolutions, offsets and simple packets are read; unknown blocks are stepped over', () => {
  const file = joinBytes([SECTION_BYTES, INTERFACE_BYTES, UNKNOWN_BYTES, PACKET_BYTES, SIMPLE_BYTES]);
  assert.deepEqual(summary(readCapture(file)), {
    format: 'pcapng',
    interfaces: [{ linkType: 1, description: 'old' }],
    packets: ['0 4194303.500000000 aa bb of 5', '0 0.000000000 cc dd of 5'],
    tlsSecrets: [],
    names: [],
  });
});

test('each section counts its own interfaces and has its own byte order', () => {
  const writer = new PcapngWriter({ seconds: 1, nanoseconds: 0 }, 'x');
  const little = [writer.header(), writer.interface('second'), writer.packet(0, 0 as Instant, bytes('ee'))];
  const file = joinBytes([SECTION_BYTES, INTERFACE_BYTES, PACKET_BYTES, ...little]);
  assert.deepEqual(summary(readCapture(file)).packets, ['0 4194303.500000000 aa bb of 5', '1 1.000000000 ee of 1']);
});

test('without a resolution, times are microseconds', () => {
  const plain = bytes('00000001 00000014 0001 0000 00000000 00000014');
  const file = joinBytes([SECTION_BYTES, plain, PACKET_BYTES]);
  assert.deepEqual(summary(readCapture(file)).packets, ['0 4294.967808000 aa bb of 5']);
});

const PROBLEMS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', bytes(''), /no capture file/],
  ['other bytes', bytes('47 45 54 20 2f 20'), /no capture file/],
  ['a section without a byte order', SECTION_BYTES.with(8, 0), /byte 0 begins a section without a byte order/],
  ['a section of version 2', SECTION_BYTES.with(13, 2), /version 2/],
  ['a block that is cut off', joinBytes([SECTION_BYTES, INTERFACE_BYTES.subarray(0, 40)]), /byte 28 is cut off/],
  ['a head of a block that is cut off', joinBytes([SECTION_BYTES, bytes('00000001')]), /byte 28 is cut off/],
  ['a block of no length', joinBytes([SECTION_BYTES, bytes('00000001 00000000 00000000')]), /length of 0 bytes/],
  ['a block of odd length', joinBytes([SECTION_BYTES, bytes('00000001 0000000d 0000000d')]), /length of 13 bytes/],
  ['two lengths', joinBytes([SECTION_BYTES, bytes('00000001 0000000c 00000010')]), /two lengths/],
  ['an interface without a body', joinBytes([SECTION_BYTES, bytes('00000001 0000000c 0000000c')]), /for an interface/],
  ['a packet without an interface', joinBytes([SECTION_BYTES, PACKET_BYTES]), /interface 0, which/],
  ['a simple packet without an interface', joinBytes([SECTION_BYTES, SIMPLE_BYTES]), /interface 0, which/],
  ['too long a packet', joinBytes([SECTION_BYTES, INTERFACE_BYTES, PACKET_BYTES.with(22, 1)]), /258 bytes, and 4 are/],
  ['an option that is cut off', joinBytes([SECTION_BYTES, INTERFACE_BYTES.with(19, 99)]), /option that is cut off/],
  [
    'secrets that are cut off',
    joinBytes([SECTION_BYTES, bytes('0000000a 00000014 544c534b 00000001 00000014')]),
    /1 bytes of secrets, and 0/,
  ],
  [
    'a name that is cut off',
    joinBytes([SECTION_BYTES, bytes('00000004 00000010 0001 0008 00000010')]),
    /name that is cut off/,
  ],
];
for (const [name, file, problem] of PROBLEMS) {
  test(`malformed: ${name}`, () => assert.match(readCapture(file).problem ?? 'no problem', problem));
}

test('what comes before the problem is still read', () => {
  const file = joinBytes([SECTION_BYTES, INTERFACE_BYTES, PACKET_BYTES, PACKET_BYTES.subarray(0, 30)]);
  const capture = readCapture(file);
  assert.equal(capture.packets.length, 1);
  assert.equal(capture.problem, 'The block at byte 112 is cut off: it has 36 bytes, and 30 are left.');
});

test('pcap is read in both byte orders and both resolutions', () => {
  const line = '0 1700000000.000500000 aa bb of 5';
  const table: readonly (readonly [string, string])[] = [
    ['a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001', '6553f100 000001f4 00000002 00000005 aabb'],
    ['a1b23c4d 0002 0004 00000000 00000000 0000ffff f0000001', '6553f100 0007a120 00000002 00000005 aabb'],
    ['d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000', '00f15365 f4010000 02000000 05000000 aabb'],
    ['4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000', '00f15365 20a10700 02000000 05000000 aabb'],
  ];
  for (const [header, record] of table) {
    assert.deepEqual(summary(readCapture(bytes(header + record + record))), {
      format: 'pcap',
      interfaces: [{ linkType: 1 }],
      packets: [line, line],
      tlsSecrets: [],
      names: [],
    });
  }
});

test('malformed pcap', () => {
  const header = 'a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001';
  const problem = (text: string) => readCapture(bytes(text)).problem;
  assert.equal(problem(header), undefined);
  assert.equal(problem('a1b2c3d4 0002'), 'The header of the file is cut off.');
  assert.equal(problem(header.replace('0002', '0003')), 'The file is of version 3, and only version 2 is known.');
  assert.equal(problem(`${header} 00000000`), 'The packet at byte 24 is cut off.');
  assert.equal(
    problem(`${header} 00000000 00000000 ffffffff ffffffff aa`),
    'The packet at byte 24 has 4294967295 bytes, and 1 are left.',
  );
});

test('any bytes: reading never throws, and holds no more packet bytes than the file', () => {
  const writer = new PcapngWriter({ seconds: 1, nanoseconds: 2 }, 'x');
  const samples = [
    joinBytes([SECTION_BYTES, INTERFACE_BYTES, PACKET_BYTES, SIMPLE_BYTES]),
    joinBytes([
      writer.header(),
      writer.interface('i'),
      writer.tlsSecrets('k'),
      writer.packet(0, 1 as Instant, FRAMES.udp, 'c'),
    ]),
  ];
  const mutations = fc.array(fc.tuple(fc.nat(250), fc.oneof(fc.nat(255), fc.nat(16))), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...samples), mutations, fc.nat(250), (sample, changes, length) => {
      const file = sample.slice(0, Math.max(length, sample.length - 40));
      for (const [place, value] of changes) if (place < file.length) file[place] = value;
      const { packets, problem } = readCapture(file);
      assert.ok(packets.reduce((total, packet) => total + packet.data.length, 0) <= file.length);
      assert.ok(problem === undefined || (problem.endsWith('.') && problem.length < 200));
    }),
  );
});
