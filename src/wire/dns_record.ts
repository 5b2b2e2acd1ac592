// Resource records (RFC 1035 §3.2): an owner, a type, a class, a time to live, and data whose shape the type decides.
//
//   | owner name ... | type | class | ttl, 32 bits | length | data ... |
//
// Types that are not known here are kept as their bytes (RFC 3597). Not here: the OPT record, which is no record but a
// piece of the header (`dns_message.ts`); text (`dns_record_text.ts`).

import type { ByteReader } from '../core/byte_reader.ts';
import { ByteWriter } from '../core/byte_writer.ts';
import { bytesEqual, textOf, utf8 } from '../core/bytes.ts';
import { DropReason } from '../core/drop_reason.ts';
import type { Ipv4Address, Ipv6Address } from './address.ts';
import { type DnsName, type NameCompression, readDnsName, writeDnsName } from './dns_name.ts';
import { DnsClass, DnsType, formatDnsType } from './dns_type.ts';

export interface SoaData {
  readonly kind: 'SOA';
  /** MNAME: the primary server. */
  readonly primary: DnsName;
  /** RNAME: whom to write to, its first dot standing for the at sign. */
  readonly mailbox: DnsName;
  readonly serial: number;
  /** These four in seconds. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** How long "there is no such thing" may be kept (RFC 2308 §4). */
  readonly minimum: number;
}

export interface SignatureData {
  readonly kind: 'RRSIG';
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  /** Seconds since 1970, as serial numbers (RFC 4034 §3.1.5). */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DnsName;
  readonly signature: Uint8Array;
}

/** One variant a shape. `kind` is the type's name; `opaque` where the type or its class is unknown here. */
export type DnsData =
  | { readonly kind: 'A'; readonly address: Ipv4Address }
  | { readonly kind: 'AAAA'; readonly address: Ipv6Address }
  | { readonly kind: 'NS' | 'CNAME' | 'PTR' | 'DNAME'; readonly target: DnsName }
  | SoaData
  | { readonly kind: 'MX'; readonly preference: number; readonly exchange: DnsName }
  | { readonly kind: 'TXT'; readonly strings: readonly Uint8Array[] }
  | { readonly kind: 'HINFO'; readonly cpu: Uint8Array; readonly system: Uint8Array }
  | {
      readonly kind: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: DnsName;
    }
  | { readonly kind: 'CAA'; readonly flags: number; readonly tag: string; readonly value: Uint8Array }
  | {
      readonly kind: 'SVCB' | 'HTTPS';
      readonly priority: number;
      readonly target: DnsName;
      readonly parameters: readonly ServiceParameter[];
    }
  | {
      readonly kind: 'DS';
      readonly keyTag: number;
      readonly algorithm: number;
      readonly digestType: number;
      readonly digest: Uint8Array;
    }
  | {
      readonly kind: 'DNSKEY';
      readonly flags: number;
      readonly protocol: number;
      readonly algorithm: number;
      readonly publicKey: Uint8Array;
    }
  | SignatureData
  | { readonly kind: 'NSEC'; readonly next: DnsName; readonly types: readonly number[] }
  | { readonly kind: 'opaque'; readonly bytes: Uint8Array };

/** RFC 9460 §2.2: in a record, keys ascend and none comes twice. */
export interface ServiceParameter {
  readonly key: number;
  readonly value: Uint8Array;
}

export interface DnsRecord {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0 to 2^31 - 1. */
  readonly ttl: number;
  readonly data: DnsData;
}

/** The shortest record: the root's name, and no data. */
export const MIN_RECORD_LENGTH = 11;

const MAX_TTL = 0x7fff_ffff;

/** Everything of a record, its owner's name included. @param start where the message begins */
export function readDnsRecord(reader: ByteReader, start: number): DnsRecord | DropReason {
  const first = reader.at;
  const name = readDnsName(reader, start);
  if (typeof name === 'number') return name;
  reader.mark(first, 'owner', name);
  const fixed = reader.at;
  const type = reader.uint16();
  const code = reader.uint16();
  const ttl = reader.uint32();
  const rest = reader.sub(reader.uint16());
  if (reader.isTruncated) return DropReason.Truncated;
  reader.spans?.push({ start: fixed, end: fixed + 2, label: 'type', value: formatDnsType(type) });
  reader.spans?.push({ start: fixed + 2, end: fixed + 4, label: 'class' });
  reader.spans?.push({ start: fixed + 4, end: fixed + 8, label: 'time to live', value: `${ttl} s` });
  reader.spans?.push({ start: fixed + 8, end: fixed + 10, label: 'data length' });
  const dataAt = rest.at;
  const data = readDnsData(rest, type, code, start);
  if (typeof data === 'number') return data;
  if (rest.isTruncated || rest.at !== rest.end) return DropReason.BadLength;
  rest.mark(dataAt, 'data');
  return { name, type, class: code, ttl: ttl > MAX_TTL ? 0 : ttl, data }; // RFC 2181 §8: the top bit set means zero
}

export function writeDnsRecord(writer: ByteWriter, record: DnsRecord, compression?: NameCompression): void {
  writeDnsName(writer, record.name, compression);
  writer.uint16(record.type);
  writer.uint16(record.class);
  writer.uint32(record.ttl);
  const lengthAt = writer.length;
  writer.uint16(0);
  writeDnsData(writer, record.data, compression);
  writer.setUint16(lengthAt, writer.length - lengthAt - 2);
}

/** All of `reader`. It may leave bytes over, or be truncated, which the caller judges. */
export function readDnsData(reader: ByteReader, type: number, code: number, start: number): DnsData | DropReason {
  // RFC 2136 §2.4: prerequisites and deletions are records of class ANY or NONE without data.
  if (reader.remaining === 0 && code >= DnsClass.NONE) return opaque(reader);
  switch (type) {
    case DnsType.A:
      return code === DnsClass.IN ? { kind: 'A', address: reader.int32() as Ipv4Address } : opaque(reader);
    case DnsType.AAAA:
      return code === DnsClass.IN ? { kind: 'AAAA', address: readIpv6(reader) } : opaque(reader);
    case DnsType.NS:
      return readTarget(reader, 'NS', start);
    case DnsType.CNAME:
      return readTarget(reader, 'CNAME', start);
    case DnsType.PTR:
      return readTarget(reader, 'PTR', start);
    case DnsType.DNAME:
      return readTarget(reader, 'DNAME', start);
    case DnsType.SOA:
      return readSoa(reader, start);
    case DnsType.MX: {
      const preference = reader.uint16();
      const exchange = readDnsName(reader, start);
      return typeof exchange === 'number' ? exchange : { kind: 'MX', preference, exchange };
    }
    case DnsType.TXT: {
      const strings = [readString(reader)];
      while (reader.remaining > 0) strings.push(readString(reader));
      return { kind: 'TXT', strings };
    }
    case DnsType.HINFO:
      return { kind: 'HINFO', cpu: readString(reader), system: readString(reader) };
    case DnsType.SRV: {
      const priority = reader.uint16();
      const weight = reader.uint16();
      const port = reader.uint16();
      const target = readDnsName(reader, start); // RFC 3597 §4: old senders compress it
      return typeof target === 'number' ? target : { kind: 'SRV', priority, weight, port, target };
    }
    case DnsType.CAA:
      return readCaa(reader);
    case DnsType.SVCB:
      return readService(reader, 'SVCB', start);
    case DnsType.HTTPS:
      return readService(reader, 'HTTPS', start);
    case DnsType.DS: {
      const [keyTag, algorithm, digestType] = [reader.uint16(), reader.uint8(), reader.uint8()];
      return { kind: 'DS', keyTag, algorithm, digestType, digest: reader.bytes(reader.remaining) };
    }
    case DnsType.DNSKEY: {
      const [flags, protocol, algorithm] = [reader.uint16(), reader.uint8(), reader.uint8()];
      return { kind: 'DNSKEY', flags, protocol, algorithm, publicKey: reader.bytes(reader.remaining) };
    }
    case DnsType.RRSIG:
      return readSignature(reader, start);
    case DnsType.NSEC: {
      const next = readDnsName(reader, start, false);
      if (typeof next === 'number') return next;
      const types = readTypeBitmap(reader);
      return typeof types === 'number' ? types : { kind: 'NSEC', next, types };
    }
    default:
      return opaque(reader);
  }
}

/** Names are compressed only in the types of RFC 1035 (RFC 3597 §4). */
export function writeDnsData(writer: ByteWriter, data: DnsData, compression?: NameCompression): void {
  switch (data.kind) {
    case 'A':
      writer.uint32(data.address);
      return;
    case 'AAAA':
      for (let i = 0; i < 8; i++) writer.uint16(data.address.charCodeAt(i));
      return;
    case 'NS':
    case 'CNAME':
    case 'PTR':
      writeDnsName(writer, data.target, compression);
      return;
    case 'DNAME':
      writeDnsName(writer, data.target);
      return;
    case 'SOA':
      writeDnsName(writer, data.primary, compression);
      writeDnsName(writer, data.mailbox, compression);
      writer.uint32(data.serial);
      writer.uint32(data.refresh);
      writer.uint32(data.retry);
      writer.uint32(data.expire);
      writer.uint32(data.minimum);
      return;
    case 'MX':
      writer.uint16(data.preference);
      writeDnsName(writer, data.exchange, compression);
      return;
    case 'TXT':
      for (const text of data.strings) writeString(writer, text);
      return;
    case 'HINFO':
      writeString(writer, data.cpu);
      writeString(writer, data.system);
      return;
    case 'SRV':
      writer.uint16(data.priority);
      writer.uint16(data.weight);
      writer.uint16(data.port);
      writeDnsName(writer, data.target);
      return;
    case 'CAA':
      writer.uint8(data.flags);
      writeString(writer, utf8(data.tag));
      writer.bytes(data.value);
      return;
    case 'SVCB':
    case 'HTTPS':
      writer.uint16(data.priority);
      writeDnsName(writer, data.target);
      for (const { key, value } of data.parameters) {
        writer.uint16(key);
        writer.uint16(value.length);
        writer.bytes(value);
      }
      return;
    case 'DS':
      writer.uint16(data.keyTag);
      writer.uint8(data.algorithm);
      writer.uint8(data.digestType);
      writer.bytes(data.digest);
      return;
    case 'DNSKEY':
      writer.uint16(data.flags);
      writer.uint8(data.protocol);
      writer.uint8(data.algorithm);
      writer.bytes(data.publicKey);
      return;
    case 'RRSIG':
      writer.uint16(data.typeCovered);
      writer.uint8(data.algorithm);
      writer.uint8(data.labels);
      writer.uint32(data.originalTtl);
      writer.uint32(data.expiration);
      writer.uint32(data.inception);
      writer.uint16(data.keyTag);
      writeDnsName(writer, data.signer);
      writer.bytes(data.signature);
      return;
    case 'NSEC':
      writeDnsName(writer, data.next);
      writeTypeBitmap(writer, data.types);
      return;
    case 'opaque':
      writer.bytes(data.bytes);
      return;
    default:
      data satisfies never;
  }
}

/** Whether both are the same bytes on the wire. */
export function sameDnsData(a: DnsData, b: DnsData): boolean {
  if (a.kind !== b.kind) return false;
  const [left, right] = [new ByteWriter(), new ByteWriter()];
  writeDnsData(left, a);
  writeDnsData(right, b);
  return bytesEqual(left.finish(), right.finish());
}

const opaque = (reader: ByteReader): DnsData => ({ kind: 'opaque', bytes: reader.bytes(reader.remaining) });

function readIpv6(reader: ByteReader): Ipv6Address {
  let groups = '';
  for (let i = 0; i < 8; i++) groups += String.fromCharCode(reader.uint16());
  return groups as Ipv6Address;
}

function readTarget(reader: ByteReader, kind: 'NS' | 'CNAME' | 'PTR' | 'DNAME', start: number): DnsData | DropReason {
  const target = readDnsName(reader, start);
  return typeof target === 'number' ? target : { kind, target };
}

function readSoa(reader: ByteReader, start: number): DnsData | DropReason {
  const primary = readDnsName(reader, start);
  if (typeof primary === 'number') return primary;
  const mailbox = readDnsName(reader, start);
  if (typeof mailbox === 'number') return mailbox;
  const [serial, refresh, retry] = [reader.uint32(), reader.uint32(), reader.uint32()];
  return { kind: 'SOA', primary, mailbox, serial, refresh, retry, expire: reader.uint32(), minimum: reader.uint32() };
}

function readCaa(reader: ByteReader): DnsData | DropReason {
  const flags = reader.uint8();
  const tag = textOf(readString(reader));
  if (!reader.isTruncated && !/^[0-9A-Za-z]+$/.test(tag)) return DropReason.BadOption; // RFC 8659 §4.1
  return { kind: 'CAA', flags, tag, value: reader.bytes(reader.remaining) };
}

function readService(reader: ByteReader, kind: 'SVCB' | 'HTTPS', start: number): DnsData | DropReason {
  const priority = reader.uint16();
  const target = readDnsName(reader, start, false);
  if (typeof target === 'number') return target;
  const parameters: ServiceParameter[] = [];
  while (reader.remaining > 0) {
    const key = reader.uint16();
    if (key <= (parameters.at(-1)?.key ?? -1)) return DropReason.BadOption; // RFC 9460 §2.2
    parameters.push({ key, value: reader.bytes(reader.uint16()) });
  }
  return { kind, priority, target, parameters };
}

function readSignature(reader: ByteReader, start: number): DnsData | DropReason {
  const [typeCovered, algorithm, labels] = [reader.uint16(), reader.uint8(), reader.uint8()];
  const [originalTtl, expiration, inception] = [reader.uint32(), reader.uint32(), reader.uint32()];
  const keyTag = reader.uint16();
  const signer = readDnsName(reader, start, false);
  if (typeof signer === 'number') return signer;
  const signature = reader.bytes(reader.remaining);
  const kind = 'RRSIG';
  return { kind, typeCovered, algorithm, labels, originalTtl, expiration, inception, keyTag, signer, signature };
}

// RFC 4034 §4.1.2: blocks of 256 types, ascending, each with as many bytes as it needs and no zero at its end.
function readTypeBitmap(reader: ByteReader): number[] | DropReason {
  const types: number[] = [];
  for (let previous = -1; reader.remaining > 0; ) {
    const block = reader.uint8();
    const bits = reader.bytes(reader.uint8());
    if (block <= previous || bits.length === 0 || bits.length > 32 || bits.at(-1) === 0) return DropReason.BadOption;
    for (const [i, byte] of bits.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) types.push(block * 256 + i * 8 + bit);
    }
    previous = block;
  }
  return types;
}

function writeTypeBitmap(writer: ByteWriter, types: readonly number[]): void {
  const sorted = [...types].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    const block = (sorted[i] ?? 0) >>> 8;
    const bits: number[] = [];
    for (; i < sorted.length && (sorted[i] ?? 0) >>> 8 === block; i++) {
      const type = (sorted[i] ?? 0) & 255;
      while (bits.length <= type >>> 3) bits.push(0);
      bits[type >>> 3] = (bits[type >>> 3] ?? 0) | (0x80 >> (type & 7));
    }
    writer.uint8(block);
    writer.uint8(bits.length);
    writer.bytes(Uint8Array.from(bits));
  }
}

const readString = (reader: ByteReader): Uint8Array => reader.bytes(reader.uint8());

function writeString(writer: ByteWriter, text: Uint8Array): void {
  writer.uint8(text.length);
  writer.bytes(text);
}
