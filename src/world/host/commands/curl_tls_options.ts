// What `curl` is told about TLS: whom to believe, what to show, what to offer. Not here: doing it (`curl_tls.ts`).

import { CIPHER_SUITES, type CipherSuiteName } from '../../../secure/tls/cipher_suite.ts';
import type { GroupName } from '../../../secure/tls/named_group.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './command.ts';

export interface CurlTlsOptions {
  /** `-k`: whoever answers is believed. */
  readonly isInsecure: boolean;
  /** Authorities that are believed in the place of the machine's own, by name. */
  readonly authorities: readonly string[];
  /** A certificate whose key the machine holds, by name. */
  readonly certificate: string | undefined;
  readonly cipherSuites: readonly CipherSuiteName[] | undefined;
  readonly groups: readonly GroupName[] | undefined;
  readonly hasAlpn: boolean;
  /** Goes on with sessions that the machine has kept, and keeps those that come. */
  readonly keepsSessions: boolean;
  readonly sendsEarlyData: boolean;
}

export const CURL_TLS_VALUED: readonly string[] = ['cacert', 'E cert', 'tls13-ciphers', 'curves', 'tls-max'];
export const CURL_TLS_PLAIN: readonly string[] = [
  'k insecure',
  'ssl-sessions',
  'tls-earlydata tls-early-data',
  'no-alpn',
  'tlsv1.3',
];

export const CURL_TLS_USAGE =
  '[-k] [--cacert AUTHORITY] [-E CERTIFICATE] [--ssl-sessions] [--tls-earlydata] [--tls13-ciphers LIST] [--curves LIST] [--no-alpn]';

/** OpenSSL's names beside TLS's own. */
const GROUPS: Readonly<Record<string, GroupName>> = {
  x25519: 'X25519',
  'p-256': 'P-256',
  prime256v1: 'P-256',
  secp256r1: 'P-256',
  'p-384': 'P-384',
  secp384r1: 'P-384',
  x25519mlkem768: 'X25519MLKEM768',
};

/** @throws UsageError */
export function curlTlsOptions(parsed: Arguments): CurlTlsOptions {
  const version = parsed.flag('tls-max');
  if (version !== undefined && version.value !== '1.3' && version.value !== 'default') {
    throw new UsageError('TLS 1.3 is the only version here, so that --tls-max can be 1.3 alone', version);
  }
  const keepsSessions = parsed.has('ssl-sessions');
  const certificate = parsed.value('E');
  if (keepsSessions && certificate !== undefined) {
    throw new UsageError('--ssl-sessions does not go with -E: a session stands for whoever began it', parsed.flag('E'));
  }
  if (parsed.has('tls-earlydata') && !keepsSessions) {
    throw new UsageError('early data needs a session: add --ssl-sessions', parsed.flag('tls-earlydata'));
  }
  return {
    isInsecure: parsed.has('k'),
    authorities: parsed.flags.filter(({ name }) => name === 'cacert').map(({ value }) => value),
    certificate,
    cipherSuites: listOf(parsed, 'tls13-ciphers', 'cipher suite', suitesByName),
    groups: listOf(parsed, 'curves', 'group', GROUPS),
    hasAlpn: !parsed.has('no-alpn'),
    keepsSessions,
    sendsEarlyData: parsed.has('tls-earlydata'),
  };
}

const suitesByName: Readonly<Record<string, CipherSuiteName>> = Object.fromEntries(
  CIPHER_SUITES.map(({ name }) => [name.toLowerCase(), name]),
);

// `X25519:P-256`
function listOf<Name extends string>(
  parsed: Arguments,
  flagName: string,
  what: string,
  known: Readonly<Record<string, Name>>,
): readonly Name[] | undefined {
  const flag = parsed.flag(flagName);
  return flag?.value.split(':').map((written) => {
    const name = known[written.toLowerCase()];
    if (name !== undefined) return name;
    const names = [...new Set(Object.values(known))];
    throw new UsageError(`there is no ${what} ${written}`, { ...flag, written, known: names });
  });
}
