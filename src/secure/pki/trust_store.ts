// The certificates that somebody trusts without being told why. Not here: anything that they lead to.

import { hexOf } from '../../core/bytes.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { type Certificate, sameCertificate } from './certificate.ts';
import { importPublicKey, type VerificationKey } from './public_key.ts';

export class TrustStore {
  private readonly bySubject = new Map<string, Certificate[]>();
  /** Weak: whoever sends an anchor along makes a copy of it each time. */
  private readonly keys = new WeakMap<Certificate, { readonly key: VerificationKey | undefined }>();
  private readonly provider: CryptoProvider;

  constructor(provider: CryptoProvider, anchors: Iterable<Certificate> = []) {
    this.provider = provider;
    for (const anchor of anchors) this.add(anchor);
  }

  /** Once, however often it is added. */
  add(anchor: Certificate): void {
    const same = this.bySubject.get(anchor.subject.key);
    if (same === undefined) this.bySubject.set(anchor.subject.key, [anchor]);
    else if (!same.some((other) => sameCertificate(other, anchor))) same.push(anchor);
  }

  remove(anchor: Certificate): void {
    const { key } = anchor.subject;
    const rest = (this.bySubject.get(key) ?? []).filter((other) => !sameCertificate(other, anchor));
    if (rest.length === 0) this.bySubject.delete(key);
    else this.bySubject.set(key, rest);
  }

  has(certificate: Certificate): boolean {
    return this.named(certificate.subject.key).some((anchor) => sameCertificate(anchor, certificate));
  }

  /** By `DistinguishedName.key`. */
  named(subjectKey: string): readonly Certificate[] {
    return this.bySubject.get(subjectKey) ?? [];
  }

  /** By name, then by bytes: whatever the order in which they were added. */
  list(): readonly Certificate[] {
    const order = (a: Certificate, b: Certificate): number =>
      compare(a.subject.key, b.subject.key) || compare(hexOf(a.bytes), hexOf(b.bytes));
    return [...this.bySubject.values()].flat().sort(order);
  }

  /** Prepared once: a store outlives many handshakes. */
  keyOf(anchor: Certificate): VerificationKey | undefined {
    const known = this.keys.get(anchor) ?? { key: importPublicKey(this.provider, anchor.publicKey) };
    this.keys.set(anchor, known);
    return known.key;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
