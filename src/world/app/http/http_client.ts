// The client's side of HTTP/1.1, as programs: one connection that is used again while both ends keep it (RFC 9112 §9),
// and a whole fetch by URI. Not here: `curl`, whose output belongs to the commands of a host; caches; TLS, which slips in
// as another stream.

import { joinBytes } from '../../../core/bytes.ts';
import { type Instant, NEVER } from '../../../core/time.ts';
import { type Endpoint, type Program, SocketError, type System, type TcpSocket } from '../program.ts';
import { formatUri, hostHeader, isUriError, parseUri, portOf, requestTarget, type Uri } from '../uri/uri.ts';
import { resolveUri } from '../uri/uri_resolve.ts';
import { encodeRequest } from './http_encoder.ts';
import {
  fieldValue,
  HTTP_LIMITS,
  type HttpFields,
  type HttpLimits,
  type HttpRequest,
  type HttpResponse,
  type HttpResponseHead,
  isPersistent,
} from './http_message.ts';
import { HttpResponseParser } from './http_parser.ts';

/** What HTTP needs of a connection: a TCP socket has it, and whatever is laid over one. */
export type HttpStream = Pick<TcpSocket, 'read' | 'write' | 'close'>;

/** The server closed the connection and said nothing. */
export class EmptyResponseError extends SocketError {
  constructor() {
    super('ECONNRESET', 'the server closed the connection without a response');
  }
}

/** One connection, one request at a time. */
export class HttpConnection {
  private readonly stream: HttpStream;
  private readonly parser: HttpResponseParser;
  private readonly bodyLimit: number;
  private isOpen = true;

  constructor(stream: HttpStream, limits: Partial<HttpLimits> = {}) {
    this.stream = stream;
    this.parser = new HttpResponseParser(limits);
    this.bodyLimit = limits.body ?? HTTP_LIMITS.body;
  }

  /** Another request may follow. */
  get isReusable(): boolean {
    return this.isOpen;
  }

  /**
   * @param deadline for the whole exchange
   * @throws SocketError `EPROTO` for a response that is none or is too long, `ECONNRESET` where the server ends before
   *   it has answered, `ETIMEDOUT`, and what the stream throws; the connection cannot be used again then
   */
  *request(request: HttpRequest, deadline: Instant = NEVER): Program<HttpResponse> {
    if (!this.isOpen) throw new SocketError('ENOTCONN', 'the connection is not kept open');
    const bytes = encodeRequest(request);
    this.isOpen = false; // until the response has come to its end
    yield* this.stream.write(bytes);
    this.parser.expect(request.method);
    const response = yield* this.response(deadline);
    this.isOpen = this.parser.isIdle && isPersistent({ version: request.version ?? '1.1', fields: request.fields });
    this.isOpen &&= isPersistent(response);
    return response;
  }

  close(): void {
    this.isOpen = false;
    this.stream.close();
  }

  private *response(deadline: Instant): Program<HttpResponse> {
    let head: HttpResponseHead | undefined;
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const event = this.parser.poll();
      switch (event?.kind) {
        case undefined:
          yield* this.readMore(deadline);
          break;
        case 'Head':
          head = event.head;
          break;
        case 'Body':
          length += event.data.length;
          if (length > this.bodyLimit) throw new SocketError('EPROTO', `a body of more than ${this.bodyLimit} bytes`);
          pieces.push(event.data);
          break;
        case 'End':
          if (head !== undefined) return { ...head, body: joinBytes(pieces), trailers: event.trailers };
          break;
        case 'Refused':
          throw new SocketError('EPROTO', event.message);
        default: // an interim response: the real one follows
      }
    }
  }

  private *readMore(deadline: Instant): Program<void> {
    try {
      const data = yield* this.stream.read(READ_LIMIT, deadline);
      if (data !== undefined) {
        this.parser.push(data);
        return;
      }
    } catch (error) {
      if (error instanceof SocketError && error.code === 'EAGAIN') {
        throw new SocketError('ETIMEDOUT', 'no complete response in time');
      }
      throw error;
    }
    if (this.parser.isIdle) throw new EmptyResponseError();
    this.parser.end();
  }
}

const READ_LIMIT = 65_536;
const MAX_REDIRECTS = 5;

/** One exchange over a stream that is connected; the stream stays open, for its owner to close. */
export const httpRequest = (
  stream: HttpStream,
  request: HttpRequest,
  deadline: Instant = NEVER,
): Program<HttpResponse> => new HttpConnection(stream).request(request, deadline);

export interface HttpFetchOptions {
  /** `GET` unless it says otherwise. */
  readonly method?: string;
  /** Beside `Host`, `User-Agent`, `Accept` and `Connection`, which are there unless they are given. */
  readonly fields?: HttpFields;
  readonly body?: Uint8Array;
  readonly deadline?: Instant;
  /** Whether a redirect is followed, up to five in a row; only `GET` and `HEAD` are. */
  readonly followsRedirects?: boolean;
}

export interface HttpFetched {
  /** Of the last request. */
  readonly uri: string;
  /** Who answered. */
  readonly server: Endpoint;
  readonly response: HttpResponse;
}

/**
 * Looks the name up, connects to its addresses in turn, asks, and closes. Only `http:`.
 *
 * @throws TypeError on a URI that is none or has no host
 * @throws SocketError the last address's error, `EPROTO` for another scheme, too many redirects, or a bad response
 */
export function* httpFetch(system: System, uri: string, options: HttpFetchOptions = {}): Program<HttpFetched> {
  let target = parseUri(uri);
  if (isUriError(target)) throw new TypeError(`the URI ${uri} ${target.message}`);
  const { method = 'GET', followsRedirects = false } = options;
  const isRedirectable = followsRedirects && (method === 'GET' || method === 'HEAD');
  for (let redirects = 0; ; redirects++) {
    const fetched = yield* fetchOnce(system, target, method, options);
    const location = fieldValue(fetched.response.fields, 'Location');
    if (!isRedirectable || location === undefined || !isRedirect(fetched.response.status)) return fetched;
    if (redirects === MAX_REDIRECTS) throw new SocketError('EPROTO', `more than ${MAX_REDIRECTS} redirects`);
    const reference = parseUri(location);
    if (isUriError(reference)) throw new SocketError('EPROTO', `a redirect to what ${reference.message}`);
    target = resolveUri(target, reference);
  }
}

function* fetchOnce(system: System, uri: Uri, method: string, options: HttpFetchOptions): Program<HttpFetched> {
  const { fields = [], body, deadline = NEVER } = options;
  if (uri.scheme?.toLowerCase() !== 'http') throw new SocketError('EPROTO', `${uri.scheme ?? 'no scheme'}: not http`);
  const host = uri.authority?.host ?? '';
  if (host === '') throw new TypeError(`the URI ${formatUri(uri)} has no host`);
  const endpoints = yield* system.getAddressInfo(host, portOf(uri) ?? 80);
  const { socket, endpoint } = yield* connectToAny(system, endpoints, deadline);
  try {
    const request = {
      method,
      target: requestTarget(uri),
      fields: [...defaultFields(uri, fields), ...fields],
      ...(body === undefined ? {} : { body }),
    };
    const response = yield* httpRequest(socket, request, deadline);
    return { uri: formatUri(uri), server: endpoint, response };
  } finally {
    socket.close();
  }
}

/** A socket connected to the first address that accepts. @throws SocketError that of the last one */
export function* connectToAny(
  system: System,
  endpoints: readonly Endpoint[],
  deadline: Instant = NEVER,
): Program<{ readonly socket: TcpSocket; readonly endpoint: Endpoint }> {
  let failure = new SocketError('ENOTFOUND', 'no address to connect to');
  for (const endpoint of endpoints) {
    const socket = system.tcp();
    try {
      yield* socket.connect(endpoint.address, endpoint.port, deadline);
      return { socket, endpoint };
    } catch (error) {
      socket.close();
      if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
      failure = error;
    }
  }
  throw failure;
}

// RFC 9110 §7.2: Host goes first.
function defaultFields(uri: Uri, given: HttpFields): HttpFields {
  const defaults: HttpFields = [
    ['Host', hostHeader(uri)],
    ['User-Agent', 'netarium'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ];
  return defaults.filter(([name]) => fieldValue(given, name) === undefined);
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);
