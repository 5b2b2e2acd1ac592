// Spans that readers recorded, put in shape for people: each byte told of once, nothing left out; and spans of a part of the
// bytes, or of bytes that lie inside of others. Not here: who records them (byte_reader.ts).

import type { ByteSpan } from './byte_reader.ts';

/**
 * Spans side by side from 0 to `length`, each byte under the innermost span that it is in. What none covers is `rest`.
 *
 * @param spans in any order, inside each other or apart, within those bytes
 */
export function coverOf(spans: readonly ByteSpan[], length: number, rest: string): ByteSpan[] {
  const owners = new Int32Array(length).fill(-1);
  const outerFirst = spans.map((_, i) => i).sort((a, b) => lengthOf(spans[b]) - lengthOf(spans[a]) || a - b);
  for (const i of outerFirst) owners.fill(i, spans[i]?.start, spans[i]?.end);
  const cover: ByteSpan[] = [];
  for (let start = 0; start < length; ) {
    const owner = owners[start];
    let end = start + 1;
    while (end < length && owners[end] === owner) end++;
    const span = owner === undefined ? undefined : spans[owner];
    if (span === undefined) cover.push({ start, end, label: rest });
    // What is left of an outer one is its frame, like a tag and a length: its meaning lies inside.
    else cover.push(span.start === start && span.end === end ? span : { start, end, label: span.label });
    start = end;
  }
  return cover;
}

const lengthOf = (span: ByteSpan | undefined): number => (span === undefined ? 0 : span.end - span.start);

/** The same spans, as of bytes that lie `by` later. */
export const shifted = (spans: readonly ByteSpan[], by: number): ByteSpan[] =>
  spans.map((span) => ({ ...span, start: span.start + by, end: span.end + by }));

/** What is told of the bytes from `from` to `to`, which count from 0 then. A span that is cut says which part is here. */
export function clipped(spans: readonly ByteSpan[], from: number, to: number): ByteSpan[] {
  const kept: ByteSpan[] = [];
  for (const span of spans) {
    const [start, end] = [Math.max(span.start, from), Math.min(span.end, to)];
    if (start >= end) continue;
    const place = { start: start - from, end: end - from };
    if (start === span.start && end === span.end) kept.push({ ...span, ...place });
    else {
      const [first, last] = [start - span.start + 1, end - span.start];
      const part = first === last ? `byte ${first}` : `bytes ${first} to ${last}`;
      kept.push({ ...span, ...place, label: `${span.label}, ${part} of ${lengthOf(span)}` });
    }
  }
  return kept;
}
