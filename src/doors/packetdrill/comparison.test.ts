import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpv4Address } from '../../wire/address.ts';
import { compareSegments, type Mode } from './comparison.ts';
import { decodeOptions, encodeOptions } from './option_bytes.ts';
import { decodePacket, encodeSegment, type Segment } from './packet_bytes.ts';
import { parseScript } from './parse_script.ts';
import type { PacketSpec } from './script.ts';

const ADDRESSES = {
  source: parseIpv4Address('10.0.0.1') ?? assert.fail(),
  destination: parseIpv4Address('10.0.0.2') ?? assert.fail(),
};

function spec(text: string): PacketSpec {
  const [event] = parseScript(`0 > ${text}`).events;
  return event?.kind === 'packet' ? event.packet : assert.fail();
}

/** A segment as the machine would send it, by way of its bytes. */
function sent(text: string, ttl = 64): Segment {
  const { content, ip } = spec(text);
  assert.ok(content.kind === 'tcp');
  const bytes = encodeSegment(ADDRESSES, {
    sourcePort: 1,
    destinationPort: 2,
    trafficClass: ip.trafficClass?.value ?? 0,
    ttl,
    flags: content.flags,
    sequence: content.sequence ?? 0,
    acknowledgment: content.acknowledgment ?? 0,
    window: content.window ?? 0,
    urgentPointer: content.urgentPointer,
    options: content.options ?? [],
    payload: new Uint8Array(content.length),
  });
  const decoded = decodePacket(bytes);
  return decoded !== undefined && 'segment' in decoded ? decoded.segment : assert.fail();
}

function differences(expected: string, actual: string, mode: Mode, shifts = { own: 0, script: 0 }): string {
  const { ip, content } = spec(expected);
  assert.ok(content.kind === 'tcp');
  const rules = { mode, windowShifts: shifts, segmentSize: 1460, timestampTolerance: 10 };
  return compareSegments(ip, content, sent(actual), rules)
    .map(({ what }) => what)
    .join();
}

test('every field that a script gives counts in strict mode', () => {
  const actual = 'P. 1:3(2) ack 5 win 100 <nop,nop,TS val 100 ecr 7>';
  assert.equal(differences(actual, actual, 'strict'), '');
  assert.equal(differences('P. 1:3(2) ack 5 <...>', actual, 'strict'), '');
  for (const [expected, what] of [
    ['. 1:3(2) ack 5 win 100 <nop,nop,TS val 100 ecr 7>', 'flags'],
    ['P. 2:4(2) ack 5 win 100 <nop,nop,TS val 100 ecr 7>', 'sequence number'],
    ['P. 1:4(3) ack 5 win 100 <nop,nop,TS val 100 ecr 7>', 'length'],
    ['P. 1:3(2) ack 4 win 100 <nop,nop,TS val 100 ecr 7>', 'acknowledgment'],
    ['P. 1:3(2) ack 5 win 99 <nop,nop,TS val 100 ecr 7>', 'window'],
    ['P. 1:3(2) ack 5 win 100 urg 1 <nop,nop,TS val 100 ecr 7>', 'urgent pointer'],
    ['P. 1:3(2) ack 5 win 100 <TS val 100 ecr 7,nop,nop>', 'options'],
    ['P. 1:3(2) ack 5 win 100', 'options'],
    ['P. 1:3(2) ack 5 win 100 <nop,nop,TS val 111 ecr 7>', 'options'],
    ['(ttl 63) P. 1:3(2) ack 5 <...>', 'time to live'],
    ['(tos 0x20) P. 1:3(2) ack 5 <...>', 'traffic class'],
    ['[ect01] P. 1:3(2) ack 5 <...>', 'ECN codepoint'],
  ] as const) {
    assert.equal(differences(expected, actual, 'strict'), what, expected);
  }
});

test('semantic mode sees what both ends understand', () => {
  const cases: readonly (readonly [expected: string, actual: string, what: string])[] = [
    ['P. 1:3(2) ack 5', '. 1:3(2) ack 5', ''],
    ['S 0:0(0) <mss 1460,sackOK,eol,eol>', 'S 0:0(0) <nop,nop,sackOK,mss 1460>', ''],
    ['S 0:0(0) <mss 1460,nop,wscale 6>', 'S 0:0(0) <mss 1460,nop,wscale 9>', ''],
    ['S 0:0(0) <mss 1460>', 'S 0:0(0) <mss 1400>', 'option mss'],
    ['S 0:0(0) <mss 1460>', 'S 0:0(0) <mss 1460,sackOK>', 'option sackOK'],
    ['. 1:1(0) ack 5 <nop,nop,sack 9:10 7:8 5:6>', '. 1:1(0) ack 5 <sack 9:10 5:6 7:8>', ''],
    ['. 1:1(0) ack 5 <nop,nop,sack 9:10 7:8>', '. 1:1(0) ack 5 <sack 7:8 9:10>', 'option sack'],
    ['. 1:1(0) ack 5 <nop,nop,sack 9:10>', '. 1:1(0) ack 5', 'option sack'],
    ['. 1:1(0) ack 5 win 5000', '. 1:1(0) ack 5 win 6000', ''],
    ['. 1:1(0) ack 5 win 5000', '. 1:1(0) ack 5 win 3541', ''],
    ['. 1:1(0) ack 5 win 5000', '. 1:1(0) ack 5 win 3540', 'window'],
    ['. 1:1(0) ack 5 win 100', '. 1:1(0) ack 5 win 0', 'window'],
    ['. 1:1(0) ack 5', '. 1:1(0) ack 6', 'acknowledgment'],
    ['R 1:1(0)', 'RE 1:1(0)', 'flags'],
  ];
  for (const [expected, actual, what] of cases) {
    assert.equal(differences(expected, actual, 'semantic'), what, `${expected} against ${actual}`);
  }
});

test('windows are compared in bytes, whatever their shifts', () => {
  const shifts = { own: 7, script: 6 };
  assert.equal(differences('. 1:1(0) ack 5 win 1000', '. 1:1(0) ack 5 win 500', 'semantic', shifts), '');
  assert.equal(differences('. 1:1(0) ack 5 win 1000', '. 1:1(0) ack 5 win 400', 'semantic', shifts), 'window');
  assert.equal(differences('S. 0:0(0) ack 1 win 1000', 'S. 0:0(0) ack 1 win 1000', 'semantic', shifts), '');
});

test('options survive the way through their bytes', () => {
  const { content } = spec('S 0:0(0) <mss 1460,nop,wscale 6,sackOK,TS val 4294967295 ecr 1,sack 1:2,eol,eol>');
  assert.ok(content.kind === 'tcp' && content.options !== undefined);
  assert.deepEqual(decodeOptions(encodeOptions(content.options)), content.options);
  assert.deepEqual(decodeOptions(Uint8Array.of(2, 4, 5)), []);
});
