// DNS messages (RFC 1035 §4) with their extension (EDNS, RFC 6891).
//
//    0           15 16            31
//   +--------------+----------------+
//   |      id      |QR|op|AA TC RD|RA|Z|AD CD|rcode|
//   +--------------+----------------+
//   |  questions   |    answers     |   how many follow, in four sections
//   +--------------+----------------+
//   | authorities  |  additionals   |
//   +--------------+----------------+
//
// The OPT record of EDNS is lifted out of the additional section into `edns`, and its part of the response code joined
// with the header's. Not here: what a message asks for or answers.

import { ByteReader, type ByteSpan } from '../core/byte_reader.ts';
import { ByteWriter } from '../core/byte_writer.ts';
import { DropReason } from '../core/drop_reason.ts';
import { type DnsName, NameCompression, nameKey, ROOT_NAME, readDnsName, writeDnsName } from './dns_name.ts';
import { type DnsRecord, MIN_RECORD_LENGTH, readDnsRecord, writeDnsRecord } from './dns_record.ts';
import { DnsType, formatDnsType } from './dns_type.ts';

export const DNS_PORT = 53;
export const DNS_HEADER_LENGTH = 12;
/** RFC 1035 §4.2.1: the longest message over UDP that needs no agreement. */
export const DNS_UDP_LIMIT = 512;
/** What is offered in EDNS: it fits into the smallest IPv6 packet, so that no fragment is ever needed. */
export const DNS_EDNS_LIMIT = 1232;
/** Over TCP a length of 16 bits goes in front (RFC 1035 §4.2.2). */
export const DNS_TCP_LIMIT = 0xffff;

export interface DnsQuestion {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
}

export interface DnsEdns {
  /** Bytes over UDP that its sender can take. */
  readonly udpPayload: number;
  readonly version: number;
  /** DO (RFC 3225): it understands signatures. */
  readonly isDnssecOk: boolean;
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
}

export interface DnsMessage {
  readonly id: number;
  /** QR. */
  readonly isResponse: boolean;
  readonly opcode: number;
  /** AA. */
  readonly isAuthoritative: boolean;
  /** TC. */
  readonly isTruncated: boolean;
  /** RD. */
  readonly isRecursionDesired: boolean;
  /** RA. */
  readonly isRecursionAvailable: boolean;
  /** AD (RFC 4035 §3.2.3). */
  readonly isAuthenticData: boolean;
  /** CD (RFC 4035 §3.2.2). */
  readonly isCheckingDisabled: boolean;
  /** All twelve bits; from 16 on only with `edns`. */
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly edns?: DnsEdns;
}

const FLAGS = { QR: 0x8000, AA: 0x400, TC: 0x200, RD: 0x100, RA: 0x80, AD: 0x20, CD: 0x10 } as const;
const DNSSEC_OK = 0x8000;
const MIN_QUESTION_LENGTH = 5;

/** A query for one name, recursion desired unless said otherwise. */
export const dnsQuery = (id: number, question: DnsQuestion, options: Partial<DnsMessage> = {}): DnsMessage => ({
  id,
  isResponse: false,
  opcode: 0,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: true,
  isRecursionAvailable: false,
  isAuthenticData: false,
  isCheckingDisabled: false,
  rcode: 0,
  questions: [question],
  answers: [],
  authorities: [],
  additionals: [],
  ...options,
});

/** EDNS without options, offering `DNS_EDNS_LIMIT`. */
export const PLAIN_EDNS: DnsEdns = { udpPayload: DNS_EDNS_LIMIT, version: 0, isDnssecOk: false, options: [] };

/** Only the id of whatever lies in `[at, end)`, and whether it is a query: for answering what does not parse. */
export function dnsQueryId(view: DataView, at: number, end: number): number | undefined {
  if (end - at < DNS_HEADER_LENGTH || (view.getUint16(at + 2) & FLAGS.QR) !== 0) return undefined;
  return view.getUint16(at);
}

/**
 * Reads the message in `[at, end)`; bytes behind its last record are ignored.
 *
 * @param spans receives what each byte is
 */
export function parseDns(view: DataView, at: number, end: number, spans?: ByteSpan[]): DnsMessage | DropReason {
  const reader = new ByteReader(view, at, end, spans);
  const id = reader.uint16();
  const flags = reader.uint16();
  const [questionCount, answerCount] = [reader.uint16(), reader.uint16()];
  const [authorityCount, additionalCount] = [reader.uint16(), reader.uint16()];
  if (reader.isTruncated) return DropReason.Truncated;
  spans?.push({ start: at, end: at + 2, label: 'id', value: String(id) });
  spans?.push({ start: at + 2, end: at + 4, label: 'flags', value: `0x${flags.toString(16).padStart(4, '0')}` });
  spans?.push({ start: at + 4, end: at + DNS_HEADER_LENGTH, label: 'counts' });

  const recordCount = answerCount + authorityCount + additionalCount;
  const least = questionCount * MIN_QUESTION_LENGTH + recordCount * MIN_RECORD_LENGTH;
  if (least > reader.remaining) return DropReason.TooManyRecords; // before any work is done for them
  const questions: DnsQuestion[] = [];
  for (let i = 0; i < questionCount; i++) {
    const question = readQuestion(reader, at);
    if (typeof question === 'number') return question;
    questions.push(question);
  }
  const answers: DnsRecord[] = [];
  const authorities: DnsRecord[] = [];
  const additionals: DnsRecord[] = [];
  let edns: DnsEdns | undefined;
  let extendedRcode = 0;
  for (let i = 0; i < recordCount; i++) {
    if (i >= answerCount + authorityCount && isOpt(reader)) {
      if (edns !== undefined) return DropReason.BadOption; // RFC 6891 §6.1.1: one at most
      const opt = readOpt(reader);
      if (typeof opt === 'number') return opt;
      edns = opt.edns;
      extendedRcode = opt.extendedRcode;
      continue;
    }
    const record = readDnsRecord(reader, at);
    if (typeof record === 'number') return record;
    if (record.type === DnsType.OPT) return DropReason.BadOption; // RFC 6891 §6.1.1: of the root, in the last section
    (i < answerCount ? answers : i < answerCount + authorityCount ? authorities : additionals).push(record);
  }
  return {
    id,
    isResponse: (flags & FLAGS.QR) !== 0,
    opcode: (flags >>> 11) & 15,
    isAuthoritative: (flags & FLAGS.AA) !== 0,
    isTruncated: (flags & FLAGS.TC) !== 0,
    isRecursionDesired: (flags & FLAGS.RD) !== 0,
    isRecursionAvailable: (flags & FLAGS.RA) !== 0,
    isAuthenticData: (flags & FLAGS.AD) !== 0,
    isCheckingDisabled: (flags & FLAGS.CD) !== 0,
    rcode: (extendedRcode << 4) | (flags & 15),
    questions,
    answers,
    authorities,
    additionals,
    ...(edns === undefined ? {} : { edns }),
  };
}

/**
 * Writes a message of at most `limit` bytes. What does not fit is left out by whole RRsets from the end (RFC 2181 §9),
 * and TC says so; the question and EDNS always stay. A missing additional record alone is no truncation, unless it is
 * the glue of a referral (RFC 9471 §3.1).
 */
export function encodeDns(message: DnsMessage, limit: number = DNS_TCP_LIMIT): Uint8Array {
  const writer = new ByteWriter(512);
  const compression = new NameCompression();
  writer.uint16(message.id);
  writer.uint16(flagsOf(message));
  writer.zeros(8);
  writer.setUint16(4, message.questions.length);
  for (const question of message.questions) {
    writeDnsName(writer, question.name, compression);
    writer.uint16(question.type);
    writer.uint16(question.class);
  }
  const room = limit - ednsLength(message.edns);
  const answered = writeSection(writer, message.answers, compression, room);
  let isTruncated = answered < message.answers.length;
  const authorized = isTruncated ? 0 : writeSection(writer, message.authorities, compression, room);
  isTruncated ||= authorized < message.authorities.length;
  const added = isTruncated ? 0 : writeSection(writer, message.additionals, compression, room);
  isTruncated ||= added < message.additionals.length && isReferral(message);
  writer.setUint16(6, answered);
  writer.setUint16(8, authorized);
  writer.setUint16(10, added + (message.edns === undefined ? 0 : 1));
  if (isTruncated) writer.setUint16(2, flagsOf(message) | FLAGS.TC);
  if (message.edns !== undefined) writeOpt(writer, message.edns, message.rcode);
  return writer.finish();
}

/** Servers are named, and nothing is answered. */
export const isReferral = (message: DnsMessage): boolean =>
  !message.isAuthoritative &&
  message.answers.length === 0 &&
  message.authorities.some((record) => record.type === DnsType.NS);

function flagsOf(message: DnsMessage): number {
  return (
    (message.isResponse ? FLAGS.QR : 0) |
    ((message.opcode & 15) << 11) |
    (message.isAuthoritative ? FLAGS.AA : 0) |
    (message.isTruncated ? FLAGS.TC : 0) |
    (message.isRecursionDesired ? FLAGS.RD : 0) |
    (message.isRecursionAvailable ? FLAGS.RA : 0) |
    (message.isAuthenticData ? FLAGS.AD : 0) |
    (message.isCheckingDisabled ? FLAGS.CD : 0) |
    (message.rcode & 15)
  );
}

function readQuestion(reader: ByteReader, start: number): DnsQuestion | DropReason {
  const first = reader.at;
  const name = readDnsName(reader, start);
  if (typeof name === 'number') return name;
  const second = reader.at;
  const type = reader.uint16();
  const question = { name, type, class: reader.uint16() };
  if (reader.isTruncated) return DropReason.Truncated;
  reader.spans?.push({ start: first, end: second, label: 'question name', value: name });
  reader.spans?.push({ start: second, end: second + 2, label: 'question type', value: formatDnsType(type) });
  reader.spans?.push({ start: second + 2, end: second + 4, label: 'question class' });
  return question;
}

// Records as long as they fit, by RRsets: all of one name, type and class, side by side. How many were written.
function writeSection(
  writer: ByteWriter,
  records: readonly DnsRecord[],
  compression: NameCompression,
  room: number,
): number {
  let written = 0;
  while (written < records.length) {
    const setAt = writer.length;
    const first = records[written];
    let next = written;
    for (; next < records.length; next++) {
      const record = records[next];
      if (first === undefined || record === undefined || !isOneSet(first, record)) break;
      writeDnsRecord(writer, record, compression);
      if (writer.length > room) break;
    }
    if (writer.length > room) {
      writer.rewind(setAt);
      compression.rewind(setAt);
      break;
    }
    written = next;
  }
  return written;
}

const isOneSet = (a: DnsRecord, b: DnsRecord): boolean =>
  a.type === b.type && a.class === b.class && nameKey(a.name) === nameKey(b.name);

const OPT_FIXED = 10; // behind the name: type, class, ttl, length

const isOpt = (reader: ByteReader): boolean =>
  reader.remaining > OPT_FIXED &&
  reader.view.getUint8(reader.at) === 0 &&
  reader.view.getUint16(reader.at + 1) === DnsType.OPT;

// RFC 6891 §6.1.2: the class is the payload size, the ttl holds the upper response code, the version and the flags.
function readOpt(reader: ByteReader): { readonly edns: DnsEdns; readonly extendedRcode: number } | DropReason {
  const start = reader.at;
  reader.skip(3);
  const udpPayload = reader.uint16();
  const extendedRcode = reader.uint8();
  const version = reader.uint8();
  const isDnssecOk = (reader.uint16() & DNSSEC_OK) !== 0;
  const data = reader.sub(reader.uint16());
  const options: { code: number; data: Uint8Array }[] = [];
  while (data.remaining > 0) options.push({ code: data.uint16(), data: data.bytes(data.uint16()) });
  if (reader.isTruncated) return DropReason.Truncated;
  if (data.isTruncated) return DropReason.BadOption;
  reader.mark(start, 'EDNS', `version ${version}, ${udpPayload} bytes`);
  return { edns: { udpPayload, version, isDnssecOk, options }, extendedRcode };
}

const ednsLength = (edns: DnsEdns | undefined): number =>
  edns === undefined ? 0 : 1 + OPT_FIXED + edns.options.reduce((sum, option) => sum + 4 + option.data.length, 0);

function writeOpt(writer: ByteWriter, edns: DnsEdns, rcode: number): void {
  writeDnsName(writer, ROOT_NAME);
  writer.uint16(DnsType.OPT);
  writer.uint16(edns.udpPayload);
  writer.uint8(rcode >>> 4);
  writer.uint8(edns.version);
  writer.uint16(edns.isDnssecOk ? DNSSEC_OK : 0);
  writer.uint16(ednsLength(edns) - 1 - OPT_FIXED);
  for (const { code, data } of edns.options) {
    writer.uint16(code);
    writer.uint16(data.length);
    writer.bytes(data);
  }
}
