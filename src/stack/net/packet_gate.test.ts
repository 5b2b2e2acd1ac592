import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  address,
  errorAbout,
  GateBench,
  INSIDE,
  ipv4,
  OUTSIDE,
  packet,
  packetText,
  rules,
} from '../../../test/testing/gate_bench.ts';
import { hours, seconds } from '../../core/time.ts';

const A = '192.168.1.5';
const B = '192.168.1.6';
const OUT = '203.0.113.2';
const R = '198.51.100.7';
const S = '198.51.100.8';

const portOf = (text: string): number => Number(/:(\d+) >/.exec(text)?.[1]);

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
