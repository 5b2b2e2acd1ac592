// `netarium trust-anchors`: the root certificates that this Node trusts for the whole web, counted by owner.

import { rootCertificates } from 'node:tls';
import { formatColumns } from '../../core/columns.ts';
import { type Certificate, parseCertificate } from '../../secure/pki/certificate.ts';
import { isMalformed } from '../../secure/pki/der_reader.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { attributeLabel, shortName } from '../../secure/pki/distinguished_name.ts';
import { Oid } from '../../secure/pki/object_identifier.ts';
import { parsePem } from '../../secure/pki/pem.ts';
import type { SubjectPublicKeyInfo } from '../../secure/pki/public_key.ts';
import { type RootOwner, rootsByOwner } from '../../secure/pki/root_owners.ts';
import { ExitStatus } from './exit.ts';
import { flagOption, type RawOptions } from './options.ts';
import { note, print, printable } from './terminal.ts';

/** What the lecture's slide says, of 27 February 2023. */
const IN_2023 = [
  { store: 'Mozilla Firefox', date: '2023-02-27', anchors: 155, owners: 55 },
  { store: 'Microsoft Windows', date: '2023-02-27', anchors: 237, owners: 86 },
] as const;

/** Fails if one of them cannot be read: each is one that others trust. */
export function trustAnchors(options: RawOptions): ExitStatus {
  const parsed = rootCertificates.map((text) => parseCertificate(parsePem(text)?.[0]?.bytes ?? new Uint8Array(0)));
  const anchors = parsed.filter((result): result is Certificate => !isMalformed(result));
  const owners = rootsByOwner(anchors);
  const unreadable = parsed.flatMap((result, index) => (isMalformed(result) ? [{ index, reason: result.reason }] : []));
  print(flagOption(options, 'json') ? jsonOf(owners, anchors.length) : textOf(owners, anchors.length));
  for (const { index, reason } of unreadable) note(`Root number ${index + 1} cannot be read: ${reason}.`);
  return unreadable.length === 0 ? ExitStatus.Ok : ExitStatus.Unmet;
}

function textOf(owners: readonly RootOwner[], count: number): string {
  const rows = owners.flatMap(({ name, roots }) =>
    roots.map((root, i) => [
      i === 0 ? String(roots.length) : '',
      i === 0 ? printable(name) : '',
      printable(shortName(root.subject)),
      keyText(root.publicKey),
      formatTime(root.validity.notAfter).replace(/ \d\d:\d\d:\d\d (\d+) GMT$/, ' $1'),
    ]),
  );
  const stores = [
    ['store', 'trust anchors', 'owners'],
    [`Node ${process.versions.node}`, String(count), String(owners.length)],
    ...IN_2023.map(({ store, date, anchors, owners: of }) => [`${store}, ${date}`, String(anchors), String(of)]),
  ];
  const table = formatColumns([['roots', 'owner', 'name', 'key', 'until'], ...rows]);
  const remark = 'Owners here are the organizations that the certificates name; those of 2023 are companies.\n';
  return `${table}\n${formatColumns(stores)}\n${remark}`;
}

function jsonOf(owners: readonly RootOwner[], count: number): string {
  const listed = owners.map(({ name, roots }) => {
    return {
      name,
      roots: roots.map(({ subject, publicKey, validity: { notBefore, notAfter } }) => {
        return { name: shortName(subject), key: keyText(publicKey), notBefore, notAfter };
      }),
    };
  });
  const inNode = { store: `Node ${process.versions.node}`, anchors: count, owners: owners.length };
  return JSON.stringify({ schema: 'netarium.trust-anchors/1', ...inNode, others: IN_2023, list: listed }, null, 2);
}

function keyText({ key, algorithm }: SubjectPublicKeyInfo): string {
  if (key.kind === 'rsa') return `RSA ${key.bits}`;
  if (key.kind === 'unknown' && key.curve === Oid.p521) return 'P-521';
  return key.kind === 'ec' ? key.curve : attributeLabel(algorithm);
}
