import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address, errorAbout, GateBench, ipv4, packet } from '../../../test/testing/gate_bench.ts';
import { flowText } from './conntrack.ts';
import { copyFlow, emptyFlow, hashFlow, quotedPacket, readFlow, reversed, sameFlow } from './flow.ts';

const { arena } = new GateBench({});
const A = '192.168.1.5';
const R = '198.51.100.7';

function flowOf(bytes: Uint8Array): string | undefined {
  const slot = arena.allocateFrom(bytes);
  const flow = emptyFlow();
  const isFlow = readFlow(arena, arena.start(slot), arena.end(slot), flow);
  arena.release(slot);
  return isFlow ? flowText(flow) : undefined;
}

test('a flow is both ends of a packet; of an echo, the identifier stands for both ports', () => {
  assert.equal(flowOf(packet(`udp ${A}:4000 > ${R}:53`)), `${A}:4000 > ${R}:53`);
  assert.equal(flowOf(packet(`tcp ${A}:4000 > ${R}:80`)), `${A}:4000 > ${R}:80`);
  assert.equal(flowOf(packet(`echo ${A} > ${R} id 7`)), `${A}:7 > ${R}:7`);
  assert.equal(flowOf(packet(`echo-reply ${R} > ${A} id 7`)), `${R}:7 > ${A}:7`);
});

test('later fragments, ICMP errors, other protocols and stumps have none', () => {
  const fragment = packet(`udp ${A}:4000 > ${R}:53`);
  fragment[7] = 1; // an offset of eight bytes
  assert.equal(flowOf(fragment), undefined);
  assert.equal(flowOf(errorAbout(packet(`udp ${A}:1 > ${R}:2`), R, A)), undefined);
  for (const protocol of [1, 6, 17, 47]) {
    assert.equal(flowOf(ipv4(protocol, address(A), address(R), new Uint8Array(7))), undefined, `protocol ${protocol}`);
  }
});

test('the quotation of an error is found, where there is enough of it', () => {
  const where = (bytes: Uint8Array): number => {
    const slot = arena.allocateFrom(bytes);
    const at = quotedPacket(arena, arena.start(slot), arena.end(slot)) - arena.start(slot);
    arena.release(slot);
    return at < 0 ? -1 : at;
  };
  const error = errorAbout(packet(`udp ${A}:1 > ${R}:2`), R, A);
  assert.equal(where(error), 28);
  assert.equal(where(error.subarray(0, error.length - 1)), -1, 'a byte too short');
  assert.equal(where(packet(`echo ${A} > ${R} id 7`, new Uint8Array(64))), -1, 'no error');
  const options = error.slice();
  options[28] = 0x4f; // a quoted header of sixty bytes, of which there are twenty
  assert.equal(where(options), -1);
});

test('whoever does not know the seed does not know whose hashes meet', () => {
  // Sixteen ports each of sixteen senders, as few bits as there are: those that meet with one seed do not with others.
  const flows = Array.from({ length: 256 }, (_, i) => {
    const source = (0x0a000000 + (i >> 4)) as ReturnType<typeof emptyFlow>['source'];
    return { ...emptyFlow(), protocol: 6, source, sourcePort: 5000 + (i & 15) };
  });
  const bucketsWith = (seed: number): string => flows.map((flow) => hashFlow(flow, seed) & 255).join(' ');
  const seen = new Set([1, 2, 3, 0x8000_0001 | 0, -1].map(bucketsWith));
  assert.equal(seen.size, 5);
  for (const buckets of seen) assert.ok(new Set(buckets.split(' ')).size > 128);
});

test('a flow turned round twice is itself, and equal flows have equal hashes', () => {
  const ip = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const port = fc.integer({ min: 0, max: 65_535 });
  fc.assert(
    fc.property(ip, port, ip, port, (source, sourcePort, destination, destinationPort) => {
      const flow = { ...emptyFlow(), protocol: 17, source, sourcePort, destination, destinationPort } as ReturnType<
        typeof emptyFlow
      >;
      assert.ok(sameFlow(reversed(reversed(flow)), flow));
      assert.equal(hashFlow(copyFlow(flow), 7), hashFlow(flow, 7));
      assert.equal(hashFlow(flow, 7) | 0, hashFlow(flow, 7));
    }),
  );
});
