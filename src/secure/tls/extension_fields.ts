// What is in each extension (RFC 8446 §4.2, RFC 6066, RFC 7301), read up to its end. Not here: which message may carry which
// (extension_reader.ts); the mirror image is in handshake_writer.ts.

import { DerReader } from '../pki/der_reader.ts';
import { formatName, readName } from '../pki/distinguished_name.ts';
import type { FieldReader } from './field_reader.ts';
import type { KeyShareEntry, OfferedPsks, PskIdentity } from './handshake_message.ts';
import { groupName, pskModeName, signatureSchemeName, versionName } from './names.ts';

const HOST_NAME = 0;

/** RFC 8446 §4.2.11: an HMAC, at least as long as SHA-256's. */
const MIN_BINDER_LENGTH = 32;

/** One character a byte: names of protocols and hosts are ASCII, and what is not must not change in passing. */
function latin1Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const quoted = (bytes: Uint8Array): string => JSON.stringify(latin1Of(bytes));

// RFC 6066 §3
export function readServerName(data: FieldReader): string {
  const list = data.vector16('server names', 1);
  const type = list.uint8('name type', (code) => (code === HOST_NAME ? 'host_name' : String(code)));
  if (type !== HOST_NAME) list.fail('malformed-message', `a server name of type ${type}`);
  const name = list.opaque16('host name', 1, quoted);
  // No more than one of a type, and there is only this type.
  list.finish('server_name');
  if (name.some((byte) => byte === 0 || byte > 0x7f)) data.fail('illegal-value', 'a host name that is not ASCII');
  return latin1Of(name);
}

// RFC 7301 §3.1
export function readProtocols(data: FieldReader): string[] {
  const list = data.vector16('protocol names', 2);
  const names: string[] = [];
  while (!list.isAtEnd) names.push(latin1Of(list.opaque8('protocol name', 1, quoted)));
  return names;
}

// RFC 8446 §4.2.7
export const readGroups = (data: FieldReader): number[] =>
  data.vector16('named groups', 2).uint16s('named group', groupName);

// RFC 8446 §4.2.3
export const readSchemes = (data: FieldReader): number[] =>
  data.vector16('signature schemes', 2).uint16s('signature scheme', signatureSchemeName);

// RFC 8446 §4.2.1
export const readVersions = (data: FieldReader): number[] =>
  data.vector8('versions', 2).uint16s('version', versionName);

// RFC 8446 §4.2.2
export const readCookie = (data: FieldReader): Uint8Array => data.opaque16('cookie', 1);

// RFC 8446 §4.2.9
export const readPskModes = (data: FieldReader): number[] => data.vector8('modes', 1).uint8s('mode', pskModeName);

function nameMeaning(bytes: Uint8Array): string | undefined {
  const reader = DerReader.of(bytes);
  const name = readName(reader, 'distinguished name');
  return reader.problem === undefined ? formatName(name) : undefined;
}

// RFC 8446 §4.2.4
export function readCertificateAuthorities(data: FieldReader): Uint8Array[] {
  const list = data.vector16('authorities', 3);
  const names: Uint8Array[] = [];
  while (!list.isAtEnd) names.push(list.opaque16('distinguished name', 1, nameMeaning));
  return names;
}

// RFC 8446 §4.2.8
export function readKeyShares(data: FieldReader): KeyShareEntry[] {
  const list = data.vector16('key shares', 0);
  const shares: KeyShareEntry[] = [];
  const groups = new Set<number>();
  while (!list.isAtEnd) {
    const share = readKeyShare(list);
    if (groups.has(share.group)) list.fail('illegal-value', `two key shares for ${groupName(share.group)}`);
    groups.add(share.group);
    shares.push(share);
  }
  return shares;
}

export const readKeyShare = (data: FieldReader): KeyShareEntry => ({
  group: data.uint16('group', groupName),
  keyExchange: data.opaque16('key exchange', 1),
});

// RFC 8446 §4.2.11
export function readOfferedPsks(data: FieldReader): OfferedPsks {
  const identityList = data.vector16('identities', 7);
  const identities: PskIdentity[] = [];
  while (!identityList.isAtEnd) {
    const identity = identityList.opaque16('identity', 1);
    identities.push({ identity, obfuscatedTicketAge: identityList.uint32('obfuscated ticket age') });
  }
  const binderList = data.vector16('binders', MIN_BINDER_LENGTH + 1);
  const binders: Uint8Array[] = [];
  while (!binderList.isAtEnd) binders.push(binderList.opaque8('binder', MIN_BINDER_LENGTH));
  if (binders.length !== identities.length) {
    data.fail('illegal-value', `${binders.length} binders for ${identities.length} identities`);
  }
  return { identities, binders };
}
