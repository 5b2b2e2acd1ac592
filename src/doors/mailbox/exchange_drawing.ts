// What happened in a lab as a ladder: a lane for each end, time downwards, an arrow for each message at the time when it was
// sent, with a mark on it and a word beside it where it did not simply arrive.
//
//          ms          alice                                           bob
//       0.000            │── "Dear Bob, the line is up today." ────────▶│
//      10.000            │                                              │  ✓ letter 1
//      10.000            │✗──────────────────────────────── "got it" ───│  lost
//     110.000    timeout │
//
// Not here: the same frames as `netarium ladder` draws them, from a capture.

import { formatInstant, type Instant } from '../../core/time.ts';
import type { LabEvent, SentMessage } from './lab_event.ts';

/** Columns between the lanes. */
const WIDTH = 56;
const TIME_WIDTH = 11;
const SIDE_WIDTH = 9;

/** @param rows at most so many events are drawn: the first ones and the last ones */
export function drawExchange(events: readonly LabEvent[], rows: number = Number.POSITIVE_INFINITY): readonly string[] {
  if (events.length === 0) return [];
  const heading = `${'ms'.padStart(TIME_WIDTH)}${' '.repeat(SIDE_WIDTH - 1)}alice${' '.repeat(WIDTH - 3)}bob`;
  const drawn = (some: readonly LabEvent[]): readonly string[] => some.map((event) => drawRow(event, events));
  if (events.length <= rows) return [heading, ...drawn(events)];
  const [first, last] = [Math.floor(rows / 2), Math.ceil(rows / 2)];
  const between = `${' '.repeat(TIME_WIDTH + SIDE_WIDTH)} ... ${events.length - first - last} more ...`;
  return [heading, ...drawn(events.slice(0, first)), between, ...drawn(events.slice(events.length - last))];
}

function drawRow(event: LabEvent, events: readonly LabEvent[]): string {
  const empty = ' '.repeat(WIDTH);
  switch (event.kind) {
    case 'message':
      return row(event.time, '', drawArrow(event), wordsOf(event, events));
    case 'letter':
      return row(
        event.time,
        '',
        empty,
        event.problem === undefined ? `✓ letter ${event.number}` : `✗ ${event.problem}`,
      );
    case 'timeout':
      return event.at === 'alice' ? row(event.time, 'timeout', empty, '') : row(event.time, '', empty, 'timeout');
    case 'refusal':
      return row(event.time, '', empty, `${event.at} is refused: ${event.text}`);
    default:
      return event satisfies never;
  }
}

function row(time: Instant, left: string, between: string, right: string): string {
  const start = `${milliseconds(time).padStart(TIME_WIDTH)}  ${left.padStart(SIDE_WIDTH - 2)} `;
  return `${start}│${between}│${right === '' ? '' : `  ${right}`}`.trimEnd();
}

// `│── title ───▶│` or `│◀─── title ──│`; marks stand before the head, which a lost message does not have.
function drawArrow({ from, bytes, fate }: SentMessage): string {
  const isRight = from === 'alice';
  const point = isRight ? '▶' : '◀';
  const heads = { arrives: point, lost: '✗', twice: `${point}${point}`, damaged: `!${point}` };
  const head = `${fate.extraDelay > 0 ? '~' : ''}${heads[fate.kind]}`;
  const room = WIDTH - head.length - 5;
  const title = messageText(bytes, room - 1);
  const line = '─'.repeat(room - title.length);
  return isRight ? `── ${title} ${line}${head}` : `${[...head].reverse().join('')}${line} ${title} ──`;
}

/** What became of a message: nothing to say where it arrived as usual. */
export function wordsOf(message: SentMessage, events: readonly LabEvent[]): string {
  const { fate, arrivesAt } = message;
  const words: string[] = [];
  if (fate.kind === 'lost') words.push('lost');
  if (fate.kind === 'twice') words.push('arrives twice');
  if (fate.kind === 'damaged') words.push(`damaged: a bit of byte ${fate.damagedByte}`);
  if (arrivesAt !== undefined && fate.extraDelay > 0) words.push(`late: at ${milliseconds(arrivesAt)}`);
  const overtakers = overtakersOf(message, events);
  if (overtakers > 0) words.push(`overtaken by ${overtakers}`);
  return words.join(', ');
}

/** How many messages that were sent later, in the same direction, arrive earlier. */
export function overtakersOf(message: SentMessage, events: readonly LabEvent[]): number {
  const { from, arrivesAt } = message;
  if (arrivesAt === undefined) return 0;
  const later = events.slice(events.indexOf(message) + 1);
  return later.filter(
    (each) => each.kind === 'message' && each.from === from && (each.arrivesAt ?? arrivesAt) < arrivesAt,
  ).length;
}

/** To the microsecond. */
const milliseconds = (time: Instant): string => {
  const text = formatInstant((time * 1000) as Instant); // a thousandth of the unit: 0.110000000 s is 110.000000000 ms
  return text.slice(0, -6);
};

/** Printable text in quotes, other bytes in hex: `01 "Dear Bob, ..."`; cut to `room` characters. */
export function messageText(bytes: Uint8Array, room: number): string {
  let text = '';
  let isQuoted = false;
  for (const byte of bytes) {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    if (isPrintable && !isQuoted) text += text === '' ? '"' : ' "';
    if (!isPrintable) text += `${isQuoted ? '" ' : text === '' ? '' : ' '}${byte.toString(16).padStart(2, '0')}`;
    else text += String.fromCharCode(byte);
    isQuoted = isPrintable;
    if (text.length > room) return `${text.slice(0, room - 1)}…`;
  }
  const whole = isQuoted ? `${text}"` : bytes.length === 0 ? 'empty' : text;
  return whole.length > room ? `${whole.slice(0, room - 1)}…` : whole;
}
