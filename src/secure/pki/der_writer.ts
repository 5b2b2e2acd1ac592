// Writes DER (X.690): the mirror image of `DerReader`. Each function gives one element whole, since a length stands in front
// of what it measures; what lies inside is given as elements written before. Not here: what the values mean.

import { joinBytes } from '../../core/bytes.ts';
import { compareSetElements } from './der_reader.ts';
import { contextConstructed, DerTag } from './der_tag.ts';
import { emitObjectIdentifier } from './object_identifier.ts';

/** Any element, from its tag and its contents. */
export function derElement(tag: number, contents: Uint8Array): Uint8Array {
  const length = lengthBytes(contents.length);
  const element = new Uint8Array(1 + length.length + contents.length);
  element[0] = tag;
  element.set(length, 1);
  element.set(contents, 1 + length.length);
  return element;
}

/** Elements that are undefined are left out, as OPTIONAL and DEFAULT have it. */
export type DerElements = readonly (Uint8Array | undefined)[];

export const derSequence = (...elements: DerElements): Uint8Array => derConstructed(DerTag.Sequence, ...elements);

export const derConstructed = (tag: number, ...elements: DerElements): Uint8Array =>
  derElement(tag, joinBytes(elements.filter((element) => element !== undefined)));

/** `[number] EXPLICIT`; nothing around nothing. */
export const derExplicit = (number: number, element: Uint8Array | undefined): Uint8Array | undefined =>
  element === undefined ? undefined : derElement(contextConstructed(number), element);

/** SET OF: put in the order of X.690 §11.6. */
export const derSetOf = (elements: readonly Uint8Array[]): Uint8Array =>
  derConstructed(DerTag.Set, ...[...elements].sort(compareSetElements));

export const derBoolean = (value: boolean, tag: number = DerTag.Boolean): Uint8Array =>
  derElement(tag, Uint8Array.of(value ? 0xff : 0));

/** From two's complement, as `DerReader.integer` gives it, needless bytes left out. */
export function derInteger(bytes: Uint8Array, tag: number = DerTag.Integer): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && isNeedless(bytes[start] ?? 0, bytes[start + 1] ?? 0)) start++;
  return derElement(tag, bytes.length === 0 ? Uint8Array.of(0) : bytes.subarray(start));
}

/** From a number without a sign, big-endian. */
export const derUnsigned = (bytes: Uint8Array, tag: number = DerTag.Integer): Uint8Array =>
  derInteger(joinBytes([Uint8Array.of(0), bytes]), tag);

/** From 0 to 2^31 - 1. @throws RangeError */
export function derSmallInteger(value: number, tag: number = DerTag.Integer): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0x7fff_ffff) {
    throw new RangeError(`value must be a whole number from 0 to 2^31 - 1, not ${value}`);
  }
  return derInteger(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value), tag);
}

/** From dotted decimal. @throws RangeError if it is none */
export const derObjectIdentifier = (dotted: string, tag: number = DerTag.ObjectIdentifier): Uint8Array =>
  derElement(tag, emitObjectIdentifier(dotted));

export const derNull = (): Uint8Array => derElement(DerTag.Null, new Uint8Array(0));

export const derOctetString = (bytes: Uint8Array, tag: number = DerTag.OctetString): Uint8Array =>
  derElement(tag, bytes);

export const derBitString = (bytes: Uint8Array, unusedBits = 0, tag: number = DerTag.BitString): Uint8Array =>
  derElement(tag, joinBytes([Uint8Array.of(unusedBits), bytes]));

/** Bit 0 of `bits` is the first one; zeros at the end are left out (X.690 §11.2.2). */
export function derNamedBits(bits: number, tag: number = DerTag.BitString): Uint8Array {
  const count = 32 - Math.clz32(bits);
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    if ((bits & (1 << i)) !== 0) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (0x80 >> (i & 7));
  }
  return derBitString(bytes, 8 * bytes.length - count, tag);
}

const isNeedless = (first: number, second: number): boolean =>
  (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}
