// Random bytes and mutated well-formed inputs through every codec: none throws, and none makes much out of little.
// Plain loops over our own generator rather than fast-check: 200,000 inputs in a few seconds. An input that fails is
// printed as hex.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { hex } from '../testing/bytes.ts';
import { CODECS, type Codec } from './codec_table.ts';

const { TEST_SEED = '1', TEST_SCALE = '1' } = process.env;
const INPUTS = 200_000 * Number(TEST_SCALE);
const MAX_RANDOM_LENGTH = 128;
const OUTPUT_PER_BYTE = 64;
/** What a small input may become all the same: a header's fields, a sentence. */
const OUTPUT_BASE = 512;

for (const codec of CODECS) {
  const count = Math.ceil(INPUTS / CODECS.length);
  test(`${codec.name}: ${count} inputs, no throw, bounded output`, () => {
    const random = Random.fromSeed(Number(TEST_SEED)).fork(`codec ${codec.name}`);
    for (let n = 0; n < count; n++) check(codec, n % 4 === 0 ? randomBytes(random) : mutated(random, codec));
  });

  test(`${codec.name}: its samples are well-formed`, () => {
    for (const sample of codec.samples) assert.notEqual(typeof codec.parse(sample), 'number', hex(sample));
  });
}

function check(codec: Codec, input: Uint8Array): void {
  const { outputPerByte = OUTPUT_PER_BYTE } = codec;
  let size = 0;
  try {
    size = sizeOf(codec.parse(input), input.buffer);
  } catch (error) {
    assert.fail(`${codec.name} threw on ${hex(input)}: ${error instanceof Error ? error.stack : error}`);
  }
  const limit = OUTPUT_BASE + outputPerByte * input.length;
  if (size > limit) assert.fail(`${codec.name} made ${size} out of ${input.length} bytes: ${hex(input)}`);
}

function randomBytes(random: Random): Uint8Array {
  const data = new Uint8Array(random.below(MAX_RANDOM_LENGTH + 1));
  random.fill(data);
  return data;
}

/** A sample with a few bytes changed, and sometimes a piece cut out, doubled, or cut off. */
function mutated(random: Random, codec: Codec): Uint8Array {
  const sample = codec.samples[random.below(codec.samples.length)] ?? new Uint8Array(0);
  const data = reshaped(random, sample);
  for (let n = random.below(5); n > 0 && data.length > 0; n--) {
    const at = random.below(data.length);
    const before = data[at] ?? 0;
    data[at] = INTERESTING[random.below(INTERESTING.length)]?.(before, random) ?? before;
  }
  return data;
}

const INTERESTING: readonly ((byte: number, random: Random) => number)[] = [
  () => 0,
  () => 0xff,
  (byte) => byte + 1,
  (byte) => byte - 1,
  (byte, random) => byte ^ (1 << random.below(8)),
  (_, random) => random.below(256),
];

function reshaped(random: Random, sample: Uint8Array): Uint8Array {
  const from = random.below(sample.length + 1);
  const to = from + random.below(sample.length - from + 1);
  switch (random.below(6)) {
    case 0:
      return sample.slice(0, from);
    case 1:
      return Uint8Array.of(...sample.subarray(0, from), ...sample.subarray(to));
    case 2:
      return Uint8Array.of(...sample.subarray(0, to), ...sample.subarray(from));
    default:
      return sample.slice();
  }
}

/** Characters, numbers, entries and bytes in a result; bytes that are a part of the input cost nothing. */
function sizeOf(value: unknown, input: ArrayBufferLike): number {
  if (typeof value === 'string') return 1 + value.length;
  if (value instanceof Uint8Array) return 1 + (value.buffer === input ? 0 : value.length);
  if (typeof value !== 'object' || value === null) return 1;
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  let size = 1;
  for (const part of parts) size += sizeOf(part, input);
  return size;
}
