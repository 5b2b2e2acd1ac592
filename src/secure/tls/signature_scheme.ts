// Signature schemes by TLS's names for them (RFC 8446 §4.2.3): which key can make which, and how they are made and checked. Not
// here: what is signed (authentication.ts).

import type { CryptoProvider, HashName, RandomSource } from '../crypto/provider.ts';
import type { PrivateKey } from '../pki/private_key.ts';
import { importPublicKey, type SubjectPublicKeyInfo, verifySignature } from '../pki/public_key.ts';
import { pss, type SignatureScheme } from '../pki/signature_algorithm.ts';

export type SchemeName =
  | 'ecdsa_secp256r1_sha256'
  | 'ecdsa_secp384r1_sha384'
  | 'ed25519'
  | 'rsa_pss_rsae_sha256'
  | 'rsa_pss_rsae_sha384'
  | 'rsa_pss_rsae_sha512'
  | 'rsa_pss_pss_sha256'
  | 'rsa_pss_pss_sha384'
  | 'rsa_pss_pss_sha512'
  | 'rsa_pkcs1_sha256'
  | 'rsa_pkcs1_sha384'
  | 'rsa_pkcs1_sha512';

/** By which keys: `rsae` says rsaEncryption in its certificate, `pss` RSASSA-PSS. */
type SchemeKey = 'P-256' | 'P-384' | 'ed25519' | 'rsae' | 'pss';

type Row = readonly [code: number, key: SchemeKey, signature: SignatureScheme, isForHandshakes: boolean];

const pkcs1 = (hash: HashName): SignatureScheme => ({ kind: 'rsa-pkcs1', hash });

const SCHEMES: Readonly<Record<SchemeName, Row>> = {
  ecdsa_secp256r1_sha256: [0x0403, 'P-256', { kind: 'ecdsa', hash: 'sha256' }, true],
  ecdsa_secp384r1_sha384: [0x0503, 'P-384', { kind: 'ecdsa', hash: 'sha384' }, true],
  ed25519: [0x0807, 'ed25519', { kind: 'ed25519' }, true],
  rsa_pss_rsae_sha256: [0x0804, 'rsae', pss('sha256'), true],
  rsa_pss_rsae_sha384: [0x0805, 'rsae', pss('sha384'), true],
  rsa_pss_rsae_sha512: [0x0806, 'rsae', pss('sha512'), true],
  rsa_pss_pss_sha256: [0x0809, 'pss', pss('sha256'), true],
  rsa_pss_pss_sha384: [0x080a, 'pss', pss('sha384'), true],
  rsa_pss_pss_sha512: [0x080b, 'pss', pss('sha512'), true],
  // §4.2.3: in certificates alone, never over a TLS 1.3 handshake.
  rsa_pkcs1_sha256: [0x0401, 'rsae', pkcs1('sha256'), false],
  rsa_pkcs1_sha384: [0x0501, 'rsae', pkcs1('sha384'), false],
  rsa_pkcs1_sha512: [0x0601, 'rsae', pkcs1('sha512'), false],
};

export const SCHEME_NAMES: readonly SchemeName[] = Object.keys(SCHEMES) as SchemeName[];

export const schemeCode = (name: SchemeName): number => SCHEMES[name][0];

export const schemeNamed = (code: number): SchemeName | undefined =>
  SCHEME_NAMES.find((name) => SCHEMES[name][0] === code);

/** What may sign a handshake, as a certificate may not only. */
export const isForHandshakes = (name: SchemeName): boolean => SCHEMES[name][3];

/** The schemes that a key can make handshake signatures with, the usual one first. */
export const schemesOfKey = (key: PrivateKey): readonly SchemeName[] =>
  SCHEME_NAMES.filter((name) => isForHandshakes(name) && SCHEMES[name][1] === schemeKeyOf(key));

function schemeKeyOf(key: PrivateKey): SchemeKey {
  switch (key.kind) {
    case 'ec':
      return key.curve;
    case 'ed25519':
      return 'ed25519';
    case 'rsa':
      return 'rsae';
  }
}

export function signWith(key: PrivateKey, name: SchemeName, message: Uint8Array, random: RandomSource): Uint8Array {
  const [, , scheme] = SCHEMES[name];
  switch (key.kind) {
    case 'ec':
      return key.key.sign(scheme.kind === 'ecdsa' ? scheme.hash : 'sha256', message, 'der');
    case 'ed25519':
      return key.key.sign(message);
    case 'rsa':
      return key.key.signPss(scheme.kind === 'rsa-pss' ? scheme.hash : 'sha256', message, random);
  }
}

/** Whether a certificate's key is of the kind that the scheme asks for: a curve is part of the scheme (§4.2.3). */
export function fitsKey(name: SchemeName, { key }: SubjectPublicKeyInfo): boolean {
  const [, wanted] = SCHEMES[name];
  switch (key.kind) {
    case 'rsa':
      return wanted === (key.pss === undefined ? 'rsae' : 'pss');
    case 'ec':
      return wanted === key.curve;
    case 'ed25519':
      return wanted === 'ed25519';
    case 'unknown':
      return false;
  }
}

export function verifyWith(
  provider: CryptoProvider,
  publicKey: SubjectPublicKeyInfo,
  name: SchemeName,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = fitsKey(name, publicKey) ? importPublicKey(provider, publicKey) : undefined;
  return key !== undefined && verifySignature(key, SCHEMES[name][2], message, signature);
}
