// Authorities and certificates as the simulator reads them of a scenario. Not here: who trusts them and who shows them, which is
// said of machines (types.ts).

import type { Duration } from '../../../core/time.ts';
import type { NameConstraints } from '../../../secure/pki/extension.ts';
import type { KeyPurpose } from '../../../secure/pki/key_usage.ts';
import type { KeyKind } from '../../../secure/pki/private_key.ts';
import type { SourcePosition } from './types.ts';

/** What `valid` and `not-before` come to, counted from the start of the world. */
export interface ValidityDefinition {
  /** Negative: before the start. */
  readonly notBefore: Duration;
  readonly notAfter: Duration;
}

export interface AuthorityDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  readonly key: KeyKind;
  /** `undefined`: it signs itself. */
  readonly issuer: string | undefined;
  readonly validity: ValidityDefinition;
  readonly pathLength: number | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  /** The attacker or host that holds its key; `undefined`: the world's own. */
  readonly owner: string | undefined;
}

interface IssuedDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  readonly issuer: string;
  readonly validity: ValidityDefinition;
}

/** One with a key of its own, that servers or clients show. */
export interface LeafDefinition extends IssuedDefinition {
  readonly kind: 'leaf';
  readonly key: KeyKind;
  /** Hosts, addresses and mailboxes, as they are written; the first is the common name. At least one. */
  readonly names: readonly [string, ...string[]];
  readonly purposes: readonly KeyPurpose[];
  /** What is sent behind it: authorities' own certificates and cross-signed ones. `undefined`: the way up, without the root. */
  readonly chain: readonly string[] | undefined;
}

/** Another authority's name and key, signed by `issuer`. */
export interface CrossSignedDefinition extends IssuedDefinition {
  readonly kind: 'cross-signed';
  readonly authority: string;
}

export type CertificateDefinition = LeafDefinition | CrossSignedDefinition;
