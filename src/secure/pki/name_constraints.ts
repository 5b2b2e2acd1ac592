// What an authority above allows the names below it to be (RFC 5280 §4.2.1.10, §6.1.3 (b), (c)). Each kind of name has its own
// meaning of "within". Work is counted: thousands of names times thousands of subtrees are an attack, not a certificate.
//
// A wildcard is judged by all that it could stand for: it must be permitted for every such name, and none may be excluded.

import { bytesEqual } from '../../core/bytes.ts';
import { type Ipv4Prefix, prefixMask } from '../../wire/address.ts';
import type { Certificate } from './certificate.ts';
import { attributeTexts, isEmptyName, isWithin } from './distinguished_name.ts';
import type { NameConstraints } from './extension.ts';
import { formatGeneralName, type GeneralName, ipAddressBytes } from './general_name.ts';
import { isDnsName, isPresentableDnsName, isWildcard, parseMailbox } from './host_name.ts';
import { Oid } from './object_identifier.ts';
import type { PathRule } from './path_failure.ts';

export interface ConstraintFailure {
  readonly rule: PathRule;
  readonly detail: string;
}

/** Counts down comparisons; below zero it is too much. */
export interface WorkBudget {
  comparisons: number;
}

/** Of names of one certificate below, with subtrees of one authority above. */
export function checkNameConstraints(
  { permitted, excluded }: NameConstraints,
  certificate: Certificate,
  budget: WorkBudget,
): ConstraintFailure | undefined {
  const count = permitted.length + excluded.length;
  const isAffordable = (): boolean => {
    budget.comparisons -= count;
    return budget.comparisons >= 0;
  };
  const tooMuch: ConstraintFailure = { rule: 'too-much-work', detail: 'names to be compared with constraints' };
  if (!isAffordable()) return tooMuch;
  const malformed = [...permitted, ...excluded].find((subtree) => !isSubtree(subtree));
  if (malformed !== undefined) return { rule: 'bad-constraint', detail: formatGeneralName(malformed) };
  for (const name of constrainedNames(certificate)) {
    if (!isAffordable()) return tooMuch;
    const rule = judge(name, permitted, excluded);
    if (rule !== undefined) return { rule, detail: formatGeneralName(name) };
  }
  return undefined;
}

function judge(
  name: GeneralName,
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[],
): PathRule | undefined {
  const mayOnly = permitted.filter((subtree) => isSameKind(subtree, name));
  const mustNot = excluded.filter((subtree) => isSameKind(subtree, name));
  if (mayOnly.length + mustNot.length === 0) return undefined;
  if (name.kind === 'other' || name.kind === 'registered') return 'unsupported-constraint';
  // What is no name of its kind lies nowhere, so least of all within what is permitted.
  if (!isConstrainable(name)) return 'name-not-permitted';
  if (mayOnly.length > 0 && !mayOnly.some((subtree) => isNameWithin(name, subtree, 'all'))) return 'name-not-permitted';
  return mustNot.some((subtree) => isNameWithin(name, subtree, 'some')) ? 'name-excluded' : undefined;
}

/** The subject, the alternative names, and where there is no other a mailbox in the subject. */
function constrainedNames({ subject, subjectAltName = [] }: Certificate): readonly GeneralName[] {
  const names: GeneralName[] = isEmptyName(subject) ? [] : [{ kind: 'directory', name: subject }];
  const hasMailbox = subjectAltName.some(({ kind }) => kind === 'email');
  const mailboxes = hasMailbox ? [] : attributeTexts(subject, Oid.emailAddress);
  return [...names, ...mailboxes.map((address): GeneralName => ({ kind: 'email', address })), ...subjectAltName];
}

const isSameKind = (subtree: GeneralName, name: GeneralName): boolean =>
  subtree.kind === name.kind && (subtree.kind !== 'other' || name.kind !== 'other' || subtree.tag === name.tag);

function isSubtree(subtree: GeneralName): boolean {
  switch (subtree.kind) {
    case 'dns': // empty: all names
      return subtree.name === '' || isDnsName(subtree.name);
    case 'email':
      return subtree.address.includes('@')
        ? parseMailbox(subtree.address) !== undefined
        : isDnsName(subtree.address.replace(/^\./, ''));
    case 'uri':
      return isDnsName(subtree.uri.replace(/^\./, ''));
    case 'ip':
      return isIpSubtree(subtree.bytes);
    default:
      return true;
  }
}

function isConstrainable(name: GeneralName): boolean {
  switch (name.kind) {
    case 'dns':
      return isPresentableDnsName(name.name);
    case 'email':
      return parseMailbox(name.address) !== undefined;
    case 'uri':
      return hostOfUri(name.uri) !== undefined;
    case 'ip':
      return name.bytes.length === 4 || name.bytes.length === 16;
    default:
      return true;
  }
}

/** Both of one kind. `some`: one of the names that it stands for is enough. */
function isNameWithin(name: GeneralName, subtree: GeneralName, quantity: 'all' | 'some'): boolean {
  if (name.kind === 'dns' && subtree.kind === 'dns') return isDnsWithin(name.name, subtree.name, quantity);
  if (name.kind === 'email' && subtree.kind === 'email') return isMailboxWithin(name.address, subtree.address);
  if (name.kind === 'uri' && subtree.kind === 'uri') return isHostWithin(hostOfUri(name.uri) ?? '', subtree.uri);
  if (name.kind === 'ip' && subtree.kind === 'ip') return isIpWithin(name.bytes, subtree.bytes);
  return name.kind === 'directory' && subtree.kind === 'directory' && isWithin(name.name, subtree.name);
}

/** Labels may be added on the left. */
function isDnsWithin(name: string, subtree: string, quantity: 'all' | 'some'): boolean {
  const [a, b] = [name.toLowerCase(), subtree.toLowerCase()];
  if (b === '' || a === b || a.endsWith(`.${b}`)) return true;
  // *.example.com could stand for foo.example.com.
  return quantity === 'some' && isWildcard(a) && b.slice(b.indexOf('.')) === a.slice(1);
}

/** A mailbox, all mailboxes of a host, or with a dot in front those of the hosts below. */
function isMailboxWithin(address: string, subtree: string): boolean {
  const mailbox = parseMailbox(address);
  if (mailbox === undefined) return false;
  if (!subtree.includes('@')) return isHostWithin(mailbox.host, subtree);
  const only = parseMailbox(subtree);
  return only?.local === mailbox.local && only.host === mailbox.host;
}

/** A host, or with a dot in front all below. */
function isHostWithin(host: string, subtree: string): boolean {
  const [a, b] = [host.toLowerCase(), subtree.toLowerCase()];
  return b.startsWith('.') ? a.endsWith(b) && a.length > b.length : a === b;
}

/** Undefined where there is none, or an address in its place. */
function hostOfUri(uri: string): string | undefined {
  const host = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@]*)(?::[0-9]*)?(?:[/?#]|$)/.exec(uri)?.[1];
  return host !== undefined && isDnsName(host) ? host : undefined;
}

/** Address and mask, both as long, the mask's ones in front. */
function isIpSubtree(bytes: Uint8Array): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  const mask = Array.from(bytes.subarray(bytes.length / 2), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(mask);
}

function isIpWithin(address: Uint8Array, subtree: Uint8Array): boolean {
  const half = subtree.length / 2;
  if (address.length !== half) return false;
  const masked = (of: Uint8Array): Uint8Array => of.map((byte, i) => byte & (subtree[half + i] ?? 0));
  return bytesEqual(masked(address), masked(subtree.subarray(0, half)));
}

/** For an authority's constraints. */
export function ipSubtree({ address, length }: Ipv4Prefix): GeneralName {
  const mask = prefixMask(length);
  const maskBytes = Uint8Array.of(mask >>> 24, mask >>> 16, mask >>> 8, mask);
  return { kind: 'ip', bytes: Uint8Array.from([...ipAddressBytes(address), ...maskBytes]) };
}
