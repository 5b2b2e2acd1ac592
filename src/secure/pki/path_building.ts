// Finds a path from a certificate up to one that is trusted (RFC 4158), and validates it on the way (RFC 5280 §6):
//
//   leaf ──▶ intermediate ──▶ ... ──▶ anchor          each step: who could have signed this one?
//
// From below, since what is below is what was sent. Each authority that comes into question is judged with all that it stands
// above; if it fails, the next one is tried. Policies are judged once, when the path is whole.
//
// Certificates that sign each other in a mesh would make the search endless, and constraints by the thousand each step slow.
// So signatures, steps and comparisons are counted, and at the limit nothing is believed.

import { bytesEqual } from '../../core/bytes.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { type Certificate, isSelfIssued, sameCertificate } from './certificate.ts';
import {
  checkProfile,
  type PathRole,
  type ProfileFailure,
  strayCommonName,
  type ValidationProfile,
} from './certificate_profile.ts';
import { formatTime, type UnixSeconds } from './der_time.ts';
import { shortName } from './distinguished_name.ts';
import { formatReferenceName, matchesName, namesText, type ReferenceName } from './host_name.ts';
import { hasKeyUsage, type KeyPurpose, purposeOid } from './key_usage.ts';
import { checkNameConstraints, type WorkBudget } from './name_constraints.ts';
import { Oid } from './object_identifier.ts';
import { isPathFailure, type PathFailure, type PathRule, pathFailure } from './path_failure.ts';
import { checkPolicies, type PolicyInputs } from './policy_graph.ts';
import { importPublicKey, type VerificationKey, verifySignature } from './public_key.ts';
import { checkRevocation } from './revocation.ts';
import type { RevocationList } from './revocation_list.ts';
import { isWeakScheme } from './signature_algorithm.ts';
import type { TrustStore } from './trust_store.ts';

/** Certificates that were not asked for and that nobody can check are kept for a path, but not without end. */
export const MAX_INTERMEDIATES = 128;
/** Of a path, unless the caller says otherwise. The web's have one or two. */
const DEFAULT_MAX_DEPTH = 8;
const MAX_SIGNATURE_CHECKS = 100;
const MAX_STEPS = 2_000;
const MAX_COMPARISONS = 250_000;

export interface ValidationOptions {
  readonly provider: CryptoProvider;
  /** Since 1970; a fraction is cut off. */
  readonly now: UnixSeconds;
  /** What the certificate must stand for; nothing: whatever its names are. */
  readonly name?: ReferenceName | undefined;
  readonly purpose?: KeyPurpose | undefined;
  /** `rfc5280` unless said otherwise. */
  readonly profile?: ValidationProfile | undefined;
  /** Whether a common name must be one of the alternative names; browsers do not look (BR §7.1.4.3). */
  readonly checksCommonName?: boolean | undefined;
  /** Authorities between leaf and anchor, those that only renew themselves not counted. */
  readonly maxDepth?: number | undefined;
  readonly policies?: PolicyInputs | undefined;
  /** If given, none of which may hold a certificate of the path, see revocation.ts. */
  readonly revocationLists?: readonly RevocationList[] | undefined;
}

export interface ValidPath {
  readonly kind: 'valid';
  /** The leaf first, the trust anchor last. */
  readonly certificates: readonly Certificate[];
  /** Under which it was issued; anyPolicy: under any. */
  readonly policies: readonly string[];
  readonly signatureChecks: number;
}

/**
 * Whether to believe a certificate, given what was sent beside it and what is trusted.
 * @throws RangeError if `now` or `maxDepth` is no number
 */
export function validateCertificate(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  trusted: TrustStore,
  options: ValidationOptions,
): ValidPath | PathFailure {
  const { now, maxDepth = DEFAULT_MAX_DEPTH } = options;
  if (!Number.isFinite(now)) throw new RangeError(`now must be a number of seconds since 1970, not ${now}`);
  if (!Number.isInteger(maxDepth) || maxDepth < 0)
    throw new RangeError(`maxDepth must be a whole number, not ${maxDepth}`);
  const search = new PathSearch(intermediates.slice(0, MAX_INTERMEDIATES), trusted, options, maxDepth);
  return search.run(leaf);
}

class PathSearch {
  private readonly intermediates = new Map<string, Certificate[]>();
  private readonly trusted: TrustStore;
  private readonly options: ValidationOptions;
  private readonly now: UnixSeconds;
  private readonly maxDepth: number;
  private readonly profile: ValidationProfile;
  private readonly keys = new Map<Certificate, VerificationKey | undefined>();
  private readonly verified = new Map<Certificate, Map<Certificate, boolean>>();
  private readonly forms: Readonly<Record<PathRole, Map<Certificate, ProfileFailure | undefined>>> = {
    anchor: new Map(),
    intermediate: new Map(),
    leaf: new Map(),
  };
  private readonly budget: WorkBudget = { comparisons: MAX_COMPARISONS };
  private signatureChecks = 0;
  private steps = 0;
  private failure: PathFailure | undefined;

  constructor(
    intermediates: readonly Certificate[],
    trusted: TrustStore,
    options: ValidationOptions,
    maxDepth: number,
  ) {
    for (const certificate of intermediates) {
      const { key } = certificate.subject;
      const same = this.intermediates.get(key);
      if (same === undefined) this.intermediates.set(key, [certificate]);
      else if (!same.some((other) => sameCertificate(other, certificate))) same.push(certificate);
    }
    this.trusted = trusted;
    this.options = options;
    this.now = Math.floor(options.now);
    this.maxDepth = maxDepth;
    this.profile = options.profile ?? 'rfc5280';
  }

  run(leaf: Certificate): ValidPath | PathFailure {
    const stray = this.options.checksCommonName === true && strayCommonName(leaf);
    const unfit =
      this.checkAlone(leaf, 'leaf', 0) ??
      (stray === false ? undefined : pathFailure('common-name-not-alternative', leaf, 0, stray));
    if (unfit !== undefined) return unfit;
    const isAnchor = this.trusted.has(leaf);
    const found = isAnchor ? this.complete([leaf]) : this.extend([leaf]);
    const result = found ?? this.failure ?? pathFailure('unknown-issuer', leaf, 0);
    return isPathFailure(result) ? result : (this.checkName(leaf) ?? result);
  }

  /** Undefined: no way up from here; `failure` says why. */
  private extend(path: readonly Certificate[]): ValidPath | undefined {
    const current = path.at(-1) ?? path[0];
    if (current === undefined) return undefined;
    const anchors = this.trusted.named(current.issuer.key);
    const between = this.intermediates.get(current.issuer.key) ?? [];
    const candidates = [
      ...byKeyIdentifier(anchors, current).map((issuer) => ({ issuer, isAnchor: true })),
      ...byKeyIdentifier(between, current).map((issuer) => ({ issuer, isAnchor: false })),
    ];
    let isLeadingOn = false;
    for (const { issuer, isAnchor } of candidates) {
      if (path.some((other) => isSamePrincipal(other, issuer))) continue; // RFC 4158 §2.4.2
      isLeadingOn = true;
      if (++this.steps > MAX_STEPS) return this.giveUp(path, 'steps');
      const failed = this.checkIssuer(issuer, path, isAnchor);
      if (failed !== undefined) {
        this.note(failed);
        if (failed.rule === 'too-much-work') return undefined;
        continue;
      }
      const longer = [...path, issuer];
      const found = isAnchor ? this.complete(longer) : this.extend(longer);
      if (found !== undefined || this.failure?.rule === 'too-much-work') return found;
    }
    if (!isLeadingOn) this.note(this.deadEnd(current, path.length - 1));
    return undefined;
  }

  private complete(path: readonly Certificate[]): ValidPath | undefined {
    const [leaf] = path;
    if (leaf === undefined) return undefined;
    const below = path.length > 1 ? path.slice(0, -1) : path;
    const policies = checkPolicies(below.toReversed(), this.options.policies);
    if ('rule' in policies) {
      const depth = below.length - 1 - policies.index;
      this.note(pathFailure(policies.rule, below[depth] ?? leaf, depth));
      return undefined;
    }
    const { revocationLists } = this.options;
    if (revocationLists !== undefined) {
      const failed = checkRevocation(path, revocationLists, this.now, (issuer) => this.keyOf(issuer));
      if (failed !== undefined) {
        this.note(failed);
        return undefined;
      }
    }
    return { kind: 'valid', certificates: path, policies: policies.policies, signatureChecks: this.signatureChecks };
  }

  /** RFC 5280 §6.1.4 and §6.1.3 for all below, with what costs most last. */
  private checkIssuer(issuer: Certificate, path: readonly Certificate[], isAnchor: boolean): PathFailure | undefined {
    const depth = path.length;
    const [current] = path.slice(-1);
    const refuse = (rule: PathRule, detail = ''): PathFailure => pathFailure(rule, issuer, depth, detail);
    const { basicConstraints, keyUsage, nameConstraints } = issuer;
    // §4.2.1.9: those that only renew themselves do not count, nor does the last certificate.
    const below = path.slice(1).filter((certificate) => !isSelfIssued(certificate)).length;
    if (below + (isAnchor || isSelfIssued(issuer) ? 0 : 1) > this.maxDepth) {
      return pathFailure('path-too-long', path[0] ?? issuer, 0, `more than ${this.maxDepth}`);
    }
    if (basicConstraints?.isAuthority !== true) return refuse('not-an-authority');
    if (keyUsage !== undefined && !hasKeyUsage(keyUsage, 'keyCertSign')) return refuse('may-not-sign');
    if (below > (basicConstraints.pathLength ?? below)) {
      return refuse('path-length-exceeded', `${basicConstraints.pathLength} of ${below}`);
    }
    const unfit = this.checkAlone(issuer, isAnchor ? 'anchor' : 'intermediate', depth);
    if (unfit !== undefined) return unfit;
    if (nameConstraints !== undefined) {
      for (const [at, certificate] of path.entries()) {
        if (at > 0 && isSelfIssued(certificate)) continue; // §6.1.3 (b)
        const failed = checkNameConstraints(nameConstraints, certificate, this.budget);
        if (failed?.rule === 'bad-constraint') return refuse(failed.rule, failed.detail);
        if (failed !== undefined) return pathFailure(failed.rule, certificate, at, failed.detail);
      }
    }
    return current === undefined ? undefined : this.checkSignature(current, issuer, depth - 1);
  }

  private checkAlone(certificate: Certificate, role: PathRole, depth: number): PathFailure | undefined {
    const { notBefore, notAfter } = certificate.validity;
    // §4.1.2.5: both are part of the time in which it is valid.
    if (this.now < notBefore) return pathFailure('not-yet-valid', certificate, depth, formatTime(notBefore));
    if (this.now > notAfter) return pathFailure('expired', certificate, depth, formatTime(notAfter));
    const { purpose } = this.options;
    if (purpose !== undefined && !isFor(certificate, purpose)) {
      return pathFailure('wrong-purpose', certificate, depth, purpose);
    }
    const failed = this.checkForm(certificate, role);
    return failed === undefined ? undefined : pathFailure(failed.rule, certificate, depth, failed.detail);
  }

  /** Once for each: a mesh comes back to the same ones, which may be a megabyte of names. */
  private checkForm(certificate: Certificate, role: PathRole): ProfileFailure | undefined {
    const known = this.forms[role];
    if (!known.has(certificate)) known.set(certificate, checkProfile(certificate, role, this.profile));
    return known.get(certificate);
  }

  private checkSignature(signed: Certificate, issuer: Certificate, depth: number): PathFailure | undefined {
    const { scheme, oid } = signed.signatureAlgorithm;
    if (scheme === undefined) return pathFailure('unsupported-algorithm', signed, depth, oid);
    if (isWeakScheme(scheme)) return pathFailure('weak-algorithm', signed, depth);
    const key = this.keyOf(issuer);
    if (key === undefined) {
      return pathFailure('unsupported-algorithm', signed, depth, `the key of ${shortName(issuer.subject)} is unusable`);
    }
    const known = this.verified.get(signed) ?? new Map<Certificate, boolean>();
    this.verified.set(signed, known);
    let isGenuine = known.get(issuer);
    if (isGenuine === undefined) {
      if (++this.signatureChecks > MAX_SIGNATURE_CHECKS)
        return pathFailure('too-much-work', signed, depth, 'signatures');
      isGenuine = verifySignature(key, scheme, signed.tbsBytes, signed.signature);
      known.set(issuer, isGenuine);
    }
    return isGenuine ? undefined : pathFailure('bad-signature', signed, depth, `by ${shortName(issuer.subject)}`);
  }

  private checkName(leaf: Certificate): PathFailure | undefined {
    const { name } = this.options;
    if (name === undefined || matchesName(leaf, name)) return undefined;
    const rule = ({ dns: 'wrong-name', ip: 'wrong-address', email: 'wrong-mailbox' } as const)[name.kind];
    return pathFailure(rule, leaf, 0, `${formatReferenceName(name)} is not among ${namesText(leaf)}`);
  }

  private keyOf(issuer: Certificate): VerificationKey | undefined {
    if (this.trusted.has(issuer)) return this.trusted.keyOf(issuer);
    if (!this.keys.has(issuer)) this.keys.set(issuer, importPublicKey(this.options.provider, issuer.publicKey));
    return this.keys.get(issuer);
  }

  private deadEnd(current: Certificate, depth: number): PathFailure {
    if (isSelfIssued(current)) return pathFailure(depth === 0 ? 'self-signed' : 'untrusted-root', current, depth);
    const rule = depth === 0 ? 'lone-leaf' : 'unknown-issuer';
    return pathFailure(rule, current, depth, shortName(current.issuer));
  }

  private giveUp(path: readonly Certificate[], what: string): undefined {
    const [leaf] = path;
    if (leaf !== undefined) this.note(pathFailure('too-much-work', leaf, 0, what));
  }

  /** The one that got furthest is told; of several, the first. Too much work ends everything. */
  private note(failure: PathFailure): void {
    const isFurther = this.failure === undefined || progress(failure) > progress(this.failure);
    if (isFurther || failure.rule === 'too-much-work') this.failure = failure;
  }
}

const DEAD_ENDS: ReadonlySet<PathRule> = new Set(['lone-leaf', 'unknown-issuer', 'self-signed', 'untrusted-root']);

// A dead end says less than a rule that was broken at the same height.
const progress = ({ rule, depth }: PathFailure): number => depth + (DEAD_ENDS.has(rule) ? 0 : 0.5);

/** Those whose key is the one that is said to have signed come first; otherwise in their order. */
function byKeyIdentifier(
  issuers: readonly Certificate[],
  { authorityKeyIdentifier }: Certificate,
): readonly Certificate[] {
  const wanted = authorityKeyIdentifier?.keyIdentifier;
  if (issuers.length < 2 || wanted === undefined) return issuers;
  const isWanted = ({ subjectKeyIdentifier: key }: Certificate): boolean =>
    key !== undefined && bytesEqual(key, wanted);
  return [...issuers.filter(isWanted), ...issuers.filter((issuer) => !isWanted(issuer))];
}

/** The same name and key: going through it again leads nowhere new. */
const isSamePrincipal = (a: Certificate, b: Certificate): boolean =>
  a.subject.key === b.subject.key && bytesEqual(a.publicKey.bytes, b.publicKey.bytes);

/** §4.2.1.12: without the extension it is for everything. Of authorities above, each narrows what those below may do. */
const isFor = ({ extKeyUsage }: Certificate, purpose: KeyPurpose): boolean =>
  extKeyUsage === undefined ||
  extKeyUsage.includes(purposeOid(purpose)) ||
  extKeyUsage.includes(Oid.anyExtendedKeyUsage);
