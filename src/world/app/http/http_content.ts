// What a web server serves: sites by host name, resources by path, and the answer that one of them gives.

import { utf8 } from '../../../core/bytes.ts';
import type { Random } from '../../../core/random.ts';
import type { Duration } from '../../../core/time.ts';
import { percentDecode } from '../uri/uri_resolve.ts';
import { encodeResponseHead } from './http_encoder.ts';
import { fieldValue, type HttpFields, reasonOf } from './http_message.ts';

/** One resource. Of `text`, `json`, `bytes`, `size` and `redirect` one at most; without any the body is empty. */
export interface HttpResource {
  readonly text?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  /** A body of so many bytes, made up from the machine's randomness, the same each time. */
  readonly size?: number;
  /** Sends the client elsewhere, with status 302 unless `status` says otherwise. */
  readonly redirect?: string;
  /** 200 unless it says otherwise. */
  readonly status?: number;
  /** Sent as given; `Date`, `Server` and `Content-Type` replace the server's own. Not for how the body is framed. */
  readonly headers?: HttpFields | Readonly<Record<string, string>>;
  /** Waits before it answers. */
  readonly delay?: Duration;
  /** Sent in chunks, without a stated length. */
  readonly chunked?: boolean;
  /** `GET` and `HEAD` unless it says otherwise. */
  readonly methods?: readonly string[];
}

/** By path, `/` or `/a/b`, without query. */
export type HttpPaths = Readonly<Record<string, HttpResource>>;

/** What is sent for a request, but for the fields that belong to the connection. */
export interface HttpAnswer {
  readonly status: number;
  readonly fields: HttpFields;
  readonly body: HttpBody;
  readonly isChunked: boolean;
  readonly delay: Duration;
}

/** `block` is sent again and again until `length` bytes are out. */
export interface HttpBody {
  readonly block: Uint8Array;
  readonly length: number;
}

const NO_DELAY = 0 as Duration;
const BLOCK_LENGTH = 16_384;
const MAX_SIZE = 0x7fff_ffff;
const FRAMING_FIELDS: readonly string[] = ['connection', 'content-length', 'transfer-encoding'];
const DEFAULT_METHODS: readonly string[] = ['GET', 'HEAD'];
/** RFC 9110 §9.1: what is among these is known, if not allowed everywhere. */
const KNOWN_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
];

export class HttpSite {
  private readonly resources = new Map<string, HttpResource>();
  private readonly random: Random;

  /** @param random the root of made-up bodies: each path has its own fork @throws RangeError, TypeError on bad content */
  constructor(paths: HttpPaths, random: Random) {
    this.random = random;
    for (const [path, resource] of Object.entries(paths)) {
      checkResource(path, resource);
      this.resources.set(percentDecode(path), resource);
    }
  }

  /** @param target path and query, as in the request */
  answer(method: string, target: string): HttpAnswer {
    if (!KNOWN_METHODS.includes(method)) return errorAnswer(501); // RFC 9110 §9.1
    const [path = ''] = target.split('?', 1);
    const resource = this.resources.get(percentDecode(path));
    if (resource === undefined) return errorAnswer(404);
    const { methods = DEFAULT_METHODS, delay = NO_DELAY, chunked = false, redirect } = resource;
    if (!methods.includes(method)) return errorAnswer(405, [['Allow', methods.join(', ')]]); // RFC 9110 §15.5.6
    const { status = redirect === undefined ? 200 : 302 } = resource;
    const { type, body } = this.content(path, resource);
    const own = ownFields(resource);
    const isTyped = type === undefined || fieldValue(own, 'Content-Type') !== undefined;
    const fields: HttpFields = isTyped ? own : [['Content-Type', type], ...own];
    return { status, fields, body, isChunked: chunked, delay };
  }

  private content(
    path: string,
    { text, json, bytes, size }: HttpResource,
  ): { type: string | undefined; body: HttpBody } {
    if (text !== undefined) return { type: 'text/plain; charset=utf-8', body: whole(utf8(text)) };
    if (json !== undefined) return { type: 'application/json', body: whole(utf8(`${JSON.stringify(json)}\n`)) };
    if (bytes !== undefined) return { type: 'application/octet-stream', body: whole(bytes) };
    if (size === undefined) return { type: undefined, body: whole(new Uint8Array(0)) };
    const block = new Uint8Array(Math.min(size, BLOCK_LENGTH));
    this.random.fork(`body of ${path}`).fill(block);
    return { type: 'application/octet-stream', body: { block, length: size } };
  }
}

/** The status and its name as a line of text. */
export function errorAnswer(status: number, fields: HttpFields = []): HttpAnswer {
  return {
    status,
    fields: [['Content-Type', 'text/plain; charset=utf-8'], ...fields],
    body: whole(utf8(`${status} ${reasonOf(status)}\n`)),
    isChunked: false,
    delay: NO_DELAY,
  };
}

/** The body piece by piece, each at most a block. */
export function* piecesOf({ block, length }: HttpBody): Generator<Uint8Array, void, void> {
  for (let left = length; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
}

const whole = (bytes: Uint8Array): HttpBody => ({ block: bytes, length: bytes.length });

function ownFields({ redirect, headers = [] }: HttpResource): HttpFields {
  const given = isList(headers) ? headers : Object.entries(headers);
  return redirect === undefined ? given : [['Location', redirect], ...given];
}

const isList = (headers: HttpFields | Readonly<Record<string, string>>): headers is HttpFields =>
  Array.isArray(headers);

// All that could fail while a request is answered fails when the server is made.
function checkResource(path: string, resource: HttpResource): void {
  const { size = 0, status = 200 } = resource;
  if (!path.startsWith('/')) throw new TypeError(`the path ${path} must begin with a slash`);
  if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE) throw new RangeError(`${path} cannot have ${size} bytes`);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`${path} cannot have the status ${status}`);
  }
  const fields = ownFields(resource);
  encodeResponseHead({ status, reason: '', fields });
  for (const [name] of fields) {
    if (FRAMING_FIELDS.includes(name.toLowerCase())) throw new TypeError(`the field ${name} is the server's to send`);
  }
}
