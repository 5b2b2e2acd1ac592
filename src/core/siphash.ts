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

/** Hashes the first `length` bytes. */
export function sipHashBytes(key: SipKey, bytes: Uint8Array, length: number = bytes.length): SipHash {
  begin(key);
  let at = 0;
  for (; at + 8 <= length; at += 8) absorb(wordAt(bytes, at, length), wordAt(bytes, at + 4, length));
  absorb(wordAt(bytes, at, length), wordAt(bytes, at + 4, length) | (length << 24));
  return finish();
}

// Four bytes, the lowest first; zeros behind the end.
function wordAt(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < end; i++) word |= (bytes[at + i] ?? 0) << (8 * i);
  return word;
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
  rounds(2);
  v[0] = at(0) ^ low;
  v[1] = at(1) ^ high;
}

function finish(): SipHash {
  v[4] = at(4) ^ 0xff;
  rounds(4);
  return [at(0) ^ at(2) ^ at(4) ^ at(6), at(1) ^ at(3) ^ at(5) ^ at(7)];
}

const at = (i: number): number => v[i] ?? 0;

// v0..v3 as a..d, `l` and `h` their halves. In locals: through the array a hash takes 2.4 times as long.
function rounds(count: number): void {
  let al = at(0);
  let ah = at(1);
  let bl = at(2);
  let bh = at(3);
  let cl = at(4);
  let ch = at(5);
  let dl = at(6);
  let dh = at(7);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    // a += b; b = rotate(b, 13) ^ a; a = rotate(a, 32)
    low = (al + bl) | 0;
    ah = (ah + bh + carry(low, al)) | 0;
    al = low;
    low = ((bl << 13) | (bh >>> 19)) ^ al;
    high = ((bh << 13) | (bl >>> 19)) ^ ah;
    bl = low;
    bh = high;
    low = al;
    al = ah;
    ah = low;
    // c += d; d = rotate(d, 16) ^ c
    low = (cl + dl) | 0;
    ch = (ch + dh + carry(low, cl)) | 0;
    cl = low;
    low = ((dl << 16) | (dh >>> 16)) ^ cl;
    high = ((dh << 16) | (dl >>> 16)) ^ ch;
    dl = low;
    dh = high;
    // a += d; d = rotate(d, 21) ^ a
    low = (al + dl) | 0;
    ah = (ah + dh + carry(low, al)) | 0;
    al = low;
    low = ((dl << 21) | (dh >>> 11)) ^ al;
    high = ((dh << 21) | (dl >>> 11)) ^ ah;
    dl = low;
    dh = high;
    // c += b; b = rotate(b, 17) ^ c; c = rotate(c, 32)
    low = (cl + bl) | 0;
    ch = (ch + bh + carry(low, cl)) | 0;
    cl = low;
    low = ((bl << 17) | (bh >>> 15)) ^ cl;
    high = ((bh << 17) | (bl >>> 15)) ^ ch;
    bl = low;
    bh = high;
    low = cl;
    cl = ch;
    ch = low;
  }
  v[0] = al;
  v[1] = ah;
  v[2] = bl;
  v[3] = bh;
  v[4] = cl;
  v[5] = ch;
  v[6] = dl;
  v[7] = dh;
}

// Of an addition of 32 bits: the sum is less than what was added to, if it went round.
const carry = (sum: number, before: number): number => (sum >>> 0 < before >>> 0 ? 1 : 0);
