// What is wrong with a letter that was handed over, seen from the letters that there were.

import { bytesEqual } from '../../core/bytes.ts';

/** In a sentence without a full stop; `undefined` where it is the one whose turn it was. @param index whose turn it was */
export function problemOf(delivered: Uint8Array, letters: readonly Uint8Array[], index: number): string | undefined {
  const expected = letters[index];
  if (expected !== undefined && bytesEqual(delivered, expected)) return undefined;
  const due = expected === undefined ? 'after the last one' : `where letter ${index + 1} was due`;
  const earlier = letters.slice(0, index).findLastIndex((letter) => bytesEqual(letter, delivered));
  if (earlier >= 0) return `letter ${earlier + 1} was delivered again, ${due}`;
  const later = letters.findIndex((letter, i) => i > index && bytesEqual(letter, delivered));
  if (later >= 0) return `letter ${later + 1} was delivered ${due}`;
  if (expected === undefined) return 'something was delivered after the last letter';
  if (delivered.length === expected.length && differingBytes(delivered, expected) === 1) {
    return `letter ${index + 1} was delivered damaged`;
  }
  if (delivered.length < expected.length && bytesEqual(delivered, expected.subarray(0, delivered.length))) {
    return `only the first ${delivered.length} of ${expected.length} bytes of letter ${index + 1} were delivered`;
  }
  return `${delivered.length} bytes that are no letter were delivered ${due}`;
}

const differingBytes = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((count, byte, i) => (byte === b[i] ? count : count + 1), 0);
