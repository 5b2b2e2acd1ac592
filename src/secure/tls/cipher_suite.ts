// The three suites of TLS 1.3 (RFC 8446 §B.4): what protects the records, and the hash of everything else.

import type { AeadName, HashName } from '../crypto/provider.ts';

export interface CipherSuite {
  readonly code: number;
  readonly name: CipherSuiteName;
  readonly aead: AeadName;
  readonly hash: HashName;
  /** Records under one key, after which it must be changed: RFC 8446 §5.5. */
  readonly recordLimit: number;
}

export type CipherSuiteName = 'TLS_AES_128_GCM_SHA256' | 'TLS_AES_256_GCM_SHA384' | 'TLS_CHACHA20_POLY1305_SHA256';

// §5.5: 2^24.5 full records for AES-GCM; ChaCha20-Poly1305 outlasts the sequence number.
const GCM_LIMIT = 23_726_566;

export const CIPHER_SUITES: readonly CipherSuite[] = [
  { code: 0x1301, name: 'TLS_AES_128_GCM_SHA256', aead: 'aes-128-gcm', hash: 'sha256', recordLimit: GCM_LIMIT },
  { code: 0x1302, name: 'TLS_AES_256_GCM_SHA384', aead: 'aes-256-gcm', hash: 'sha384', recordLimit: GCM_LIMIT },
  {
    code: 0x1303,
    name: 'TLS_CHACHA20_POLY1305_SHA256',
    aead: 'chacha20-poly1305',
    hash: 'sha256',
    recordLimit: Number.MAX_SAFE_INTEGER,
  },
];

export const cipherSuite = (code: number): CipherSuite | undefined =>
  CIPHER_SUITES.find((suite) => suite.code === code);

/** @throws RangeError if there is no such suite */
export function cipherSuiteNamed(name: CipherSuiteName): CipherSuite {
  const suite = CIPHER_SUITES.find((candidate) => candidate.name === name);
  if (suite !== undefined) return suite;
  throw new RangeError(`cipher suite must be one of ${CIPHER_SUITES.map((each) => each.name).join(', ')}, not ${name}`);
}
