// Reliability by hand: acknowledgments, splitting, and the lab in which students program them over an unreliable mailbox.

import type { Chapter } from '../entry.ts';

export const mailbox: Chapter = {
  title: 'Reliability over an unreliable mailbox',
  entries: [
    {
      item: 1,
      title: 'Acknowledgments',
      text: 'A sender cannot see whether a message arrived; so the receiver says so, and what is not said to have arrived is sent again.',
      lookAt: 'the segments that are sent twice, because nobody said that they arrived.',
      shows: [
        { scenario: 'lossy-link', expects: ['though frames were lost', 'so some are sent again', 'the page arrives'] },
      ],
      waitsFor: 'the mailbox, in which it is done by hand; inside TCP it is shown',
    },
    {
      item: 2,
      title: 'Splitting messages',
      text: 'What is longer than one message may be goes as several, and is put together again at the other end.',
      lookAt: 'one page and seventy segments.',
      shows: [
        {
          scenario: 'lossy-link',
          variant: 'good-link',
          expects: ['the page arrives', 'in as many segments as it needs'],
        },
      ],
      waitsFor: 'the mailbox, in which it is done by hand; inside TCP it is shown',
    },
    {
      item: 9,
      title: 'Levels of a lab',
      text: 'The same program meets networks that grow more hostile from level to level.',
      waitsFor: 'the mailbox and its levels',
    },
    {
      item: 10,
      title: 'A mailbox to program against',
      text: 'A library stands in for the network: messages go into it and come out of it, or do not.',
      waitsFor: 'the mailbox',
    },
    {
      item: 11,
      title: 'The loop that waits for all timeouts',
      text: 'As long as anything is due, the next message or timeout is taken and its function called: the loop of every simulator.',
      waitsFor: 'the mailbox, whose loop is that of the engine',
    },
    {
      item: 12,
      title: 'What the student writes',
      text: 'A main function, a function that is called with each message, and functions that are called when time is up.',
      waitsFor: 'the mailbox',
    },
    {
      item: 13,
      title: 'The ladder of reliability',
      text: 'Each rung mends what the one below it cannot do: acknowledge, send again, tell duplicates, number, check, split, keep several under way.',
      waitsFor: 'the mailbox and its rungs',
    },
  ],
};
