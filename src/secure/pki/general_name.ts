// The names that certificates give to machines, mailboxes and others (GeneralName, RFC 5280 §4.2.1.6): read, written, shown.
// Not here: which of them stands for the host that was asked for (host_name.ts), and constraints on them.

import { textOf, utf8 } from '../../core/bytes.ts';
import { formatIpAddress, type IpAddress, type Ipv4Address, type Ipv6Address } from '../../wire/address.ts';
import type { DerReader } from './der_reader.ts';
import { contextConstructed, contextPrimitive } from './der_tag.ts';
import { derElement, derObjectIdentifier } from './der_writer.ts';
import { type DistinguishedName, emitName, formatName, readName } from './distinguished_name.ts';

export type GeneralName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'email'; readonly address: string }
  | { readonly kind: 'uri'; readonly uri: string }
  /** Four or sixteen bytes; in a constraint eight or 32, with a mask behind. Others are kept, and equal nothing. */
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'registered'; readonly id: string }
  /** Kept whole: otherName, x400Address and ediPartyName. */
  | { readonly kind: 'other'; readonly tag: number; readonly contents: Uint8Array };

export type GeneralNameKind = GeneralName['kind'];

const TAG = {
  other: contextConstructed(0),
  email: contextPrimitive(1),
  dns: contextPrimitive(2),
  x400: contextConstructed(3),
  directory: contextConstructed(4),
  ediParty: contextConstructed(5),
  uri: contextPrimitive(6),
  ip: contextPrimitive(7),
  registered: contextPrimitive(8),
} as const;

export function readGeneralName(reader: DerReader): GeneralName {
  const tag = reader.nextTag;
  switch (tag) {
    case TAG.email:
      return { kind: 'email', address: readAscii(reader, tag, 'e-mail address') };
    case TAG.dns:
      return { kind: 'dns', name: readAscii(reader, tag, 'DNS name') };
    case TAG.uri:
      return { kind: 'uri', uri: readAscii(reader, tag, 'URI') };
    case TAG.ip:
      return { kind: 'ip', bytes: reader.contents(tag, 'IP address') };
    case TAG.registered:
      return { kind: 'registered', id: reader.objectIdentifier('registered identifier', tag) };
    case TAG.directory: {
      const explicit = reader.open(tag, 'directory name');
      const name = readName(explicit, 'name');
      explicit.finish();
      return { kind: 'directory', name };
    }
    case TAG.other:
    case TAG.x400:
    case TAG.ediParty:
      return { kind: 'other', tag, contents: reader.contents(tag, 'name of another kind') };
    default:
      reader.refuse('a name of no kind');
      return { kind: 'other', tag, contents: new Uint8Array(0) };
  }
}

function readAscii(reader: DerReader, tag: number, label: string): string {
  const at = reader.at;
  const contents = reader.contents(tag, label);
  const text = textOf(contents);
  if (!contents.every((byte) => byte < 0x80)) reader.refuse('characters above ASCII', at);
  reader.explain(text);
  return text;
}

/** @throws RangeError on characters above ASCII: internationalized names are written in their ASCII form */
export function emitGeneralName(name: GeneralName): Uint8Array {
  switch (name.kind) {
    case 'dns':
      return derElement(TAG.dns, ascii(name.name));
    case 'email':
      return derElement(TAG.email, ascii(name.address));
    case 'uri':
      return derElement(TAG.uri, ascii(name.uri));
    case 'ip':
      return derElement(TAG.ip, name.bytes);
    case 'registered':
      return derObjectIdentifier(name.id, TAG.registered);
    case 'directory':
      return derElement(TAG.directory, emitName(name.name));
    case 'other':
      return derElement(name.tag, name.contents);
  }
}

function ascii(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length !== text.length)
    throw new RangeError(`a name must be in ASCII, like xn--bcher-kva.example, not ${text}`);
  return bytes;
}

export const dnsAltName = (name: string): GeneralName => ({ kind: 'dns', name });
export const ipAltName = (address: IpAddress): GeneralName => ({ kind: 'ip', bytes: ipAddressBytes(address) });

export function ipAddressBytes(address: IpAddress): Uint8Array {
  if (typeof address === 'number') return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
  const groups = Array.from({ length: 8 }, (_, i) => address.charCodeAt(i));
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** Undefined unless there are four or sixteen bytes. */
export function ipAddressOf(bytes: Uint8Array): IpAddress | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  if (bytes.length === 4) return ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4Address;
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  return String.fromCharCode(...groups) as Ipv6Address;
}

/** As openssl shows it, but for IPv6 addresses, which have their canonical form: `DNS:www.example`. */
export function formatGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS:${printable(name.name)}`;
    case 'email':
      return `email:${printable(name.address)}`;
    case 'uri':
      return `URI:${printable(name.uri)}`;
    case 'ip':
      return `IP Address:${formatIpBytes(name.bytes)}`;
    case 'directory':
      return `DirName:${formatName(name.name)}`;
    case 'registered':
      return `Registered ID:${name.id}`;
    case 'other':
      return name.tag === TAG.other
        ? 'othername: <unsupported>'
        : `${name.tag === TAG.x400 ? 'X400' : 'EdiParty'}Name:<unsupported>`;
  }
}

function formatIpBytes(bytes: Uint8Array): string {
  const address = ipAddressOf(bytes);
  if (address !== undefined) return formatIpAddress(address);
  const half = bytes.length / 2;
  const [base, mask] = [ipAddressOf(bytes.subarray(0, half)), ipAddressOf(bytes.subarray(half))];
  return base === undefined || mask === undefined ? '<invalid>' : `${formatIpAddress(base)}/${formatIpAddress(mask)}`;
}

/** What a stranger wrote, without characters that a terminal obeys. */
const printable = (text: string): string =>
  [...text].map((character) => (character < ' ' || character > '~' ? `\\x${hexCode(character)}` : character)).join('');

const hexCode = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');
