// Reads DER (X.690): the one way to write each ASN.1 value, from bytes that a stranger wrote. Nothing here throws. The first
// thing that is wrong is kept in `problem`, shared by a reader and all readers opened from it; after that everything reads
// as empty, so that a decoder reads straight through and judges once.
//
// Strict: definite and minimal lengths, minimal integers, one byte for true, named bits without zeros at the end, sets in
// order. With `spans` given, each element is recorded with what it means, so that every byte can be explained.
//
// The mirror image is `DerWriter`. Not here: what the values mean, times (der_time.ts) and object identifiers' names.

import type { ByteSpan } from '../../core/byte_reader.ts';
import { DerTag, isConstructed, tagName } from './der_tag.ts';
import { parseObjectIdentifier } from './object_identifier.ts';

/** Why bytes are no DER, or not the DER that was to be read. */
export interface Malformed {
  readonly kind: 'malformed';
  /** From the start of the whole input. */
  readonly at: number;
  /** `a length that is not minimal` */
  readonly reason: string;
}

/** What a parse function gave: narrows to why it did not succeed. */
export const isMalformed = (result: object | string | number | undefined): result is Malformed =>
  typeof result === 'object' && 'kind' in result && result.kind === 'malformed';

/** How deep elements may lie in each other. A certificate takes about ten; each level is a level of somebody's stack. */
export const MAX_DER_DEPTH = 24;

const EMPTY: Uint8Array = new Uint8Array(0);

/** What all readers of one input share. */
interface DerInput {
  readonly bytes: Uint8Array;
  readonly spans: ByteSpan[] | undefined;
  problem: Malformed | undefined;
}

/** Contents of a BIT STRING. */
export interface BitString {
  readonly bytes: Uint8Array;
  /** Bits of the last byte that do not count, all zero. */
  readonly unusedBits: number;
}

export interface Wrapped<T> {
  readonly value: Uint8Array;
  readonly contents: T;
}

export class DerReader {
  private readonly input: DerInput;
  private readonly depth: number;
  /** The next byte to read, from the start of the whole input. */
  at: number;
  readonly end: number;

  private constructor(input: DerInput, at: number, end: number, depth: number) {
    this.input = input;
    this.at = at;
    this.end = end;
    this.depth = depth;
  }

  static of(bytes: Uint8Array, spans?: ByteSpan[]): DerReader {
    return new DerReader({ bytes, spans, problem: undefined }, 0, bytes.length, 0);
  }

  /** The first thing that was wrong, anywhere in this input. */
  get problem(): Malformed | undefined {
    return this.input.problem;
  }

  get isAtEnd(): boolean {
    return this.problem !== undefined || this.at >= this.end;
  }

  /** The tag of the next element, or -1 at the end. */
  get nextTag(): number {
    return this.isAtEnd ? -1 : (this.input.bytes[this.at] ?? -1);
  }

  /** Says that something is wrong here. The first to say so is heard. */
  refuse(reason: string, at: number = this.at): void {
    this.input.problem ??= { kind: 'malformed', at, reason };
  }

  /** Nothing may be left. */
  finish(): void {
    if (!this.isAtEnd) this.refuse('more than there should be');
  }

  /** Opens a constructed element, or a primitive one whose contents are DER again. */
  open(tag: number, label: string): DerReader {
    const start = this.at;
    const contents = this.contents(tag, label);
    if (this.problem !== undefined) return new DerReader(this.input, start, start, this.depth);
    if (this.depth >= MAX_DER_DEPTH) this.refuse('elements nested too deeply', start);
    return new DerReader(this.input, this.at - contents.length, this.at, this.depth + 1);
  }

  sequence(label: string): DerReader {
    return this.open(DerTag.Sequence, label);
  }

  /** An element that may be missing. */
  optional(tag: number, label: string): DerReader | undefined {
    return this.nextTag === tag ? this.open(tag, label) : undefined;
  }

  /** SET OF, in the order of DER (X.690 §11.6), and each element read by `read`. */
  setOf<T>(label: string, read: (set: DerReader) => T): T[] {
    return this.elements(this.open(DerTag.Set, label), read, true);
  }

  /** SEQUENCE OF. */
  sequenceOf<T>(label: string, read: (sequence: DerReader) => T, tag: number = DerTag.Sequence): T[] {
    return this.elements(this.open(tag, label), read, false);
  }

  /** The next element whole, with its tag and length, whatever it is. */
  element(label: string): Uint8Array {
    const start = this.at;
    this.contents(this.nextTag, label);
    return this.problem === undefined ? this.input.bytes.subarray(start, this.at) : EMPTY;
  }

  boolean(label: string, tag: number = DerTag.Boolean): boolean {
    const contents = this.contents(tag, label);
    const [value] = contents;
    // X.690 §11.1
    if (contents.length !== 1 || (value !== 0 && value !== 0xff)) this.refuse('a boolean that is neither 00 nor ff');
    return value === 0xff;
  }

  /** Two's complement, big-endian, minimal. */
  integer(label: string, tag: number = DerTag.Integer): Uint8Array {
    const contents = this.contents(tag, label);
    const [first = 0, second = 0] = contents;
    if (contents.length === 0) this.refuse('an integer without bytes');
    // X.690 §8.3.2: the first nine bits are not all the same.
    if (contents.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
      this.refuse('an integer that is not minimal');
    }
    return contents;
  }

  /** From 0 to 2^31 - 1; anything else is refused. */
  smallInteger(label: string, tag: number = DerTag.Integer): number {
    const contents = this.integer(label, tag);
    const value = contents.reduce((sum, byte) => sum * 256 + byte, 0);
    if ((contents[0] ?? 0) >= 0x80 || value > 0x7fff_ffff) this.refuse('a number out of range');
    return this.problem === undefined ? value : 0;
  }

  /** Dotted decimal; empty if it is wrong. */
  objectIdentifier(label: string, tag: number = DerTag.ObjectIdentifier): string {
    const text = parseObjectIdentifier(this.contents(tag, label));
    if (text === undefined) this.refuse('an object identifier that is not well-formed');
    return text ?? '';
  }

  null(label: string): void {
    if (this.contents(DerTag.Null, label).length > 0) this.refuse('a null with contents');
  }

  octetString(label: string, tag: number = DerTag.OctetString): Uint8Array {
    return this.contents(tag, label);
  }

  bitString(label: string, tag: number = DerTag.BitString): BitString {
    const contents = this.contents(tag, label);
    const [unusedBits = 0] = contents;
    const bytes = contents.subarray(1);
    const last = bytes.at(-1) ?? 0;
    // X.690 §8.6.2, §11.2.1: bits that do not count are zero.
    if (contents.length === 0 || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) {
      this.refuse('a bit string that states its length wrongly');
    } else if ((last & ((1 << unusedBits) - 1)) !== 0) this.refuse('a bit string with padding that is not zero');
    return { bytes, unusedBits };
  }

  /** BIT STRING whose bits have names: X.690 §11.2.2, without zeros at the end. Bit 0 is the first of the first byte. */
  namedBits(label: string, tag: number = DerTag.BitString): number {
    const { bytes, unusedBits } = this.bitString(label, tag);
    const last = bytes.at(-1);
    if (last !== undefined && (last & (1 << unusedBits)) === 0) this.refuse('named bits with zeros at the end');
    if (bytes.length > 3) this.refuse('more named bits than there are names');
    let bits = 0;
    for (let i = 0; i < 8 * bytes.length && i < 24; i++) {
      if (((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0) bits |= 1 << i;
    }
    return bits;
  }

  /** OCTET STRING or BIT STRING that holds one element of DER again, read by `read`; `value` is that element. */
  wrapped<T>(label: string, read: (contents: DerReader) => T, tag: number = DerTag.OctetString): Wrapped<T> {
    const inside = this.open(tag, label);
    // X.690 §8.6.2: whole bytes.
    if (tag === DerTag.BitString && this.input.bytes[inside.at++] !== 0) this.refuse('bits that are not whole bytes');
    const { at } = inside;
    const contents = read(inside);
    inside.finish();
    return { value: inside.raw(at), contents };
  }

  /** What has been read from `start` up to here, as bytes. */
  raw(start: number): Uint8Array {
    return this.problem === undefined ? this.input.bytes.subarray(start, this.at) : EMPTY;
  }

  /** Adds the meaning to the element that was read last. @param value made only if somebody wants to know */
  explain(value: string | (() => string)): void {
    const last = this.input.spans?.at(-1);
    if (last === undefined) return;
    this.input.spans?.splice(-1, 1, { ...last, value: typeof value === 'string' ? value : value() });
  }

  /** The contents of the next element, which must have this tag. */
  contents(tag: number, label: string): Uint8Array {
    const { bytes } = this.input;
    if (this.problem !== undefined) return EMPTY;
    const start = this.at;
    if (start >= this.end) return this.missing(tag, label);
    const found = bytes[start] ?? 0;
    if (found !== tag) return this.fail(`${tagName(found)} in the place of ${tagName(tag)} (${label})`, start);
    if ((found & 0x1f) === 0x1f) return this.fail('a tag of more than one byte', start);
    const contentsAt = this.readLength(start + 1);
    if (this.problem !== undefined) return EMPTY;
    this.input.spans?.push({ start, end: this.at, label });
    return bytes.subarray(contentsAt, this.at);
  }

  /** Where the contents begin; `at` is put behind them. */
  private readLength(lengthAt: number): number {
    const { bytes } = this.input;
    if (lengthAt >= this.end) this.refuse('cut short in a length', lengthAt);
    const first = bytes[lengthAt] ?? 0;
    let length = first;
    let contentsAt = lengthAt + 1;
    if (first >= 0x80) {
      // X.690 §10.1: definite, and as short as can be. Four bytes are more than any certificate takes.
      const count = first & 0x7f;
      if (count === 0) this.refuse('an indefinite length', lengthAt);
      if (count > 4) this.refuse('a length of more than four bytes', lengthAt);
      length = 0;
      contentsAt += count;
      if (contentsAt > this.end) this.refuse('cut short in a length', lengthAt);
      if (this.problem !== undefined) return lengthAt;
      for (let i = lengthAt + 1; i < contentsAt; i++) length = length * 256 + (bytes[i] ?? 0);
      if (length < 0x80 || length < 256 ** (count - 1)) this.refuse('a length that is not minimal', lengthAt);
    }
    if (contentsAt + length > this.end) this.refuse('a length beyond the end', lengthAt);
    if (this.problem === undefined) this.at = contentsAt + length;
    return contentsAt;
  }

  private elements<T>(list: DerReader, read: (list: DerReader) => T, isSorted: boolean): T[] {
    const found: T[] = [];
    let before: Uint8Array = EMPTY;
    while (!list.isAtEnd) {
      const start = list.at;
      found.push(read(list));
      if (list.at === start) list.refuse('an element that nobody reads');
      if (!isSorted || list.problem !== undefined) continue;
      const element = this.input.bytes.subarray(start, list.at);
      if (compareSetElements(before, element) > 0) list.refuse('a set out of order', start);
      before = element;
    }
    return found;
  }

  private missing(tag: number, label: string): Uint8Array {
    return this.fail(`the end in the place of ${tagName(tag)} (${label})`, this.at);
  }

  private fail(reason: string, at: number): Uint8Array {
    this.refuse(reason, at);
    return EMPTY;
  }
}

/** X.690 §11.6: as bytes, the shorter one filled up with zeros. */
export function compareSetElements(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Every element below this one, for who wants to see structure without meaning: `depth` from 0 on. */
export interface DerElement {
  readonly tag: number;
  readonly depth: number;
  readonly start: number;
  readonly contentsAt: number;
  readonly end: number;
}

/** All elements in the order of their bytes, constructed ones before what they hold. */
export function listDerElements(bytes: Uint8Array): readonly DerElement[] | Malformed {
  const found: DerElement[] = [];
  const walk = (reader: DerReader, depth: number): void => {
    while (!reader.isAtEnd) {
      const start = reader.at;
      const tag = reader.nextTag;
      const contents = reader.open(tag, 'element');
      if (reader.problem !== undefined) return;
      found.push({ tag, depth, start, contentsAt: contents.at, end: contents.end });
      if (isConstructed(tag)) walk(contents, depth + 1);
    }
  };
  const reader = DerReader.of(bytes);
  walk(reader, 0);
  return reader.problem ?? found;
}
