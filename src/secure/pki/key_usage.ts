// What a key may be used for: the bits of keyUsage (RFC 5280 §4.2.1.3) and the purposes of extKeyUsage (§4.2.1.12), by name.

import { Oid } from './object_identifier.ts';

/** Numbers of bits, from the first of the first byte on. */
const KEY_USAGE_BITS = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

export type KeyUsage = keyof typeof KEY_USAGE_BITS;

export const KEY_USAGES: readonly KeyUsage[] = Object.keys(KEY_USAGE_BITS) as KeyUsage[];

/** Bits as `DerReader.namedBits` gives them. */
export const keyUsageBits = (usages: readonly KeyUsage[]): number =>
  usages.reduce((bits, usage) => bits | (1 << KEY_USAGE_BITS[usage]), 0);

export const hasKeyUsage = (bits: number, usage: KeyUsage): boolean => (bits & (1 << KEY_USAGE_BITS[usage])) !== 0;

/** Above these no bit has a name. */
export const KEY_USAGE_MASK = 0x1ff;

export type KeyPurpose =
  | 'serverAuth'
  | 'clientAuth'
  | 'codeSigning'
  | 'emailProtection'
  | 'timeStamping'
  | 'ocspSigning';

export const purposeOid = (purpose: KeyPurpose): string => Oid[purpose];
