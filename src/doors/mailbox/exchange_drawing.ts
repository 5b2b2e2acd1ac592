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
import type { End, LabEvent, SentMessage } from './lab_event.ts';

/** Columns between the lanes. */
const WIDTH = 56;
const TIME_WIDTH = 11;
const SIDE_WIDTH = 9;

/** @param rows at most so many events are drawn: the first ones and the last ones */
export function drawExchange(events: readonly LabEvent[], rows: number = Number.POSITIVE_INFINITY): readonly string[] {
  if (events.length === 0) return [];
  const heading = `${'ms'.padStart(TIME_WIDTH)}${' '.repeat(SIDE_WIDTH - 1)}alice${' '.repeat(WIDTH - 3)}bob`;
  const overtakers = overtakersOf(events);
  const drawn = (some: readonly LabEvent[]): readonly string[] =>
    some.map((event) => drawRow(event, overtakers.get(event) ?? 0));
  if (events.length <= rows) return [heading, ...drawn(events)];
  const [first, last] = [Math.floor(rows / 2), Math.ceil(rows / 2)];
  const between = `${' '.repeat(TIME_WIDTH + SIDE_WIDTH)} ... ${events.length - first - last} more ...`;
  return [heading, ...drawn(events.slice(0, first)), between, ...drawn(events.slice(events.length - last))];
}

function drawRow(event: LabEvent, overtakers: number): string {
  const empty = ' '.repeat(WIDTH);
  switch (event.kind) {
    case 'message':
      return row(event.time, '', drawArrow(event), wordsOf(event, overtakers));
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
function wordsOf({ fate, arrivesAt }: SentMessage, overtakers: number): string {
  const words: string[] = [];
  if (fate.kind === 'lost') words.push('lost');
  if (fate.kind === 'twice') words.push('arrives twice');
  if (fate.kind === 'damaged') words.push(`damaged: a bit of byte ${fate.damagedByte}`);
  if (arrivesAt !== undefined && fate.extraDelay > 0) words.push(`late: at ${milliseconds(arrivesAt)}`);
  if (overtakers > 0) words.push(`overtaken by ${overtakers}`);
  return words.join(', ');
}

/** How many messages that were sent later, in the same direction, arrive earlier; of those that are overtaken. */
export function overtakersOf(events: readonly LabEvent[]): ReadonlyMap<LabEvent, number> {
  const overtakers = new Map<LabEvent, number>();
  // When the later ones arrive, the latest first: where none is overtaken, each is put at the end.
  const later: Readonly<Record<End, Instant[]>> = { alice: [], bob: [] };
  for (const event of events.toReversed()) {
    if (event.kind !== 'message' || event.arrivesAt === undefined) continue;
    const arrivals = later[event.from];
    const place = countNotBefore(event.arrivesAt, arrivals);
    if (place < arrivals.length) overtakers.set(event, arrivals.length - place);
    arrivals.splice(place, 0, event.arrivesAt);
  }
  return overtakers;
}

/** @param arrivals the latest first */
function countNotBefore(time: Instant, arrivals: readonly Instant[]): number {
  let [low, high] = [0, arrivals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((arrivals[middle] ?? time) >= time) low = middle + 1;
    else high = middle;
  }
  return low;
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
