// Distinguished names (RFC 5280 §4.1.2.4): read, written, compared (§7.1) and shown as text. A name is a sequence of sets of
// attributes; nearly always each set holds one. Not here: names of hosts (general_name.ts, host_name.ts).

import { bytesEqual, textOf, utf8 } from '../../core/bytes.ts';
import type { DerReader } from './der_reader.ts';
import { DerTag } from './der_tag.ts';
import { derConstructed, derElement, derObjectIdentifier, derSequence, derSetOf } from './der_writer.ts';
import { Oid } from './object_identifier.ts';

export interface NameAttribute {
  readonly type: string;
  /** The tag of the string type that it is written in. */
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Undefined for what is no string type. */
  readonly text: string | undefined;
}

/** A set of attributes: RelativeDistinguishedName. */
export type NamePart = readonly NameAttribute[];

export interface DistinguishedName {
  readonly parts: readonly NamePart[];
  /** Names that §7.1 takes for the same have the same key. */
  readonly key: string;
}

/** From the root downwards in meaning, from the first on in bytes: country first, common name last. */
export function readName(reader: DerReader, label: string, tag: number = DerTag.Sequence): DistinguishedName {
  const parts = reader.sequenceOf(
    label,
    (name) => {
      const part = name.setOf('relative distinguished name', readAttribute);
      if (part.length === 0) name.refuse('a part of a name without attributes');
      return part;
    },
    tag,
  );
  return nameOf(parts);
}

function readAttribute(set: DerReader): NameAttribute {
  const attribute = set.sequence('attribute');
  const type = attribute.objectIdentifier('attribute type');
  const tag = attribute.nextTag;
  const contents = attribute.contents(tag, attributeLabel(type));
  const text = stringOf(tag, contents);
  if (text !== undefined) attribute.explain(text);
  else if (STRING_TAGS.has(tag)) attribute.refuse('a string with characters that its type does not have');
  attribute.finish();
  return { type, tag, contents, text };
}

export const emitName = (name: DistinguishedName, tag: number = DerTag.Sequence): Uint8Array =>
  derConstructed(tag, ...name.parts.map((part) => derSetOf(part.map(emitAttribute))));

const emitAttribute = ({ type, tag, contents }: NameAttribute): Uint8Array =>
  derSequence(derObjectIdentifier(type), derElement(tag, contents));

/** By the names of `Oid`, in the order given: `distinguishedName({ commonName: 'R1', organizationName: 'R' })`. */
export function distinguishedName(attributes: Readonly<Partial<Record<AttributeName, string>>>): DistinguishedName {
  return nameOf(Object.entries(attributes).map(([name, text]) => [attributeNamed(name as AttributeName, text)]));
}

export type AttributeName =
  | 'commonName'
  | 'countryName'
  | 'domainComponent'
  | 'emailAddress'
  | 'localityName'
  | 'organizationalUnitName'
  | 'organizationName'
  | 'serialNumber'
  | 'stateOrProvinceName';

/** RFC 5280 §A.1: at most so many characters. */
const MAX_LENGTH: Readonly<Partial<Record<AttributeName, number>>> = {
  commonName: 64,
  countryName: 2,
  organizationName: 64,
  organizationalUnitName: 64,
  localityName: 128,
  stateOrProvinceName: 128,
  serialNumber: 64,
};

/** @throws RangeError */
function attributeNamed(name: AttributeName, text: string): NameAttribute {
  const limit = MAX_LENGTH[name] ?? 255;
  if (text.length === 0 || text.length > limit) {
    throw new RangeError(`${name} must have 1 to ${limit} characters, not ${text.length}`);
  }
  return { type: Oid[name], tag: tagFor(name, text), contents: utf8(text), text };
}

function tagFor(name: AttributeName, text: string): number {
  const tag = { countryName: DerTag.PrintableString, serialNumber: DerTag.PrintableString }[name as string];
  if (tag !== undefined && !PRINTABLE.test(text))
    throw new RangeError(`${name} must be of letters and digits: ${text}`);
  if (tag !== undefined) return tag;
  return name === 'emailAddress' || name === 'domainComponent' ? DerTag.Ia5String : DerTag.Utf8String;
}

function nameOf(parts: readonly NamePart[]): DistinguishedName {
  return { parts, key: parts.map(partKey).join('\n') };
}

export const isEmptyName = (name: DistinguishedName): boolean => name.parts.length === 0;

export const sameName = (a: DistinguishedName, b: DistinguishedName): boolean => a.key === b.key;

/** RFC 5280 §4.2.1.10: `name` is `subtree` or lies below it. */
export const isWithin = (name: DistinguishedName, subtree: DistinguishedName): boolean =>
  name.parts.length >= subtree.parts.length &&
  subtree.parts.every((part, i) => partKey(part) === partKey(name.parts[i] ?? []));

/** All texts of one type, from the root on. */
export const attributeTexts = (name: DistinguishedName, type: string): readonly string[] =>
  name.parts
    .flat()
    .flatMap((attribute) => (attribute.type === type && attribute.text !== undefined ? attribute.text : []));

// Sorted: a set has no order, and it is sorted by bytes that case and string type change.
const partKey = (part: NamePart): string => part.map(attributeKey).sort().join('\t');

/** RFC 5280 §7.1: whatever the string type, without regard to case, several blanks as one. */
function attributeKey({ type, tag, contents, text }: NameAttribute): string {
  if (text === undefined) return `${type}#${tag}:${contents.join(' ')}`;
  return `${type}=${text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase()}`;
}

// Strings.

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const STRING_TAGS: ReadonlySet<number> = new Set([
  DerTag.Utf8String,
  DerTag.NumericString,
  DerTag.PrintableString,
  DerTag.TeletexString,
  DerTag.Ia5String,
  DerTag.VisibleString,
  DerTag.UniversalString,
  DerTag.BmpString,
]);

/** Undefined for another type, or if it holds what its type does not have. */
export function stringOf(tag: number, contents: Uint8Array): string | undefined {
  switch (tag) {
    case DerTag.Utf8String: {
      const text = textOf(contents);
      return bytesEqual(utf8(text), contents) ? text : undefined;
    }
    // `*`, `&`, `@` and `_` are not in X.680 §41.4, and are in names of authorities that everybody trusts.
    case DerTag.PrintableString:
      return matching(contents, /^[A-Za-z0-9 '()+,\-./:=?*&@_]*$/);
    case DerTag.NumericString:
      return matching(contents, /^[0-9 ]*$/);
    case DerTag.Ia5String:
    case DerTag.VisibleString:
      return matching(contents, /^[\0-\x7f]*$/);
    case DerTag.TeletexString: // in practice Latin-1
      return latin1(contents);
    case DerTag.BmpString:
      return wide(contents, 2);
    case DerTag.UniversalString:
      return wide(contents, 4);
    default:
      return undefined;
  }
}

function matching(contents: Uint8Array, allowed: RegExp): string | undefined {
  const text = latin1(contents);
  return allowed.test(text) ? text : undefined;
}

function latin1(contents: Uint8Array): string {
  let text = '';
  for (const byte of contents) text += String.fromCharCode(byte);
  return text;
}

function wide(contents: Uint8Array, size: number): string | undefined {
  if (contents.length % size !== 0) return undefined;
  let text = '';
  for (let at = 0; at < contents.length; at += size) {
    const point = contents.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (point > 0x10_ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

// Text.

const SHORT: Readonly<Record<string, string>> = {
  [Oid.commonName]: 'CN',
  [Oid.countryName]: 'C',
  [Oid.localityName]: 'L',
  [Oid.stateOrProvinceName]: 'ST',
  [Oid.streetAddress]: 'street',
  [Oid.organizationName]: 'O',
  [Oid.organizationalUnitName]: 'OU',
  [Oid.domainComponent]: 'DC',
  [Oid.userId]: 'UID',
  [Oid.surname]: 'SN',
  [Oid.givenName]: 'GN',
  [Oid.jurisdictionLocalityName]: 'jurisdictionL',
  [Oid.jurisdictionStateOrProvinceName]: 'jurisdictionST',
  [Oid.jurisdictionCountryName]: 'jurisdictionC',
};
const LONG = new Map<string, string>(Object.entries(Oid).map(([name, oid]) => [oid, name]));

/** `commonName`, or the identifier where it has no name here. */
export const attributeLabel = (type: string): string => LONG.get(type) ?? type;

/** `CN`, or the long name. */
export const attributeShortLabel = (type: string): string => SHORT[type] ?? attributeLabel(type);

/** On one line, as openssl shows it: `C = US, O = Internet2, CN = InCommon RSA Server CA`. */
export function formatName(name: DistinguishedName): string {
  return name.parts
    .map((part) => part.map((attribute) => `${attributeShortLabel(attribute.type)} = ${quoted(attribute)}`).join(' + '))
    .join(', ');
}

/** One attribute a line, the last first, as `openssl -nameopt multiline,dn_rev` has it: `commonName   = R1`. */
export const nameLines = (name: DistinguishedName): readonly string[] =>
  name.parts
    .flat()
    .map((attribute) => `${attributeLabel(attribute.type).padEnd(25)} = ${codePointText(attribute)}`)
    .reverse();

/** What people call it: the common name, or whatever comes last. */
export function shortName(name: DistinguishedName): string {
  const last = name.parts.at(-1)?.at(-1);
  return attributeTexts(name, Oid.commonName).at(-1) ?? (last === undefined ? '(no name)' : attributeText(last));
}

/** Of a foreign name, so that nothing in it reaches a terminal as a command: controls and what is above ASCII escaped. */
export const attributeText = ({ text, contents }: NameAttribute): string =>
  text === undefined
    ? `#${contents.reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0').toUpperCase(), '')}`
    : [...utf8(text)]
        .map((byte) => (byte < 0x20 || byte >= 0x7f ? `\\${escaped(byte)}` : String.fromCharCode(byte)))
        .join('');

const escaped = (code: number, length = 2): string => code.toString(16).padStart(length, '0').toUpperCase();

/** The same, with characters above ASCII by their numbers, as openssl has it on several lines. */
function codePointText(attribute: NameAttribute): string {
  if (attribute.text === undefined) return attributeText(attribute);
  const show = (character: string): string => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xff) return code > 0xffff ? `\\W${escaped(code, 8)}` : `\\U${escaped(code, 4)}`;
    return code < 0x20 || code >= 0x7f ? `\\${escaped(code)}` : character;
  };
  return [...attribute.text].map(show).join('');
}

function quoted(attribute: NameAttribute): string {
  const text = attributeText(attribute);
  return /[,+"<>;]|^[ #]| $/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}
