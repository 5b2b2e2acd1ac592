import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES, udpFrame } from '../../../test/testing/frames.ts';
import { utf8 } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { dissect } from './dissection.ts';
import { checkFilter, parseFilter } from './filter.ts';
import { FILTER_FIELDS } from './filter_fields.ts';

const captured = (bytes: Uint8Array, number = 1, comment?: string): CapturedFrame => {
  const frame = { number, time: 0 as Instant, network: 'lan', bytes };
  return comment === undefined ? frame : { ...frame, comment };
};

const SAMPLES = Object.entries(FRAMES).map(([name, bytes], i) => {
  return { name, frame: captured(bytes, i + 1, name === 'sack' ? 'lost on the link' : undefined) };
});

/** The names of the sample frames that pass, in their order. */
function passing(text: string): string {
  const filter = parseFilter(text);
  assert.ok(typeof filter === 'function', `${text}: ${JSON.stringify(filter)}`);
  return SAMPLES.filter(({ frame }) => filter(dissect(frame)))
    .map(({ name }) => name)
    .join(' ');
}

const TABLE: Readonly<Record<string, string>> = {
  arp: 'arpRequest',
  'arp.opcode == 1': 'arpRequest',
  'arp.dst.proto_ipv4 == 10.0.0.2': 'arpRequest',
  tcp: 'syn data sack reset',
  'tcp.flags.syn == 1': 'syn',
  'tcp.flags.syn == true && tcp.flags.ack == 0': 'syn',
  'tcp.flags & 0x14': 'data sack reset',
  'tcp.flags.reset == 1 || icmp.type == 3': 'reset portUnreachable tooBig',
  'tcp.len > 0': 'data',
  'tcp.port in {80, 8000..8099}': 'syn data sack reset',
  'tcp.srcport == 80': 'sack reset',
  'tcp && !(tcp.srcport == 80)': 'syn data',
  'udp && !icmp and not vlan.id': 'udp firstFragment',
  'vlan.id == 5': 'tagged',
  'icmp.type eq 8 and ip.src eq 10.0.0.1': 'echoRequest',
  'ip.src == 10.0.0.2 && icmp': 'portUnreachable tooBig timeExceeded redirect',
  'ip.addr == 10.0.0.0/8 && ip.ttl >= 64 && ip.frag_offset > 0': 'lastFragment',
  'ip.flags.mf == 1': 'firstFragment',
  'eth.type == 0x88b5': 'unknown',
  'eth.src == 02:00:00:00:00:02 and tcp': 'sack reset',
  'frame.comment contains "lost"': 'sack',
  'frame.interface_name == "lan" and frame.number <= 2': 'arpRequest syn',
  '!ip && !arp': 'ipv6 unknown',
};
for (const [text, names] of Object.entries(TABLE)) {
  test(`${text} lets through what it says`, () => assert.equal(passing(text), names));
}

test('the empty filter lets everything through', () => {
  assert.equal(passing(''), Object.keys(FRAMES).join(' '));
  assert.equal(passing('  '), passing('frame'));
});

test('&& binds more tightly than ||, and ! more tightly than both', () => {
  assert.equal(passing('arp || udp && ip.flags.mf == 1'), 'arpRequest firstFragment');
  assert.equal(passing('(arp || udp) && ip.flags.mf == 1'), 'firstFragment');
  assert.equal(passing('!arp && tcp.flags.syn == 1'), 'syn');
});

test('a field with two values: == asks for any of them, != for all', () => {
  assert.equal(passing('tcp.port == 4000'), 'syn data sack reset');
  assert.equal(passing('tcp.port != 4000'), '');
  assert.equal(passing('tcp.srcport != 4000'), 'sack reset');
});

test('a comparison with a field that is not there does not hold, whichever it is', () => {
  const frame = captured(FRAMES.arpRequest);
  for (const operator of ['==', '!=', '<', '<=', '>', '>=']) {
    const filter = parseFilter(`tcp.len ${operator} 0`);
    assert.ok(typeof filter === 'function');
    assert.equal(filter(dissect(frame)), false, operator);
  }
});

test('addresses are compared as unsigned numbers', () => {
  assert.equal(passing('arp.src.proto_ipv4 < 192.0.2.1'), 'arpRequest');
  assert.equal(passing('arp.src.proto_ipv4 > 192.0.2.1'), '');
});

test('HTTP is recognised by what it says, on any port', () => {
  const frame = captured(udpFrame(1, 2, utf8('GET / HTTP/1.1\r\n\r\n')));
  const filter = parseFilter('http');
  assert.ok(typeof filter === 'function');
  assert.equal(filter(dissect(frame)), false, 'not over UDP');
});

const PROBLEMS: Readonly<Record<string, readonly [index: number, message: RegExp]>> = {
  'tcp.flagz == 1': [0, /no field tcp\.flagz: did you mean tcp\.flags\?/],
  'arp && ': [7, /expected a field/],
  'arp arp': [4, /expected &&, \|\| or the end, found "arp"/],
  '(arp': [4, /expected \)/],
  'arp == 1': [0, /a protocol/],
  'ip.src == 10.0.0.300': [10, /no IPv4 address/],
  'eth.src == 1': [11, /no link address/],
  'tcp.port == http': [12, /no number/],
  'tcp.port in {80': [15, /expected , or \}/],
  'tcp.port in {99..1}': [13, /no range|not a range/],
  'tcp.flags.syn == 2': [17, /neither 1 nor 0/],
  'http.host == www': [13, /double quotes/],
  'tcp.len contains "a"': [17, /contains goes with text/],
  '"': [0, /does not belong/],
  [`${'!'.repeat(101)}arp`]: [100, /more than 100 levels/],
};
for (const [text, [index, message]] of Object.entries(PROBLEMS)) {
  test(`${text.slice(0, 40)} is refused, with its place`, () => {
    const problem = checkFilter(text);
    assert.equal(problem?.index, index);
    assert.match(problem?.message ?? '', message);
  });
}

test('no text makes the parser throw, and no filter throws on any frame', () => {
  const words = [
    ...FILTER_FIELDS.keys(),
    '==',
    '!=',
    '&&',
    '||',
    '!',
    '(',
    ')',
    'in',
    '{',
    '}',
    '..',
    '10.0.0.0/8',
    '1',
  ];
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words)).map((parts) => parts.join(' ')),
  );
  const frames = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(...Object.values(FRAMES)));
  fc.assert(
    fc.property(text, frames, (written, bytes) => {
      const filter = parseFilter(written);
      if (typeof filter === 'function') filter(dissect(captured(bytes)));
      else assert.ok(filter.index >= 0 && filter.index <= written.length && filter.message !== '');
    }),
  );
});

test('each field can be asked for in a filter, and stands in the reference', () => {
  const reference = readFileSync(new URL('../../../docs/reference/filter.md', import.meta.url), 'utf8');
  for (const name of FILTER_FIELDS.keys()) {
    assert.equal(checkFilter(name), undefined);
    assert.ok(reference.includes(`\`${name}\``), `docs/reference/filter.md does not tell of ${name}`);
  }
});
