// Base64 (RFC 4648 §4), with padding. Not here: lines, and the alphabet for addresses.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: Readonly<Record<string, number>> = Object.fromEntries(
  [...ALPHABET].map((letter, value) => [letter, value]),
);

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    for (let k = 0; k < 4; k++) text += i + k > bytes.length ? '=' : ALPHABET[(group >> (18 - 6 * k)) & 63];
  }
  return text;
}

/** Undefined for anything else: §3.5, bits of padding that are not zero included. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={0,2}$/, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    held = (held << 6) | (VALUES[digit] ?? 0);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : undefined;
}
