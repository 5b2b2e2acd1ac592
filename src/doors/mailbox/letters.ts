// What Alice has for Bob: eight letters of one line; the same lines as longer letters; and letters of which some are
// followed by another one that says the same.

import { utf8 } from '../../core/bytes.ts';

const LINES = [
  'Dear Bob, the line is up today.',
  'I send you letters, one by one.',
  'Some will be lost along the way,',
  'and some come twice before I am done.',
  'One comes too late, one comes askew:',
  'a bit is bent that once was straight.',
  'If all of this arrives with you,',
  'our code is good, and worth the wait.',
] as const;

/** None longer than a message may be, with room for a header. */
export const LETTERS: readonly Uint8Array[] = LINES.map(utf8);

/** Each several times as long as a message may be: all lines, from another one on in each letter. */
export const LONG_LETTERS: readonly Uint8Array[] = LINES.map((_, i) =>
  utf8([...LINES.slice(i), ...LINES.slice(0, i)].join('\n')),
);

/** Some say the same as the one before. */
export const REPEATED_LETTERS: readonly Uint8Array[] = ['Knock.', 'Knock.', 'Who is there?', 'I.', 'I.', 'I.'].map(
  utf8,
);
