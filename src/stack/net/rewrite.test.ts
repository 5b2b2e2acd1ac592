import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSums, GateBench, INSIDE, packet } from '../../../test/testing/gate_bench.ts';
import { rewriteEnd } from './rewrite.ts';

const A = '192.168.1.5';
const R = '198.51.100.7';

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
