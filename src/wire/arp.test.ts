import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason } from '../core/drop_reason.ts';
import { isGroupAddress, linkAddressAt } from './address.ts';
import { ARP_LENGTH, emitArp, formatArp, parseArp } from './arp.ts';

const PACKET_BYTES = bytes(
  '00 01' + // hardware: Ethernet
    '08 00' + // protocol: IPv4
    '06 04' + // lengths of their addresses
    '00 02' + // operation: reply
    'f2 00 00 00 00 02  c0 a8 00 02' + // sender, with the highest bits set
    '02 00 00 00 00 01  0a 00 00 01', // target
);

const parse = (data: Uint8Array) => parseArp(viewOf(data), 0, data.length);

test('parse, emit and format', () => {
  const packet = parse(PACKET_BYTES);
  assert.ok(typeof packet === 'object');
  assert.equal(formatArp(packet), 'ARP, Reply 192.168.0.2 is-at f2:00:00:00:00:02, length 28');
  const data = unwritten(ARP_LENGTH);
  emitArp(viewOf(data), 0, packet);
  assert.equal(hex(data), hex(PACKET_BYTES));
});

test('malformed', () => {
  const table: readonly (readonly [at: number, value: number, DropReason])[] = [
    [1, 6, DropReason.UnsupportedHardware],
    [2, 0x86, DropReason.UnsupportedProtocol],
    [4, 8, DropReason.BadLength],
    [7, 3, DropReason.UnknownOperation],
  ];
  for (const [at, value, reason] of table) assert.equal(parse(PACKET_BYTES.with(at, value)), reason);
  assert.equal(parse(PACKET_BYTES.subarray(0, ARP_LENGTH - 1)), DropReason.Truncated);
});

test('group addresses have the lowest bit of their first byte set', () => {
  const isGroup = (text: string) => isGroupAddress(linkAddressAt(viewOf(bytes(text)), 0));
  assert.deepEqual(['ffffffffffff', '01005e000001', '020000000001', 'feffffffffff'].map(isGroup), [
    true,
    true,
    false,
    false,
  ]);
});
