// SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash. Whoever does not know the key cannot find collisions or
// predict a value, which initial sequence numbers (RFC 6528) and ephemeral ports (RFC 6056) ask for. Words of 64 bits
// are pairs of 32: a BigInt takes twenty times as long.

/** 128 bits as four words, the lowest first. */
export type SipKey = readonly [number, number, number, number];

/** The result as two words of 32 bits, low and high, signed. */
export type SipHash = readonly [low: number, high: number];

// v0..v3, each low and high. One scratch state: nothing here is re-entrant, nothing yields.
const v = new Int32Array(8);

/** Hashes words, each as four little-endian bytes. */
export function sipHashWords(key: SipKey, words: readonly number[]): SipHash {
  begin(key);
  const pairs = words.length >> 1;
  for (let i = 0; i < pairs; i++) absorb(words[2 * i] ?? 0, words[2 * i + 1] ?? 0);
  const length = words.length * 4;
  absorb(words.length % 2 === 1 ? (words[words.length - 1] ?? 0) : 0, length << 24);
  return finish();
}

export function sipHashBytes(key: SipKey, bytes: Uint8Array): SipHash {
  begin(key);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) absorb(view.getInt32(at, true), view.getInt32(at + 4, true));
  let low = 0;
  let high = bytes.length << 24;
  for (let at = whole; at < bytes.length; at++) {
    const shift = (at - whole) * 8;
    if (shift < 32) low |= view.getUint8(at) << shift;
    else high |= view.getUint8(at) << (shift - 32);
  }
  absorb(low, high);
  return finish();
}

function begin(key: SipKey): void {
  v[0] = key[0] ^ 0x70736575;
  v[1] = key[1] ^ 0x736f6d65;
  v[2] = key[2] ^ 0x6e646f6d;
  v[3] = key[3] ^ 0x646f7261;
  v[4] = key[0] ^ 0x6e657261;
  v[5] = key[1] ^ 0x6c796765;
  v[6] = key[2] ^ 0x79746573;
  v[7] = key[3] ^ 0x74656462;
}

function absorb(low: number, high: number): void {
  v[6] = at(6) ^ low;
  v[7] = at(7) ^ high;
  round();
  round();
  v[0] = at(0) ^ low;
  v[1] = at(1) ^ high;
}

function finish(): SipHash {
  v[4] = at(4) ^ 0xff;
  for (let i = 0; i < 4; i++) round();
  return [at(0) ^ at(2) ^ at(4) ^ at(6), at(1) ^ at(3) ^ at(5) ^ at(7)];
}

function round(): void {
  add(0, 2);
  rotateAndXor(2, 13, 0);
  swapHalves(0);
  add(4, 6);
  rotateAndXor(6, 16, 4);
  add(0, 6);
  rotateAndXor(6, 21, 0);
  add(4, 2);
  rotateAndXor(2, 17, 4);
  swapHalves(4);
}

const at = (i: number): number => v[i] ?? 0;

function add(a: number, b: number): void {
  const low = (at(a) >>> 0) + (at(b) >>> 0);
  v[a] = low;
  v[a + 1] = at(a + 1) + at(b + 1) + (low > 0xffff_ffff ? 1 : 0);
}

function rotateAndXor(a: number, count: number, b: number): void {
  const low = at(a);
  const high = at(a + 1);
  v[a] = ((low << count) | (high >>> (32 - count))) ^ at(b);
  v[a + 1] = ((high << count) | (low >>> (32 - count))) ^ at(b + 1);
}

function swapHalves(a: number): void {
  const low = at(a);
  v[a] = at(a + 1);
  v[a + 1] = low;
}
