// HTTP/1.1 from a stream of bytes (RFC 9112), as a machine without input or output of its own.
//
//   push(bytes), end() --> poll() --> Head, Body ..., End, Head, ... or one Refused, and then nothing more
//
//            +--- no body ------------------------------+
//            v                                          |
//   -----> Head ---> Fixed, UntilClose ---> (End) ------+
//            |                                          |
//            +-----> ChunkSize <--> ChunkData           |
//                        +-------> Trailers ---> (End) -+
//
// Messages may follow one another without a gap: what is behind one message waits until it is polled. The buffer holds
// what was pushed and not polled, so whoever polls until nothing comes before reading on bounds it by one read.

import {
  type HttpFraming,
  type HttpRefusal,
  isRefusal,
  parseField,
  parseRequestHead,
  parseResponseHead,
  refusal,
  requestFraming,
  responseFraming,
} from './http_head.ts';
import { HttpLineBuffer } from './http_line_buffer.ts';
import {
  HTTP_LIMITS,
  type HttpField,
  type HttpFields,
  type HttpLimits,
  type HttpRequestHead,
  type HttpResponseHead,
} from './http_message.ts';

export type HttpEvent<Head> = Readonly<
  /** `hasBody`: at least one byte of it is to come, or nobody knows yet. */
  | { kind: 'Head'; head: Head; hasBody: boolean; contentLength: number | undefined }
  /** A response of the 1xx kind: the real one is still to come. */
  | { kind: 'Interim'; head: Head }
  | { kind: 'Body'; data: Uint8Array }
  | { kind: 'End'; trailers: HttpFields }
  | { kind: 'Refused'; status: number; message: string }
>;

type Awaited = 'Head' | 'Fixed' | 'UntilClose' | 'ChunkSize' | 'ChunkData' | 'ChunkEnd' | 'Trailers' | 'Nothing';

const MAX_BODY_PIECE = 65_536;
const MAX_CHUNK_LINE = 1024;
const MAX_INTERIM = 16;
// RFC 9112 §7.1: at most eight digits, which is 4 GB; extensions are read over.
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

abstract class HttpParser<Head> {
  protected readonly limits: HttpLimits;
  private readonly buffer = new HttpLineBuffer();
  private awaited: Awaited = 'Head';
  private hasEnded = false;
  /** Bytes that are still to come of a body or chunk. */
  private remaining = 0;
  private startLine: string | undefined;
  private fields: HttpField[] = [];
  /** Bytes of the head or trailers read so far. */
  private headBytes = 0;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.limits = { ...HTTP_LIMITS, ...limits };
  }

  /** Between two messages, with nothing of the next one there. */
  get isIdle(): boolean {
    return this.awaited === 'Head' && this.headBytes === 0 && this.buffer.length === 0;
  }

  push(data: Uint8Array): void {
    if (this.awaited !== 'Nothing') this.buffer.push(data);
  }

  /** The stream is at its end. */
  end(): void {
    this.hasEnded = true;
  }

  /** The next thing that is complete; nothing while more bytes are needed, or when all is over. */
  poll(): HttpEvent<Head> | undefined {
    switch (this.awaited) {
      case 'Head':
        return this.pollHead();
      case 'Fixed':
      case 'ChunkData':
      case 'UntilClose':
        return this.pollBody();
      case 'ChunkSize':
        return this.pollChunkSize();
      case 'ChunkEnd':
        return this.pollChunkEnd();
      case 'Trailers':
        return this.pollTrailers();
      case 'Nothing':
        return undefined;
      default:
        return this.awaited satisfies never;
    }
  }

  protected abstract parseHead(line: string, fields: HttpFields): Head | HttpRefusal;
  /** How the body behind a head is framed; nothing when the head was an interim response. */
  protected abstract framingOf(head: Head): HttpFraming | HttpRefusal | undefined;
  /** The status that answers a stream which ends too early or has lines that are none. */
  protected abstract readonly badStatus: number;

  private pollHead(): HttpEvent<Head> | undefined {
    const complete = this.readFieldLines();
    if (complete === undefined) return undefined;
    if (complete !== 'complete') return this.refuse(complete);
    const head = this.parseHead(this.startLine ?? '', this.fields);
    if (isRefusal(head as object)) return this.refuse(head as HttpRefusal);
    const framing = this.framingOf(head as Head);
    this.resetFields();
    if (framing === undefined) return { kind: 'Interim', head: head as Head };
    if (isRefusal(framing)) return this.refuse(framing);
    this.awaited = framing.kind === 'Length' ? 'Fixed' : framing.kind === 'Chunked' ? 'ChunkSize' : 'UntilClose';
    this.remaining = framing.kind === 'Length' ? framing.length : 0;
    const contentLength = framing.kind === 'Length' ? framing.length : undefined;
    return { kind: 'Head', head: head as Head, hasBody: contentLength !== 0, contentLength };
  }

  // Lines up to the empty one: into `startLine`, except for trailers, and `fields`.
  private readFieldLines(): 'complete' | HttpRefusal | undefined {
    for (;;) {
      const isStart = this.awaited === 'Head' && this.startLine === undefined;
      const limit = Math.min(
        isStart ? this.limits.startLine : Number.POSITIVE_INFINITY,
        this.limits.head - this.headBytes,
      );
      const line = this.buffer.takeLine(limit);
      if (line === 'partial') {
        return this.hasEnded && !this.isIdle ? refusal(this.badStatus, 'the stream ended inside the head') : undefined;
      }
      if (line === 'too-long')
        return isStart ? refusal(414, 'the first line is too long') : refusal(431, 'too many fields');
      if (line === 'bad') return refusal(this.badStatus, 'a line does not end with CR LF');
      this.headBytes += line.text.length + 2;
      if (isStart && line.text === '') continue; // RFC 9112 §2.2: empty lines in front of a request; they count
      if (isStart) {
        this.startLine = line.text;
      } else if (line.text === '') {
        return 'complete';
      } else {
        if (this.fields.length === this.limits.fields) return refusal(431, 'too many fields');
        const field = parseField(line.text);
        if (isRefusal(field)) return refusal(this.badStatus, field.message);
        this.fields.push(field);
      }
    }
  }

  private pollBody(): HttpEvent<Head> | undefined {
    const isOpenEnded = this.awaited === 'UntilClose';
    if (!isOpenEnded && this.remaining === 0) {
      if (this.awaited === 'Fixed') return this.finish([]);
      this.awaited = 'ChunkEnd';
      return this.poll();
    }
    const data = this.buffer.take(isOpenEnded ? MAX_BODY_PIECE : Math.min(this.remaining, MAX_BODY_PIECE));
    this.remaining -= data.length;
    if (data.length > 0) return { kind: 'Body', data };
    if (!this.hasEnded) return undefined;
    if (!isOpenEnded) return this.refuse(refusal(this.badStatus, 'the stream ended inside the body'));
    this.awaited = 'Nothing';
    return { kind: 'End', trailers: [] };
  }

  private pollChunkSize(): HttpEvent<Head> | undefined {
    const line = this.buffer.takeLine(MAX_CHUNK_LINE);
    if (line === 'partial') return this.pollEnd();
    const size = typeof line === 'string' ? undefined : CHUNK_LINE.exec(line.text)?.[1];
    if (size === undefined) return this.refuse(refusal(this.badStatus, 'a chunk has a size that cannot be'));
    this.remaining = Number.parseInt(size, 16);
    this.awaited = this.remaining === 0 ? 'Trailers' : 'ChunkData';
    return this.poll();
  }

  private pollChunkEnd(): HttpEvent<Head> | undefined {
    const line = this.buffer.takeLine(0);
    if (line === 'partial') return this.pollEnd();
    if (typeof line === 'string') return this.refuse(refusal(this.badStatus, 'a chunk is longer than its size'));
    this.awaited = 'ChunkSize';
    return this.poll();
  }

  private pollTrailers(): HttpEvent<Head> | undefined {
    const complete = this.readFieldLines();
    if (complete === undefined) return undefined;
    return complete === 'complete' ? this.finish(this.fields) : this.refuse(complete);
  }

  private pollEnd(): HttpEvent<Head> | undefined {
    return this.hasEnded ? this.refuse(refusal(this.badStatus, 'the stream ended inside the body')) : undefined;
  }

  private finish(trailers: HttpFields): HttpEvent<Head> {
    this.awaited = 'Head';
    this.resetFields();
    return { kind: 'End', trailers };
  }

  private refuse({ status, message }: HttpRefusal): HttpEvent<Head> {
    this.awaited = 'Nothing'; // where the next message begins is anyone's guess
    this.buffer.take(this.buffer.length);
    return { kind: 'Refused', status, message };
  }

  private resetFields(): void {
    this.startLine = undefined;
    this.fields = [];
    this.headBytes = 0;
  }
}

export class HttpRequestParser extends HttpParser<HttpRequestHead> {
  protected override readonly badStatus = 400;

  protected override parseHead(line: string, fields: HttpFields): HttpRequestHead | HttpRefusal {
    return parseRequestHead(line, fields);
  }

  protected override framingOf(head: HttpRequestHead): HttpFraming | HttpRefusal {
    return requestFraming(head);
  }
}

/** Whether a response has a body depends on what was asked: tell it each request by `expect`, in order. */
export class HttpResponseParser extends HttpParser<HttpResponseHead> {
  protected override readonly badStatus = 502;
  private readonly methods: string[] = [];
  private interim = 0;

  expect(method: string): void {
    this.methods.push(method);
  }

  protected override parseHead(line: string, fields: HttpFields): HttpResponseHead | HttpRefusal {
    return parseResponseHead(line, fields);
  }

  protected override framingOf(head: HttpResponseHead): HttpFraming | HttpRefusal | undefined {
    const [method] = this.methods;
    if (method === undefined) return refusal(502, 'a response to nothing that was asked');
    if (head.status === 101) return refusal(502, 'a change of protocol that nobody asked for');
    if (head.status < 200)
      return ++this.interim > MAX_INTERIM ? refusal(502, 'interim responses without end') : undefined;
    this.interim = 0;
    this.methods.shift();
    return responseFraming(head, method);
  }
}
