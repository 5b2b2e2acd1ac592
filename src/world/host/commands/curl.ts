// `curl`: fetches what a URI names, and with -v tells how.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, type Instant, milliseconds, NEVER } from '../../../core/time.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import { connectToAny, HttpConnection } from '../../app/http/http_client.ts';
import { fieldValue, type HttpField, type HttpFields, type HttpResponse } from '../../app/http/http_message.ts';
import { type Program, SocketError } from '../../app/program.ts';
import { formatUri, hostHeader, isUriError, parseUri, portOf, requestTarget, type Uri } from '../../app/uri/uri.ts';
import { resolveUri } from '../../app/uri/uri_resolve.ts';
import { parseArguments, secondsOf, wholeNumber } from './arguments.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';

/** curl's own exit codes. */
const EXIT: Readonly<Record<string, number>> = {
  ENOTFOUND: 6,
  EAI_AGAIN: 6,
  ECONNREFUSED: 7,
  EHOSTUNREACH: 7,
  ENETUNREACH: 7,
  ETIMEDOUT: 28,
  EAGAIN: 28,
  ECONNRESET: 56,
  EPROTO: 8,
};
const UNSUPPORTED_SCHEME = 1;
const BAD_URI = 3;
const HTTP_FAILURE = 22;
const TOO_MANY_REDIRECTS = 47;
const MAX_REDIRECTS = 5;

interface CurlOptions {
  readonly isVerbose: boolean;
  readonly showsHead: boolean;
  readonly isQuiet: boolean;
  readonly method: string;
  readonly body: Uint8Array | undefined;
  readonly fields: HttpFields;
  readonly fails: boolean;
  readonly redirects: number;
  readonly deadline: Instant;
}

export const curl: Command = {
  name: 'curl',
  usage: '[-v] [-i] [-I] [-s] [-f] [-L] [-o /dev/null] [-X METHOD] [-H FIELD] [-d DATA] [-m SECONDS] URI',
  summary: 'fetches a page',
  *run(context: CommandContext, args): Program<number> {
    const { system, terminal, facts } = context;
    const fields = fieldsOf(args);
    const { flags, operands } = parseArguments(
      args,
      ['X', 'H', 'd', 'm', 'o', 'request', 'header', 'data', 'max-time', 'max-redirs', 'output'],
      ['v', 'i', 'I', 's', 'S', 'f', 'L', 'verbose', 'include', 'head', 'silent', 'fail', 'location', 'http1.1'],
    );
    const has = (short: string, long: string): boolean => flags.has(short) || flags.has(long);
    const [text, ...more] = operands;
    if (text === undefined || more.length > 0) throw new UsageError('curl takes one URI');
    const uri = parseUri(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    if (isUriError(uri) || uri.authority === undefined || uri.authority.host === '') {
      terminal.print(`curl: (${BAD_URI}) the URI ${isUriError(uri) ? uri.message : 'has no host'}`);
      facts.error = 'bad-uri';
      return BAD_URI;
    }
    const data = flags.get('d') ?? flags.get('data');
    const isHead = has('I', 'head');
    const options: CurlOptions = {
      isVerbose: has('v', 'verbose'),
      showsHead: has('i', 'include') || isHead,
      isQuiet: has('o', 'output'),
      method: flags.get('X') ?? flags.get('request') ?? (isHead ? 'HEAD' : data === undefined ? 'GET' : 'POST'),
      body: data === undefined ? undefined : utf8(data),
      fields,
      fails: has('f', 'fail'),
      redirects: has('L', 'location')
        ? wholeNumber(flags.get('max-redirs'), MAX_REDIRECTS, 'the number of redirects', 0, 50)
        : 0,
      deadline: deadlineOf(system.now, flags.get('m') ?? flags.get('max-time')),
    };
    try {
      return yield* fetch(context, uri, options);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      facts.error = error.code;
      const code = EXIT[error.code] ?? 7;
      terminal.print(`curl: (${code}) ${error.message}`);
      return code;
    }
  },
};

// -H may come several times.
function fieldsOf(args: readonly string[]): HttpFields {
  const fields: HttpField[] = [];
  args.forEach((arg, i) => {
    if (arg !== '-H' && arg !== '--header') return;
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(args[i + 1] ?? '') ?? [];
    if (name === undefined || value === undefined) throw new UsageError('a field is written as "Name: value"');
    fields.push([name, value]);
  });
  return fields;
}

const deadlineOf = (now: Instant, text: string | undefined): Instant =>
  text === undefined ? NEVER : after(now, milliseconds(secondsOf(text, 0, 'the time limit')));

function* fetch(context: CommandContext, first: Uri, options: CurlOptions): Program<number> {
  const { terminal, facts } = context;
  let uri = first;
  for (let redirects = 0; ; redirects++) {
    const scheme = uri.scheme?.toLowerCase();
    if (scheme !== 'http') {
      facts.error = scheme === 'https' ? 'not-built-yet' : 'unsupported-scheme';
      const why = scheme === 'https' ? 'https is not built yet' : `${uri.scheme}: is not spoken here`;
      terminal.print(`curl: (${UNSUPPORTED_SCHEME}) ${why}`);
      return UNSUPPORTED_SCHEME;
    }
    const response = yield* ask(context, uri, options);
    facts.status = response.status;
    const location = fieldValue(response.fields, 'Location');
    const next = location === undefined ? undefined : parseUri(location);
    const isRedirect = response.status >= 300 && response.status < 400 && next !== undefined && !isUriError(next);
    if (isRedirect && options.redirects > 0) {
      if (redirects === options.redirects) {
        facts.error = 'too-many-redirects';
        terminal.print(`curl: (${TOO_MANY_REDIRECTS}) more than ${options.redirects} redirects`);
        return TOO_MANY_REDIRECTS;
      }
      uri = resolveUri(uri, next);
      if (options.isVerbose) terminal.print(`* redirected to ${formatUri(uri)}`);
      continue;
    }
    if (options.fails && response.status >= 400) {
      facts.error = 'http-error';
      terminal.print(`curl: (${HTTP_FAILURE}) the requested URI returned error: ${response.status}`);
      return HTTP_FAILURE;
    }
    if (options.showsHead && !options.isVerbose) printHead(context, response, '');
    if (!options.isQuiet) printText(terminal, textOf(response.body));
    return 0;
  }
}

function* ask({ system, terminal }: CommandContext, uri: Uri, options: CurlOptions): Program<HttpResponse> {
  const { isVerbose, method, body, deadline } = options;
  const host = uri.authority?.host ?? '';
  const endpoints = yield* system.getAddressInfo(host, portOf(uri) ?? 80);
  const { socket, endpoint } = yield* connectToAny(system, endpoints, deadline);
  try {
    if (isVerbose)
      terminal.print(`* connected to ${host} (${formatIpAddress(endpoint.address)}) port ${endpoint.port}`);
    const given = new Set(options.fields.map(([name]) => name.toLowerCase()));
    const usual: HttpFields = [
      ['Host', hostHeader(uri)],
      ['User-Agent', 'netarium'],
      ['Accept', '*/*'],
      ['Connection', 'close'],
      ...(body === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
    ];
    const fields = [...usual.filter(([name]) => !given.has(name.toLowerCase())), ...options.fields];
    const target = requestTarget(uri);
    if (isVerbose) {
      terminal.print(`> ${method} ${target} HTTP/1.1`);
      for (const [name, value] of fields) terminal.print(`> ${name}: ${value}`);
      terminal.print('>');
    }
    const request = { method, target, fields, ...(body === undefined ? {} : { body }) };
    const response = yield* new HttpConnection(socket).request(request, deadline);
    if (isVerbose) printHead({ terminal }, response, '< ');
    return response;
  } finally {
    socket.close();
  }
}

function printHead({ terminal }: Pick<CommandContext, 'terminal'>, response: HttpResponse, mark: string): void {
  terminal.print(`${mark}HTTP/${response.version} ${response.status} ${response.reason}`);
  for (const [name, value] of response.fields) terminal.print(`${mark}${name}: ${value}`);
  terminal.print(mark.trimEnd());
}
