// What each byte of a record means, down to the fields of the certificates in it; of a protected one too, if an eavesdropper has
// taken the protection off. No byte is left out, none told of twice. Not here: what is around a record (world/view).

import type { ByteSpan } from '../../core/byte_reader.ts';
import { clipped, coverOf, shifted } from '../../core/byte_spans.ts';
import { AEAD_TAG_LENGTH } from '../crypto/provider.ts';
import { parseCertificate } from '../pki/certificate.ts';
import { alertName } from './alert.ts';
import type { MessageFragment, ObservedRecord, RecordContent } from './eavesdropper.ts';
import { formatFailure, isFailure } from './failure.ts';
import { HandshakeType } from './handshake_message.ts';
import { CERTIFICATE_LABEL, readHandshakeMessage } from './handshake_reader.ts';
import { contentTypeName, handshakeTypeName, versionName } from './names.ts';
import { ContentType, RECORD_HEADER_LENGTH } from './record.ts';

/** Spans side by side, from the first byte to the last. */
export type Explanation = readonly ByteSpan[];

/** @param message whole, with its header, as it came: malformed ones are explained as far as they can be read */
export function explainMessage(message: Uint8Array): Explanation {
  const spans: ByteSpan[] = [];
  const read = readHandshakeMessage(message, spans);
  const inside = message[0] === HandshakeType.Certificate ? certificateSpans(message, spans) : [];
  const rest = isFailure(read) ? `not read: ${formatFailure(read)}` : handshakeTypeName(message[0] ?? 0);
  return coverOf([...spans, ...inside], message.length, rest);
}

function certificateSpans(message: Uint8Array, spans: readonly ByteSpan[]): ByteSpan[] {
  return spans
    .filter(({ label }) => label === CERTIFICATE_LABEL)
    .flatMap(({ start, end }) => {
      const inside: ByteSpan[] = [];
      parseCertificate(message.subarray(start, end), inside);
      return shifted(inside, start);
    });
}

/** The record as it lies in the stream. */
export function explainRecord({ bytes, content, opening }: ObservedRecord): Explanation {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = bytes;
  const header: ByteSpan[] = [
    { start: 0, end: 1, label: 'content type', value: contentTypeName(type) },
    { start: 1, end: 3, label: 'legacy record version', value: versionName((major << 8) | minor) },
    { start: 3, end: RECORD_HEADER_LENGTH, label: 'length', value: String((high << 8) | low) },
  ];
  const length = bytes.length - RECORD_HEADER_LENGTH;
  const isPlain = content !== undefined && opening === undefined;
  const payload = isPlain ? explainContent(content) : protectedSpans(length, opening !== undefined);
  return [...header, ...shifted(payload, RECORD_HEADER_LENGTH)];
}

function protectedSpans(length: number, isOpen: boolean): ByteSpan[] {
  const tagAt = Math.max(0, length - AEAD_TAG_LENGTH);
  const value = isOpen ? 'its secret is known' : 'nobody gave its secret away';
  const spans = [
    { start: 0, end: tagAt, label: 'protected content', value },
    { start: tagAt, end: length, label: 'authentication tag' },
  ];
  return spans.filter(({ start, end }) => start < end);
}

/** What was under protection: the bytes, and what each means. */
export interface OpenedBytes {
  /** RFC 8446 §5.2: TLSInnerPlaintext. */
  readonly bytes: Uint8Array;
  readonly explanation: Explanation;
}

/** Undefined for a record that has no protection, or whose protection stays. */
export function explainOpened({ content, opening }: ObservedRecord): OpenedBytes | undefined {
  if (content === undefined || opening === undefined) return undefined;
  const { data, type } = content;
  const bytes = new Uint8Array(data.length + 1 + opening.padding);
  bytes.set(data);
  bytes[data.length] = type;
  const end = data.length + 1;
  const explanation = [
    ...explainContent(content),
    { start: data.length, end, label: 'content type', value: contentTypeName(type) },
  ];
  if (opening.padding > 0) explanation.push({ start: end, end: bytes.length, label: 'padding' });
  return { bytes, explanation };
}

function explainContent({ type, data, fragments }: RecordContent): ByteSpan[] {
  switch (type) {
    case ContentType.Handshake:
      return fragments.flatMap(explainFragment);
    case ContentType.Alert:
      return coverOf(alertSpans(data), data.length, 'not read: an alert has two bytes');
    case ContentType.ChangeCipherSpec:
      return coverOf([], data.length, 'change_cipher_spec: for machines on the way that know TLS 1.2 alone');
    default:
      return coverOf([], data.length, 'application data');
  }
}

function explainFragment({ at, length, offset, whole }: MessageFragment): ByteSpan[] {
  return whole === undefined
    ? [{ start: at, end: at + length, label: 'a part of a handshake message whose end has not come' }]
    : shifted(clipped(explainMessage(whole.bytes), offset, offset + length), at);
}

function alertSpans([level, description]: Uint8Array): ByteSpan[] {
  if (level === undefined || description === undefined) return [];
  return [
    { start: 0, end: 1, label: 'alert level', value: level === 1 ? 'warning' : level === 2 ? 'fatal' : String(level) },
    { start: 1, end: 2, label: 'alert description', value: alertName(description) ?? String(description) },
  ];
}
