// Whether a certificate stands for the host that was asked for (RFC 9525). Only alternative names count: a common name is for
// people. Not here: constraints that authorities put on names (name_constraints.ts).

import { bytesEqual } from '../../core/bytes.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from '../../wire/address.ts';
import type { Certificate } from './certificate.ts';
import { formatGeneralName, type GeneralName, ipAddressBytes } from './general_name.ts';

/** What somebody wants to reach, as they wrote it. */
export type ReferenceName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: IpAddress }
  | { readonly kind: 'email'; readonly address: string };

/** An address, or else a name. One dot at the end is not part of it. */
export function referenceName(host: string): ReferenceName {
  const address = parseIpAddress(host.replace(/^\[(.*)\]$/, '$1'));
  return address === undefined ? { kind: 'dns', name: host.replace(/\.$/, '') } : { kind: 'ip', address };
}

/** Names that are not well-formed stand for nothing. */
export function matchesName(
  { subjectAltName = [] }: Pick<Certificate, 'subjectAltName'>,
  wanted: ReferenceName,
): boolean {
  return subjectAltName.some((name) => standsFor(name, wanted));
}

function standsFor(presented: GeneralName, wanted: ReferenceName): boolean {
  switch (wanted.kind) {
    case 'ip': // RFC 9525 §6.5: byte for byte
      return presented.kind === 'ip' && bytesEqual(presented.bytes, ipAddressBytes(wanted.address));
    case 'email':
      return presented.kind === 'email' && sameMailbox(presented.address, wanted.address);
    case 'dns':
      return presented.kind === 'dns' && isDnsName(wanted.name) && matchesDnsName(presented.name, wanted.name);
  }
}

/** RFC 9525 §6.3: label by label without regard to case; `*` alone may be the leftmost one, and stands for one label. */
function matchesDnsName(presented: string, wanted: string): boolean {
  if (!isPresentableDnsName(presented)) return false;
  const [a, b] = [presented.toLowerCase(), wanted.toLowerCase()];
  return a === b || (isWildcard(a) && a.slice(1) === b.slice(b.indexOf('.')) && b.includes('.'));
}

export const isWildcard = (name: string): boolean => name.startsWith('*.');

/** RFC 5280 §4.2.1.6: the preferred syntax, letters, digits and hyphens. A last label of digits would be an address. */
export function isDnsName(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 &&
    labels.every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}

/** The same, or with `*.` in front. */
export const isPresentableDnsName = (name: string): boolean => isDnsName(isWildcard(name) ? name.slice(2) : name);

export interface Mailbox {
  readonly local: string;
  /** In lower case. */
  readonly host: string;
}

/** RFC 5321 §4.1.2 without quoting: one `@`, with something on both sides. */
export function parseMailbox(address: string): Mailbox | undefined {
  const [local = '', host = '', ...more] = address.split('@');
  const isSound = more.length === 0 && /^[!-?A-~]+$/.test(local) && isDnsName(host);
  return isSound ? { local, host: host.toLowerCase() } : undefined;
}

// RFC 5280 §7.5: the part in front of the @ exactly.
function sameMailbox(a: string, b: string): boolean {
  const [one, other] = [parseMailbox(a), parseMailbox(b)];
  return one !== undefined && one.local === other?.local && one.host === other.host;
}

export const formatReferenceName = (name: ReferenceName): string =>
  name.kind === 'dns' ? name.name : name.kind === 'ip' ? formatIpAddress(name.address) : name.address;

/** `DNS:a.example, DNS:b.example`, not too many of them. */
export function namesText({ subjectAltName = [] }: Pick<Certificate, 'subjectAltName'>): string {
  const shown = subjectAltName.slice(0, 5).map(formatGeneralName).join(', ');
  if (subjectAltName.length === 0) return 'no names';
  return subjectAltName.length > 5 ? `${shown} and ${subjectAltName.length - 5} more` : shown;
}
