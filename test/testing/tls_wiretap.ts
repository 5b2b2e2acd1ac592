// Two ends of TLS that talk over a line on which somebody listens.

import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import type { TlsConnection, TlsEvent, TlsRole } from '../../src/secure/tls/connection.ts';
import { type ObservedRecord, TlsEavesdropper, type TlsSecrets } from '../../src/secure/tls/eavesdropper.ts';
import { isFailure } from '../../src/secure/tls/failure.ts';
import { keyLogLine, secretsIn } from '../../src/secure/tls/key_log.ts';
import { contentTypeName, handshakeTypeName } from '../../src/secure/tls/names.ts';
import { deliver, NOON, type TlsPair, transmitted } from './tls_pair.ts';

export interface Piece {
  readonly from: TlsRole;
  readonly bytes: Uint8Array;
}

/** Lets both talk until neither has anything to say, and returns what went over the line, in order. */
export function recorded({ client, server }: TlsPair, now: number = NOON): Piece[] {
  const pieces: Piece[] = [];
  for (let round = 0; round < 20; round++) {
    for (const [from, sender, receiver] of [
      ['client', client, server],
      ['server', server, client],
    ] as const) {
      const bytes = transmitted(sender);
      if (bytes.length === 0) continue;
      pieces.push({ from, bytes });
      deliver(bytes, receiver, now);
    }
  }
  return pieces;
}

/** The secrets that ends have told of; takes their events. */
export function secretsOf(...ends: readonly TlsConnection[]): TlsSecrets {
  const lines: string[] = [];
  for (const end of ends) {
    for (let event: TlsEvent | undefined = end.pollEvent(); event !== undefined; event = end.pollEvent()) {
      if (event.kind === 'secret') lines.push(keyLogLine(event.label, event.clientRandom, event.secret));
    }
  }
  return secretsIn(lines.join('\n'), nodeCrypto);
}

/** What somebody hears who listens; @param size cuts what went over the line into pieces of so many bytes */
export function overheard(
  pieces: readonly Piece[],
  secrets?: TlsSecrets,
  size: number = Number.POSITIVE_INFINITY,
): ObservedRecord[] {
  const eavesdropper = new TlsEavesdropper(secrets);
  const records: ObservedRecord[] = [];
  for (const { from, bytes } of pieces) {
    for (let at = 0; at < bytes.length; at += size) {
      records.push(...eavesdropper.receive(from, bytes.slice(at, at + size)).records);
    }
  }
  return records;
}

/** `client ClientHello`, `server [EncryptedExtensions, Certificate]`: brackets around what was protected. */
export function recordText({ from, content, opening }: ObservedRecord): string {
  if (content === undefined) return `${from} [?]`;
  const messages = content.fragments.flatMap(({ whole, offset, length }) =>
    whole === undefined
      ? ['…']
      : isFailure(whole.message)
        ? [`not read: ${whole.message.reason}`]
        : [`${handshakeTypeName(whole.bytes[0] ?? 0)}${offset + length < whole.bytes.length ? '…' : ''}`],
  );
  const text = messages.length > 0 ? messages.join(', ') : contentTypeName(content.type);
  return `${from} ${opening === undefined ? text : `[${text}]`}`;
}
