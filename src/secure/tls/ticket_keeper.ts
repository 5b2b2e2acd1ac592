// What a server hands out so that it need not remember (RFC 8446 §4.6.1, RFC 5077 §4): the session's secret, sealed under a key
// that only it has. Whoever has that key can read every session that was resumed with it: it is changed often.

import { ByteReader } from '../../core/byte_reader.ts';
import { ByteWriter } from '../../core/byte_writer.ts';
import { bytesEqual, joinBytes, textOf, utf8, viewOf } from '../../core/bytes.ts';
import {
  AEAD_KEY_LENGTH,
  AEAD_NONCE_LENGTH,
  type Aead,
  type CryptoProvider,
  type RandomSource,
} from '../crypto/provider.ts';
import { type CipherSuiteName, cipherSuite, cipherSuiteNamed } from './cipher_suite.ts';
import { MAX_TICKET_LENGTH, MAX_TICKET_LIFETIME } from './session.ts';

/** What a server must know again when a ticket comes back. */
export interface TicketContents {
  /** The pre-shared key. */
  readonly secret: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  readonly ageAdd: number;
  readonly maxEarlyData: number;
  /** Of the client, DER, its own first; none: it showed none. */
  readonly clientCertificates: readonly Uint8Array[];
}

export interface TicketKeeper {
  /** Seconds that tickets hold. */
  readonly lifetime: number;
  /** Undefined: it would be too long, with certificates of a client that fill it. No ticket then. */
  seal(contents: TicketContents, now: number): Uint8Array | undefined;
  /** Undefined: not one of ours, or too old. */
  open(ticket: Uint8Array, now: number): TicketContents | undefined;
}

export interface SealedTicketsOptions {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** Seconds that tickets hold, from 1 to 604,800 (a week, RFC 8446 §4.6.1); two hours unless said otherwise. */
  readonly lifetime?: number;
}

interface SealingKey {
  readonly name: Uint8Array;
  readonly aead: Aead;
  readonly madeAt: number;
}

const KEY_NAME_LENGTH = 4;
const DEFAULT_LIFETIME = 7_200;
const VERSION = 1;

/**
 * Tickets that hold everything themselves: the name of the key, a nonce, and the sealed contents. A key seals for as long as a
 * ticket holds, and opens for as long again; then it is forgotten, and with it all sessions that it could have read.
 */
export class SealedTickets implements TicketKeeper {
  readonly lifetime: number;
  private readonly provider: CryptoProvider;
  private readonly random: RandomSource;
  /** The present one first. */
  private keys: readonly SealingKey[] = [];

  /** @throws RangeError on a lifetime that cannot be */
  constructor({ provider, random, lifetime = DEFAULT_LIFETIME }: SealedTicketsOptions) {
    if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > MAX_TICKET_LIFETIME) {
      throw new RangeError(`lifetime must be from 1 to ${MAX_TICKET_LIFETIME} seconds, not ${lifetime}`);
    }
    this.provider = provider;
    this.random = random;
    this.lifetime = lifetime;
  }

  seal(contents: TicketContents, now: number): Uint8Array | undefined {
    const { name, aead } = this.presentKey(now);
    const nonce = this.drawn(AEAD_NONCE_LENGTH);
    const ticket = joinBytes([name, nonce, aead.seal(nonce, name, emitContents(contents))]);
    return ticket.length > MAX_TICKET_LENGTH ? undefined : ticket;
  }

  open(ticket: Uint8Array, now: number): TicketContents | undefined {
    const name = ticket.subarray(0, KEY_NAME_LENGTH);
    const key = this.keys.find((candidate) => bytesEqual(candidate.name, name));
    if (key === undefined || now >= key.madeAt + 2000 * this.lifetime) return undefined;
    const sealedAt = KEY_NAME_LENGTH + AEAD_NONCE_LENGTH;
    if (ticket.length < sealedAt) return undefined;
    const plaintext = key.aead.open(ticket.subarray(KEY_NAME_LENGTH, sealedAt), name, ticket.subarray(sealedAt));
    const contents = plaintext && readContents(plaintext);
    return contents !== undefined && now < contents.issuedAt + 1000 * contents.lifetime ? contents : undefined;
  }

  private presentKey(now: number): SealingKey {
    const [present] = this.keys;
    if (present !== undefined && now < present.madeAt + 1000 * this.lifetime) return present;
    const aead = this.provider.prepareAead('aes-256-gcm', this.drawn(AEAD_KEY_LENGTH['aes-256-gcm']));
    const key = { name: this.drawn(KEY_NAME_LENGTH), aead, madeAt: now };
    this.keys = present === undefined ? [key] : [key, present];
    return key;
  }

  private drawn(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.random.fill(bytes);
    return bytes;
  }
}

// Times are written as seconds and milliseconds: together they do not fit into 32 bits.

function emitContents(contents: TicketContents): Uint8Array {
  const { secret, serverName, alpn, issuedAt, lifetime, ageAdd, maxEarlyData, clientCertificates } = contents;
  const writer = new ByteWriter(256);
  const vector = (bytes: Uint8Array): void => {
    writer.uint24(bytes.length);
    writer.bytes(bytes);
  };
  writer.uint8(VERSION);
  writer.uint16(cipherSuiteNamed(contents.cipherSuite).code);
  writer.uint32(Math.floor(issuedAt / 1000));
  writer.uint16(Math.floor(issuedAt % 1000));
  writer.uint32(lifetime);
  writer.uint32(ageAdd);
  writer.uint32(maxEarlyData);
  vector(secret);
  for (const text of [serverName, alpn]) {
    writer.uint8(text === undefined ? 0 : 1);
    vector(utf8(text ?? ''));
  }
  writer.uint8(clientCertificates.length);
  for (const certificate of clientCertificates) vector(certificate);
  return writer.finish();
}

/** Undefined: of another version of this program, though sealed under the same key. */
function readContents(bytes: Uint8Array): TicketContents | undefined {
  const reader = new ByteReader(viewOf(bytes));
  const vector = (): Uint8Array => reader.bytes(reader.uint24());
  const optionalText = (): string | undefined => {
    const isThere = reader.uint8() === 1;
    const text = textOf(vector());
    return isThere ? text : undefined;
  };
  if (reader.uint8() !== VERSION) return undefined;
  const suite = cipherSuite(reader.uint16());
  const issuedAt = 1000 * reader.uint32() + reader.uint16();
  const [lifetime, ageAdd, maxEarlyData] = [reader.uint32(), reader.uint32(), reader.uint32()];
  const secret = vector();
  const [serverName, alpn] = [optionalText(), optionalText()];
  const clientCertificates = Array.from({ length: reader.uint8() }, vector);
  if (reader.isTruncated || reader.remaining > 0 || suite === undefined) return undefined;
  const times = { issuedAt, lifetime, ageAdd };
  return { secret, cipherSuite: suite.name, serverName, alpn, ...times, maxEarlyData, clientCertificates };
}
