// A configuration with everything decided that was left open, in the numbers that go over the wire. Not here: what the words
// mean (config.ts).

import { CIPHER_SUITES, type CipherSuite, cipherSuiteNamed } from './cipher_suite.ts';
import type { TlsClientConfig, TlsServerConfig } from './config.ts';
import { GROUPS, type GroupName } from './named_group.ts';
import { MAX_PLAINTEXT } from './record.ts';
import { SCHEME_NAMES, type SchemeName } from './signature_scheme.ts';

export interface Settings {
  readonly suites: readonly CipherSuite[];
  readonly groups: readonly GroupName[];
  /** The peer's. */
  readonly schemes: readonly SchemeName[];
  /** One's own. */
  readonly signingSchemes: readonly SchemeName[];
  readonly alpn: readonly string[];
  readonly isMiddleboxCompatible: boolean;
  readonly maxRecordLength: number;
}

/** Longest name of an application protocol: RFC 7301 §3.1. */
const MAX_PROTOCOL_NAME = 255;

/** @throws RangeError with the field that cannot be as it is */
export function settingsOf(config: TlsClientConfig | TlsServerConfig): Settings {
  const { alpn = [], maxRecordLength = MAX_PLAINTEXT, isMiddleboxCompatible = true } = config;
  const suites = config.cipherSuites?.map(cipherSuiteNamed) ?? CIPHER_SUITES;
  const groups = known('groups', config.groups, GROUPS);
  const schemes = known('signatureSchemes', config.signatureSchemes, SCHEME_NAMES);
  const signingSchemes = known('signingSchemes', config.signingSchemes, SCHEME_NAMES);
  if (suites.length === 0) throw new RangeError('cipherSuites must not be empty: leave it out for all three');
  if (!Number.isInteger(maxRecordLength) || maxRecordLength < 1 || maxRecordLength > MAX_PLAINTEXT) {
    throw new RangeError(`maxRecordLength must be from 1 to ${MAX_PLAINTEXT} bytes, not ${maxRecordLength}`);
  }
  for (const name of alpn) {
    if (name.length === 0 || name.length > MAX_PROTOCOL_NAME) {
      throw new RangeError(`alpn must hold names of 1 to ${MAX_PROTOCOL_NAME} bytes, not "${name}"`);
    }
  }
  return { suites, groups, schemes, signingSchemes, alpn, isMiddleboxCompatible, maxRecordLength };
}

function known<Name extends string>(
  field: string,
  names: readonly Name[] | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (names === undefined) return all;
  const stranger = names.find((name) => !all.includes(name));
  if (stranger !== undefined) throw new RangeError(`${field} must be among ${all.join(', ')}, not ${stranger}`);
  if (names.length === 0) throw new RangeError(`${field} must not be empty: leave it out for all`);
  return names;
}
