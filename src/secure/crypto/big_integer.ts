// Whole numbers of any size and their bytes, big-endian, and the arithmetic modulo one that RSA and ECDSA need. Plain
// BigInt: how long it takes depends on the numbers. Not here: curves and padding.

/** OS2IP: RFC 8017 §4.2. */
export function integerOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = bytes.length % 8;
  let value = 0n;
  for (let i = 0; i < head; i++) value = (value << 8n) | BigInt(view.getUint8(i));
  for (let i = head; i < bytes.length; i += 8) value = (value << 64n) | view.getBigUint64(i);
  return value;
}

/** I2OSP: RFC 8017 §4.1. `value` must fit. */
export function integerBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const head = length % 8;
  let rest = value;
  for (let i = length - 8; i >= head; i -= 8) {
    view.setBigUint64(i, rest); // the low 64 bits of it
    rest >>= 64n;
  }
  for (let i = head - 1; i >= 0; i--) {
    view.setUint8(i, Number(rest & 0xffn));
    rest >>= 8n;
  }
  return bytes;
}

export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** From 0 to `modulus` - 1, also for a negative value. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** The number that gives 1 when multiplied with `value`; undefined if they have a common factor. */
export function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [a, b] = [modulus, modulo(value, modulus)];
  let [x, y] = [0n, 1n]; // times `value` they are a and b
  while (b !== 0n) {
    const [xx, xy, yx, yy] = leadingSteps(a, b) ?? [0n, 1n, 1n, -(a / b)];
    [a, b] = [xx * a + xy * b, yx * a + yy * b];
    [x, y] = [xx * x + xy * y, yx * x + yy * y];
  }
  return a === 1n ? modulo(x, modulus) : undefined;
}

const LEADING_BITS = 50;

/**
 * The steps of Euclid's algorithm that the leading bits of a and b decide, as one: a, b become xx a + xy b, yx a + yy b. Undefined
 * if they decide none. Lehmer's method (Knuth, TAOCP 4.5.2, algorithm L): 256 bits take 8 us, and 23 step by step.
 */
function leadingSteps(a: bigint, b: bigint): readonly [bigint, bigint, bigint, bigint] | undefined {
  const dropped = BigInt(Math.max(0, 4 * a.toString(16).length - LEADING_BITS));
  let high = Number(a >> dropped);
  let low = Number(b >> dropped);
  let [xx, xy, yx, yy] = [1, 0, 0, 1];
  // What was dropped can make a quotient smaller or larger, down to the first and up to the second.
  while (low + yx !== 0 && low + yy !== 0) {
    const quotient = Math.floor((high + xx) / (low + yx));
    if (quotient !== Math.floor((high + xy) / (low + yy))) break;
    const [nextYx, nextYy, nextLow] = [xx - quotient * yx, xy - quotient * yy, high - quotient * low];
    xx = yx;
    xy = yy;
    high = low;
    yx = nextYx;
    yy = nextYy;
    low = nextLow;
  }
  return xy === 0 ? undefined : [BigInt(xx), BigInt(xy), BigInt(yx), BigInt(yy)];
}

const WINDOW = 5n;

/** `base` to the power of `exponent`, five bits of it at a time. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent < 1n << 64n) return shortPower(base, exponent, modulus);
  const table = [1n];
  for (let i = 1; i < 1 << Number(WINDOW); i++) table.push(((table[i - 1] ?? 0n) * base) % modulus);
  let result = 1n;
  const windows = Math.ceil(bitLength(exponent) / Number(WINDOW));
  for (let i = BigInt(windows - 1) * WINDOW; i >= 0n; i -= WINDOW) {
    for (let k = 0n; k < WINDOW; k++) result = (result * result) % modulus;
    const digit = Number((exponent >> i) & ((1n << WINDOW) - 1n));
    if (digit !== 0) result = (result * (table[digit] ?? 0n)) % modulus;
  }
  return result;
}

// A public exponent: a table would cost more than it saves.
function shortPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result % modulus;
}
