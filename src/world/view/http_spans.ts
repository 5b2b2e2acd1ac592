// What each byte of an HTTP message means, as far as it lies in one piece. Not here: the message (world/app/http).

import type { ByteSpan } from '../../core/byte_reader.ts';
import { httpStart } from './http_start.ts';

/** Lines up to the empty one, and a body behind it; nothing where no message begins. */
export function httpSpans(bytes: Uint8Array): ByteSpan[] {
  const start = httpStart(bytes);
  if (start === undefined) return [];
  const spans: ByteSpan[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    const text = textIn(bytes.subarray(at, end));
    const label = at === 0 ? (start.kind === 'request' ? 'request line' : 'status line') : 'header field';
    spans.push(text === '' ? { start: at, end, label: 'empty line' } : { start: at, end, label, value: text });
    at = end;
    if (text === '') break;
  }
  if (at < bytes.length) spans.push({ start: at, end: bytes.length, label: 'body' });
  return spans;
}

const LINE_FEED = 0x0a;

function textIn(line: Uint8Array): string {
  let text = '';
  for (const byte of line) text += String.fromCharCode(byte);
  return text.trimEnd().replace(/[^\x20-\x7e]/g, '?');
}
