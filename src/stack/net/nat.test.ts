import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address, FILTERED, GateBench, INSIDE, OUTSIDE, packet } from '../../../test/testing/gate_bench.ts';
import { hours, minutes, seconds } from '../../core/time.ts';
import { DEFAULT_TIMEOUTS } from './conntrack.ts';
import type { NatBehaviour } from './nat.ts';
import { formatNatTable, natRows } from './nat_text.ts';

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

for (const filtering of BEHAVIOURS) {
  test(`RFC 4787 §6: inside machines reach each other and themselves by the outside port, filtering ${filtering}`, () => {
    for (const protocol of ['udp', 'tcp']) hairpin(protocol, filtering);
  });
}

function hairpin(protocol: string, filtering: NatBehaviour): void {
  for (const isSelf of [false, true]) {
    const bench = new GateBench({ nat: { filtering } });
    const [machine, inside] = isSelf ? [A, 4001] : [B, 9];
    const portB = portOf(bench.out(`${protocol} ${machine}:${inside} > ${R}:1 syn`));
    const there = bench.out(`${protocol} ${A}:4000 > ${OUT}:${portB} syn`);
    const portA = portOf(there);
    assert.equal(there, `home: ${protocol} ${OUT}:${portA} > ${machine}:${inside}`);
    assert.equal(
      bench.out(`${protocol} ${machine}:${inside} > ${OUT}:${portA} syn,ack`),
      `home: ${protocol} ${OUT}:${portB} > ${A}:4000`,
    );
    bench.pass(hours(9));
    bench.assertEmpty();
  }
}

test('when the outside address changes, sessions over the old one end, and new ones have the new one', () => {
  for (const next of ['203.0.113.9', undefined]) {
    const bench = new GateBench({ nat: {} });
    bench.out(`tcp ${A}:4000 > ${R}:80 syn`);
    bench.out(`udp ${B}:4000 > ${R}:53`);
    bench.gate.addressesChanged(bench.now, OUTSIDE);
    assert.equal(bench.gate.nat?.size, 2, 'it has not changed');
    bench.outsideAddress = next === undefined ? undefined : address(next);
    bench.gate.addressesChanged(bench.now, INSIDE);
    assert.equal(bench.gate.nat?.size, 2, 'that is another interface');
    bench.gate.addressesChanged(bench.now, OUTSIDE);
    bench.assertEmpty();
    assert.match(
      bench.out(`udp ${A}:4000 > ${R}:53`),
      next === undefined ? /^NatNoBinding$/ : /^wan: udp 203\.0\.113\.9:/,
    );
    bench.pass(hours(1));
    bench.assertEmpty();
  }
});

test('connections that are not translated outlive a change of the outside address', () => {
  const bench = new GateBench({ nat: {} });
  bench.send(packet(`udp ${OUT}:700 > ${R}:53`));
  bench.outsideAddress = address('203.0.113.9');
  bench.gate.addressesChanged(bench.now, OUTSIDE);
  assert.equal(bench.gate.conntrack.size, 1);
});

test('a session that comes in is not taken for a hairpin: its source stays', () => {
  const bench = new GateBench({ nat: { filtering: 'endpoint-independent' } });
  const port = portOf(bench.out(`udp ${A}:4000 > ${R}:53`));
  assert.equal(bench.in(`udp ${S}:9 > ${OUT}:${port}`), `home: udp ${S}:9 > ${A}:4000`);
});

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
