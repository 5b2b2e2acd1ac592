// Uniform Resource Identifiers (RFC 3986): text to parts and back, without loss.
//
//   https://cr4bd@www.foo.test:443/over/there?name=ferret#nose
//   \___/   \___/ \__________/ \_/\_________/ \_________/ \__/
//   scheme  user      host     port   path       query    fragment
//
// A reference may lack the parts in front: `//host/path`, `/path`, `path`, `?query`, `#fragment`; `uri_resolve.ts`
// completes it. Nothing is decoded and nothing normalised here: `%7e` stays as it was written. Not here: IRIs; what
// lies outside ASCII has to be percent-encoded.

import { parseIpv4Address, parseIpv6 } from '../../../wire/address.ts';

export type UriHostKind = 'name' | 'ipv4' | 'ipv6' | 'future';

export interface UriAuthority {
  /** In front of the `@`, which it lacks; absent without one. */
  readonly userInfo?: string;
  /** As written, without the brackets of an IPv6 literal; may be empty, as in `file:///etc`. */
  readonly host: string;
  readonly hostKind: UriHostKind;
  /** The digits as written, empty after a bare colon; absent without a colon. */
  readonly port?: string;
}

/** A URI, or where the scheme is absent, a relative reference. */
export interface Uri {
  readonly scheme?: string;
  readonly authority?: UriAuthority;
  /** May be empty. */
  readonly path: string;
  /** Without the `?`. */
  readonly query?: string;
  /** Without the `#`. */
  readonly fragment?: string;
}

export interface UriError {
  readonly kind: 'UriError';
  /** Of the first character that cannot be there. */
  readonly index: number;
  /** Completes the sentence "The URI ...". */
  readonly message: string;
}

/** What is longer is refused; RFC 9110 §4.1 asks for 8,000 at least. */
export const MAX_URI_LENGTH = 8192;

export const isUriError = (result: Uri | UriError): result is UriError => 'kind' in result;

const UNRESERVED = 'A-Za-z0-9._~\\-';
const SUB_DELIMITERS = "!$&'()*+,;=";
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const FUTURE_ADDRESS = new RegExp(`^v[0-9A-Fa-f]+\\.[${UNRESERVED}${SUB_DELIMITERS}:]+$`, 'i');
// Each finds what cannot be in that part; a percent sign is in order in front of two hex digits only.
const outside = (more: string): RegExp => new RegExp(`%(?![0-9A-Fa-f]{2})|[^${UNRESERVED}${SUB_DELIMITERS}${more}%]`);
const NOT_IN_USER_INFO = outside(':');
const NOT_IN_NAME = outside('');
const NOT_IN_PATH = outside(':@/');
const NOT_IN_QUERY = outside(':@/?');

/** Reads any URI reference. The parts joined again by `formatUri` are the text itself. */
export function parseUri(text: string): Uri | UriError {
  if (text.length > MAX_URI_LENGTH) return refuse(MAX_URI_LENGTH, 'is too long');
  // RFC 3986 Appendix B: each part ends at the first character that begins a later one.
  const hash = before(text.indexOf('#'), text.length);
  const question = before(text.indexOf('?'), hash);
  const colon = text.indexOf(':');
  // §4.2: a relative path has no colon in its first segment, so one in front of any slash ends a scheme.
  const scheme = colon < before(text.indexOf('/'), question) && colon !== -1 ? text.slice(0, colon) : undefined;
  if (scheme !== undefined && !SCHEME.test(scheme)) {
    return refuse(Math.max(0, scheme.search(/^[^A-Za-z]|[^A-Za-z0-9+.-]/)), 'has a scheme that cannot be');
  }
  const start = scheme === undefined ? 0 : colon + 1;
  const hasAuthority = text.startsWith('//', start);
  const pathStart = hasAuthority ? before(text.indexOf('/', start + 2), question) : start;
  const authority = hasAuthority ? parseAuthority(text.slice(start + 2, pathStart), start + 2) : undefined;
  if (authority !== undefined && 'kind' in authority) return authority;

  const path = text.slice(pathStart, question);
  const query = question < hash ? text.slice(question + 1, hash) : undefined;
  const fragment = hash < text.length ? text.slice(hash + 1) : undefined;
  const error =
    check(path, pathStart, NOT_IN_PATH, 'path') ??
    check(query ?? '', question + 1, NOT_IN_QUERY, 'query') ??
    check(fragment ?? '', hash + 1, NOT_IN_QUERY, 'fragment');
  if (error !== undefined) return error;
  return {
    ...(scheme === undefined ? {} : { scheme }),
    ...(authority === undefined ? {} : { authority }),
    path,
    ...(query === undefined ? {} : { query }),
    ...(fragment === undefined ? {} : { fragment }),
  };
}

/** RFC 3986 §5.3: the parts with their marks. */
export function formatUri(uri: Uri): string {
  const { scheme, authority, path, query, fragment } = uri;
  let text = scheme === undefined ? '' : `${scheme}:`;
  if (authority !== undefined) text += `//${formatAuthority(authority)}`;
  text += path;
  if (query !== undefined) text += `?${query}`;
  if (fragment !== undefined) text += `#${fragment}`;
  return text;
}

export function formatAuthority({ userInfo, host, hostKind, port }: UriAuthority): string {
  const front = userInfo === undefined ? '' : `${userInfo}@`;
  const name = hostKind === 'ipv6' || hostKind === 'future' ? `[${host}]` : host;
  return `${front}${name}${port === undefined ? '' : `:${port}`}`;
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['sftp', 22],
  ['http', 80],
  ['https', 443],
]);

/** The port to connect to: as written, or that of the scheme; nothing where neither is known. */
export function portOf(uri: Uri): number | undefined {
  const written = uri.authority?.port;
  if (written !== undefined && written !== '') return Number(written);
  return uri.scheme === undefined ? undefined : DEFAULT_PORTS.get(uri.scheme.toLowerCase());
}

/** What HTTP asks its server for (RFC 9112 §3.2.1): path and query, never empty, never the fragment. */
export function requestTarget(uri: Uri): string {
  const path = uri.path.startsWith('/') ? uri.path : `/${uri.path}`;
  return uri.query === undefined ? path : `${path}?${uri.query}`;
}

/** The value of the field `Host` (RFC 9110 §7.2): `www.foo.com:80` where the port is written; never the user. */
export function hostHeader(uri: Uri): string {
  if (uri.authority === undefined) return '';
  const { userInfo: _, port, ...host } = uri.authority;
  return formatAuthority(port === undefined || port === '' ? host : { ...host, port });
}

/** The part between `//` and the path. @param at its place in the whole text */
export function parseAuthority(text: string, at = 0): UriAuthority | UriError {
  const marker = text.lastIndexOf('@'); // more than one cannot be, and the check below finds the first
  const userInfo = marker === -1 ? undefined : text.slice(0, marker);
  const hostStart = marker + 1;
  const isLiteral = text[hostStart] === '[';
  const bracket = text.indexOf(']', hostStart);
  if (isLiteral && bracket === -1) return refuse(at + hostStart, 'has an address literal without an end');
  const afterLiteral = isLiteral ? bracket + 1 : text.indexOf(':', hostStart);
  const hostEnd = afterLiteral === -1 ? text.length : afterLiteral;
  if (hostEnd < text.length && text[hostEnd] !== ':')
    return refuse(at + hostEnd, 'has something behind its address literal');
  const port = hostEnd < text.length ? text.slice(hostEnd + 1) : undefined;
  const host = isLiteral ? text.slice(hostStart + 1, bracket) : text.slice(hostStart, hostEnd);
  const hostKind = kindOfHost(host, isLiteral);
  const error =
    check(userInfo ?? '', at, NOT_IN_USER_INFO, 'user') ??
    (isLiteral ? undefined : check(host, at + hostStart, NOT_IN_NAME, 'host')) ??
    (hostKind === undefined ? refuse(at + hostStart + 1, 'has an address literal that is none') : undefined) ??
    check(port ?? '', at + hostEnd + 1, /[^0-9]/, 'port');
  if (error !== undefined || hostKind === undefined) return error ?? refuse(at + hostStart, 'has no host');
  // The grammar knows no limit, but no transport knows more ports than these.
  if (Number(port ?? 0) > 0xffff) return refuse(at + hostEnd + 1, 'has a port above 65535');
  return { ...(userInfo === undefined ? {} : { userInfo }), host, hostKind, ...(port === undefined ? {} : { port }) };
}

function kindOfHost(host: string, isLiteral: boolean): UriHostKind | undefined {
  if (!isLiteral) return parseIpv4Address(host) === undefined ? 'name' : 'ipv4'; // §3.2.2: first match wins
  if (parseIpv6(host) !== undefined) return 'ipv6';
  return FUTURE_ADDRESS.test(host) ? 'future' : undefined;
}

function check(part: string, at: number, wrong: RegExp, name: string): UriError | undefined {
  const index = part.search(wrong);
  if (index === -1) return undefined;
  const character = part[index] ?? '';
  const what =
    character === '%' ? 'a percent sign without two hex digits' : `the character ${JSON.stringify(character)}`;
  return refuse(at + index, `has ${what} in its ${name}`);
}

const refuse = (index: number, message: string): UriError => ({ kind: 'UriError', index, message });

// What is not there, or lies behind the limit, counts as at the limit.
const before = (index: number, limit: number): number => (index === -1 || index > limit ? limit : index);
