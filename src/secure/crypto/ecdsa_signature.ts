// The two ways to write an ECDSA signature, and from one to the other. DER is the ECDSA-Sig-Value of certificates and TLS
// (RFC 3279 §2.2.3), read as strictly as DER is meant: one way to write each pair. Not here: DER beyond these nine bytes
// of frame; that is pki/.

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** From r and s, each `length` bytes. */
export function ecdsaToDer(raw: Uint8Array): Uint8Array {
  const length = raw.length / 2;
  const der = new Uint8Array(2 + 2 * (2 + 1 + length));
  const end = putInteger(der, putInteger(der, 2, raw.subarray(0, length)), raw.subarray(length));
  der[0] = SEQUENCE;
  der[1] = end - 2;
  return der.slice(0, end);
}

/** r and s, each `length` bytes, whatever their values; undefined if it is not DER, or if one of them is longer. */
export function ecdsaFromDer(der: Uint8Array, length: number): Uint8Array | undefined {
  // Up to P-384 the whole fits a length of one byte.
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || der.length > 0x7f + 2) return undefined;
  const raw = new Uint8Array(2 * length);
  let at = 2;
  for (const end of [length, 2 * length]) {
    const content = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
    const digits = positiveDigits(content);
    if (der[at] !== INTEGER || content.length !== der[at + 1] || digits === undefined || digits.length > length) {
      return undefined;
    }
    raw.set(digits, end - digits.length);
    at += 2 + content.length;
  }
  return at === der.length ? raw : undefined;
}

/** Returns where the next one begins. */
function putInteger(der: Uint8Array, at: number, bytes: Uint8Array): number {
  let first = 0;
  while (first < bytes.length - 1 && bytes[first] === 0) first++;
  const isPadded = (bytes[first] ?? 0) >= 0x80; // a first bit that is set would mean a negative number
  const start = at + 2 + (isPadded ? 1 : 0);
  const end = start + bytes.length - first;
  der.set(bytes.subarray(first), start);
  der[at] = INTEGER;
  der[at + 1] = end - at - 2;
  return end;
}

/** X.690 §8.3.2: no needless byte in front. A first bit that is set means a negative number. */
function positiveDigits(content: Uint8Array): Uint8Array | undefined {
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first !== 0 || content.length === 1) return content;
  return second >= 0x80 ? content.subarray(1) : undefined;
}
