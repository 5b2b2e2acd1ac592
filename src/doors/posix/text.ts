// Text and the bytes of it: what C does with `char` arrays.

import { textOf, utf8 } from '../../core/bytes.ts';

/** Bytes of a text in UTF-8; of a buffer, those before its first zero. */
export function strlen(text: string | Uint8Array): number {
  if (typeof text === 'string') return utf8(text).length;
  const end = text.indexOf(0);
  return end < 0 ? text.length : end;
}

/** The first `count` bytes of a buffer as text, what `printf("%.*s", count, buffer)` prints. */
export const text = (buffer: Uint8Array, count: number = buffer.length): string => textOf(buffer.subarray(0, count));
