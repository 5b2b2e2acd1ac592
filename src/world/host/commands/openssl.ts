// `openssl s_client`: connects over TLS, tells what the handshake showed, and takes its leave. Unlike curl it goes on with whatever
// certificate it is shown, and says what is wrong with it. Nothing is typed into it: machines have no keyboards.

import { after, seconds } from '../../../core/time.ts';
import type { Certificate } from '../../../secure/pki/certificate.ts';
import { formatTime } from '../../../secure/pki/der_time.ts';
import { formatName } from '../../../secure/pki/distinguished_name.ts';
import { validateCertificate } from '../../../secure/pki/path_building.ts';
import type { PathFailure } from '../../../secure/pki/path_failure.ts';
import { emitPem } from '../../../secure/pki/pem.ts';
import { signatureAlgorithmName } from '../../../secure/pki/signature_algorithm.ts';
import { TrustStore } from '../../../secure/pki/trust_store.ts';
import { CIPHER_SUITES, type CipherSuiteName } from '../../../secure/tls/cipher_suite.ts';
import type { TlsEvent, TlsFacts } from '../../../secure/tls/connection.ts';
import type { GroupName } from '../../../secure/tls/named_group.ts';
import type { ResumableSession } from '../../../secure/tls/session.ts';
import { parseIpAddress } from '../../../wire/address.ts';
import { connectToAny } from '../../app/http/http_client.ts';
import { type Program, SocketError } from '../../app/program.ts';
import { TlsError } from '../../app/tls/tls_error.ts';
import { tlsErrorCode } from '../../app/tls/tls_error_code.ts';
import type { TlsStream } from '../../app/tls/tls_stream.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';
import { failureText, keyBitsOf, keyTypeOf, OPENSSL_GROUPS, verifyErrors } from './openssl_words.ts';

/** How long a command waits for its machine's peer. */
const PATIENCE = seconds(30);
const LEAVE_LIMIT = seconds(2);

interface ClientOptions {
  readonly host: string;
  readonly port: string;
  /** Asked for, if it is a name. */
  readonly serverName: string;
  readonly showsAll: boolean;
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly alpn: readonly string[];
  readonly cipherSuites: readonly CipherSuiteName[] | undefined;
  readonly groups: readonly GroupName[] | undefined;
  readonly sessionIn: string | undefined;
  readonly sessionOut: string | undefined;
}

const VALUED = ['connect', 'servername', 'CAfile', 'cert', 'alpn', 'ciphersuites', 'groups', 'sess_in', 'sess_out'];
const PLAIN = ['showcerts', 'tls1_3'];

export const openssl: Command = {
  name: 'openssl',
  usage:
    's_client -connect HOST:PORT [-servername NAME] [-showcerts] [-CAfile AUTHORITY] [-cert CERTIFICATE] [-alpn LIST] [-ciphersuites LIST] [-groups LIST] [-sess_out NAME] [-sess_in NAME]',
  summary: 'connects over TLS and tells what it was shown',
  read(args) {
    const options = optionsOf(args);
    return (context) => run(context, options);
  },
};

function optionsOf([tool, ...args]: readonly string[]): ClientOptions {
  if (tool !== 's_client') {
    throw new UsageError(`openssl is s_client alone here, not ${tool ?? 'nothing'}`, { place: 0, known: ['s_client'] });
  }
  const values = new Map<string, { readonly text: string; readonly place: number }>();
  for (let i = 0; i < args.length; i++) {
    const written = args[i] ?? '';
    const place = i + 1;
    const name = written.replace(/^--?/, '');
    const known = [...VALUED, ...PLAIN].map((each) => `-${each}`);
    if (!written.startsWith('-') || !known.includes(`-${name}`)) {
      throw new UsageError(`there is no option ${written}`, { place, written, known });
    }
    const text = VALUED.includes(name) ? args[++i] : '';
    if (text === undefined) throw new UsageError(`option -${name} needs a value`, { place });
    values.set(name, { text, place: i + 1 });
  }
  const text = (name: string): string | undefined => values.get(name)?.text;
  const connect = values.get('connect');
  const [, host, port] = /^(.+):(\w+)$/.exec(connect?.text ?? '') ?? [];
  if (host === undefined || port === undefined) {
    throw new UsageError('-connect takes a host and a port, as www.foo.test:443', { place: connect?.place });
  }
  const list = <Name extends string>(name: string, known: readonly Name[]): readonly Name[] | undefined => {
    const value = values.get(name);
    return value?.text.split(':').map((written) => {
      const found = known.find((each) => each.toLowerCase() === written.toLowerCase());
      if (found !== undefined) return found;
      throw new UsageError(`-${name} does not know ${written}`, { place: value.place, written, known });
    });
  };
  return {
    host,
    port,
    serverName: text('servername') ?? host,
    showsAll: values.has('showcerts'),
    authority: text('CAfile'),
    certificate: text('cert'),
    alpn: text('alpn')?.split(',') ?? [],
    cipherSuites: list(
      'ciphersuites',
      CIPHER_SUITES.map(({ name }) => name),
    ),
    groups: list('groups', Object.keys(OPENSSL_GROUPS) as GroupName[]),
    sessionIn: text('sess_in'),
    sessionOut: text('sess_out'),
  };
}

function* run(context: CommandContext, options: ClientOptions): Program<number> {
  const { system, terminal, facts } = context;
  const endpoints = yield* system.getAddressInfo(options.host, options.port);
  const deadline = after(system.now, PATIENCE);
  const trust = trustOf(context, options);
  const heard = { wasAsked: false };
  const client = clientOf(context, options, trust, heard);
  if (trust === undefined || client === undefined) return 1;
  const { socket } = yield* connectToAny(system, endpoints, deadline);
  terminal.print('CONNECTED(00000003)');
  const stream = context.host.tls.connect(system, socket, client);
  try {
    yield* stream.handshake(deadline);
    tell(context, options, stream, trust, heard.wasAsked);
    yield* stream.finish(after(system.now, LEAVE_LIMIT));
    terminal.print('DONE');
    return 0;
  } catch (error) {
    if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
    facts.error = error instanceof TlsError ? tlsErrorCode(error.failure) : error.code;
    terminal.print(`error: ${error instanceof TlsError ? failureText(error.failure) : error.message}`);
    printText(terminal, '---\nno peer certificate available\n---');
    return 1;
  } finally {
    stream.close();
  }
}

type Wish = Parameters<CommandContext['host']['tls']['connect']>[2];

// Nothing where something that was named is not there, which has been said then.
function clientOf(
  context: CommandContext,
  options: ClientOptions,
  trust: TrustStore | undefined,
  heard: { wasAsked: boolean },
): Wish | undefined {
  const { host, terminal, facts } = context;
  const { serverName, certificate, alpn, cipherSuites, groups, sessionIn, sessionOut } = options;
  const identity = certificate === undefined ? undefined : host.tls.identities.get(certificate);
  if (certificate !== undefined && identity === undefined) {
    terminal.print(`Could not open file or uri for loading client certificate from ${certificate}`);
    facts.error = 'unknown-certificate';
    return undefined;
  }
  const session = sessionIn === undefined ? undefined : host.tls.savedSession(sessionIn);
  if (sessionIn !== undefined && session === undefined) {
    terminal.print(`Can't open session file ${sessionIn}`);
    facts.error = 'unknown-session';
    return undefined;
  }
  return {
    serverName,
    session,
    config: {
      ...(trust === undefined ? {} : { trust }),
      acceptsAnyCertificate: true,
      alpn,
      ...(cipherSuites === undefined ? {} : { cipherSuites }),
      ...(groups === undefined ? {} : { groups }),
      ...(identity === undefined ? {} : { identity }),
    },
    onEvent: (event) => {
      heard.wasAsked ||= event.kind === 'message' && event.name === 'CertificateRequest';
      hear(context, event, sessionOut);
    },
  };
}

function trustOf({ host, terminal, facts }: CommandContext, { authority }: ClientOptions): TrustStore | undefined {
  if (authority === undefined) return host.tls.trust;
  const anchor = host.tls.published.get(authority);
  if (anchor !== undefined) return new TrustStore(host.tls.provider, [anchor]);
  terminal.print(`Could not open file or uri for loading CAfile from ${authority}`);
  facts.error = 'unknown-authority';
  return undefined;
}

function hear({ host, facts, terminal }: CommandContext, event: TlsEvent, sessionOut: string | undefined): void {
  if (event.kind === 'connected') {
    facts.tls = event.facts.version;
    facts.isResumed = event.facts.isResumed;
  } else if (event.kind === 'session') {
    printText(terminal, sessionText(event.session));
    if (sessionOut !== undefined) host.tls.saveSession(sessionOut, event.session);
  }
}

const sessionText = ({ cipherSuite, lifetime, maxEarlyData, receivedAt, ticket }: ResumableSession): string =>
  `---
Post-Handshake New Session Ticket arrived:
SSL-Session:
    Protocol  : TLSv1.3
    Cipher    : ${cipherSuite}
    TLS session ticket lifetime hint: ${lifetime} (seconds)
    TLS session ticket: ${ticket.length} bytes
    Start Time: ${Math.floor(receivedAt / 1000)}
    Timeout   : ${lifetime} (sec)
    Max Early Data: ${maxEarlyData}
---`;

function tell(
  context: CommandContext,
  options: ClientOptions,
  stream: TlsStream,
  trust: TrustStore,
  wasAsked: boolean,
): void {
  const { facts } = stream;
  if (facts === undefined) return;
  const { terminal } = context;
  const verdict = verdictOn(context, facts, trust);
  const lines = [
    ...(parseIpAddress(options.serverName) === undefined ? [] : ["Can't use SSL_get_servername"]),
    ...verdict.lines,
    '---',
    ...(facts.isResumed ? [] : ['Certificate chain', ...chainLines(facts, options.showsAll), '---']),
    ...serverLines(facts),
    ...(wasAsked ? ['Client certificate requested'] : ['No client certificate CA names sent']),
    ...signatureLines(facts),
    TEMP_KEYS[facts.group],
    '---',
    `SSL handshake has read ${stream.bytesRead} bytes and written ${stream.bytesWritten} bytes`,
    verdict.error === undefined ? 'Verification: OK' : `Verification error: ${verdict.error.text}`,
    '---',
    `${facts.isResumed ? 'Reused' : 'New'}, TLSv1.3, Cipher is ${facts.cipherSuite}`,
    ...facts.peerCertificates.slice(0, 1).map(({ publicKey }) => `Server public key is ${keyBitsOf(publicKey)} bit`),
    facts.alpn === undefined ? 'No ALPN negotiated' : `ALPN protocol: ${facts.alpn}`,
    'Early data was not sent',
    `Verify return code: ${verdict.error?.number ?? 0} (${verdict.error?.text ?? 'ok'})`,
    '---',
  ];
  for (const line of lines) terminal.print(line);
}

interface SpokenVerdict {
  readonly lines: readonly string[];
  /** The last. */
  readonly error: { readonly number: number; readonly text: string } | undefined;
}

// From the trusted one down, as they are verified; nothing is said of names, since s_client does not look at them.
function verdictOn({ host, system }: CommandContext, facts: TlsFacts, trust: TrustStore): SpokenVerdict {
  const [own, ...behind] = facts.peerCertificates;
  if (own === undefined) return { lines: [], error: undefined };
  const result = validateCertificate(own, behind, trust, {
    provider: host.tls.provider,
    now: system.wallTime / 1000,
    purpose: 'serverAuth',
  });
  const passed = (certificate: Certificate, depth: number): readonly string[] => [
    depthLine(certificate, depth),
    'verify return:1',
  ];
  if (result.kind === 'valid') {
    const down = [...result.certificates.entries()].reverse();
    return { lines: down.flatMap(([depth, certificate]) => passed(certificate, depth)), error: undefined };
  }
  return { lines: [...refusalLines(result), ...passed(own, 0)], error: verifyErrors(result).at(-1) };
}

const refusalLines = (failure: PathFailure): readonly string[] =>
  verifyErrors(failure).flatMap(({ number, text }) => [
    depthLine(failure.certificate, failure.depth),
    `verify error:num=${number}:${text}`,
    'verify return:1',
  ]);

const depthLine = ({ subject }: Certificate, depth: number): string => `depth=${depth} ${formatName(subject)}`;

const chainLines = ({ peerCertificates }: TlsFacts, showsAll: boolean): readonly string[] =>
  peerCertificates.flatMap((certificate, i) => {
    const { subject, issuer, publicKey, signatureAlgorithm, validity, bytes } = certificate;
    const algorithm = signatureAlgorithmName(signatureAlgorithm);
    return [
      ` ${i} s:${formatName(subject)}`,
      `   i:${formatName(issuer)}`,
      `   a:PKEY: ${keyTypeOf(publicKey)}, ${keyBitsOf(publicKey)} (bit); sigalg: ${algorithm}`,
      `   v:NotBefore: ${formatTime(validity.notBefore)}; NotAfter: ${formatTime(validity.notAfter)}`,
      ...(showsAll ? pemLines(bytes) : []),
    ];
  });

function serverLines({ peerCertificates: [own] }: TlsFacts): readonly string[] {
  if (own === undefined) return ['no peer certificate available', '---'];
  return [
    'Server certificate',
    ...pemLines(own.bytes),
    `subject=${formatName(own.subject)}`,
    `issuer=${formatName(own.issuer)}`,
    '---',
  ];
}

const pemLines = (bytes: Uint8Array): readonly string[] =>
  emitPem({ label: 'CERTIFICATE', bytes }).trimEnd().split('\n');

// What the server signed the handshake with; a resumed one is not signed.
function signatureLines({ peerSignatureScheme: scheme }: TlsFacts): readonly string[] {
  if (scheme === undefined) return [];
  const [, type = '', , hash] = /^(ecdsa|rsa_pss|ed25519)(_[a-z0-9_]+?)?_?(sha\d+)?$/.exec(scheme) ?? [];
  const name = type === 'ecdsa' ? 'ECDSA' : type === 'rsa_pss' ? 'RSA-PSS' : 'Ed25519';
  const digest = hash === undefined ? [] : [`Peer signing digest: ${hash.toUpperCase()}`];
  return [...digest, `Peer signature type: ${name}`];
}

const TEMP_KEYS: Readonly<Record<GroupName, string>> = {
  X25519: 'Server Temp Key: X25519, 253 bits',
  'P-256': 'Server Temp Key: ECDH, prime256v1, 256 bits',
  'P-384': 'Server Temp Key: ECDH, secp384r1, 384 bits',
  X25519MLKEM768: 'Negotiated TLS1.3 group: X25519MLKEM768',
};
