// What a frame costs on its way through a router, in exact counters instead of seconds: events, and bytes on the heap.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const PROBE = join(import.meta.dirname, '../testing/forwarding_probe.ts');
/** Megabytes of young generation: nothing is collected in between, so what was allocated is what is used. */
const YOUNG = 256;
/** A time that passes between functions is a number of 12 bytes to the engine: four or five of those, and no object. */
const MAX_BYTES_PER_FRAME = 80;

interface Counters {
  readonly frames: number;
  readonly arrived: number;
  readonly events: number;
  readonly heapBytes: number;
  readonly arenaGrowth: number;
  readonly slots: number;
}

function probe(kind: string): Counters {
  const young = [`--min-semi-space-size=${YOUNG}`, `--max-semi-space-size=${YOUNG}`];
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', ...young, PROBE, kind], { encoding: 'utf8' }));
}

for (const [kind, what] of [
  ['plain', 'a router'],
  ['nat', 'a router with NAT'],
] as const) {
  test(`a frame through ${what} is two events and next to nothing on the heap`, () => {
    const { frames, arrived, events, heapBytes, arenaGrowth, slots } = probe(kind);
    assert.equal(arrived, frames);
    // Beyond the two: deadlines of tables, a handful in all.
    assert.ok(events >= 2 * frames && events <= 2 * frames + 100, `${events} events for ${frames} frames`);
    assert.ok(heapBytes / frames < MAX_BYTES_PER_FRAME, `${heapBytes / frames} bytes a frame`);
    assert.equal(arenaGrowth, 0);
    assert.equal(slots, 0);
  });
}
