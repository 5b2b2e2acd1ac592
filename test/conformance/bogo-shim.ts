// biome-ignore-all lint/style/useFilenamingConvention: shims of other implementations are called so
// A shim for the TLS test runner of BoringSSL ("BoGo"): a program that the runner starts once a test, with what it wants as
// flags, and that then is a client or server of ours on a connection to the runner. What it has no flag for it says with exit
// status 89, and the runner counts it as not claimed. docs/conformance.md says how to run it and what comes out.
//
// It connects to the runner's port, says its number, makes a handshake, and sends back what it reads with all bits turned.

import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { bytesEqual, joinBytes, utf8 } from '../../src/core/bytes.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { isMalformed } from '../../src/secure/pki/der_reader.ts';
import { parsePem } from '../../src/secure/pki/pem.ts';
import { importPrivateKey, parsePrivateKey } from '../../src/secure/pki/private_key.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import type { TlsIdentity } from '../../src/secure/tls/config.ts';
import { acceptTls, connectTls, type TlsConnection } from '../../src/secure/tls/connection.ts';
import { formatFailure } from '../../src/secure/tls/failure.ts';
import { type GroupName, groupCode, groupNamed } from '../../src/secure/tls/named_group.ts';
import { SingleUseWindow } from '../../src/secure/tls/replay_defence.ts';
import type { ResumableSession } from '../../src/secure/tls/session.ts';
import { type SchemeName, schemeCode, schemeNamed } from '../../src/secure/tls/signature_scheme.ts';
import { SealedTickets } from '../../src/secure/tls/ticket_keeper.ts';

const UNIMPLEMENTED = 89;
const TLS_1_3 = 0x0304;
const BLOCKING_MESSAGE = 'hello';

/** Thrown for what the shim does not claim. */
class Unimplemented extends Error {}
/** Thrown where the connection is not what the runner expects. */
class Unmet extends Error {}

/** Without a value, and nothing to do for us: other versions are not spoken, and nothing here is asynchronous. */
const NOTHING_TO_DO: ReadonlySet<string> = new Set([
  'async',
  'implicit-handshake',
  'no-tls1',
  'no-tls11',
  'no-tls12',
  'no-ssl3',
  'partial-write',
  'peek-then-read',
  'server-preference',
  'use-custom-verify-callback',
  'use-old-client-cert-callback',
  'use-early-callback',
  'no-op-extra-handshake',
  'handshake-twice',
  'read-with-unfinished-write',
  'expect-extended-master-secret',
  'expect-secure-renegotiation',
  'install-ddos-callback',
  'check-close-notify',
]);

const SWITCHES: ReadonlySet<string> = new Set([
  'ipv6',
  'server',
  'verify-fail',
  'verify-peer',
  'require-any-client-certificate',
  'shim-writes-first',
  'shim-shuts-down',
  'no-ticket',
  'expect-session-miss',
  'expect-no-session',
  'expect-ticket-supports-early-data',
  'enable-early-data',
  'expect-accept-early-data',
  'expect-reject-early-data',
  'expect-no-offer-early-data',
  'expect-hrr',
  'expect-no-hrr',
  'enable-grease',
  'decline-alpn',
  'reject-alpn',
  'key-update',
  'use-export-context',
  'expect-no-peer-cert',
  'expect-no-server-name',
  'write-different-record-sizes',
  'no-key-shares',
]);

const VALUES: ReadonlySet<string> = new Set([
  'port',
  'shim-id',
  'resume-count',
  'cert-file',
  'key-file',
  'trust-cert',
  'min-version',
  'max-version',
  'expect-version',
  'verify-prefs',
  'signing-prefs',
  'curves',
  'key-shares',
  'expect-curve-id',
  'expect-peer-signature-algorithm',
  'host-name',
  'expect-server-name',
  'advertise-alpn',
  'select-alpn',
  'expect-alpn',
  'expect-advertised-alpn',
  'export-keying-material',
  'export-label',
  'export-context',
  'resumption-delay',
  'max-send-fragment',
  'read-size',
  'expect-peer-cert-file',
  'expect-early-data-reason',
  'expect-cipher-aes',
  'expect-cipher-no-aes',
]);

type Flags = ReadonlyMap<string, readonly string[]>;

function readFlags(args: readonly string[]): readonly [initial: Flags, resume: Flags, retry: Flags] {
  const sets = {
    initial: new Map<string, string[]>(),
    resume: new Map<string, string[]>(),
    retry: new Map<string, string[]>(),
  };
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? '';
    const [, on, name = ''] = /^-(?:on-(initial|resume|retry)-)?(.+)$/.exec(argument) ?? [];
    const targets = on === undefined ? [sets.initial, sets.resume, sets.retry] : [sets[on as keyof typeof sets]];
    if (NOTHING_TO_DO.has(name)) continue;
    const isSwitch = SWITCHES.has(name);
    if (!isSwitch && !VALUES.has(name)) throw new Unimplemented(argument);
    const value = isSwitch ? '' : (args[++i] ?? '');
    for (const target of targets) target.set(name, [...(target.get(name) ?? []), value]);
  }
  return [sets.initial, sets.resume, sets.retry];
}

const one = (flags: Flags, name: string): string | undefined => flags.get(name)?.at(-1);
const number = (flags: Flags, name: string): number | undefined => {
  const text = one(flags, name);
  return text === undefined ? undefined : Number(text);
};
const numbers = (flags: Flags, name: string): readonly number[] | undefined => flags.get(name)?.map(Number);

const pemBlocks = (path: string) => parsePem(readFileSync(path, 'utf8')) ?? [];

function identityOf(flags: Flags): TlsIdentity | undefined {
  const [certFile, keyFile] = [one(flags, 'cert-file'), one(flags, 'key-file')];
  if (certFile === undefined || keyFile === undefined) return undefined;
  const [block] = pemBlocks(keyFile);
  const material = block === undefined ? undefined : parsePrivateKey(block.bytes);
  const key = material === undefined || isMalformed(material) ? undefined : importPrivateKey(nodeCrypto, material);
  if (key === undefined) throw new Unimplemented(`a key of a kind that is not known here: ${keyFile}`);
  return { key, certificates: pemBlocks(certFile).map(({ bytes }) => bytes) };
}

function groupsOf(codes: readonly number[] | undefined): readonly GroupName[] | undefined {
  const names = codes?.map((code) => {
    const name = groupNamed(code);
    if (name === undefined) throw new Unimplemented(`group ${code}`);
    return name;
  });
  return names;
}

function schemesOf(codes: readonly number[] | undefined): readonly SchemeName[] | undefined {
  return codes?.map((code) => {
    const name = schemeNamed(code);
    if (name === undefined) throw new Unimplemented(`signature scheme ${code}`);
    return name;
  });
}

/** As on the wire: each name with its length in front. */
function protocolsOf(wire: string): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < wire.length; ) {
    const length = wire.charCodeAt(at);
    names.push(wire.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return names;
}

const random = { fill: (out: Uint8Array): void => void randomFillSync(out) };
const tickets = new SealedTickets(nodeCrypto, random);
const replayDefence = new SingleUseWindow();

interface Round {
  readonly flags: Flags;
  readonly retry: Flags;
  readonly isResumption: boolean;
  readonly session: ResumableSession | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function connectionOf({ flags, session, now }: Round): TlsConnection {
  const groups = groupsOf(numbers(flags, 'curves'));
  const signing = schemesOf(numbers(flags, 'signing-prefs'));
  const verifying = schemesOf(numbers(flags, 'verify-prefs'));
  const maxRecordLength = number(flags, 'max-send-fragment');
  const identity = identityOf(flags);
  const isEarly = flags.has('enable-early-data');
  const common = {
    provider: nodeCrypto,
    ...(groups === undefined ? {} : { groups }),
    ...(verifying === undefined ? {} : { signatureSchemes: verifying }),
    ...(signing === undefined ? {} : { signingSchemes: signing }),
    ...(maxRecordLength === undefined ? {} : { maxRecordLength }),
    acceptsAnyCertificate: !flags.has('verify-fail'),
  };
  if (flags.has('server')) {
    const alpn = one(flags, 'select-alpn');
    if (flags.has('reject-alpn') || alpn === '') throw new Unimplemented('a protocol without a name');
    return acceptTls({
      config: {
        ...common,
        identityOf: () => identity,
        ...(alpn === undefined || flags.has('decline-alpn') ? {} : { alpn: [alpn] }),
        ...(flags.has('no-ticket') ? {} : { tickets }),
        ticketCount: 2,
        ...(isEarly ? { maxEarlyData: 14_336, replayDefence } : {}),
        clientCertificates: flags.has('require-any-client-certificate')
          ? 'required'
          : flags.has('verify-peer')
            ? 'optional'
            : 'not-asked',
        clientTrust: new TrustStore(nodeCrypto),
      },
      random,
    });
  }
  const shares = flags.has('no-key-shares') ? [] : groupsOf(numbers(flags, 'key-shares'));
  const advertised = one(flags, 'advertise-alpn');
  const first = flags.has('shim-writes-first') ? BLOCKING_MESSAGE : '';
  const earlyData = isEarly && session !== undefined ? utf8(first.slice(0, session.maxEarlyData)) : undefined;
  return connectTls({
    config: {
      ...common,
      trust: new TrustStore(nodeCrypto),
      ...(shares === undefined ? {} : { keyShares: shares }),
      ...(identity === undefined ? {} : { identity }),
      ...(advertised === undefined ? {} : { alpn: protocolsOf(advertised) }),
      hasGrease: flags.has('enable-grease'),
    },
    random,
    now,
    // An address is not sent: without a name to say, there is none.
    serverName: one(flags, 'host-name') ?? '127.0.0.1',
    ...(session === undefined ? {} : { session }),
    ...(earlyData === undefined ? {} : { earlyData }),
  });
}

/** What is done once the handshake is, and what it must have come to. */
function checkFacts({ flags: given, retry, isResumption }: Round, connection: TlsConnection): void {
  const { facts } = connection;
  if (facts === undefined) throw new Unmet('not connected');
  // What is expected of a connection whose early data was refused is expected of what came instead.
  const flags = facts.earlyData === 'rejected' && !given.has('server') ? retry : given;
  const expect = (isMet: boolean, what: string): void => {
    if (!isMet) throw new Unmet(what);
  };
  expect(facts.isResumed === (isResumption && !flags.has('expect-session-miss')), `isResumed is ${facts.isResumed}`);
  const group = number(flags, 'expect-curve-id');
  if (group !== undefined) expect(groupCode(facts.group) === group, `group ${facts.group}`);
  const scheme = number(flags, 'expect-peer-signature-algorithm');
  // A session that is resumed has no signature; the runner asks for that of the first one.
  if (scheme !== undefined && !facts.isResumed) {
    const { peerSignatureScheme } = facts;
    expect(
      peerSignatureScheme !== undefined && schemeCode(peerSignatureScheme) === scheme,
      `scheme ${peerSignatureScheme}`,
    );
  }
  const version = number(flags, 'expect-version');
  if (version !== undefined) expect(version === TLS_1_3, `version ${version}`);
  const alpn = one(flags, 'expect-alpn');
  if (alpn !== undefined) expect((facts.alpn ?? '') === alpn, `alpn ${facts.alpn}`);
  const serverName = one(flags, 'expect-server-name');
  if (serverName !== undefined) expect(facts.serverName === serverName, `server name ${facts.serverName}`);
  if (flags.has('expect-no-server-name')) expect(facts.serverName === undefined, `server name ${facts.serverName}`);
  if (flags.has('expect-hrr')) expect(facts.isRetried, 'no HelloRetryRequest');
  if (flags.has('expect-no-hrr')) expect(!facts.isRetried, 'a HelloRetryRequest');
  if (flags.has('expect-accept-early-data')) expect(facts.earlyData === 'accepted', `early data ${facts.earlyData}`);
  if (flags.has('expect-reject-early-data')) expect(facts.earlyData !== 'accepted', `early data ${facts.earlyData}`);
  if (flags.has('expect-no-offer-early-data'))
    expect(facts.earlyData === 'not-offered', `early data ${facts.earlyData}`);
  if (flags.has('expect-no-peer-cert')) expect(facts.peerCertificates.length === 0, 'a certificate');
  const certificate = one(flags, 'expect-peer-cert-file');
  if (certificate !== undefined) {
    const [leaf] = pemBlocks(certificate);
    const [shown] = facts.peerCertificates;
    expect(leaf !== undefined && shown !== undefined && bytesEqual(leaf.bytes, shown.bytes), 'another certificate');
  }
}

/** One connection to the runner; gives the session that it left. */
function play(round: Round): Promise<ResumableSession | undefined> {
  const { flags, retry, now } = round;
  const connection = connectionOf(round);
  const port = number(flags, 'port') ?? 0;
  const socket = connect({ port, host: flags.has('ipv6') ? '::1' : '127.0.0.1' });
  return new Promise((resolve, reject) => {
    let session: ResumableSession | undefined;
    let isConnected = false;
    let hasEnded = false;
    const finish = (error?: Error): void => {
      if (hasEnded) return;
      hasEnded = true;
      socket.end(() => (error === undefined ? resolve(session) : reject(error)));
    };
    const afterHandshake = (): void => {
      checkFacts(round, connection);
      const isAccepted = connection.facts?.earlyData === 'accepted';
      const length = number(flags, 'export-keying-material');
      if (flags.has('key-update')) connection.updateKeys(false);
      if (length !== undefined) {
        const context = utf8(one(flags, 'export-context') ?? '');
        if (!flags.has('use-export-context') && context.length > 0) throw new Unmet('a context that is not used');
        connection.write(connection.exportKeyingMaterial(one(flags, 'export-label') ?? '', context, length));
      }
      const writesFirst =
        connection.facts?.earlyData === 'rejected' ? retry.has('shim-writes-first') : flags.has('shim-writes-first');
      const said = isAccepted ? Math.min(BLOCKING_MESSAGE.length, round.session?.maxEarlyData ?? 0) : 0;
      if (writesFirst) connection.write(utf8(BLOCKING_MESSAGE.slice(said)));
      if (flags.has('write-different-record-sizes')) throw new Unimplemented('write-different-record-sizes');
      if (flags.has('shim-shuts-down')) {
        connection.close();
        flush();
        finish();
      }
    };
    const flush = (): void => {
      for (let bytes = connection.pollTransmit(); bytes !== undefined; bytes = connection.pollTransmit())
        socket.write(bytes);
    };
    const step = (): void => {
      try {
        for (let event = connection.pollEvent(); event !== undefined; event = connection.pollEvent()) {
          if (event.kind === 'session') session = event.session;
          if (event.kind === 'connected' && !isConnected) {
            isConnected = true;
            afterHandshake();
          }
          if (event.kind === 'end') {
            connection.close();
            flush();
            finish();
          }
          if (event.kind === 'failed') {
            flush();
            finish(new Error(`:${event.failure.reason}: ${formatFailure(event.failure)}`));
          }
        }
        const pieces: Uint8Array[] = [];
        for (let piece = connection.read(); piece !== undefined; piece = connection.read()) pieces.push(piece);
        const turned = joinBytes(pieces).map((byte) => byte ^ 0xff);
        if (turned.length > 0 && connection.isOpenForWriting) connection.write(turned);
        flush();
      } catch (error) {
        finish(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.on('connect', () => {
      const id = new Uint8Array(8);
      new DataView(id.buffer).setBigUint64(0, BigInt(one(flags, 'shim-id') ?? '0'), true);
      socket.write(id);
      step();
    });
    socket.on('data', (chunk: Uint8Array) => {
      connection.receive(Uint8Array.from(chunk), now);
      step();
    });
    socket.on('end', () => {
      connection.receiveEnd();
      step();
      finish(isConnected ? undefined : new Error(':truncated:'));
    });
    socket.on('error', (error) => finish(error));
  });
}

function checkSession(flags: Flags, session: ResumableSession | undefined): void {
  if (flags.has('server')) return;
  if (flags.has('expect-no-session') && session !== undefined) throw new Unmet('a session');
  if (flags.has('expect-ticket-supports-early-data') && !((session?.maxEarlyData ?? 0) > 0)) {
    throw new Unmet('no session for early data');
  }
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('-is-handshaker-supported')) {
    process.stdout.write('No\n');
    return;
  }
  const [initial, resume, retry] = readFlags(args);
  if ((number(initial, 'max-version') ?? TLS_1_3) < TLS_1_3 || (number(resume, 'max-version') ?? TLS_1_3) < TLS_1_3) {
    throw new Unimplemented('versions before TLS 1.3');
  }
  if ((number(initial, 'expect-version') ?? TLS_1_3) !== TLS_1_3) throw new Unimplemented('versions before TLS 1.3');
  let session: ResumableSession | undefined;
  // biome-ignore lint/style/noRestrictedGlobals: the runner's certificates and tickets are of today
  let now = Date.now();
  const count = number(initial, 'resume-count') ?? 0;
  for (let i = 0; i <= count; i++) {
    const flags = i === 0 ? initial : resume;
    const isResumption = i > 0;
    if (isResumption) now += 1000 * (number(flags, 'resumption-delay') ?? 0);
    const left = await play({ flags, retry, isResumption, session, now });
    if (!isResumption) checkSession(flags, left);
    session = left ?? session;
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof Unimplemented ? UNIMPLEMENTED : 1);
  },
);
