// Parts of the format that the simulator cannot run yet: certificates with their authorities. They are read all the same,
// so that names that refer to them are checked.

import { type Duration, hours } from '../../../core/time.ts';
import type { PkiNames } from './read_hosts.ts';
import { type Directory, knownName } from './read_networks.ts';
import { entriesOf, field, itemsOf, type Reading, textOf } from './reading.ts';
import type { SourceNode } from './source_tree.ts';
import type { AuthorityDefinition, CertificateDefinition } from './types.ts';

export interface Pki extends PkiNames {
  readonly authorities: ReadonlyMap<string, AuthorityDefinition>;
  readonly certificates: ReadonlyMap<string, CertificateDefinition>;
}

const AUTHORITY_VALID: Duration = hours(3650 * 24);
const CERTIFICATE_VALID: Duration = hours(90 * 24);

export function readPki(reading: Reading, root: SourceNode, directory: Directory): Pki {
  const declared = entriesOf(field(field(root, 'pki'), 'authorities'));
  const names = new Map(declared);
  const owners = new Map<string, unknown>([...directory.hosts, ...directory.attackers]);
  const authorities = new Map<string, AuthorityDefinition>();
  for (const [name, { key, value }] of declared) {
    const issuer = knownName(reading, 'authority', names, field(value, 'issuer'));
    const owner = knownName(reading, 'host', owners, field(value, 'owner'));
    const valid = reading.duration(field(value, 'valid'), AUTHORITY_VALID);
    authorities.set(name, { name, key: textOf(field(value, 'key')) ?? 'ecdsa-p256', issuer, valid, owner });
    if (issuer === name) reading.problem(key, 'bad-combination', `${name} is its own issuer`, 'leave issuer out');
  }
  const certificates = new Map<string, CertificateDefinition>();
  for (const [name, { value }] of entriesOf(field(field(root, 'pki'), 'certificates'))) {
    const issuer = knownName(reading, 'authority', names, field(value, 'issuer'));
    certificates.set(name, {
      name,
      key: textOf(field(value, 'key')) ?? 'ecdsa-p256',
      issuer: issuer ?? '',
      names: itemsOf(field(value, 'names')).flatMap((item) => textOf(item) ?? []),
      valid: reading.duration(field(value, 'valid'), CERTIFICATE_VALID),
    });
  }
  return { authorities, certificates };
}
