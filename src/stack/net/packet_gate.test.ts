import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  address,
  assertSums,
  errorAbout,
  FILTERED,
  GateBench,
  INSIDE,
  ipv4,
  OUTSIDE,
  packet,
  packetText,
  rules,
} from '../../../test/testing/gate_bench.ts';
import { hours, minutes, seconds } from '../../core/time.ts';
import { DEFAULT_TIMEOUTS, MAX_TRACKED } from './conntrack.ts';
import type { NatBehaviour } from './nat.ts';
import { formatNatTable, natRows } from './nat_text.ts';
import { rewriteEnd } from './rewrite.ts';

const A = '192.168.1.5';
const B = '192.168.1.6';
const OUT = '203.0.113.2';
const R = '198.51.100.7';
const S = '198.51.100.8';

const portOf = (text: string): number => Number(/:(\d+) >/.exec(text)?.[1]);

// RFC 4787 §4.1, REQ-1, and the three behaviours

const BEHAVIOURS: readonly NatBehaviour[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'];

for (const [i, mapping] of BEHAVIOURS.entries()) {
  test(`mapping is ${mapping}: one outside port ${['for everyone', 'an address', 'an address and port'][i]}`, () => {
    const bench = new GateBench({ nat: { mapping } });
    const first = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
    assert.equal(portOf(bench.out(`udp ${A}:4000 > ${R}:53`)), first, 'the same session');
    assert.equal(portOf(bench.out(`udp ${A}:4000 > ${R}:54`)) === first, mapping !== 'address-and-port-dependent');
    assert.equal(portOf(bench.out(`udp ${A}:4000 > ${S}:53`)) === first, mapping === 'endpoint-independent');
    assert.notEqual(portOf(bench.out(`udp ${A}:4001 > ${R}:53`)), first, 'another inside port');
    assert.notEqual(portOf(bench.out(`udp ${B}:4000 > ${R}:53`)), first, 'another inside address');
    bench.pass(hours(1));
    bench.assertEmpty();
  });

  test(`filtering is ${mapping}: who may send to a bound port`, () => {
    const bench = new GateBench({ nat: { filtering: mapping } });
    const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
    const inside = `> ${A}:4000`;
    assert.equal(bench.in(`udp ${R}:53 > ${OUT}:${port}`), `home: udp ${R}:53 ${inside}`);
    const samePeer = mapping === 'address-and-port-dependent' ? FILTERED : `home: udp ${R}:54 ${inside}`;
    assert.equal(bench.in(`udp ${R}:54 > ${OUT}:${port}`), samePeer);
    const stranger = mapping === 'endpoint-independent' ? `home: udp ${S}:53 ${inside}` : FILTERED;
    assert.equal(bench.in(`udp ${S}:53 > ${OUT}:${port}`), stranger);
    bench.pass(hours(1));
    bench.assertEmpty();
  });
}

test('an answer to a session that came in by the filter leaves with the outside address and port', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  assert.equal(bench.in(`udp ${S}:9 > ${OUT}:${port}`), `home: udp ${S}:9 > ${A}:4000`);
  assert.equal(bench.out(`udp ${A}:4000 > ${S}:9`), `wan: udp ${OUT}:${port} > ${S}:9`);
  assert.equal(bench.gate.nat?.size, 1);
});

test("a port that is not bound is the machine's own", () => {
  const bench = new GateBench({ nat: {} });
  assert.equal(bench.in(`udp ${R}:53 > ${OUT}:700`), `self: udp ${R}:53 > ${OUT}:700`);
});

test('ports that the machine itself uses are not given away', () => {
  const bench = new GateBench({ nat: { firstPort: 5000, lastPort: 5001 }, takenPorts: [5000] });
  assert.equal(bench.out(`udp ${A}:4000 > ${R}:53`), `wan: udp ${OUT}:5001 > ${R}:53`);
});

test('RFC 4787 §4.3: bindings live for five minutes by default, and outbound packets alone refresh them', () => {
  assert.equal(DEFAULT_TIMEOUTS.udp, minutes(5));
  const bench = new GateBench({ nat: {} });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  bench.in(`udp ${R}:53 > ${OUT}:${port}`); // the first answer makes it established
  for (let i = 0; i < 4; i++) {
    bench.pass(minutes(1));
    assert.equal(bench.in(`udp ${R}:53 > ${OUT}:${port}`), `home: udp ${R}:53 > ${A}:4000`);
  }
  bench.pass(seconds(61));
  assert.equal(bench.in(`udp ${R}:53 > ${OUT}:${port}`), `self: udp ${R}:53 > ${OUT}:${port}`, 'gone, whoever sends');
  bench.pass(hours(1));
  bench.assertEmpty();
});

test('a session from outside is refreshed by what goes out, not by what comes in', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  bench.in(`udp ${S}:9 > ${OUT}:${port}`);
  for (let i = 0; i < 3; i++) {
    bench.pass(minutes(4));
    bench.out(`udp ${A}:4000 > ${S}:9`);
  }
  assert.equal(bench.gate.conntrack.size, 1, 'the session to R is over, that with S is not');
  bench.pass(minutes(4));
  bench.in(`udp ${S}:9 > ${OUT}:${port}`);
  bench.pass(seconds(62));
  bench.assertEmpty();
});

test('RFC 4787 §6: two inside machines reach each other by the outside port, and see outside addresses', () => {
  for (const protocol of ['udp', 'tcp']) {
    const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
    const portB = portOf(bench.out(`${protocol} ${B}:9 > ${R}:1 syn`));
    const there = bench.out(`${protocol} ${A}:4000 > ${OUT}:${portB} syn`);
    const portA = portOf(there);
    assert.equal(there, `home: ${protocol} ${OUT}:${portA} > ${B}:9`);
    assert.equal(
      bench.out(`${protocol} ${B}:9 > ${OUT}:${portA} syn,ack`),
      `home: ${protocol} ${OUT}:${portB} > ${A}:4000`,
    );
    bench.pass(hours(9));
    bench.assertEmpty();
  }
});

test('a session that comes in is not taken for a hairpin: its source stays', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  assert.equal(bench.in(`udp ${S}:9 > ${OUT}:${port}`), `home: udp ${S}:9 > ${A}:4000`);
});

// RFC 5382

test('RFC 5382 §4.1: a TCP binding is made by a SYN alone, and what belongs to nothing does not leave', () => {
  const bench = new GateBench({ nat: {} });
  assert.equal(bench.out(`tcp ${A}:4000 > ${R}:80 ack`), 'NatNoBinding');
  assert.equal(bench.out(`tcp ${A}:4000 > ${R}:80 syn,ack`), 'NatNoBinding');
  assert.equal(bench.out(`tcp ${A}:4000 > ${R}:80 rst`), 'NatNoBinding');
  bench.assertEmpty();
  assert.match(bench.out(`tcp ${A}:4000 > ${R}:80 syn`), /^wan: tcp 203\.0\.113\.2:/);
});

test('RFC 5382 §5: an established connection may be silent for two hours and four minutes', () => {
  assert.ok(DEFAULT_TIMEOUTS.tcpEstablished >= hours(2) + minutes(4));
  const bench = new GateBench({ nat: {} });
  const port = portOf(bench.out(`tcp ${A}:4000 > ${R}:80 syn`));
  bench.in(`tcp ${R}:80 > ${OUT}:${port} syn,ack`);
  bench.out(`tcp ${A}:4000 > ${R}:80 ack`);
  bench.pass(minutes(123));
  assert.equal(bench.in(`tcp ${R}:80 > ${OUT}:${port} ack`), `home: tcp ${R}:80 > ${A}:4000`);
  bench.pass(minutes(125));
  bench.assertEmpty();
});

test('RFC 5382 §5: a handshake that nobody answers is remembered for four minutes', () => {
  const bench = new GateBench({ nat: {} });
  bench.out(`tcp ${A}:4000 > ${R}:80 syn`);
  bench.pass(seconds(239));
  assert.equal(bench.gate.conntrack.size, 1);
  bench.pass(seconds(2));
  bench.assertEmpty();
});

for (const [name, last, gone] of [
  ['FIN both ways', ['out fin,ack', 'in fin,ack', 'out ack'], seconds(242)],
  ['RST', ['in rst'], seconds(12)],
] as const) {
  test(`a connection is forgotten soon after ${name}`, () => {
    const bench = new GateBench({ nat: {} });
    const port = portOf(bench.out(`tcp ${A}:4000 > ${R}:80 syn`));
    bench.in(`tcp ${R}:80 > ${OUT}:${port} syn,ack`);
    bench.out(`tcp ${A}:4000 > ${R}:80 ack`);
    for (const step of last) {
      const [way, flags] = step.split(' ');
      if (way === 'out') bench.out(`tcp ${A}:4000 > ${R}:80 ${flags}`);
      else bench.in(`tcp ${R}:80 > ${OUT}:${port} ${flags}`);
    }
    assert.deepEqual(
      natRows(bench.gate, bench.now).map(({ state }) => state),
      ['closing'],
    );
    bench.pass(gone);
    bench.assertEmpty();
  });
}

test('the same ports again: a SYN on a connection that is closing begins a new one', () => {
  const bench = new GateBench({ nat: {} });
  const port = portOf(bench.out(`tcp ${A}:4000 > ${R}:80 syn`));
  bench.in(`tcp ${R}:80 > ${OUT}:${port} rst,ack`);
  assert.equal(bench.out(`tcp ${A}:4000 > ${R}:80 syn`), `wan: tcp ${OUT}:${port} > ${R}:80`);
  assert.equal(natRows(bench.gate, bench.now)[0]?.state, 'new');
  assert.equal(bench.gate.conntrack.size, 1);
});

// RFC 5508

test('RFC 5508 §3: echoes get an identifier of their own outside, and answers find their way back', () => {
  const bench = new GateBench({ nat: {} });
  const idOf = (text: string): number => Number(/id (\d+)/.exec(text)?.[1]);
  const first = idOf(bench.out(`echo ${A} > ${R} id 77`));
  const second = idOf(bench.out(`echo ${B} > ${R} id 77`));
  assert.notEqual(first, second);
  assert.equal(bench.in(`echo-reply ${R} > ${OUT} id ${second}`), `home: echo-reply ${R} > ${B} id 77`);
  assert.equal(bench.in(`echo-reply ${R} > ${OUT} id ${first}`), `home: echo-reply ${R} > ${A} id 77`);
  bench.pass(seconds(62));
  bench.assertEmpty();
});

test('an echo answer that nobody asked for is no beginning', () => {
  const bench = new GateBench({ nat: {} });
  assert.equal(bench.out(`echo-reply ${A} > ${R} id 77`), 'NatNoBinding');
  bench.assertEmpty();
});

test('an echo from outside to a bound identifier is one session, answered as such', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const id = Number(/id (\d+)/.exec(bench.out(`echo ${A} > ${R} id 77`))?.[1]);
  assert.equal(bench.in(`echo ${S} > ${OUT} id ${id}`), `home: echo ${S} > ${A} id 77`);
  assert.equal(bench.out(`echo-reply ${A} > ${S} id 77`), `wan: echo-reply ${OUT} > ${S} id ${id}`);
  assert.equal(bench.gate.conntrack.size, 2);
});

for (const [kind, flags] of [
  ['udp', ''],
  ['tcp', ' syn'],
] as const) {
  test(`RFC 5508 §4.2: an error from outside about ${kind} reaches the inside machine with its own packet quoted`, () => {
    const bench = new GateBench({ nat: {} });
    const sent = bench.routed(packet(`${kind} ${A}:4000 > ${R}:80${flags}`), INSIDE);
    const error = errorAbout(sent, S, OUT, { kind: 'time-exceeded', code: 0 });
    assert.equal(bench.route(error, OUTSIDE), `home: error 11/0 ${S} > ${A} [${kind} ${A}:4000 > ${R}:80]`);
  });
}

test('RFC 5508 §4.2: an error about an echo finds the machine that asked', () => {
  const bench = new GateBench({ nat: {} });
  const sent = bench.routed(packet(`echo ${A} > ${R} id 77`), INSIDE);
  assert.equal(bench.route(errorAbout(sent, S, OUT), OUTSIDE), `home: error 3/3 ${S} > ${A} [echo ${A} > ${R} id 77]`);
});

test('RFC 5508 §4.3: an error from inside shows no inside address', () => {
  const bench = new GateBench({ nat: {} });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  const came = bench.routed(packet(`udp ${R}:53 > ${OUT}:${port}`), OUTSIDE);
  assert.equal(packetText(came), `udp ${R}:53 > ${A}:4000`);
  const told = `error 3/3 ${OUT} > ${R} [udp ${R}:53 > ${OUT}:${port}]`;
  assert.equal(bench.route(errorAbout(came, A, R), INSIDE), `wan: ${told}`);
  assert.equal(
    bench.send(errorAbout(came, OUT, R)),
    `wan: ${told}`,
    'from the machine itself: its quote is hidden too',
  );
});

test('errors about a session that began outside are translated both ways', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  const came = bench.routed(packet(`udp ${S}:9 > ${OUT}:${port}`), OUTSIDE);
  assert.equal(
    bench.route(errorAbout(came, A, S), INSIDE),
    `wan: error 3/3 ${OUT} > ${S} [udp ${S}:9 > ${OUT}:${port}]`,
  );
  const answer = bench.routed(packet(`udp ${A}:4000 > ${S}:9`), INSIDE);
  assert.equal(
    bench.route(errorAbout(answer, R, OUT), OUTSIDE),
    `home: error 3/3 ${R} > ${A} [udp ${A}:4000 > ${S}:9]`,
  );
});

test('an error between two inside machines is translated at both ends', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const portB = portOf(bench.out(`udp ${B}:9 > ${R}:1`));
  const came = bench.routed(packet(`udp ${A}:4000 > ${OUT}:${portB}`), INSIDE);
  assert.equal(
    bench.route(errorAbout(came, B, OUT), INSIDE),
    `home: error 3/3 ${OUT} > ${A} [udp ${A}:4000 > ${OUT}:${portB}]`,
  );
});

test("an error about nothing that is known does not leave, and from outside it is the machine's own", () => {
  const bench = new GateBench({ nat: {} });
  const stray = packet(`udp ${R}:53 > ${A}:4000`);
  assert.equal(bench.route(errorAbout(stray, A, R), INSIDE), 'NatNoBinding');
  assert.match(bench.route(errorAbout(packet(`udp ${OUT}:9 > ${R}:53`), R, OUT), OUTSIDE), /^self: error/);
});

test('other protocols do not leave with an inside address', () => {
  const bench = new GateBench({ nat: {} });
  assert.equal(bench.route(ipv4(47, address(A), address(R), new Uint8Array(20)), INSIDE), 'NatNoBinding');
});

// Bounds

test('when every port of the range is bound, the next inside endpoint goes without', () => {
  const bench = new GateBench({ nat: { firstPort: 5000, lastPort: 5003 } });
  const ports = [1, 2, 3, 4].map((n) => portOf(bench.out(`udp ${A}:${n} > ${R}:53`)));
  assert.deepEqual(ports.sort(), [5000, 5001, 5002, 5003]);
  assert.equal(bench.out(`udp ${A}:5 > ${R}:53`), 'NatTableFull');
  assert.match(bench.out(`udp ${A}:1 > ${S}:53`), /^wan/, 'a bound endpoint needs no further port');
  assert.match(bench.out(`tcp ${A}:5 > ${R}:80 syn`), /^wan/, 'another protocol has ports of its own');
  bench.pass(minutes(6));
  assert.match(bench.out(`udp ${A}:5 > ${R}:53`), /^wan/);
});

test(`no more than ${MAX_TRACKED} connections are tracked: further ones are dropped, known ones go on`, () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:1 > ${R}:1`));
  const known = packet(`udp ${A}:1 > ${R}:1`);
  for (let n = 1; n < MAX_TRACKED; n++) {
    const peer = `198.18.${n >>> 8}.${n & 0xff}`;
    bench.gate.conntrack.confirm(bench.now, bench.gate.conntrack.begin(bench.now, flowOf(peer)), 0);
  }
  assert.equal(bench.gate.conntrack.size, MAX_TRACKED);
  assert.equal(bench.out(`udp ${A}:2 > ${R}:1`), 'NatTableFull');
  assert.equal(bench.in(`udp ${S}:1 > ${OUT}:${port}`), 'NatTableFull');
  assert.equal(bench.in(`udp ${S}:1 > ${OUT}:7`), 'ConntrackInvalid');
  assert.match(bench.route(known, INSIDE), /^wan/);
  assert.equal(bench.gate.nat?.size, 1);
  bench.pass(minutes(10));
  bench.assertEmpty();
});

const flowOf = (peer: string): Parameters<GateBench['gate']['conntrack']['begin']>[1] => ({
  protocol: 17,
  source: address(peer),
  sourcePort: 1,
  destination: address(R),
  destinationPort: 1,
});

test('a session that the rules do not let in leaves nothing behind', () => {
  const bench = new GateBench({
    nat: { filtering: 'endpoint-independent' },
    firewall: {
      policy: { input: 'drop', forward: 'drop', output: 'accept' },
      rules: rules('accept forward in home', 'accept forward ct established'),
    },
  });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  assert.equal(bench.in(`udp ${S}:9 > ${OUT}:${port}`), 'FirewallDenied');
  assert.equal(bench.in(`udp ${R}:53 > ${OUT}:${port}`), `home: udp ${R}:53 > ${A}:4000`);
  bench.pass(hours(1));
  bench.assertEmpty();
});

test('switched off, it knows nothing any more', () => {
  const bench = new GateBench({ nat: {} });
  for (let n = 1; n < 20; n++) bench.out(`udp ${A}:${n} > ${R}:53`);
  bench.gate.clear(bench.now);
  bench.assertEmpty();
  assert.equal(bench.gate.pollBackgroundTimeout(), Number.POSITIVE_INFINITY);
});

// Rules

test('the first rule that fits decides, counts, and the policy decides where none does', () => {
  const firewall = {
    policy: { input: 'drop', forward: 'reject', output: 'reject' },
    rules: rules(
      'drop forward tcp dport 25',
      'accept forward tcp dport 1-1023',
      'reject forward udp dst 198.51.100.7',
      'accept input ct established',
    ),
  } as const;
  const bench = new GateBench({ firewall });
  assert.equal(bench.out(`tcp ${A}:4000 > ${R}:25 syn`), 'FirewallDenied');
  assert.match(bench.out(`tcp ${A}:4000 > ${R}:80 syn`), /^wan/);
  assert.equal(bench.out(`udp ${A}:4000 > ${R}:53`), 'FirewallRejected');
  assert.equal(bench.out(`udp ${A}:4000 > ${S}:53`), 'FirewallRejected', 'by the policy');
  assert.equal(bench.in(`udp ${R}:53 > ${OUT}:53`), 'FirewallDenied', 'by the policy of input');
  assert.equal(bench.send(packet(`udp ${OUT}:1 > ${R}:53`)), 'FirewallDenied', 'a program is told by its call');
  assert.deepEqual(
    firewall.rules.map(({ hits }) => hits),
    [1, 1, 1, 0],
  );
});

test('states: new, established, related, invalid', () => {
  const states = ['new', 'established', 'related', 'invalid'] as const;
  const firewall = {
    policy: { input: 'drop', forward: 'drop', output: 'drop' },
    rules: rules(...states.map((state) => `accept forward ct ${state}`)),
  } as const;
  const bench = new GateBench({ firewall });
  const seen = (): string | undefined => {
    const at = firewall.rules.findIndex(({ hits }) => hits > 0);
    for (const rule of firewall.rules) rule.hits = 0;
    return states[at];
  };
  const log = [
    [`tcp ${A}:1 > ${R}:80 syn`, 'new'],
    [`tcp ${A}:1 > ${R}:80 syn`, 'new'],
    [`tcp ${R}:80 > ${A}:1 syn,ack`, 'established'],
    [`tcp ${A}:1 > ${R}:80 ack`, 'established'],
    [`tcp ${A}:2 > ${R}:80 ack`, 'invalid'],
    [`tcp ${A}:2 > ${R}:80 fin`, 'invalid'],
    [`echo ${A} > ${R} id 1`, 'new'],
    [`echo-reply ${R} > ${A} id 1`, 'established'],
    [`echo-reply ${R} > ${A} id 2`, 'invalid'],
  ] as const;
  for (const [text, state] of log) {
    bench.route(packet(text), text.includes(`${R}:80 >`) ? OUTSIDE : INSIDE);
    assert.equal(seen(), state, text);
  }
  bench.route(errorAbout(packet(`tcp ${A}:1 > ${R}:80 ack`), S, A), OUTSIDE);
  assert.equal(seen(), 'related');
  bench.route(errorAbout(packet(`tcp ${A}:9 > ${R}:80 ack`), S, A), OUTSIDE);
  assert.equal(seen(), 'invalid');
});

test('a rule about destinations sees that of an error, not that of the packet before', () => {
  const firewall = {
    policy: { input: 'drop', forward: 'drop', output: 'drop' },
    rules: rules(`accept forward dst ${R}`),
  } as const;
  const bench = new GateBench({ firewall });
  assert.match(bench.out(`udp ${A}:1 > ${R}:1`), /^wan/);
  assert.equal(bench.route(errorAbout(packet(`udp ${S}:1 > ${A}:9`), A, S), INSIDE), 'FirewallDenied');
});

test('a TCP header cut short is invalid, and nothing behind the packet is read', () => {
  const firewall = {
    policy: { input: 'drop', forward: 'drop', output: 'drop' },
    rules: rules('accept forward ct new'),
  } as const;
  const bench = new GateBench({ firewall });
  const whole = packet(`tcp ${A}:1 > ${R}:80 syn`);
  const cut = ipv4(6, address(A), address(R), whole.subarray(20, 32));
  assert.equal(bench.route(cut, INSIDE), 'FirewallDenied');
});

// The table

test('the NAT table is the one of the lecture: four columns, a row a session', () => {
  const bench = new GateBench({ nat: { firstPort: 54_033, lastPort: 54_033 } });
  bench.out(`tcp ${A}:43222 > 198.51.100.80:80 syn`);
  bench.out(`tcp ${A}:43222 > 198.51.100.81:443 syn`);
  assert.equal(
    formatNatTable(natRows(bench.gate, bench.now)),
    `remote host + port  outside local port number  inside IP    inside port number
198.51.100.80:80    54033                      192.168.1.5  43222
198.51.100.81:443   54033                      192.168.1.5  43222
`,
  );
});

// Checksums

test('checksums brought up to date equal those summed in full, whatever the packet', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const ip = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const kinds = fc.constantFrom('udp', 'tcp', 'echo');
  fc.assert(
    fc.property(
      kinds,
      fc.uint8Array({ maxLength: 60 }),
      ip,
      port,
      port,
      fc.boolean(),
      (kind, payload, to, from, fresh, isSource) => {
        const text = kind === 'echo' ? `echo ${A} > ${R} id ${from}` : `${kind} ${A}:${from} > ${R}:80`;
        const bench = new GateBench({});
        const { arena } = bench;
        const slot = arena.allocateFrom(packet(text, payload));
        rewriteEnd(arena, arena.start(slot), arena.end(slot), isSource ? 'source' : 'destination', to as never, fresh);
        assertSums(arena.copyOut(slot));
      },
    ),
  );
});

test('a UDP datagram without a checksum stays without one', () => {
  const bench = new GateBench({ nat: {} });
  const bytes = packet(`udp ${A}:4000 > ${R}:53`);
  bytes.fill(0, 26, 28);
  assert.deepEqual(bench.routed(bytes, INSIDE).subarray(26, 28), new Uint8Array(2));
});

test('conservation: whatever was sent in whatever order, no binding outlives its last session', () => {
  const step = fc.record({
    way: fc.constantFrom('in', 'out'),
    protocol: fc.constantFrom('udp', 'tcp'),
    host: fc.constantFrom(A, B),
    port: fc.integer({ min: 5000, max: 5007 }),
    peer: fc.constantFrom(R, S, OUT),
    flags: fc.constantFrom('syn', 'ack', 'fin,ack', 'rst', 'syn,ack'),
    wait: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...BEHAVIOURS),
      fc.constantFrom(...BEHAVIOURS),
      fc.array(step, { maxLength: 60 }),
      (mapping, filtering, steps) => {
        const bench = new GateBench({ nat: { mapping, filtering, firstPort: 5000, lastPort: 5005 } });
        for (const { way, protocol, host, port, peer, flags, wait } of steps) {
          if (way === 'out') bench.out(`${protocol} ${host}:${port} > ${peer}:${port} ${flags}`);
          else bench.in(`${protocol} ${peer === OUT ? R : peer}:${port} > ${OUT}:${port} ${flags}`);
          assert.ok((bench.gate.nat?.size ?? 0) <= 12);
          bench.pass(seconds(wait));
        }
        bench.pass(hours(9));
        bench.assertEmpty();
      },
    ),
  );
});
