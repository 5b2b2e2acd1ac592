// Reliability by hand: acknowledgments, splitting, and the lab in which students program them over an unreliable mailbox.

import type { Chapter, CommandShow } from '../entry.ts';

/** Fewer seeds than the command takes by itself: what is exact with every seed is still told from what is not. */
const LADDER: CommandShow['command'] = ['mailbox', 'ladder', '--seeds', '20'];

const program = (name: string, ...options: readonly string[]): CommandShow['command'] => [
  'mailbox',
  `examples/mailbox/${name}.ts`,
  ...options,
];

const FAILS_AT_3: CommandShow = {
  command: program('transfer', '--level', '3'),
  prints: [
    'failed: letter 1 was delivered again, where letter 2 was due',
    /▶▶│ {2}arrives twice$/m,
    /│ {2}✗ letter 1 was delivered again/,
  ],
  status: 1,
};

const MENDED_AT_3: CommandShow = {
  command: program('mended', '--level', '3'),
  prints: ['level 3, duplicates · exact: all 8 letters arrived with each of 100 seeds'],
};

const CALLBACKS = program('callbacks', '--seed', '1');

export const mailbox: Chapter = {
  title: 'Reliability over an unreliable mailbox',
  entries: [
    {
      item: 1,
      title: 'Acknowledgments',
      text: 'A sender cannot see whether a message arrived; so the receiver says so, and what is not said to have arrived is sent again.',
      lookAt:
        'the column "loss to Bob" of the ladder, in which resending helps; the timeout in the transfer, and the same letter after it; and the segments of TCP that are sent twice.',
      shows: [
        {
          command: LADDER,
          prints: [
            /^loss to Bob breaks acknowledge \(\d of 20 exact\); resend mends it \(20 of 20\)\.$/m,
            /^loss breaks resend \(\d of 20 exact\); suppress duplicates mends it \(20 of 20\)\.$/m,
          ],
        },
        {
          command: program('transfer', '--level', '2'),
          prints: ['level 2, loses · exact: all 8 letters arrived with each of 100 seeds'],
        },
        {
          command: program('transfer', '--level', '3', '--seed', '4'),
          prints: [
            // Lost, not answered, sent again, answered.
            /── ("Dear Bob[^"]*") ─*✗│ {2}lost\n +100\.000 {2}timeout │ *│\n +100\.000 .*── \1 ─*▶│\n.*✓ letter 1\n.*"got it" ──│/,
          ],
          status: 1,
        },
        { scenario: 'lossy-link', expects: ['though frames were lost', 'so some are sent again', 'the page arrives'] },
      ],
    },
    {
      item: 2,
      title: 'Splitting messages',
      text: 'What is longer than one message may be goes as several, and is put together again at the other end.',
      lookAt: 'the column "too long" of the ladder; and one page of TCP in seventy segments.',
      shows: [
        {
          command: LADDER,
          prints: [
            /^too long breaks checksum \(0 of 20 exact\); split and join mends it \(20 of 20\)\.$/m,
            /^split and join( +exact){10} +150 +\d+$/m,
          ],
        },
        {
          scenario: 'lossy-link',
          variant: 'good-link',
          expects: ['the page arrives', 'in as many segments as it needs'],
        },
      ],
    },
    {
      item: 9,
      title: 'Levels of a lab',
      text: 'The same program meets networks that grow more hostile from level to level; there are seven.',
      lookAt: 'the level at which each of the two programs fails first.',
      shows: [
        {
          command: program('transfer', '--level', '1'),
          prints: ['level 1, perfect · exact: all 8 letters arrived with each of 100 seeds'],
        },
        {
          command: program('transfer', '--level', '2'),
          prints: ['level 2, loses · exact: all 8 letters arrived with each of 100 seeds'],
        },
        FAILS_AT_3,
        MENDED_AT_3,
        {
          command: program('mended', '--level', '5'),
          prints: ['level 5, delays · exact: all 8 letters arrived with each of 100 seeds'],
        },
        {
          command: program('mended', '--level', '6'),
          prints: [/level 6, corrupts · seed \d+.* failed: letter \d was delivered damaged/, /│ {2}damaged: a bit/],
          status: 1,
        },
      ],
    },
    {
      item: 10,
      title: 'A mailbox to program against',
      text: 'A library stands in for the network: messages go into it and come out of it, or do not.',
      lookAt: 'what the mailbox did with each message: beside the arrow, in a word.',
      shows: [FAILS_AT_3, MENDED_AT_3],
    },
    {
      item: 11,
      title: 'The loop that waits for all timeouts',
      text: "As long as anything is due, the next message or timeout is taken and its function called: the loop of every simulator, and here the engine's own.",
      lookAt:
        'that nothing is called before the loop begins; that the later timeout was set first, and is called last; and that the loop ends when nothing is left.',
      shows: [
        {
          command: CALLBACKS,
          prints: [
            /^0 ms: waitForAllTimeouts begins\n100 ms: the callback that was due at 100\n100 ms: all letters are sent\n(?:110 ms: bob\.recvd, \d+ bytes\n){8}200 ms: the callback that was due at 200\n200 ms: waitForAllTimeouts ends/m,
          ],
        },
      ],
    },
    {
      item: 12,
      title: 'What the student writes',
      text: 'A main function, a function that is called with each message, and functions that are called when time is up. Not every timeout can be had: not in the past, and not more than thirty-two at a time.',
      lookAt: 'the program itself, examples/mailbox/callbacks.ts, and the four answers before the loop begins.',
      shows: [
        {
          command: CALLBACKS,
          prints: [
            /^0 ms: send, 64 bytes and one: -3$/m,
            /^0 ms: setTimeout in the past: -2$/m,
            /^0 ms: setTimeout with 32 pending: -1$/m,
            /^0 ms: clearTimeout: 32 were pending, and the second time false$/m,
            'exact: all 8 letters arrived',
          ],
        },
        MENDED_AT_3,
      ],
    },
    {
      item: 13,
      title: 'The ladder of reliability',
      text: 'Each rung mends what the one below it cannot do: acknowledge, send again, tell duplicates, number, check, split, keep several under way.',
      lookAt: 'the lines below the table: which fault breaks a rung, and which rung mends it.',
      shows: [
        {
          command: LADDER,
          prints: [
            /^reordering breaks fire and forget \(\d+ of 20 exact\); acknowledge mends it \(20 of 20\)\.$/m,
            /^loss to Bob breaks acknowledge .*; resend mends it \(20 of 20\)\.$/m,
            /^loss breaks resend .*; suppress duplicates mends it \(20 of 20\)\.$/m,
            /^same again breaks suppress duplicates .*; number mends it \(20 of 20\)\.$/m,
            /^corruption breaks number .*; checksum mends it \(20 of 20\)\.$/m,
            /^too long breaks checksum .*; split and join mends it \(20 of 20\)\.$/m,
            /^split and join takes \d{5} ms where all comes together; window takes \d{5}\.$/m,
          ],
        },
      ],
    },
  ],
};
