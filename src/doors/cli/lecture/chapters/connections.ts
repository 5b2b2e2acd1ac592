// What lies behind the sockets: states of a connection, and what links and networks promise.

import type { Chapter } from '../entry.ts';

export const connections: Chapter = {
  title: 'TCP states, and what links and networks promise',
  entries: [
    {
      item: 144,
      title: 'TCP has states',
      text: 'The system remembers of each connection whether it is starting, open or ending, and whether anything must be sent again; the names of these states are standardized.',
      lookAt: 'the second column of the tables, at three times.',
      shows: [
        {
          scenario: 'tcp-states',
          expects: [
            'the one is just starting',
            'its first segment is sent again and again',
            'the other is open',
            'the end that closed first waits',
            'a minute later nothing is left but who listens',
          ],
        },
      ],
    },
    {
      item: 145,
      title: 'TIME_WAIT and the delayed message',
      text: 'A segment that was held up may come when its connection is over. If the same ports were in use again by then, it would be taken for a part of the new one; so they stay closed for a while.',
      lookAt:
        'what Alice reads the second time: she may not ask yet, or there are bytes of the first message in the second.',
      shows: [
        {
          example: 'examples/delayed_message.ts',
          prints: [
            /^TIME_WAIT of 1m: first 1000000 times 1; then EADDRINUSE/m,
            /^TIME_WAIT of 0s: first 1000000 times 1; then \d{6} times 2, [1-9]\d* times 1$/m,
          ],
        },
        { scenario: 'tcp-states', expects: ['the end that closed first waits', 'the other end is done'] },
      ],
    },
    {
      item: 146,
      title: 'The picture of the state machine',
      text: 'Eleven states and what leads from one to the next, drawn from the table by which connections here really move.',
      lookAt: 'the two ways to TimeWait.',
      shows: [
        {
          command: ['tcp-states'],
          prints: [
            /^Listen +SynArrives -> SynReceived$/m,
            /^FinWait2 +FinArrives -> TimeWait/m,
            /^Closing +AckOfFin -> TimeWait/m,
            /^TimeWait +TwoMslElapsed -> Closed/m,
          ],
        },
        { command: ['tcp-states', '--svg'], prints: [/^<svg [\s\S]*>TimeWait<\/text>[\s\S]*<\/svg>$/m] },
      ],
    },
    {
      item: 147,
      title: 'What a link promises',
      text: 'Eight things that can happen to a frame, and what Ethernet and WiFi make of each: discard it silently, refuse it, let it arrive out of order, or send it again.',
      lookAt: 'the columns of the two links.',
      shows: [
        {
          command: ['qos'],
          prints: [
            /^not received +lost silently /m,
            /^header corrupted +discarded silently /m,
            /^data corrupted +discarded silently /m,
            /^too long +not allowed to send +not allowed to send /m,
            /^reordered +received out of order +received out of order /m,
            /^destination unknown +lost silently /m,
            /^too much being sent +excess discarded silently +excess discarded silently /m,
          ],
        },
      ],
      waitsFor: 'WiFi stations that acknowledge frames and send them again; the rest is shown',
    },
    {
      item: 148,
      title: 'What the network promises',
      text: 'The same eight for an IPv4 packet (IPv6 is not built): it may be lost, cut and joined, dropped with a notice, and its data may arrive damaged, since IP checks its header alone.',
      lookAt: 'the last column, and that damaged data is received.',
      shows: [
        {
          command: ['qos'],
          prints: [
            /^not received .* lost silently$/m,
            /^header corrupted .* discarded silently$/m,
            /^data corrupted .* received corrupted$/m,
            /^too long .* cut and joined again, or dropped with notice$/m,
            /^reordered .* received out of order$/m,
            /^destination unknown .* dropped with notice$/m,
            /^too much being sent .* excess discarded silently$/m,
          ],
        },
        { scenario: 'too-long-packet', expects: ['three pieces to him', 'the router says so'] },
      ],
    },
    {
      item: 149,
      title: 'Detected by the link layer',
      text: 'Frames carry a check sequence. Damage on the wire is found by it and the frame dropped; damage inside a box, before the sequence is made, is not.',
      lookAt: 'who counts the damaged frames: the link, or the checksums above it.',
      shows: [
        {
          scenario: 'corrupting-link',
          expects: ['though frames were damaged', 'the link layer drops them', "so nothing reaches TCP's own checksum"],
        },
        {
          scenario: 'corrupting-link',
          variant: 'damage-inside-a-box',
          expects: ['the check sequence is right', 'the checksums are not', 'the page arrives'],
        },
      ],
    },
  ],
};
