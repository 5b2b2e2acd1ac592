// Attacks that break no cipher: messages used again, elsewhere, or out of order.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const protocolAttacks: Chapter = {
  title: 'Attacks on protocols',
  entries: [
    {
      item: 83,
      title: 'Replay: the repair man',
      text: 'A true message is recorded and sent once more at a time when it does harm.',
      ...attacked('repair-man-replayed'),
    },
    {
      item: 84,
      title: 'Numbers that are used once: counters',
      text: 'Each message has a number, and none is taken twice.',
      ...attacked('repair-man-replayed', 'counter-lost-on-restart'),
    },
    {
      item: 85,
      title: 'Numbers that are used once: the next one',
      text: 'The receiver knows which number comes next, and takes no other.',
      ...attacked('challenge-not-checked', 'challenge-repeats'),
    },
    {
      item: 86,
      title: 'Provided that it is checked',
      text: 'A number that nobody looks at is of no use.',
      ...attacked('counter-not-checked', 'challenge-not-checked'),
    },
    {
      item: 87,
      title: 'Replay to somebody else',
      text: 'A message to one is shown to another, for whom it seems to be meant.',
      ...attacked('shown-to-someone-else', 'challenge-passed-on'),
    },
    {
      item: 88,
      title: 'Say who, and in which talk',
      text: 'The message names its receiver and its context, or each pair has keys of its own.',
      ...attacked('shown-to-someone-else', 'order-for-another-door'),
    },
    {
      item: 89,
      title: 'Reflection',
      text: "A message is sent back to who made it, as if it were the other's.",
      ...attacked('reflection'),
    },
    {
      item: 90,
      title: 'Messages out of order',
      text: 'A receiver that takes steps in any order can be led around the one that proves something.',
      ...attacked('proof-skipped'),
    },
    {
      item: 91,
      title: 'Forwarded keys',
      text: 'A group that passes on keys without asking from whom gives them to the wrong one.',
      ...attacked('device-forwarded'),
    },
    {
      item: 92,
      title: 'The secure channel lab',
      text: 'Design a channel, and see it attacked.',
      lookAt: 'which attacks succeed on encryption alone, and that none does on the second channel.',
      shows: [
        {
          command: ['channel', 'examples/channel/encryption_alone.ts'],
          prints: [/✓ read/, /✗ flip/, /✗ cut/, /✗ replay/, /✗ reorder/, /✗ reflect/],
          status: 1,
        },
        {
          command: ['channel', 'examples/channel/numbered_and_authenticated.ts'],
          prints: [/✓ works/, /✓ read/, /✓ compare/, /✓ flip/, /✓ cut/, /✓ replay/, /✓ reorder/, /✓ reflect/],
        },
      ],
    },
  ],
};
