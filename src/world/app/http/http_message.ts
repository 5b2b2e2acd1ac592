// What HTTP/1.1 messages are made of (RFC 9110): methods, status codes, fields. Nothing here is bytes: `http_parser.ts`
// and `http_encoder.ts` turn messages from and into them.

/** A name as it was written, which compares without case, and a value without space around it. */
export type HttpField = readonly [name: string, value: string];
/** In the order in which they were sent. */
export type HttpFields = readonly HttpField[];

/** HTTP/1.0 and HTTP/1.1: how a message is framed and whether the connection stays open depend on it. */
export type HttpVersion = '1.0' | '1.1';

export interface HttpRequestHead {
  /** Compares with case: `GET`. */
  readonly method: string;
  /** `/path?query`, a whole URI, an authority, or `*` (RFC 9112 §3.2). */
  readonly target: string;
  readonly version: HttpVersion;
  readonly fields: HttpFields;
}

export interface HttpResponseHead {
  readonly version: HttpVersion;
  /** 100 to 599. */
  readonly status: number;
  readonly reason: string;
  readonly fields: HttpFields;
}

export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  /** 1.1 unless it says otherwise. */
  readonly version?: HttpVersion;
  readonly fields: HttpFields;
  /** A `Content-Length` is added for it. */
  readonly body?: Uint8Array;
}

export interface HttpResponse extends HttpResponseHead {
  readonly body: Uint8Array;
  /** Behind a chunked body; kept apart, since a trailer must not pass for a field in front (RFC 9110 §6.5.1). */
  readonly trailers: HttpFields;
}

/** What is beyond one of these is refused. */
export interface HttpLimits {
  /** Bytes of the first line. */
  readonly startLine: number;
  /** Bytes of the first line and all fields; the same again for trailers. */
  readonly head: number;
  /** Number of fields; the same again for trailers. */
  readonly fields: number;
  /** Bytes of body, for those who collect it. */
  readonly body: number;
}

export const HTTP_LIMITS: HttpLimits = { startLine: 8192, head: 32_768, fields: 100, body: 67_108_864 };

/** RFC 9110 §5.6.2: what names of fields and methods consist of. */
export const HTTP_TOKEN: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** All values of a field, in order. */
export function fieldValues(fields: HttpFields, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return fields.filter(([given]) => given.toLowerCase() === wanted).map(([, value]) => value);
}

/** The first value of a field. */
export const fieldValue = (fields: HttpFields, name: string): string | undefined => fieldValues(fields, name)[0];

/** The members of a field that is a list of words (RFC 9110 §5.6.1), in lower case; several lines count as one. */
export const fieldWords = (fields: HttpFields, name: string): readonly string[] =>
  fieldValues(fields, name)
    .join(',')
    .split(',')
    .map((word) => word.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase())
    .filter((word) => word !== '');

/** Whether the sender of a head keeps the connection for another message (RFC 9112 §9.3). */
export function isPersistent(head: { readonly version: HttpVersion; readonly fields: HttpFields }): boolean {
  const words = fieldWords(head.fields, 'Connection');
  if (words.includes('close')) return false;
  return head.version === '1.1' || words.includes('keep-alive');
}

/** Whether a response has no body whatever its fields say (RFC 9112 §6.3 (1), (2)). */
export const isBodiless = (method: string, status: number): boolean =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304;

/** RFC 9110 §15; empty for codes that have no name. */
export const reasonOf = (status: number): string => REASONS[status] ?? '';

const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};
