// Bytes and text: UTF-8, hex, equality, joining.

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export const utf8 = (text: string): Uint8Array => ENCODER.encode(text);

/** Never throws: what is not UTF-8 becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => DECODER.decode(bytes);

/** Lower-case hex without spaces. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
