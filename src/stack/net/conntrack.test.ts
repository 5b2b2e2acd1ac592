import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, GateBench, INSIDE, packet } from '../../../test/testing/gate_bench.ts';
import { hours, minutes, seconds } from '../../core/time.ts';
import { DEFAULT_TIMEOUTS, MAX_TRACKED } from './conntrack.ts';
import { natRows } from './nat_text.ts';

const A = '192.168.1.5';
const OUT = '203.0.113.2';
const R = '198.51.100.7';
const S = '198.51.100.8';

const portOf = (text: string): number => Number(/:(\d+) >/.exec(text)?.[1]);

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
