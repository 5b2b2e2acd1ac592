// What TLS records say, in a few words: `ClientHello, SNI www.foo.test`. Square brackets are around what was protected, and could
// be read by those who know the secrets alone: `[EncryptedExtensions, Certificate]`.

import { alertName } from '../../secure/tls/alert.ts';
import type { MessageFragment, ObservedRecord, RecordContent } from '../../secure/tls/eavesdropper.ts';
import { isFailure } from '../../secure/tls/failure.ts';
import { contentTypeName, groupName, handshakeTypeName } from '../../secure/tls/names.ts';
import { ContentType } from '../../secure/tls/record.ts';
import { httpStart } from './http_start.ts';

/** Of the records of a segment, in order. */
export function tlsText(records: readonly ObservedRecord[]): string {
  if (records.length === 0) return 'a part of a record';
  const words: string[] = [];
  let inside: string[] = [];
  const close = (): void => {
    if (inside.length > 0) words.push(`[${inside.join(', ')}]`);
    inside = [];
  };
  for (const record of records) {
    const { content, opening, bytes } = record;
    if (content !== undefined && opening !== undefined) inside.push(...contentWords(content));
    else {
      close();
      words.push(...(content === undefined ? [`protected, ${bytes.length} bytes`] : contentWords(content)));
    }
  }
  close();
  return words.join(', ');
}

function contentWords({ type, data, fragments }: RecordContent): readonly string[] {
  switch (type) {
    case ContentType.Handshake:
      return fragments.map(fragmentText);
    case ContentType.Alert:
      return [`alert ${alertName(data[1] ?? -1) ?? data[1] ?? 'cut off'}`];
    case ContentType.ApplicationData:
      return [dataText(data)];
    default:
      return [contentTypeName(type)];
  }
}

function fragmentText({ whole, offset, length }: MessageFragment): string {
  if (whole === undefined) return 'a part of a message';
  const { bytes, message } = whole;
  const name = handshakeTypeName(bytes[0] ?? 0);
  if (offset + length < bytes.length) return `a part of ${name}`;
  if (isFailure(message)) return `${name}, malformed`;
  switch (message.kind) {
    case 'client-hello':
      return message.serverName === undefined ? name : `${name}, SNI ${printable(message.serverName)}`;
    case 'hello-retry-request':
      return message.selectedGroup === undefined
        ? 'HelloRetryRequest'
        : `HelloRetryRequest, ${groupName(message.selectedGroup)}`;
    default:
      return name;
  }
}

function dataText(data: Uint8Array): string {
  const http = httpStart(data);
  if (http === undefined) return `${data.length} bytes of data`;
  return http.kind === 'request' ? `${http.method} ${printable(http.target)}` : `HTTP ${http.status}`;
}

// What a stranger wrote must not move the cursor of whoever reads it.
const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, '?');
