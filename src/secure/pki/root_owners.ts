// Whose the roots are: trust anchors counted by the organization that their subject names. That is what a certificate says of
// itself; a company that has bought another keeps the old names, so that the owners in truth are fewer.

import type { Certificate } from './certificate.ts';
import { attributeTexts, shortName } from './distinguished_name.ts';
import { Oid } from './object_identifier.ts';

export interface RootOwner {
  /** As the first of its roots writes it. */
  readonly name: string;
  /** By name. */
  readonly roots: readonly Certificate[];
}

/** Those with most roots first, then by name. */
export function rootsByOwner(anchors: readonly Certificate[]): readonly RootOwner[] {
  const owners = new Map<string, { name: string; roots: Certificate[] }>();
  for (const anchor of [...anchors].sort(byName)) {
    const name = ownerOf(anchor);
    const key = ownerKey(name);
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, { name, roots: [anchor] });
    else owner.roots.push(anchor);
  }
  return [...owners.values()].sort((a, b) => b.roots.length - a.roots.length || compare(a.name, b.name));
}

/** The organization, or what comes closest. */
export function ownerOf({ subject }: Certificate): string {
  const [organization] = attributeTexts(subject, Oid.organizationName);
  const [unit] = attributeTexts(subject, Oid.organizationalUnitName);
  return organization ?? unit ?? shortName(subject);
}

const byName = (a: Certificate, b: Certificate): number =>
  compare(shortName(a.subject), shortName(b.subject)) || compare(a.subject.key, b.subject.key);

/** Without regard to case, punctuation, and words at the end that say what kind of company it is. */
const ownerKey = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('.', '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/(?: (?:inc|ltd|limited|llc|corporation|corp|co|gmbh|ag|sa|nv|as|ab))+$/, '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
