// Certificate authorities, and the certificates that they issue. Not here: the certificates themselves, which a world makes
// from its seed (`sim/world_pki.ts`).

import { type Duration, hours, seconds } from '../../../core/time.ts';
import { alternativeName } from '../../../secure/pki/authority.ts';
import { NO_EXPIRATION, type UnixSeconds } from '../../../secure/pki/der_time.ts';
import type { NameConstraints } from '../../../secure/pki/extension.ts';
import type { GeneralName } from '../../../secure/pki/general_name.ts';
import { isDnsName, parseMailbox } from '../../../secure/pki/host_name.ts';
import type { KeyPurpose } from '../../../secure/pki/key_usage.ts';
import { ipSubtree } from '../../../secure/pki/name_constraints.ts';
import type { KeyKind } from '../../../secure/pki/private_key.ts';
import { parseIpv4Address } from '../../../wire/address.ts';
import type {
  AuthorityDefinition,
  CertificateDefinition,
  CrossSignedDefinition,
  LeafDefinition,
  ValidityDefinition,
} from './pki_types.ts';
import { type Directory, knownName } from './read_networks.ts';
import { entriesOf, field, finite, itemsOf, keySpan, type Maybe, numberOf, type Reading, textOf } from './reading.ts';
import type { MapEntry, SourceNode } from './source_tree.ts';
import type { WallClock } from './types.ts';
import { parseSubnet } from './units.ts';

export interface Pki {
  readonly authorities: ReadonlyMap<string, AuthorityDefinition>;
  readonly certificates: ReadonlyMap<string, CertificateDefinition>;
  /** Those with keys of their own. */
  readonly leaves: ReadonlyMap<string, LeafDefinition>;
}

const AUTHORITY_VALID: Duration = hours(3650 * 24);
const CERTIFICATE_VALID: Duration = hours(90 * 24);
/** As public authorities do it: a clock that is a little slow does no harm. */
const BACKDATED: Duration = hours(1);
/** RFC 5280 §4.1.2.5: from here on certificates can have dates. */
const FIRST_TIME: UnixSeconds = -631_152_000; // 1950-01-01T00:00:00Z
const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  'ecdsa-p256': 'P-256',
  'ecdsa-p384': 'P-384',
  ed25519: 'Ed25519',
};
const PURPOSES: Readonly<Record<string, KeyPurpose>> = { server: 'serverAuth', client: 'clientAuth' };

export function readPki(reading: Reading, root: SourceNode, directory: Directory, start: WallClock): Pki {
  const pki = field(root, 'pki');
  const authorityEntries = entriesOf(field(pki, 'authorities'));
  const certificateEntries = entriesOf(field(pki, 'certificates'));
  const names: Names = {
    authorities: new Map(authorityEntries),
    crossSigned: new Map(certificateEntries.filter(([, { value }]) => field(value, 'cross-signs') !== undefined)),
    machines: new Map<string, unknown>([...directory.hosts, ...directory.attackers]),
    start,
  };
  const authorities = authorityEntries.map(([name, entry]) => readAuthority(reading, names, name, entry));
  checkIssuers(reading, names, authorities);
  const certificates = certificateEntries.flatMap(
    ([name, entry]) => readCertificate(reading, names, name, entry) ?? [],
  );
  return {
    authorities: new Map(authorities.map((one) => [one.name, one])),
    certificates: new Map(certificates.map((one) => [one.name, one])),
    leaves: new Map(certificates.flatMap((one) => (one.kind === 'leaf' ? [[one.name, one] as const] : []))),
  };
}

/** Names before what they stand for is read. */
interface Names {
  readonly authorities: ReadonlyMap<string, MapEntry>;
  readonly crossSigned: ReadonlyMap<string, MapEntry>;
  readonly machines: ReadonlyMap<string, unknown>;
  readonly start: WallClock;
}

function readAuthority(reading: Reading, names: Names, name: string, { key, value }: MapEntry): AuthorityDefinition {
  const issuer = knownName(reading, 'authority', names.authorities, field(value, 'issuer'));
  if (issuer === name) reading.problem(key, 'bad-combination', `${name} is its own issuer`, 'leave issuer out');
  return {
    name,
    position: reading.position(key),
    key: readKeyKind(field(value, 'key')),
    issuer,
    validity: readValidity(reading, names, value, AUTHORITY_VALID),
    pathLength: numberOf(field(value, 'path-length')),
    nameConstraints: readNameConstraints(reading, field(value, 'name-constraints')),
    owner: knownName(reading, 'host', names.machines, field(value, 'owner')),
  };
}

// Whoever stands above somebody cannot also stand below.
function checkIssuers(reading: Reading, names: Names, authorities: readonly AuthorityDefinition[]): void {
  const issuers = new Map(authorities.map(({ name, issuer }) => [name, issuer]));
  for (const { name, issuer } of authorities) {
    const above: string[] = [];
    for (let at = issuer; at !== undefined && !above.includes(at); at = issuers.get(at)) above.push(at);
    const entry = names.authorities.get(name);
    if (issuer === name || entry === undefined || !above.includes(name)) continue;
    const message = `${name} stands above ${issuer}, which issues it`;
    reading.problem(
      keySpan(entry.value, 'issuer'),
      'bad-combination',
      message,
      'an authority without issuer is a root',
    );
  }
}

function readCertificate(
  reading: Reading,
  names: Names,
  name: string,
  { key, value }: MapEntry,
): CertificateDefinition | undefined {
  const issuer = knownName(reading, 'authority', names.authorities, field(value, 'issuer'));
  const validity = readValidity(reading, names, value, CERTIFICATE_VALID);
  if (names.authorities.has(name)) {
    reading.problem(key, 'duplicate-name', `"${name}" is the name of an authority already`);
  }
  if (issuer === undefined) return undefined;
  const common = { name, position: reading.position(key), issuer, validity };
  return field(value, 'cross-signs') === undefined
    ? readLeaf(reading, names, common, key, value)
    : readCrossSigned(reading, names, common, value);
}

type Common = Omit<CrossSignedDefinition, 'kind' | 'authority'>;

function readLeaf(
  reading: Reading,
  names: Names,
  common: Common,
  key: MapEntry['key'],
  value: SourceNode,
): LeafDefinition | undefined {
  const items = itemsOf(field(value, 'names'));
  for (const item of items) {
    const text = textOf(item);
    if (text === undefined || alternativeName(text) !== undefined) continue;
    const message = `"${text}" is no name that a certificate can be for`;
    reading.problem(item.span, 'wrong-value', message, 'write www.foo.test, *.foo.test, 10.0.0.1 or alice@foo.test');
  }
  const [first, ...more] = items.flatMap((item) => textOf(item) ?? []);
  if (first === undefined) {
    reading.problem(key, 'missing-key', `${common.name} is for nobody`, 'add names: [www.foo.test], or cross-signs');
    return undefined;
  }
  const purposes = field(value, 'purposes');
  const chain = field(value, 'chain');
  const known = new Map([...names.authorities, ...names.crossSigned]);
  return {
    kind: 'leaf',
    ...common,
    key: readKeyKind(field(value, 'key')),
    names: [first, ...more],
    purposes: purposes === undefined ? Object.values(PURPOSES) : itemsOf(purposes).flatMap(readPurpose),
    chain:
      chain === undefined
        ? undefined
        : itemsOf(chain).flatMap((item) => knownName(reading, 'authority', known, item) ?? []),
  };
}

function readCrossSigned(
  reading: Reading,
  names: Names,
  common: Common,
  value: SourceNode,
): CrossSignedDefinition | undefined {
  const signed = field(value, 'cross-signs');
  const authority = knownName(reading, 'authority', names.authorities, signed);
  for (const other of ['names', 'key', 'purposes', 'chain']) {
    if (field(value, other) === undefined) continue;
    reading.problem(keySpan(value, other), 'bad-combination', `"${other}" does not go with "cross-signs"`);
  }
  if (authority === undefined || signed === undefined) return undefined;
  if (authority === common.issuer) {
    reading.problem(signed.span, 'bad-combination', `${authority} cannot vouch for itself`, 'name another authority');
  }
  return { kind: 'cross-signed', ...common, authority };
}

const readKeyKind = (node: Maybe): KeyKind => KEY_KINDS[textOf(node) ?? ''] ?? 'P-256';

const readPurpose = (node: SourceNode): KeyPurpose[] => {
  const purpose = PURPOSES[textOf(node) ?? ''];
  return purpose === undefined ? [] : [purpose];
};

function readValidity(reading: Reading, { start }: Names, node: SourceNode, usual: Duration): ValidityDefinition {
  const validNode = field(node, 'valid');
  const fromNode = field(node, 'not-before');
  const valid = finite(reading, validNode, usual);
  const from = reading.signedDuration(fromNode, 0 as Duration);
  const notBefore = fromNode === undefined ? (-BACKDATED as Duration) : from;
  const notAfter = (from + valid) as Duration;
  const isDate = (at: Duration): boolean => {
    const time = start.seconds + at / seconds(1);
    return time >= FIRST_TIME && time <= NO_EXPIRATION;
  };
  if (valid < seconds(1)) {
    reading.problem((validNode ?? node).span, 'wrong-value', 'certificates count in whole seconds', 'write 1s or more');
  } else if (!isDate(notBefore) || !isDate(notAfter)) {
    const message = 'the dates of certificates lie in the years from 1950 to 9999';
    reading.problem((validNode ?? fromNode ?? node).span, 'wrong-value', message);
  }
  return { notBefore, notAfter };
}

function readNameConstraints(reading: Reading, node: Maybe): NameConstraints | undefined {
  if (node === undefined) return undefined;
  const list = (key: string): GeneralName[] =>
    itemsOf(field(node, key)).flatMap((item) => {
      const text = textOf(item);
      const subtree = text === undefined ? undefined : subtreeOf(text);
      if (text !== undefined && subtree === undefined) {
        const message = `"${text}" is no part of the names that there are`;
        reading.problem(item.span, 'wrong-value', message, 'write foo.test, 10.0.0.0/8 or @foo.test');
      }
      return subtree ?? [];
    });
  return { permitted: list('permitted'), excluded: list('excluded') };
}

// RFC 5280 §4.2.1.10: a domain and all below it, a prefix, the mailboxes of a host.
function subtreeOf(text: string): GeneralName | undefined {
  const prefix = text.includes('/') ? parseSubnet(text) : undefined;
  const address = parseIpv4Address(text);
  if (prefix !== undefined) return ipSubtree(prefix);
  if (address !== undefined) return ipSubtree({ address, length: 32 });
  if (text.startsWith('@')) return isDnsName(text.slice(1)) ? { kind: 'email', address: text.slice(1) } : undefined;
  if (text.includes('@')) return parseMailbox(text) === undefined ? undefined : { kind: 'email', address: text };
  return isDnsName(text) ? { kind: 'dns', name: text } : undefined;
}
