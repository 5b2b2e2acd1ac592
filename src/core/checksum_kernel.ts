// The arena's two inner loops: the Internet checksum's sum (RFC 1071) over a piece of memory, alone and while copying.
// Results are sums, 0 to 0xffff, not complemented, as in wire/checksum.ts.

/** What a kernel needs of a `WebAssembly.Memory`: a type that consumers without WebAssembly's own types can read too. */
export interface PacketMemory {
  readonly buffer: ArrayBuffer;
}

export interface ChecksumKernel {
  /** Sums `length` bytes (0 to 65,535) at `at`; an odd last byte counts as the high half of a word. */
  sum(at: number, length: number): number;
  /** Copies `length` bytes (0 to 65,535) that do not overlap, and returns their sum. */
  copySum(to: number, from: number, length: number): number;
}

/** In plain TypeScript: the definition, and what runs where SIMD does not. */
export function plainKernel(memory: PacketMemory): ChecksumKernel {
  let bytes = new Uint8Array(memory.buffer);
  // A grown memory has another buffer, and the old one has length zero.
  const current = (): Uint8Array => {
    if (bytes.length === 0) bytes = new Uint8Array(memory.buffer);
    return bytes;
  };
  const sum = (at: number, length: number): number => {
    const data = current();
    const even = at + (length & ~1);
    let total = 0;
    for (let i = at; i < even; i += 2) total += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
    if (length & 1) total += (data[even] ?? 0) << 8;
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    return total;
  };
  return {
    sum,
    copySum(to, from, length) {
      current().copyWithin(to, from, from + length);
      return sum(to, length);
    },
  };
}
