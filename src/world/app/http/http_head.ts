// The head of an HTTP/1.1 message (RFC 9112 §2 to §6): first line, fields, and how the body behind it is framed.
//
// Where two readers could disagree about where a message ends, an attacker hides a second message in the first
// (request smuggling). So nothing is guessed: a doubtful head is refused.

import {
  fieldValues,
  fieldWords,
  HTTP_TOKEN,
  type HttpField,
  type HttpFields,
  type HttpRequestHead,
  type HttpResponseHead,
  type HttpVersion,
  isBodiless,
} from './http_message.ts';

/** Why a message is refused, as the status that tells its sender. */
export interface HttpRefusal {
  readonly kind: 'Refusal';
  readonly status: number;
  readonly message: string;
}

export const refusal = (status: number, message: string): HttpRefusal => ({ kind: 'Refusal', status, message });

export const isRefusal = (result: object): result is HttpRefusal => 'kind' in result && result.kind === 'Refusal';

/** How the end of a body is found. */
export type HttpFraming = Readonly<{ kind: 'Length'; length: number } | { kind: 'Chunked' } | { kind: 'UntilClose' }>;

const NO_BODY: HttpFraming = { kind: 'Length', length: 0 };
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])$/;
const STATUS_LINE = /^HTTP\/([0-9])\.([0-9]) ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const MAX_LENGTH_DIGITS = 15; // below 2^53, and more than anyone sends

export function parseRequestHead(line: string, fields: HttpFields): HttpRequestHead | HttpRefusal {
  const match = REQUEST_LINE.exec(line);
  if (match === null) return refusal(400, 'the request line is not a method, a target and a version');
  const [, method = '', target = '', major, minor] = match;
  if (major !== '1') return refusal(505, `HTTP/${major}.${minor} is not spoken here`);
  return { method, target, version: versionOf(minor), fields };
}

export function parseResponseHead(line: string, fields: HttpFields): HttpResponseHead | HttpRefusal {
  const match = STATUS_LINE.exec(line);
  if (match === null) return refusal(502, 'the status line is not a version, a code and a reason');
  const [, major, minor, status, reason = ''] = match;
  if (major !== '1') return refusal(502, `HTTP/${major}.${minor} is not spoken here`);
  return { version: versionOf(minor), status: Number(status), reason, fields };
}

/** One field line; a line that begins with space would continue the one before (obs-fold), which nobody may send. */
export function parseField(line: string): HttpField | HttpRefusal {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  // RFC 9112 §5.1: no space in front of the colon; §5.2: no folding. Neither is a token.
  if (!HTTP_TOKEN.test(name)) return refusal(400, 'a field has a name that cannot be');
  const value = line.slice(colon + 1);
  if (!FIELD_VALUE.test(value)) return refusal(400, `the field ${name} has a control character`);
  return [name, trimSpace(value)];
}

/** RFC 9112 §6.3, for requests. */
export function requestFraming(head: HttpRequestHead): HttpFraming | HttpRefusal {
  const codings = transferCodings(head, 400, 501);
  if (codings !== undefined) return codings;
  return contentLength(head.fields, 400) ?? NO_BODY;
}

/** RFC 9112 §6.3, for the response to a request of that method. */
export function responseFraming(head: HttpResponseHead, method: string): HttpFraming | HttpRefusal {
  if (isBodiless(method, head.status)) return NO_BODY;
  return transferCodings(head, 502, 502) ?? contentLength(head.fields, 502) ?? { kind: 'UntilClose' };
}

function transferCodings(
  head: { readonly version: HttpVersion; readonly fields: HttpFields },
  bad: number,
  unknown: number,
): HttpFraming | HttpRefusal | undefined {
  if (fieldValues(head.fields, 'Transfer-Encoding').length === 0) return undefined;
  // §6.1: both at once is the classic of smuggling; and HTTP/1.0 has no codings.
  if (fieldValues(head.fields, 'Content-Length').length > 0) return refusal(bad, 'both a transfer coding and a length');
  if (head.version === '1.0') return refusal(bad, 'a transfer coding in HTTP/1.0');
  const codings = fieldWords(head.fields, 'Transfer-Encoding');
  if (codings.at(-1) !== 'chunked') return refusal(bad, 'the last transfer coding is not chunked');
  if (codings.length === 1) return { kind: 'Chunked' };
  if (codings.indexOf('chunked') < codings.length - 1) return refusal(bad, 'chunked twice');
  return refusal(unknown, 'a transfer coding that is not spoken here');
}

function contentLength(fields: HttpFields, bad: number): HttpFraming | HttpRefusal | undefined {
  const values = fieldValues(fields, 'Content-Length');
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length > 1) return refusal(bad, 'several content lengths'); // §6.3 (5), equal ones too
  if (!/^[0-9]+$/.test(value)) return refusal(bad, 'a content length that is no number');
  const digits = value.replace(/^0+(?=[0-9])/, '');
  if (digits.length > MAX_LENGTH_DIGITS) return refusal(bad, 'a content length beyond all measure');
  return { kind: 'Length', length: Number(digits) };
}

// RFC 9110 §2.5: a higher minor version is spoken to as the highest that is known.
const versionOf = (minor: string | undefined): HttpVersion => (minor === '0' ? '1.0' : '1.1');

function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t';
