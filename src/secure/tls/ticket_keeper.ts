// What a server hands out so that it need not remember (RFC 8446 §4.6.1, RFC 5077 §4): the session's secret, sealed under a key
// that only it has. Whoever has that key can read every session that was resumed with it: it is changed often.

import { ByteReader } from '../../core/byte_reader.ts';
import { ByteWriter } from '../../core/byte_writer.ts';
import { bytesEqual, textOf, utf8, viewOf } from '../../core/bytes.ts';
import {
  AEAD_KEY_LENGTH,
  AEAD_NONCE_LENGTH,
  AEAD_TAG_LENGTH,
  type Aead,
  type AeadName,
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
  /** Undefined: it would not fit into a message, with a client's certificates of tens of kilobytes. No ticket then. */
  seal(contents: TicketContents, now: number): Uint8Array | undefined;
  /** Undefined: not one of ours, or too old. */
  open(ticket: Uint8Array, now: number): TicketContents | undefined;
}

const AEAD: AeadName = 'chacha20-poly1305';
const NAME_LENGTH = 8;
const A_DAY = 86_400;

/** A server's tickets under a key that lives as long as a ticket does, and stays for as long again to open what it sealed. */
export class SealedTickets implements TicketKeeper {
  readonly lifetime: number;
  private readonly provider: CryptoProvider;
  private readonly random: RandomSource;
  private current: TicketKey | undefined;
  private previous: TicketKey | undefined;

  /** @param lifetime in seconds; a day unless said otherwise @throws RangeError unless it is from 1 second to 7 days */
  constructor(provider: CryptoProvider, random: RandomSource, lifetime: number = A_DAY) {
    if (!(Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= MAX_TICKET_LIFETIME)) {
      throw new RangeError(`the lifetime of tickets must be from 1 to ${MAX_TICKET_LIFETIME} seconds, not ${lifetime}`);
    }
    this.provider = provider;
    this.random = random;
    this.lifetime = lifetime;
  }

  seal(contents: TicketContents, now: number): Uint8Array | undefined {
    const { name, aead } = this.keyAt(now);
    const plaintext = writeContents(contents);
    const start = NAME_LENGTH + AEAD_NONCE_LENGTH;
    const length = start + plaintext.length + AEAD_TAG_LENGTH;
    if (length > MAX_TICKET_LENGTH) return undefined;
    const ticket = new Uint8Array(length);
    ticket.set(name);
    const nonce = ticket.subarray(NAME_LENGTH, start);
    this.random.fill(nonce);
    aead.sealInto(nonce, name, plaintext, ticket, start);
    return ticket;
  }

  open(ticket: Uint8Array, now: number): TicketContents | undefined {
    const start = NAME_LENGTH + AEAD_NONCE_LENGTH;
    if (ticket.length < start + AEAD_TAG_LENGTH) return undefined;
    const name = ticket.subarray(0, NAME_LENGTH);
    const key = [this.keyAt(now), this.previous].find((each) => each !== undefined && bytesEqual(each.name, name));
    const plaintext = key?.aead.open(ticket.subarray(NAME_LENGTH, start), name, ticket.subarray(start));
    const contents = plaintext && readContents(plaintext);
    return contents !== undefined && now < contents.issuedAt + 1000 * contents.lifetime ? contents : undefined;
  }

  private keyAt(now: number): TicketKey {
    const age = this.current === undefined ? Number.POSITIVE_INFINITY : now - this.current.madeAt;
    if (this.current !== undefined && age < 1000 * this.lifetime) return this.current;
    this.previous = age < 2000 * this.lifetime ? this.current : undefined;
    this.current = this.makeKey(now);
    return this.current;
  }

  private makeKey(madeAt: number): TicketKey {
    const key = new Uint8Array(AEAD_KEY_LENGTH[AEAD]);
    const name = new Uint8Array(NAME_LENGTH);
    this.random.fill(key);
    this.random.fill(name);
    return { name, aead: this.provider.prepareAead(AEAD, key), madeAt };
  }
}

interface TicketKey {
  /** In front of every ticket, so that its key is found. */
  readonly name: Uint8Array;
  readonly aead: Aead;
  readonly madeAt: number;
}

function writeContents(contents: TicketContents): Uint8Array {
  const writer = new ByteWriter(256);
  writeBytes(writer, contents.secret);
  writer.uint16(cipherSuiteNamed(contents.cipherSuite).code);
  writeText(writer, contents.serverName);
  writeText(writer, contents.alpn);
  const issuedAt = Math.max(0, Math.floor(contents.issuedAt));
  writer.uint32(Math.floor(issuedAt / 0x1_0000_0000));
  writer.uint32(issuedAt);
  writer.uint32(contents.lifetime);
  writer.uint32(contents.ageAdd);
  writer.uint32(contents.maxEarlyData);
  for (const certificate of contents.clientCertificates) writeBytes(writer, certificate);
  return writer.finish();
}

function readContents(bytes: Uint8Array): TicketContents | undefined {
  const reader = new ByteReader(viewOf(bytes));
  const secret = readBytes(reader);
  const suite = cipherSuite(reader.uint16());
  const serverName = readText(reader);
  const alpn = readText(reader);
  const issuedAt = reader.uint32() * 0x1_0000_0000 + reader.uint32();
  const lifetime = reader.uint32();
  const ageAdd = reader.uint32();
  const maxEarlyData = reader.uint32();
  const clientCertificates: Uint8Array[] = [];
  while (reader.remaining > 0) clientCertificates.push(readBytes(reader));
  if (reader.isTruncated || suite === undefined) return undefined;
  return {
    secret,
    cipherSuite: suite.name,
    serverName,
    alpn,
    issuedAt,
    lifetime,
    ageAdd,
    maxEarlyData,
    clientCertificates,
  };
}

function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writer.uint24(bytes.length);
  writer.bytes(bytes);
}

const readBytes = (reader: ByteReader): Uint8Array => reader.bytes(reader.uint24());

// A name may be empty, and none at all is something else.
function writeText(writer: ByteWriter, text: string | undefined): void {
  writer.uint8(text === undefined ? 0 : 1);
  if (text !== undefined) writeBytes(writer, utf8(text));
}

const readText = (reader: ByteReader): string | undefined =>
  reader.uint8() === 0 ? undefined : textOf(readBytes(reader));
