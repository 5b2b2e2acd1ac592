import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../core/bytes.ts';
import { type Duration, type Instant, milliseconds } from '../../core/time.ts';
import { drawExchange, messageText, overtakersOf } from './exchange_drawing.ts';
import type { LabEvent, SentMessage } from './lab_event.ts';

const at = (ms: number): Instant => milliseconds(ms) as number as Instant;

function sent(
  from: 'alice' | 'bob',
  ms: number,
  text: string,
  kind: SentMessage['fate']['kind'],
  late = 0,
): SentMessage {
  const fate = { kind, damagedByte: kind === 'damaged' ? 2 : undefined, extraDelay: milliseconds(late) as Duration };
  return {
    kind: 'message',
    time: at(ms),
    from,
    bytes: utf8(text),
    fate,
    arrivesAt: kind === 'lost' ? undefined : at(ms + 10 + late),
  };
}

const EVENTS: readonly LabEvent[] = [
  sent('alice', 0, 'one', 'arrives', 50),
  sent('alice', 0, 'two', 'twice'),
  { kind: 'letter', time: at(10), number: 1, problem: 'letter 2 was delivered where letter 1 was due' },
  sent('bob', 10, 'got it', 'lost'),
  sent('bob', 60, 'got it', 'damaged', 0.5),
  { kind: 'timeout', time: at(200), at: 'alice' },
  { kind: 'timeout', time: at(200), at: 'bob' },
  { kind: 'refusal', time: at(200), at: 'alice', text: 'send: 65 bytes are too long, 64 are the most' },
  { kind: 'letter', time: at(600_000), number: 2, problem: undefined },
];

test('each kind of event has its row, each fate its mark and its word', () => {
  assert.equal(
    `\n${drawExchange(EVENTS).join('\n')}\n`,
    `
         ms        alice                                                     bob
      0.000          │── "one" ────────────────────────────────────────────~▶│  late: at 60.000, overtaken by 1
      0.000          │── "two" ────────────────────────────────────────────▶▶│  arrives twice
     10.000          │                                                        │  ✗ letter 2 was delivered where letter 1 was due
     10.000          │✗────────────────────────────────────────── "got it" ──│  lost
     60.000          │◀!~──────────────────────────────────────── "got it" ──│  damaged: a bit of byte 2, late: at 70.500
    200.000  timeout │                                                        │
    200.000          │                                                        │  timeout
    200.000          │                                                        │  alice is refused: send: 65 bytes are too long, 64 are the most
 600000.000          │                                                        │  ✓ letter 2
`,
  );
});

test('of many rows the first and the last are drawn', () => {
  const lines = drawExchange(EVENTS, 4);
  assert.equal(lines.length, 1 + 2 + 1 + 2);
  assert.match(lines[3] ?? '', /\.\.\. 5 more \.\.\.$/);
  assert.deepEqual(lines.slice(-2), drawExchange(EVENTS).slice(-2));
  assert.deepEqual(drawExchange([]), []);
});

test('a message is overtaken by later ones of its own direction that arrive', () => {
  const late = sent('alice', 0, 'a', 'arrives', 100);
  const others = [sent('alice', 10, 'b', 'lost'), sent('bob', 10, 'c', 'arrives'), sent('alice', 20, 'd', 'arrives')];
  assert.deepEqual([...overtakersOf([late, ...others])], [[late, 1]]);
  assert.deepEqual([...overtakersOf([...others, late])], []);
});

test('overtakers are those of the definition, whatever is sent', () => {
  const message = fc.record({ isBobs: fc.boolean(), isLost: fc.boolean(), late: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const events = messages.map(({ isBobs, isLost, late }, i) =>
        sent(isBobs ? 'bob' : 'alice', i, 'x', isLost ? 'lost' : 'arrives', late),
      );
      const overtakers = overtakersOf(events);
      for (const [i, { from, arrivesAt = -1 }] of events.entries()) {
        const earlier = events
          .slice(i)
          .filter((each) => each.from === from && (each.arrivesAt ?? Number.POSITIVE_INFINITY) < arrivesAt);
        assert.equal(overtakers.get(events[i] as LabEvent) ?? 0, earlier.length);
      }
    }),
  );
});

test('text is quoted, other bytes are hex, and what is long is cut', () => {
  assert.equal(messageText(utf8('got it'), 20), '"got it"');
  assert.equal(messageText(Uint8Array.of(1, 0x41, 0x42, 0xff), 20), '01 "AB" ff');
  assert.equal(messageText(new Uint8Array(0), 20), 'empty');
  assert.equal(messageText(utf8('a'.repeat(30)), 10), '"aaaaaaaa…');
  for (let length = 0; length < 60; length++) assert.ok(messageText(new Uint8Array(length), 20).length <= 20);
});
