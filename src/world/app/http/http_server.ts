// A web server as a program: it accepts, and each connection is served by a program of its own, one request after the
// other (RFC 9112 §9), as long as both ends keep the connection.
//
//   accept --> read a request --> choose a site --> its answer --> write --> read the next, or close
//                  \-- refused, too slow: 4xx, then close
//
// Not here: what is served (`http_content.ts`), and TLS, which is laid over each connection before.

import { joinBytes } from '../../../core/bytes.ts';
import { after, type Duration, type Instant, seconds } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { type Endpoint, type Program, SocketError, type System, type TcpSocket } from '../program.ts';
import { TlsError } from '../tls/tls_error.ts';
import type { TlsStream } from '../tls/tls_stream.ts';
import { isUriError, parseAuthority, parseUri, requestTarget } from '../uri/uri.ts';
import { errorAnswer, type HttpAnswer, type HttpPaths, HttpSite, piecesOf } from './http_content.ts';
import { formatHttpDate } from './http_date.ts';
import { encodeChunk, encodeLastChunk, encodeResponseHead } from './http_encoder.ts';
import {
  fieldValue,
  fieldValues,
  type HttpField,
  type HttpFields,
  type HttpLimits,
  type HttpRequestHead,
  isBodiless,
  isPersistent,
  reasonOf,
} from './http_message.ts';
import { HttpRequestParser } from './http_parser.ts';

export interface HttpServerConfig {
  readonly port: number;
  /** Absent: all addresses of the machine. */
  readonly address?: IpAddress;
  /** What is served under a host name that is not among `sites`. */
  readonly paths?: HttpPaths;
  /** Virtual hosts, by host name without port. */
  readonly sites?: Readonly<Record<string, HttpPaths>>;
  /** Serves `paths` under every name, as servers did when a machine had one site. */
  readonly ignoreHost?: boolean;
  /** Occupies a worker of the machine for so long for each request. */
  readonly workPerRequest?: Duration;
  /** How long a connection may be idle between two requests; 0 closes it after each. 5 s unless it says otherwise. */
  readonly keepAlive?: Duration;
  /** How long a client may take over one request. 30 s unless it says otherwise. */
  readonly requestTimeout?: Duration;
  readonly backlog?: number;
  readonly limits?: Partial<HttpServerLimits>;
  /** Lays TLS over each connection. */
  readonly secure?: (socket: TcpSocket) => TlsStream;
}

type HttpServerStream = Pick<TcpSocket, 'remote' | 'read' | 'write' | 'shutdown'>;

export interface HttpServerLimits extends HttpLimits {
  /** Open at a time; one beyond it is told 503. */
  readonly connections: number;
}

export interface HttpLogEntry {
  readonly time: Instant;
  readonly client: Endpoint | undefined;
  /** Empty where the request had none, or could not be read. */
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Of body, as sent; what was cut off by a broken connection counts. */
  readonly length: number;
}

const KEEP_ALIVE = seconds(5);
const REQUEST_TIMEOUT = seconds(30);
const LINGER_TIME = seconds(2);
const MAX_LINGER_READS = 64;
const MAX_REQUESTS_A_CONNECTION = 1000;
/** The oldest entry goes when one more comes. */
const MAX_LOG = 1000;
const READ_LIMIT = 16_384;
const LIMITS = { connections: 256, body: 1_048_576 };
/** RFC 9110 §9.2.1: they ask, and change nothing. */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
const CONTINUE = { status: 100, reason: '', fields: [] };

/** Runs until it is killed. @throws SocketError where the port cannot be had; RangeError, TypeError on bad content */
export const httpServer = (system: System, config: HttpServerConfig): Program<never> =>
  new HttpServer(system, config).serve();

/** One request, whole. */
interface Request {
  readonly head: HttpRequestHead;
  readonly host: string;
}

interface Refused {
  readonly status: number;
  readonly head: HttpRequestHead | undefined;
}

export class HttpServer {
  private readonly system: System;
  private readonly config: HttpServerConfig;
  private readonly limits: Partial<HttpLimits> & typeof LIMITS;
  private readonly defaultSite: HttpSite | undefined;
  private readonly sites = new Map<string, HttpSite>();
  private readonly log: HttpLogEntry[] = [];
  private connections = 0;

  /** @throws RangeError, TypeError on content that cannot be served */
  constructor(system: System, config: HttpServerConfig) {
    const { paths, sites = {}, limits = {} } = config;
    this.system = system;
    this.config = config;
    this.limits = { ...LIMITS, ...limits };
    this.defaultSite = paths === undefined ? undefined : new HttpSite(paths, system.random);
    for (const [name, sitePaths] of Object.entries(sites)) {
      this.sites.set(name.toLowerCase(), new HttpSite(sitePaths, system.random.fork(name)));
    }
  }

  /** The oldest answered request that was not told yet. */
  pollLog(): HttpLogEntry | undefined {
    return this.log.shift();
  }

  /** The server's program: runs until it is killed. */
  *serve(): Program<never> {
    const { system, config } = this;
    const listener = system.listen(config.address, config.port, config.backlog);
    for (;;) {
      const socket = yield* listener.accept();
      if (socket === undefined) continue;
      if (this.connections >= 2 * this.limits.connections) {
        socket.abort(); // so many are being told 503 already
        continue;
      }
      this.connections++;
      system.spawn('http connection', this.connection(socket));
    }
  }

  private *connection(socket: TcpSocket): Program<void> {
    const secured = this.config.secure?.(socket);
    try {
      if (secured === undefined) yield* this.serveOn(socket, undefined);
      else yield* this.serveSecurely(secured);
    } catch (error) {
      if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error; // else the client is gone
    } finally {
      this.connections--;
      (secured ?? socket).close();
    }
  }

  private *serveSecurely(stream: TlsStream): Program<void> {
    try {
      yield* stream.handshake(after(this.system.now, this.requestTimeout));
      yield* this.serveOn(stream, stream);
    } catch (error) {
      if (!(error instanceof TlsError)) throw error; // else the alert is to arrive
    }
    yield* stream.finish(after(this.system.now, LINGER_TIME));
  }

  private *serveOn(stream: HttpServerStream, secured: TlsStream | undefined): Program<void> {
    if (this.connections > this.limits.connections) yield* this.turnAway(stream, { status: 503, head: undefined });
    else yield* this.converse(stream, secured);
  }

  private *converse(stream: HttpServerStream, secured: TlsStream | undefined): Program<void> {
    const parser = new HttpRequestParser(this.limits);
    for (let served = 1; ; served++) {
      const request = yield* this.readRequest(stream, parser, served === 1);
      if (request === undefined) return;
      if ('status' in request) return yield* this.turnAway(stream, request);
      // RFC 8470 §3: what changes something must not have been recorded and sent again.
      if (secured !== undefined && !SAFE_METHODS.includes(request.head.method)) {
        yield* secured.confirm(after(this.system.now, this.requestTimeout));
      }
      const isLast = served === MAX_REQUESTS_A_CONNECTION || this.keepAlive === 0;
      const stays = !isLast && isPersistent(request.head);
      const hasStayed = yield* this.respond(stream, request, stays);
      if (!hasStayed) return;
    }
  }

  private get keepAlive(): Duration {
    return this.config.keepAlive ?? KEEP_ALIVE;
  }

  private get requestTimeout(): Duration {
    return this.config.requestTimeout ?? REQUEST_TIMEOUT;
  }

  // Nothing where the client has no more to say.
  private *readRequest(
    stream: HttpServerStream,
    parser: HttpRequestParser,
    isFirst: boolean,
  ): Program<Request | Refused | undefined> {
    const { requestTimeout } = this;
    const idleDeadline = after(this.system.now, isFirst ? requestTimeout : this.keepAlive);
    let deadline: Instant | undefined;
    let request: Request | undefined;
    let length = 0;
    for (;;) {
      const event = parser.poll();
      if (event === undefined) {
        if (!parser.isIdle || request !== undefined) deadline ??= after(this.system.now, requestTimeout);
        const data = yield* readBefore(stream, deadline ?? idleDeadline);
        if (data === 'late') return deadline === undefined ? undefined : { status: 408, head: request?.head };
        if (data === undefined) return undefined; // an unfinished request needs no answer
        parser.push(data);
      } else if (event.kind === 'Head') {
        const checked = this.check(event.head, event.contentLength);
        if ('status' in checked) return checked;
        request = checked;
        const isWaiting = event.hasBody && fieldValue(event.head.fields, 'Expect') !== undefined;
        if (isWaiting && event.head.version === '1.1') yield* stream.write(encodeResponseHead(CONTINUE));
      } else if (event.kind === 'Body') {
        length += event.data.length;
        if (length > this.limits.body) return { status: 413, head: request?.head };
      } else if (event.kind === 'End') {
        return request;
      } else if (event.kind === 'Refused') {
        return { status: event.status, head: request?.head };
      }
    }
  }

  private check(head: HttpRequestHead, contentLength: number | undefined): Request | Refused {
    const refuse = (status: number): Refused => ({ status, head });
    const hosts = fieldValues(head.fields, 'Host');
    // RFC 9112 §3.2: exactly one, in HTTP/1.1, that could be one
    if (hosts.length > 1 || (hosts.length === 0 && head.version === '1.1')) return refuse(400);
    const host = this.hostOf(head, hosts[0] ?? '');
    if (host === undefined) return refuse(400);
    const expectation = fieldValue(head.fields, 'Expect');
    if (expectation !== undefined && expectation.toLowerCase() !== '100-continue') return refuse(417);
    if ((contentLength ?? 0) > this.limits.body) return refuse(413);
    return { head, host };
  }

  // RFC 9112 §3.2.2: where the target is a whole URI, its host counts and not the field.
  private hostOf(head: HttpRequestHead, field: string): string | undefined {
    const authority = parseAuthority(field);
    if ('kind' in authority || authority.userInfo !== undefined) return undefined;
    if (head.target.startsWith('/') || head.target === '*' || head.method === 'CONNECT')
      return authority.host.toLowerCase();
    const uri = parseUri(head.target);
    if (isUriError(uri) || uri.scheme === undefined || uri.authority === undefined) return undefined;
    return uri.authority.host.toLowerCase();
  }

  private *respond(stream: HttpServerStream, request: Request, stays: boolean): Program<boolean> {
    const { system } = this;
    const { workPerRequest } = this.config;
    let answer: HttpAnswer;
    try {
      if (workPerRequest !== undefined && workPerRequest > 0) yield* system.work(workPerRequest);
      answer = this.answer(request);
    } catch (error) {
      if (!(error instanceof SocketError) || error.code !== 'ENOBUFS') throw error;
      answer = errorAnswer(503, [['Retry-After', '1']]); // RFC 9110 §15.6.4: overloaded
    }
    if (answer.delay > 0) yield* system.sleep(answer.delay);
    return yield* this.send(stream, request.head, request.host, answer, stays);
  }

  private answer({ head, host }: Request): HttpAnswer {
    const site = this.siteOf(host);
    if (site === undefined) return errorAnswer(421); // RFC 9110 §15.5.20
    if (head.target === '*' || head.method === 'CONNECT') return errorAnswer(405, [['Allow', 'GET, HEAD']]);
    if (head.target.startsWith('/')) return site.answer(head.method, head.target);
    const uri = parseUri(head.target);
    return isUriError(uri) ? errorAnswer(400) : site.answer(head.method, requestTarget(uri));
  }

  private siteOf(host: string): HttpSite | undefined {
    return this.config.ignoreHost === true ? this.defaultSite : (this.sites.get(host) ?? this.defaultSite);
  }

  /** Whether the connection can take another request. */
  private *send(
    stream: HttpServerStream,
    head: HttpRequestHead | undefined,
    host: string,
    answer: HttpAnswer,
    stays: boolean,
  ): Program<boolean> {
    const { status, body } = answer;
    const version = head?.version ?? '1.1';
    const method = head?.method ?? '';
    const hasNoBody = isBodiless(method, status);
    const isChunked = answer.isChunked && version === '1.1'; // RFC 9112 §7.1: HTTP/1.0 does not know them
    // Without chunks and without a length the end of the connection is the end of the body.
    const isUntilClose = answer.isChunked && !isChunked;
    const keeps = stays && !isUntilClose;
    const framing: HttpField = isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)];
    const isFramed = !isUntilClose && status !== 204; // RFC 9110 §8.6: none of both behind 204
    const own: HttpFields = [
      ['Date', formatHttpDate(this.system.wallTime)],
      ['Server', 'netarium'],
    ];
    const fields: HttpFields = [
      ...own.filter(([name]) => fieldValue(answer.fields, name) === undefined),
      ...answer.fields,
      ...(isFramed ? [framing] : []),
      ...connectionField(version, keeps),
    ];
    this.note(stream.remote, head, host, status, hasNoBody ? 0 : body.length);
    const first = encodeResponseHead({ status, reason: reasonOf(status), fields });
    const pieces = hasNoBody ? [] : piecesOf(body);
    yield* writeBody(stream, first, pieces, isChunked && !hasNoBody);
    return keeps;
  }

  // RFC 9112 §9.6: closing with bytes unread resets the connection, and the client may lose the answer.
  private *turnAway(stream: HttpServerStream, { status, head }: Refused): Program<void> {
    yield* this.send(stream, head, '', errorAnswer(status), false);
    stream.shutdown();
    const deadline = after(this.system.now, LINGER_TIME);
    for (let reads = 0; reads < MAX_LINGER_READS; reads++) {
      const data = yield* readBefore(stream, deadline);
      if (data === undefined || data === 'late') return;
    }
  }

  private note(
    client: Endpoint | undefined,
    head: HttpRequestHead | undefined,
    host: string,
    status: number,
    length: number,
  ): void {
    if (this.log.length === MAX_LOG) this.log.shift();
    const { method = '', target = '' } = head ?? {};
    this.log.push({ time: this.system.now, client, host, method, target, status, length });
  }
}

// The head goes out with the first piece of the body: one segment for a small page.
function* writeBody(
  stream: HttpServerStream,
  head: Uint8Array,
  pieces: Iterable<Uint8Array>,
  isChunked: boolean,
): Program<void> {
  let pending: Uint8Array | undefined = head;
  for (const piece of pieces) {
    const framed = isChunked ? encodeChunk(piece) : piece;
    yield* stream.write(pending === undefined ? framed : joinBytes([pending, framed]));
    pending = undefined;
  }
  if (isChunked) pending = joinBytes(pending === undefined ? [encodeLastChunk()] : [pending, encodeLastChunk()]);
  if (pending !== undefined) yield* stream.write(pending);
}

// RFC 9112 §9.3: HTTP/1.1 keeps unless it says otherwise, HTTP/1.0 closes unless it says otherwise.
function connectionField(version: string, stays: boolean): HttpFields {
  if (!stays) return [['Connection', 'close']];
  return version === '1.0' ? [['Connection', 'keep-alive']] : [];
}

function* readBefore(stream: HttpServerStream, deadline: Instant): Program<Uint8Array | 'late' | undefined> {
  try {
    return yield* stream.read(READ_LIMIT, deadline);
  } catch (error) {
    if (error instanceof SocketError && (error.code === 'EAGAIN' || error.code === 'ETIMEDOUT')) return 'late';
    throw error;
  }
}
