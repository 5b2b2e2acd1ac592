// How one writing of bytes is turned into what it stands for: the encodings that an eavesdropper looks through. Each finds
// its own in the midst of anything else. Not here: what needs a key, which the attacker who has it registers.

import { gunzipSync, inflateSync, unzlibSync } from 'fflate';
import { joinBytes, utf8 } from '../../core/bytes.ts';

export interface Decoder {
  /** How the finding is told of: `base64`. */
  readonly name: string;
  /** All that `bytes` may stand for; none where it is no such thing. Never throws. */
  decode(bytes: Uint8Array): readonly Uint8Array[];
}

/** Shorter runs are words, and not an encoding. */
const MIN_RUN = 8;
/** A bomb of compressed zeros is given up. */
const MAX_INFLATED = 1_000_000;
/** What little may become. */
const MIN_INFLATED = 16_384;

export const DECODERS: readonly Decoder[] = [
  // aabb, aa:bb, aa-bb, aa bb
  { name: 'hexadecimal', decode: (bytes) => runs(bytes, /(?:[0-9a-f]{2}[ :-]?)+/gi).map(fromHex) },
  // In one line, or in lines as in mail.
  { name: 'base64', decode: (bytes) => runs(bytes, /[\w+/-]+(?:\r?\n[\w+/-]+)*/g).map(fromBase64) },
  { name: 'UTF-16', decode: fromUtf16 },
  { name: 'JSON', decode: fromJson },
  { name: 'percent encoding', decode: fromPercent },
  { name: 'chunked body', decode: fromChunked },
  {
    name: 'gzip',
    decode: (bytes) => inflated(bytes, (at) => bytes[at] === 0x1f && bytes[at + 1] === 0x8b, gunzipSync),
  },
  { name: 'zlib', decode: (bytes) => inflated(bytes, (at) => isZlib(bytes, at), unzlibSync) },
  { name: 'deflate', decode: (bytes) => inflated(bytes, (at) => at === 0 && !isAscii(bytes), inflateSync) },
];

// One character a byte, whatever it means.
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const runs = (bytes: Uint8Array, pattern: RegExp): string[] =>
  (latin1(bytes).match(pattern) ?? []).filter((run) => run.length >= MIN_RUN);

const fromHex = (text: string): Uint8Array => {
  const digits = text.replaceAll(/[ :-]/g, '');
  return Uint8Array.from({ length: digits.length >> 1 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
};

// RFC 4648 §4 and §5 alike.
function fromBase64(text: string): Uint8Array {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.replaceAll(/\s/g, '')) {
    held = ((held << 6) | BASE64.indexOf(letter === '-' ? '+' : letter === '_' ? '/' : letter)) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >>> bits) & 0xff);
    }
  }
  return Uint8Array.from(out);
}
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

// Of letters that ASCII has, every second byte is zero.
function fromUtf16(bytes: Uint8Array): readonly Uint8Array[] {
  const zeros = bytes.reduce((count, byte) => count + Number(byte === 0), 0);
  return zeros < MIN_RUN || zeros * 4 < bytes.length ? [] : [bytes.filter((byte) => byte !== 0)];
}

// RFC 8259 §7: \u0041, \/ and the like.
function fromJson(bytes: Uint8Array): readonly Uint8Array[] {
  const text = latin1(bytes);
  if (!/\\(?:u[0-9a-f]{4}|["\\/])/i.test(text)) return [];
  const plain = text.replace(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_, digits: string | undefined, letter: string) =>
    digits === undefined ? letter : String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return [utf8(plain), Uint8Array.from(plain, (letter) => letter.charCodeAt(0))];
}

// RFC 3986 §2.1, and the plus sign of forms.
function fromPercent(bytes: Uint8Array): readonly Uint8Array[] {
  const text = latin1(bytes);
  if (!/%[0-9a-f]{2}|\+/i.test(text)) return [];
  const spaced = text.replaceAll('+', ' ');
  const plain = spaced.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return [Uint8Array.from(plain, (letter) => letter.charCodeAt(0))];
}

// RFC 9112 §7.1, from the end of the head on.
function fromChunked(bytes: Uint8Array): readonly Uint8Array[] {
  const text = latin1(bytes);
  if (!/\r\ntransfer-encoding:[^\r]*chunked/i.test(text)) return [];
  const pieces: Uint8Array[] = [];
  let at = text.indexOf('\r\n\r\n') + 4;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    const length = end < 0 ? Number.NaN : Number.parseInt(text.slice(at, end), 16);
    if (!(length > 0)) return [joinBytes(pieces)];
    pieces.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

// What is readable as it stands was not deflated: of a hundred bytes that were, not one in 10^40 has only such.
const isAscii = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13);

const isZlib = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x78 && (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) % 31 === 0; // RFC 1950 §2.2

function inflated(
  bytes: Uint8Array,
  startsAt: (at: number) => boolean,
  inflate: (bytes: Uint8Array, options: { out: Uint8Array }) => Uint8Array,
): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length && found.length < 8; at++) {
    if (!startsAt(at)) continue;
    try {
      found.push(
        inflate(bytes.subarray(at), {
          out: new Uint8Array(Math.min(MAX_INFLATED, Math.max(MIN_INFLATED, bytes.length * 20))),
        }),
      );
    } catch {
      // No such data, or too much of it.
    }
  }
  return found;
}

/** For tests, and for whoever writes what the decoders read. */
export const asPercent = (text: string): string =>
  [...utf8(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
