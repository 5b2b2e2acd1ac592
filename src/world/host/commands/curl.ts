// `curl`: fetches what a URI names, and with -v tells how. Not here: connections and what is said on them
// (`curl_session.ts`), and TLS (`curl_tls.ts`).

import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, milliseconds, NEVER } from '../../../core/time.ts';
import { fieldValue, HTTP_TOKEN, type HttpField, type HttpResponse } from '../../app/http/http_message.ts';
import type { Program } from '../../app/program.ts';
import { formatUri, isUriError, parseUri, type Uri } from '../../app/uri/uri.ts';
import { resolveUri } from '../../app/uri/uri_resolve.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';
import { CurlFailure } from './curl_failure.ts';
import { CurlSession, printHead } from './curl_session.ts';
import {
  CURL_TLS_PLAIN,
  CURL_TLS_USAGE,
  CURL_TLS_VALUED,
  type CurlTlsOptions,
  curlTlsOptions,
} from './curl_tls_options.ts';

/** curl's own exit codes. */
const UNSUPPORTED_SCHEME = 1;
const BAD_URI = 3;
const HTTP_FAILURE = 22;
const TOO_MANY_REDIRECTS = 47;
const MAX_REDIRECTS = 50;
/** RFC 9110 §15.4.2 to §15.4.4: after these, what was to be posted is asked for with GET, as all browsers do. */
const CHANGES_METHOD: readonly number[] = [301, 302, 303];

/** What a field may hold (RFC 9110 §5.5), as far as it can be typed. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const VALUED = ['X request', 'H header', 'd data', 'A user-agent', 'm max-time', 'o output', 'max-redirs'];
const PLAIN = ['v verbose', 'i include', 'I head', 's silent', 'S show-error', 'f fail', 'L location', 'http1.1'];

interface CurlOptions {
  readonly uri: string;
  readonly isVerbose: boolean;
  readonly showsHead: boolean;
  /** `-o /dev/null`. */
  readonly discardsBody: boolean;
  /** `-s` without `-S`: failures show in the exit code alone. */
  readonly isSilent: boolean;
  readonly method: string;
  /** `-X`: it stays whatever the redirect. */
  readonly isMethodFixed: boolean;
  readonly body: Uint8Array | undefined;
  readonly fields: readonly HttpField[];
  readonly fails: boolean;
  /** How many are followed; undefined: none. */
  readonly redirects: number | undefined;
  /** Milliseconds. */
  readonly limit: number;
  readonly tls: CurlTlsOptions;
}

export const curl: Command = {
  name: 'curl',
  usage: `[-v] [-i] [-I] [-s] [-S] [-f] [-L] [-o /dev/null] [-X METHOD] [-H FIELD] [-d DATA] [-A AGENT] [-m SECONDS] ${CURL_TLS_USAGE} URI`,
  summary: 'fetches a page',
  read(args) {
    const options = optionsOf(parseArguments(args, [...VALUED, ...CURL_TLS_VALUED], [...PLAIN, ...CURL_TLS_PLAIN]));
    return (context) => run(context, options);
  },
};

function optionsOf(parsed: Arguments): CurlOptions {
  const output = parsed.flag('o');
  if (output !== undefined && output.value !== '/dev/null') {
    throw new UsageError('machines here have no files: -o takes /dev/null alone', output);
  }
  const data = parsed.flags.filter(({ name }) => name === 'd').map(({ value }) => value);
  const agent = parsed.flag('A');
  if (agent !== undefined && !FIELD_VALUE.test(agent.value)) throw new UsageError('-A cannot be sent as it is', agent);
  const method = parsed.flag('X');
  if (method !== undefined && !HTTP_TOKEN.test(method.value)) {
    throw new UsageError(`${method.value} is no method`, method);
  }
  const isHead = parsed.has('I');
  return {
    uri: parsed.onlyOperand('curl takes one URI'),
    isVerbose: parsed.has('v'),
    showsHead: parsed.has('i') || isHead,
    discardsBody: output !== undefined,
    isSilent: parsed.has('s') && !parsed.has('S'),
    method: method?.value ?? (isHead ? 'HEAD' : data.length === 0 ? 'GET' : 'POST'),
    isMethodFixed: method !== undefined,
    body: data.length === 0 ? undefined : utf8(data.join('&')),
    fields: [...(agent === undefined ? [] : [['User-Agent', agent.value] as const]), ...fieldsOf(parsed)],
    fails: parsed.has('f'),
    redirects: parsed.has('L')
      ? parsed.wholeNumber('max-redirs', MAX_REDIRECTS, 'the number of redirects', 0, 50)
      : undefined,
    limit: parsed.milliseconds('m', Number.POSITIVE_INFINITY, 'the time limit'),
    tls: curlTlsOptions(parsed),
  };
}

// -H may come several times.
function fieldsOf(parsed: Arguments): readonly HttpField[] {
  return parsed.flags
    .filter(({ name }) => name === 'H')
    .map((flag) => {
      const [, name, value] = /^([^:]+):\s*(.*)$/s.exec(flag.value) ?? [];
      if (name === undefined || value === undefined || !HTTP_TOKEN.test(name) || !FIELD_VALUE.test(value))
        throw new UsageError('a field is written as "Name: value"', flag);
      return [name, value] as const;
    });
}

function* run(context: CommandContext, options: CurlOptions): Program<number> {
  const { system, terminal, facts } = context;
  const startedAt = system.now;
  const deadline = Number.isFinite(options.limit) ? after(startedAt, milliseconds(options.limit)) : NEVER;
  const session = new CurlSession(context, { isVerbose: options.isVerbose, startedAt, deadline, tls: options.tls });
  try {
    const exitCode = yield* fetch(context, session, options);
    yield* session.finish();
    return exitCode;
  } catch (error) {
    if (!(error instanceof CurlFailure)) throw error;
    facts.error = error.error;
    if (!options.isSilent) terminal.print(`curl: (${error.exitCode}) ${error.message}`);
    return error.exitCode;
  } finally {
    session.close();
  }
}

function* fetch({ terminal, facts }: CommandContext, session: CurlSession, options: CurlOptions): Program<number> {
  const { redirects } = options;
  let uri = firstUri(options.uri);
  let { method, body } = options;
  for (let followed = 0; ; followed++) {
    checkScheme(uri);
    const response = yield* session.ask(uri, { method, body, fields: options.fields });
    facts.status = response.status;
    const next = redirects === undefined ? undefined : redirectOf(uri, response);
    if (options.fails && response.status >= 400) {
      yield* session.leave();
      throw new CurlFailure(HTTP_FAILURE, 'http-error', `The requested URL returned error: ${response.status}`);
    }
    if (options.showsHead && !options.isVerbose) printHead(terminal, response, '');
    if (next === undefined) {
      if (!options.discardsBody) printText(terminal, textOf(response.body));
      yield* session.leave();
      return 0;
    }
    yield* session.leave();
    if (followed === redirects) {
      throw new CurlFailure(TOO_MANY_REDIRECTS, 'too-many-redirects', `Maximum (${redirects}) redirects followed`);
    }
    uri = next;
    if (options.isVerbose) terminal.print(`* Issue another request to this URL: '${formatUri(uri)}'`);
    if (!options.isMethodFixed && method === 'POST' && CHANGES_METHOD.includes(response.status)) {
      method = 'GET';
      body = undefined;
    }
  }
}

function firstUri(text: string): Uri {
  const uri = parseUri(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!isUriError(uri) && uri.authority !== undefined && uri.authority.host !== '') return uri;
  throw new CurlFailure(BAD_URI, 'bad-uri', `URL rejected: it ${isUriError(uri) ? uri.message : 'has no host'}`);
}

function checkScheme({ scheme = '' }: Uri): void {
  const name = scheme.toLowerCase();
  if (name === 'http' || name === 'https') return;
  throw new CurlFailure(UNSUPPORTED_SCHEME, 'unsupported-scheme', `Protocol "${name}" not supported`);
}

function redirectOf(uri: Uri, { status, fields }: HttpResponse): Uri | undefined {
  const location = status >= 300 && status < 400 ? fieldValue(fields, 'Location') : undefined;
  const reference = location === undefined ? undefined : parseUri(location);
  return reference === undefined || isUriError(reference) ? undefined : resolveUri(uri, reference);
}
