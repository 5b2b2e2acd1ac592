// Domain names (RFC 1035 §3.1, §4.1.4): labels on the wire, text everywhere else.
//
//   3 w w w  3 f o o  4 t e s t  0        <->   www.foo.test.
//   3 w w w  c0 0c                              the rest stands at byte 12 of the message (compression)
//
// A `DnsName` is always absolute (it ends in a dot), keeps the case it came with, and escapes each byte in one way only:
// two names are the same exactly when their texts are the same but for the case of ASCII letters (RFC 4343).

import type { ByteReader } from '../core/byte_reader.ts';
import type { ByteWriter } from '../core/byte_writer.ts';
import { utf8 } from '../core/bytes.ts';
import { DropReason } from '../core/drop_reason.ts';
import type { IpAddress } from './address.ts';

declare const kind: unique symbol;

/** An absolute name as presentation text: `www.foo.test.`; the root is `.`. */
export type DnsName = string & { readonly [kind]: 'dns name' };

export const ROOT_NAME: DnsName = '.' as DnsName;

/** RFC 1035 §2.3.4, in octets: a label, and a whole name with its length octets and the root's. */
export const MAX_LABEL_LENGTH = 63;
export const MAX_NAME_LENGTH = 255;

const POINTER = 0xc0;
const MAX_POINTER = 0x3fff;

/** Where each name written so far, and each end of it, stands in the message. */
export class NameCompression {
  private readonly places = new Map<string, number>();
  private readonly order: { readonly text: string; readonly at: number }[] = [];

  find(text: string): number | undefined {
    return this.places.get(text);
  }

  add(text: string, at: number): void {
    if (at > MAX_POINTER || this.places.has(text)) return;
    this.places.set(text, at);
    this.order.push({ text, at });
  }

  /** Forgets what stood at `length` and behind it. */
  rewind(length: number): void {
    for (let last = this.order.at(-1); last !== undefined && last.at >= length; last = this.order.at(-1)) {
      this.places.delete(last.text);
      this.order.pop();
    }
  }
}

/** Reads presentation text, with or without the last dot, escapes included; undefined when it is no name. */
export function parseDnsName(text: string): DnsName | undefined {
  if (text === '.') return ROOT_NAME;
  const bytes = utf8(text);
  const labels: number[][] = [[]];
  for (let i = 0; i < bytes.length; i++) {
    const label = labels.at(-1) ?? [];
    const byte = bytes[i] ?? 0;
    if (byte === DOT) {
      if (label.length === 0) return undefined;
      labels.push([]);
    } else if (byte === BACKSLASH) {
      const digits = /^[0-9]{3}/.exec(latin1(bytes, i + 1))?.[0];
      const escaped = digits === undefined ? bytes[i + 1] : Number(digits);
      if (escaped === undefined || escaped > 255) return undefined;
      label.push(escaped);
      i += digits === undefined ? 1 : 3;
    } else label.push(byte);
  }
  if (labels.at(-1)?.length === 0) labels.pop();
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (labels.length === 0 || length > MAX_NAME_LENGTH) return undefined;
  if (labels.some((label) => label.length > MAX_LABEL_LENGTH)) return undefined;
  return labels.map((label) => `${label.map(escapedByte).join('')}.`).join('') as DnsName;
}

/** @throws RangeError when `text` is no domain name */
export function dnsName(text: string): DnsName {
  const name = parseDnsName(text);
  if (name === undefined) throw new RangeError(`"${text}" is not a domain name`);
  return name;
}

/** What Maps and comparisons use: letters in lower case (RFC 4343 §3). */
export const nameKey = (name: DnsName): string => name.toLowerCase();

export const sameName = (a: DnsName, b: DnsName): boolean => a === b || nameKey(a) === nameKey(b);

/** Whether `name` is `ancestor` or lies below it. */
export function isWithin(name: DnsName, ancestor: DnsName): boolean {
  if (ancestor === ROOT_NAME) return true;
  const key = nameKey(name);
  const end = nameKey(ancestor);
  if (!key.endsWith(end)) return false;
  // The end must begin at a label: `xfoo.test.` does not lie in `foo.test.`, and neither does `x\.foo.test.`.
  return key.length === end.length || isLabelStart(key, key.length - end.length);
}

/** The name without its first label; the root's parent is the root. */
export function parentName(name: DnsName): DnsName {
  for (let i = 1; i < name.length; i++) if (isLabelStart(name, i)) return name.slice(i) as DnsName;
  return ROOT_NAME;
}

/** From the name itself up to the root. */
export function ancestors(name: DnsName): DnsName[] {
  const line = [name];
  for (let at = name; at !== ROOT_NAME; ) {
    at = parentName(at);
    line.push(at);
  }
  return line;
}

/** Labels as escaped text, the leftmost first; none for the root. */
export function dnsLabels(name: DnsName): string[] {
  const line = ancestors(name);
  return line.slice(0, -1).map((at, i) => {
    const rest = line[i + 1] ?? ROOT_NAME;
    return at.slice(0, at.length - (rest === ROOT_NAME ? 0 : rest.length) - 1);
  });
}

/** `label` in front of `name`. @throws RangeError when that is no name */
export const childName = (label: string, name: DnsName): DnsName =>
  dnsName(name === ROOT_NAME ? `${label}.` : `${label}.${name}`);

/** RFC 4034 §6.1: compared label by label from the right, as lower-case bytes. */
export function compareNames(a: DnsName, b: DnsName): number {
  const left = dnsLabels(a).reverse();
  const right = dnsLabels(b).reverse();
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareBytes(labelBytes((left[i] ?? '').toLowerCase()), labelBytes((right[i] ?? '').toLowerCase()));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Whose PTR record names `address` (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: IpAddress): DnsName {
  if (typeof address === 'number') {
    return dnsName(
      `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}.in-addr.arpa.`,
    );
  }
  let digits = '';
  for (let i = 0; i < 8; i++) digits += address.charCodeAt(i).toString(16).padStart(4, '0');
  return dnsName(`${[...digits].reverse().join('.')}.ip6.arpa.`);
}

/**
 * Reads a name that may end in a pointer. Each pointer must point in front of the labels that led to it, so the reading
 * ends; a name of more than 255 octets is refused, so it ends soon.
 *
 * @param start where the message begins, from which pointers count
 */
export function readDnsName(reader: ByteReader, start: number, mayPoint = true): DnsName | DropReason {
  const { view, end } = reader;
  let text = '';
  let length = 1;
  let at = reader.at;
  let lowest = at; // pointers must go below it
  let hasJumped = false;
  for (;;) {
    if (at >= end) return truncated(reader);
    const size = view.getUint8(at);
    if (size === 0) break;
    if (size >= POINTER) {
      if (at + 2 > end) return truncated(reader);
      const target = start + (view.getUint16(at) & MAX_POINTER);
      if (!hasJumped) reader.at = at + 2;
      if (!mayPoint || target >= lowest) return DropReason.BadPointer;
      hasJumped = true;
      at = target;
      lowest = target;
      continue;
    }
    if (size > MAX_LABEL_LENGTH) return DropReason.BadName; // RFC 6891 §5: the other label types are gone
    length += size + 1;
    if (length > MAX_NAME_LENGTH) return DropReason.BadName;
    if (at + 1 + size > end) return truncated(reader);
    for (let i = at + 1; i <= at + size; i++) text += escapedByte(view.getUint8(i));
    text += '.';
    at += size + 1;
  }
  if (!hasJumped) reader.at = at + 1;
  return (text === '' ? '.' : text) as DnsName;
}

/**
 * Writes a name: whole, or with the end that stands in the message already as a pointer. Ends are found with their case,
 * so that a name comes back as it was.
 */
export function writeDnsName(writer: ByteWriter, name: DnsName, compression?: NameCompression): void {
  for (let rest = name; rest !== ROOT_NAME; rest = parentName(rest)) {
    const place = compression?.find(rest);
    if (place !== undefined) {
      writer.uint16((POINTER << 8) | place);
      return;
    }
    compression?.add(rest, writer.length);
    const next = parentName(rest);
    const label = labelBytes(rest.slice(0, rest.length - (next === ROOT_NAME ? 0 : next.length) - 1));
    writer.uint8(label.length);
    writer.bytes(label);
  }
  writer.uint8(0);
}

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** What a label's text stands for. */
export function labelBytes(label: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < label.length; i++) {
    if (label.charCodeAt(i) !== BACKSLASH) bytes.push(label.charCodeAt(i));
    else if (/[0-9]/.test(label[i + 1] ?? '')) {
      bytes.push(Number(label.slice(i + 1, i + 4)));
      i += 3;
    } else {
      bytes.push(label.charCodeAt(i + 1));
      i++;
    }
  }
  return Uint8Array.from(bytes);
}

// RFC 1035 §5.1: what would mean something else in a zone file stands behind a backslash, the unprintable as \DDD.
const ESCAPED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  return '.\\"();@$'.includes(character) ? `\\${character}` : character;
});
const escapedByte = (byte: number): string => ESCAPED[byte] ?? '';

// Whether a label begins at `i`: behind a dot that no backslash escapes. An escaped backslash escapes nothing.
function isLabelStart(text: string, i: number): boolean {
  if (i >= text.length || text.charCodeAt(i - 1) !== DOT) return false;
  let backslashes = 0;
  while (text.charCodeAt(i - 2 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 0;
}

const latin1 = (bytes: Uint8Array, from: number): string => String.fromCharCode(...bytes.subarray(from, from + 3));

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = (a[i] ?? 0) - (b[i] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function truncated(reader: ByteReader): DropReason {
  reader.isTruncated = true;
  return DropReason.Truncated;
}
