import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import loadWabt from 'wabt';
import { type ChecksumKernel, type PacketMemory, plainKernel } from './checksum_kernel.ts';
import { bestKernel, KERNEL_MODULE, simdKernel } from './checksum_kernel_simd.ts';
import { Random } from './random.ts';

/** RFC 1071 §1 to the letter: add 16-bit words, take each carry back in. */
function sumByDefinition(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) {
    sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

const PAGES = 4;
const HALF = PAGES * 0x8000;

const LENGTHS = [...Array.from({ length: 201 }, (_, length) => length), 1460, 65_535];

const KERNELS: readonly (readonly [string, (memory: PacketMemory) => ChecksumKernel])[] = [
  ['plain', plainKernel],
  ['SIMD', simdKernel],
];

/** A memory full of random bytes, a kernel over it, and the bytes. */
function over(makeKernel: (memory: PacketMemory) => ChecksumKernel) {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 2 * PAGES });
  const data = new Uint8Array(memory.buffer);
  Random.fromSeed(1071).fill(data);
  return { memory, data, kernel: makeKernel(memory) };
}

for (const [name, makeKernel] of KERNELS) {
  test(`the ${name} kernel sums as RFC 1071 defines, at every alignment and length`, () => {
    const { data, kernel } = over(makeKernel);
    for (const length of LENGTHS) {
      for (let at = 0; at < 16; at++) {
        const expected = sumByDefinition(data.subarray(at, at + length));
        assert.equal(kernel.sum(at, length), expected, `${length} bytes at ${at}`);
      }
    }
  });

  test(`the ${name} kernel copies every byte and not one more, whatever the two alignments`, () => {
    const { data, kernel } = over(makeKernel);
    for (const length of LENGTHS.filter((length) => length <= 1460)) {
      for (let from = 0; from < 16; from++) {
        const to = HALF + 1 + ((from * 7 + length) % 16);
        const before = data.slice(to - 1, to + length + 1);
        const source = data.slice(from, from + length);
        assert.equal(kernel.copySum(to, from, length), sumByDefinition(source), `${length} bytes at ${from}`);
        assert.deepEqual(data.subarray(to, to + length), source);
        assert.deepEqual([data[to - 1], data[to + length]], [before[0], before[length + 1]]);
        assert.deepEqual(data.subarray(from, from + length), source);
      }
    }
  });

  test(`the ${name} kernel copies the longest packet`, () => {
    const { data, kernel } = over(makeKernel);
    const source = data.slice(3, 3 + 65_535);
    assert.equal(kernel.copySum(HALF, 3, 65_535), sumByDefinition(source));
    assert.deepEqual(data.subarray(HALF, HALF + 65_535), source);
  });

  test(`the ${name} kernel stays exact where every carry happens: the longest packet, all ones`, () => {
    const { data, kernel } = over(makeKernel);
    data.fill(0xff);
    assert.equal(kernel.sum(1, 65_535), sumByDefinition(data.subarray(1, 65_536)));
    assert.equal(kernel.sum(0, 65_534), 0xffff);
  });

  test(`the ${name} kernel reaches up to the last byte of the memory, and follows its growth`, () => {
    const { memory, data, kernel } = over(makeKernel);
    assert.equal(kernel.sum(data.length - 77, 77), sumByDefinition(data.slice(-77)));
    memory.grow(1);
    const grown = new Uint8Array(memory.buffer);
    grown.set([0x12, 0x34, 0x56], grown.length - 3);
    assert.equal(kernel.sum(grown.length - 3, 3), 0x6834);
    assert.equal(kernel.copySum(PAGES * 0x1_0000, grown.length - 3, 3), 0x6834);
    assert.deepEqual([...grown.subarray(PAGES * 0x1_0000, PAGES * 0x1_0000 + 4)], [0x12, 0x34, 0x56, 0]);
  });
}

test('the best kernel is the plain one where SIMD does not compile', (t) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  assert.match(String(bestKernel(memory).sum), /native code/);
  t.mock.method(WebAssembly, 'validate', () => false);
  // The module above is compiled and kept, so a fresh copy of the file asks again.
  return import(`./checksum_kernel_simd.ts?${'without simd'}`).then((fresh: { bestKernel: typeof bestKernel }) => {
    assert.doesNotMatch(String(fresh.bestKernel(memory).sum), /native code/);
  });
});

test('the embedded module is the build of checksum_kernel.wat', async () => {
  const wabt = await loadWabt();
  const source = readFileSync(new URL('./checksum_kernel.wat', import.meta.url), 'utf8');
  const built = wabt.parseWat('checksum_kernel.wat', source, { simd: true });
  built.validate();
  assert.equal(KERNEL_MODULE, btoa(String.fromCharCode(...built.toBinary({}).buffer)), 'embed the latter');
});
