// `netarium uri URI...`: the parts of URIs, a line each. With `--base`, what a reference without scheme or host means on a
// page that has them.

import { formatColumns } from '../../core/columns.ts';
import { isUriError, parseUri, portOf, type Uri } from '../../world/app/uri/uri.ts';
import { resolveUri } from '../../world/app/uri/uri_resolve.ts';
import { ExitStatus, usageError } from './exit.ts';
import { type RawOptions, textOption } from './options.ts';
import { paint, print } from './terminal.ts';

const PARTS = ['scheme', 'user', 'host', 'port', 'path', 'query', 'fragment'] as const;

/** @throws CliError */
export function uri(texts: readonly string[], options: RawOptions): ExitStatus {
  const written = textOption(options, 'base');
  const base = written === undefined ? undefined : uriOf(written);
  if (base !== undefined && base.scheme === undefined) {
    throw usageError(`${written} has no scheme to take over.`, 'Write a whole one, like https://www.foo.test/.');
  }
  const found = texts.map((text) => (base === undefined ? uriOf(text) : resolveUri(base, uriOf(text))));
  const [head = '', ...lines] = formatColumns([PARTS, ...found.map(partsOf)]).split('\n');
  print([paint('bold', head), ...lines].join('\n'));
  return ExitStatus.Ok;
}

function uriOf(text: string): Uri {
  const parsed = parseUri(text);
  if (!isUriError(parsed)) return parsed;
  throw usageError(`The URI ${parsed.message}:\n  ${text}\n  ${' '.repeat(parsed.index)}^`);
}

/** A port in parentheses is the scheme's, where none is written. */
function partsOf(uri: Uri): readonly string[] {
  const { scheme, authority, path, query, fragment } = uri;
  const port = portOf(uri);
  const implied = port === undefined ? undefined : `(${port})`;
  return [scheme, authority?.userInfo, authority?.host, authority?.port ?? implied, path, query, fragment].map(
    (part) => part ?? '-',
  );
}
