// Relative references against a base (RFC 3986 §5), and when two URIs are the same (§6.2.2).

import { textOf, utf8 } from '../../../core/bytes.ts';
import type { Uri } from './uri.ts';

/** The target of a reference found in a document at `base`, which has a scheme (§5.2.2, strict). */
export function resolveUri(base: Uri, reference: Uri): Uri {
  if (reference.scheme !== undefined) {
    return { ...reference, path: withoutDoubleSlash(removeDotSegments(reference.path), reference) };
  }
  const { scheme } = base;
  const front = scheme === undefined ? {} : { scheme };
  const end = reference.fragment === undefined ? {} : { fragment: reference.fragment };
  if (reference.authority !== undefined) {
    return { ...front, ...reference, path: removeDotSegments(reference.path) };
  }
  const host = base.authority === undefined ? {} : { authority: base.authority };
  const ownQuery = reference.query === undefined ? {} : { query: reference.query };
  if (reference.path === '') {
    const query = reference.query === undefined && base.query !== undefined ? { query: base.query } : ownQuery;
    return { ...front, ...host, path: base.path, ...query, ...end };
  }
  const path = reference.path.startsWith('/') ? reference.path : mergePaths(base, reference.path);
  return { ...front, ...host, path: withoutDoubleSlash(removeDotSegments(path), base), ...ownQuery, ...end };
}

/** §5.2.4: `.` is here and `..` one up, and above the root there is nothing. */
export function removeDotSegments(path: string): string {
  const kept: string[] = [];
  let mark = ''; // the slash in front of a segment, which the first one lacks
  const segments = path.split('/');
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    const isDot = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDot) kept.push(mark + segment);
    else if (isLast) kept.push(mark); // a directory, as `a/` is
    if (!isDot || mark === '/') mark = '/';
  }
  return kept.join('');
}

/** §6.2.2: the same resource, spelled one way: case, needless percent-encoding, dot segments. */
export function normalizeUri(uri: Uri): Uri {
  const { scheme, authority, path, query, fragment } = uri;
  return {
    ...(scheme === undefined ? {} : { scheme: scheme.toLowerCase() }),
    ...(authority === undefined
      ? {}
      : { authority: { ...authority, host: normalizeEscapes(authority.host.toLowerCase()) } }),
    path: normalizeEscapes(scheme === undefined ? path : removeDotSegments(path)),
    ...(query === undefined ? {} : { query: normalizeEscapes(query) }),
    ...(fragment === undefined ? {} : { fragment: normalizeEscapes(fragment) }),
  };
}

/** All that is not unreserved (§2.3), as UTF-8. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of utf8(text)) {
    const character = String.fromCharCode(byte);
    encoded += UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Never throws: a percent sign without two hex digits stays, and what is not UTF-8 becomes U+FFFD. */
export const percentDecode = (text: string): string =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    textOf(Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16))),
  );

const UNRESERVED = /[A-Za-z0-9._~-]/;

const normalizeEscapes = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (encoded, pair: string) => {
    const character = String.fromCharCode(Number.parseInt(pair, 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });

// §5.2.3: all but the last segment of the base.
function mergePaths(base: Uri, path: string): string {
  if (base.authority !== undefined && base.path === '') return `/${path}`;
  return base.path.slice(0, base.path.lastIndexOf('/') + 1) + path;
}

// Without an authority a path must not begin with two slashes (§3.3), which would be read as one.
const withoutDoubleSlash = (path: string, base: Uri): string =>
  base.authority === undefined && path.startsWith('//') ? `/.${path}` : path;
