// What both ends can be told on the command line: suites, groups, protocols, the key log, an address. Not here: credentials
// (credentials.ts).

import { appendFileSync } from 'node:fs';
import { shortName } from '../../../secure/pki/distinguished_name.ts';
import { CIPHER_SUITES, type CipherSuiteName } from '../../../secure/tls/cipher_suite.ts';
import type { TlsClientConfig } from '../../../secure/tls/config.ts';
import type { TlsEvent, TlsFacts } from '../../../secure/tls/connection.ts';
import { keyLogLine } from '../../../secure/tls/key_log.ts';
import { GROUPS } from '../../../secure/tls/named_group.ts';
import { FileError } from '../../io/files.ts';
import { usageError } from '../exit.ts';
import { oneOf, type RawOptions, textOption } from '../options.ts';
import { printable } from '../terminal.ts';

/** @throws CliError */
export function parametersOf(options: RawOptions): Pick<TlsClientConfig, 'cipherSuites' | 'groups' | 'alpn'> {
  const suites = listOf(options, 'suites')?.map((name) => oneOf(name, SUITE_NAMES, 'cipher suite'));
  const groups = listOf(options, 'groups')?.map((name) => oneOf(name, GROUPS, 'group'));
  const alpn = listOf(options, 'alpn');
  return {
    ...(suites === undefined ? {} : { cipherSuites: suites }),
    ...(groups === undefined ? {} : { groups }),
    ...(alpn === undefined ? {} : { alpn }),
  };
}

const SUITE_NAMES: readonly CipherSuiteName[] = CIPHER_SUITES.map(({ name }) => name);

function listOf(options: RawOptions, name: string): readonly string[] | undefined {
  const list = textOption(options, name)?.split(',');
  if (list?.includes('') === true) throw usageError(`--${name} has an empty name in it.`, 'Write a,b,c.');
  return list;
}

/** From 0 to 65535. @throws CliError */
export function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 0xffff) return port;
  throw usageError(`${text} is no port.`, 'Write a number up to 65535.');
}

/** A number of bytes; 0 where none is written. @throws CliError */
export function bytesOption(options: RawOptions, name: string): number {
  const text = textOption(options, name) ?? '0';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`--${name} is no number of bytes.`);
}

/** Appends a line for every secret, at once: whoever captures reads along. */
export class KeyLogFile {
  private readonly path: string | undefined;

  /** @throws FileError if nothing can be written there */
  constructor(path: string | undefined) {
    this.path = path;
    this.append('');
  }

  hear(event: TlsEvent): void {
    if (event.kind === 'secret') this.append(`${keyLogLine(event.label, event.clientRandom, event.secret)}\n`);
  }

  private append(text: string): void {
    const { path } = this;
    if (path === undefined) return;
    try {
      // Whoever has this can read all connections.
      appendFileSync(path, text, { mode: 0o600 });
    } catch (error) {
      throw new FileError('written', path, error);
    }
  }
}

/** On one line: `TLS_AES_128_GCM_SHA256 X25519 www.foo.test h2 resumed`. */
export function factsLine({ cipherSuite, group, serverName, alpn, ...facts }: TlsFacts): string {
  const { peerSignatureScheme, isResumed, isRetried, earlyData } = facts;
  const [peer] = facts.peerCertificates;
  const parts = [
    cipherSuite,
    group,
    serverName,
    alpn,
    peerSignatureScheme,
    isResumed ? 'resumed' : undefined,
    isRetried ? 'retried' : undefined,
    earlyData === 'not-offered' ? undefined : `early data ${earlyData}`,
    peer === undefined ? undefined : `peer "${shortName(peer.subject)}"`,
  ];
  return printable(parts.filter((part) => part !== undefined).join(' '));
}
