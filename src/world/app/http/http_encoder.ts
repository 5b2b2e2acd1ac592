// HTTP/1.1 messages as bytes (RFC 9112): the mirror image of `http_parser.ts`.
//
// Whoever sends decides what is in a message, so a wrong name or value is a caller's mistake and throws: it would begin a
// field, or a message, that was never meant.

import { joinBytes } from '../../../core/bytes.ts';
import { latin1Bytes } from './http_line_buffer.ts';
import {
  fieldValue,
  HTTP_TOKEN,
  type HttpFields,
  type HttpRequest,
  type HttpResponseHead,
  reasonOf,
} from './http_message.ts';

const TARGET = /^[\x21-\x7e]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The request, its body included. @throws TypeError on a method, target or field that cannot be sent */
export function encodeRequest(request: HttpRequest): Uint8Array {
  const { method, target, version = '1.1', fields, body } = request;
  if (!HTTP_TOKEN.test(method)) throw new TypeError(`${JSON.stringify(method)} is no method`);
  if (!TARGET.test(target)) throw new TypeError(`${JSON.stringify(target)} is no target: percent-encode it`);
  const isFramed =
    fieldValue(fields, 'Content-Length') !== undefined || fieldValue(fields, 'Transfer-Encoding') !== undefined;
  const all: HttpFields =
    body === undefined || isFramed ? fields : [...fields, ['Content-Length', String(body.length)]];
  const head = latin1Bytes(`${method} ${target} HTTP/${version}\r\n${fieldLines(all)}\r\n`);
  return body === undefined || body.length === 0 ? head : joinBytes([head, body]);
}

/** The head of a response; the fields say how the body behind it is framed. @throws TypeError */
export function encodeResponseHead({ status, reason, fields }: Omit<HttpResponseHead, 'version'>): Uint8Array {
  if (!VALUE.test(reason)) throw new TypeError(`${JSON.stringify(reason)} is no reason phrase`);
  // RFC 9112 §2.3: a server names the version that it speaks, whatever the client's was.
  return latin1Bytes(`HTTP/1.1 ${status} ${reason || reasonOf(status)}\r\n${fieldLines(fields)}\r\n`);
}

/** One chunk; without data none, since an empty one would be the last. */
export const encodeChunk = (data: Uint8Array): Uint8Array =>
  data.length === 0 ? data : joinBytes([latin1Bytes(`${data.length.toString(16)}\r\n`), data, CRLF]);

/** The end of a chunked body. @throws TypeError */
export const encodeLastChunk = (trailers: HttpFields = []): Uint8Array =>
  latin1Bytes(`0\r\n${fieldLines(trailers)}\r\n`);

const CRLF = Uint8Array.of(0x0d, 0x0a);

function fieldLines(fields: HttpFields): string {
  let lines = '';
  for (const [name, value] of fields) {
    if (!HTTP_TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a field`);
    if (!VALUE.test(value)) throw new TypeError(`the field ${name} cannot have the value ${JSON.stringify(value)}`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
