// A small world of authorities, the same every time: two roots, an authority below one of them, and a server.

import assert from 'node:assert/strict';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority, type Credentials } from '../../src/secure/pki/authority.ts';
import type { Certificate } from '../../src/secure/pki/certificate.ts';
import { referenceName } from '../../src/secure/pki/host_name.ts';
import { type ValidationOptions, type ValidPath, validateCertificate } from '../../src/secure/pki/path_building.ts';
import { formatPathFailure, type PathFailure } from '../../src/secure/pki/path_failure.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';

/** 2026-03-01T12:00:00Z */
export const NOON = 1_772_366_400;
export const DAY = 86_400;

export const random = (label: string): Random => Random.fromSeed(3).fork(label);

/** Without an extension of its own, P-256, from `NOON` on. */
export const rootNamed = (name: string): CertificateAuthority =>
  CertificateAuthority.root(nodeCrypto, random(name), { name, notBefore: NOON });

export const below = (
  authority: CertificateAuthority,
  name: string,
  options: Partial<Parameters<CertificateAuthority['intermediate']>[1]> = {},
): CertificateAuthority => authority.intermediate(random(name), { name, notBefore: NOON, ...options });

export const server = (authority: CertificateAuthority, ...names: readonly string[]): Credentials =>
  authority.issueServer({ names, notBefore: NOON });

export interface Asked extends Partial<Omit<ValidationOptions, 'name'>> {
  readonly trusted: readonly Certificate[];
  readonly name?: string;
}

/** A minute after noon, unless said otherwise. */
export function validate(chain: readonly Certificate[], { trusted, name, ...options }: Asked): ValidPath | PathFailure {
  const [leaf, ...intermediates] = chain;
  return validateCertificate(
    leaf ?? assert.fail('a chain has a leaf'),
    intermediates,
    new TrustStore(nodeCrypto, trusted),
    {
      provider: nodeCrypto,
      now: NOON + 60,
      name: name === undefined ? undefined : referenceName(name),
      purpose: 'serverAuth',
      ...options,
    },
  );
}

/** The rule that was broken, or `valid`. */
export function verdict(chain: readonly Certificate[], asked: Asked): string {
  const result = validate(chain, asked);
  return result.kind === 'valid' ? 'valid' : result.rule;
}

export function failure(chain: readonly Certificate[], asked: Asked): string {
  const result = validate(chain, asked);
  return result.kind === 'valid' ? 'valid' : formatPathFailure(result);
}
