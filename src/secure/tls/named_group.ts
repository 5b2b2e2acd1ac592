// Key agreement by TLS's names for it (RFC 8446 §4.2.7, RFC 10024): the client makes a share, the server answers with another,
// and both have one secret.

import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import { x25519MlKem768 } from '../crypto/x25519_mlkem768.ts';

export type GroupName = 'X25519' | 'P-256' | 'P-384' | 'X25519MLKEM768';

const CODES: Readonly<Record<GroupName, number>> = {
  X25519: 0x001d,
  'P-256': 0x0017,
  'P-384': 0x0018,
  X25519MLKEM768: 0x11ec,
};

export const GROUPS: readonly GroupName[] = Object.keys(CODES) as GroupName[];

export const groupCode = (name: GroupName): number => CODES[name];

export const groupNamed = (code: number): GroupName | undefined => GROUPS.find((name) => CODES[name] === code);

/** A client's share, and what it keeps to itself. */
export interface OwnShare {
  readonly group: GroupName;
  readonly keyExchange: Uint8Array;
  /** Undefined if the answer is none: of another length, no point of the curve, or one on which all agree. */
  agree(answer: Uint8Array): Uint8Array | undefined;
}

export function makeShare(provider: CryptoProvider, group: GroupName, random: RandomSource): OwnShare {
  if (group === 'X25519MLKEM768') {
    const key = x25519MlKem768(provider).generate(random);
    return { group, keyExchange: key.publicKey, agree: (answer) => key.decapsulate(answer) };
  }
  const key = provider.agreement[group].generate(random);
  return { group, keyExchange: key.publicKey, agree: (answer) => key.agree(answer) };
}

export interface ShareAnswer {
  readonly keyExchange: Uint8Array;
  readonly secret: Uint8Array;
}

/** A server's answer to a client's share; undefined if that is none. */
export function answerShare(
  provider: CryptoProvider,
  group: GroupName,
  share: Uint8Array,
  random: RandomSource,
): ShareAnswer | undefined {
  if (group === 'X25519MLKEM768') {
    const made = x25519MlKem768(provider).encapsulate(share, random);
    return made && { keyExchange: made.ciphertext, secret: made.sharedSecret };
  }
  const key = provider.agreement[group].generate(random);
  const secret = key.agree(share);
  return secret && { keyExchange: key.publicKey, secret };
}
