// Listens to one TLS 1.3 connection from the middle: the bytes of both directions go in as they were sent, records come out,
// each with what it carries. Whoever has the secrets that an end gave away reads the protected ones too; nobody else does.
//
// Judges nothing: what an end would refuse is shown as it is. Not here: how bytes get out of segments (world/view), what each
// byte means (explain.ts), and how key logs are written (key_log.ts).

import { AEAD_TAG_LENGTH, type CryptoProvider, HASHES } from '../crypto/provider.ts';
import { CIPHER_SUITES, type CipherSuite, cipherSuite } from './cipher_suite.ts';
import type { TlsRole } from './connection.ts';
import { isFailure, type TlsFailure } from './failure.ts';
import { HandshakeBuffer } from './handshake_buffer.ts';
import { type HandshakeMessage, HandshakeType } from './handshake_message.ts';
import { readHandshakeMessage } from './handshake_reader.ts';
import { nextTrafficSecret } from './key_schedule.ts';
import { ContentType, RECORD_HEADER_LENGTH, RecordBuffer, type TlsRecord } from './record.ts';
import { RecordOpener } from './record_protection.ts';
import type { SecretLabel } from './tls_event.ts';

/** What somebody needs who is to read what is protected. */
export interface TlsSecrets {
  readonly provider: CryptoProvider;
  /** What an end gave away, by its connection's client random; undefined: not that. */
  secretOf(label: SecretLabel, clientRandom: Uint8Array): Uint8Array | undefined;
}

export interface ObservedMessage {
  /** Whole, with its header. */
  readonly bytes: Uint8Array;
  /** What it means, or why that cannot be told. */
  readonly message: HandshakeMessage | TlsFailure;
}

/** A stretch of a record's content that belongs to one handshake message. */
export interface MessageFragment {
  /** In the content. */
  readonly at: number;
  readonly length: number;
  /** Bytes of the message before these. */
  readonly offset: number;
  /** Undefined while its end has not come. */
  readonly whole: ObservedMessage | undefined;
}

/** What is in a record, behind protection if there is any. */
export interface RecordContent {
  readonly type: number;
  readonly data: Uint8Array;
  /** Of handshake messages, in order; none for other types. */
  readonly fragments: readonly MessageFragment[];
}

export interface Opening {
  readonly secret: SecretLabel;
  /** How often the secret was replaced before: KeyUpdates. */
  readonly generation: number;
  /** Zeros behind the content's type. */
  readonly padding: number;
}

export interface ObservedRecord {
  readonly from: TlsRole;
  /** Bytes of the stream before it. */
  readonly offset: number;
  /** Whole, with its header. */
  readonly bytes: Uint8Array;
  /** Undefined: protected by a secret that nobody gave away. */
  readonly content: RecordContent | undefined;
  /** How its protection was taken off; undefined if it has none, or stays shut. */
  readonly opening: Opening | undefined;
}

/** What is open for a direction, from one change of keys to the next, in their order. */
type Stage = 'early' | 'handshake' | 'application';

const STAGES: Readonly<Record<TlsRole, readonly (readonly [Stage, SecretLabel])[]>> = {
  client: [
    ['early', 'CLIENT_EARLY_TRAFFIC_SECRET'],
    ['handshake', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
    ['application', 'CLIENT_TRAFFIC_SECRET_0'],
  ],
  server: [
    ['handshake', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
    ['application', 'SERVER_TRAFFIC_SECRET_0'],
  ],
};

interface Keys {
  readonly provider: CryptoProvider;
  readonly opener: RecordOpener;
  readonly suite: CipherSuite;
  readonly secret: Uint8Array;
  readonly label: SecretLabel;
  readonly generation: number;
}

interface Opened {
  readonly type: number;
  readonly data: Uint8Array;
  readonly opening: Opening;
}

type OpenFragment = { -readonly [Key in keyof MessageFragment]: MessageFragment[Key] };

class Direction {
  readonly from: TlsRole;
  readonly records = new RecordBuffer();
  /** Bytes of all records so far. */
  offset = 0;
  /** The stage whose keys are tried first. */
  stage = 0;
  keys: Keys | undefined;
  private messages = new HandshakeBuffer();
  // Of the message that has begun and whose end has not come.
  private begun: OpenFragment[] = [];
  private begunLength = 0;

  constructor(from: TlsRole) {
    this.from = from;
  }

  /** The messages in a piece of the stream of messages. */
  fragmentsOf(data: Uint8Array): readonly MessageFragment[] {
    const fragments: OpenFragment[] = [];
    let at = 0;
    const take = (length: number): void => {
      const fragment: OpenFragment = { at, length, offset: this.begunLength, whole: undefined };
      fragments.push(fragment);
      this.begun.push(fragment);
      this.begunLength += length;
      at += length;
    };
    this.messages.add(data);
    for (let bytes = this.messages.next(); bytes !== undefined && !isFailure(bytes); bytes = this.messages.next()) {
      take(bytes.length - this.begunLength);
      const whole: ObservedMessage = { bytes, message: readHandshakeMessage(bytes) };
      for (const fragment of this.begun) fragment.whole = whole;
      this.begun = [];
      this.begunLength = 0;
    }
    if (at < data.length) take(data.length - at);
    return fragments;
  }
}

export class TlsEavesdropper {
  private readonly secrets: TlsSecrets | undefined;
  private readonly directions: Readonly<Record<TlsRole, Direction>> = {
    client: new Direction('client'),
    server: new Direction('server'),
  };
  private clientRandom: Uint8Array | undefined;
  private suite: CipherSuite | undefined;

  /** @param secrets none: protection stays on */
  constructor(secrets?: TlsSecrets) {
    this.secrets = secrets;
  }

  /**
   * What one end has sent next, in both directions' order; returns the records whose ends have come. A failure: what was sent
   * is no TLS from there on, and nothing more is read in this direction. The bytes must not change afterwards.
   */
  receive(from: TlsRole, bytes: Uint8Array): { readonly records: ObservedRecord[]; readonly failure?: TlsFailure } {
    const direction = this.directions[from];
    const records: ObservedRecord[] = [];
    direction.records.add(bytes);
    for (let record = direction.records.next(); record !== undefined; record = direction.records.next()) {
      if (isFailure(record)) return { records, failure: record };
      records.push(this.observe(direction, record));
    }
    return { records };
  }

  private observe(direction: Direction, record: TlsRecord): ObservedRecord {
    const { from, offset } = direction;
    const bytes = wholeOf(record);
    direction.offset += bytes.length;
    if (record.type !== ContentType.ApplicationData) {
      const content = this.contentOf(direction, record.type, record.payload);
      return { from, offset, bytes, content, opening: undefined };
    }
    const opened = this.open(direction, record);
    if (opened === undefined) return { from, offset, bytes, content: undefined, opening: undefined };
    const content = this.contentOf(direction, opened.type, opened.data);
    return { from, offset, bytes, content, opening: opened.opening };
  }

  private contentOf(direction: Direction, type: number, data: Uint8Array): RecordContent {
    const fragments = type === ContentType.Handshake ? direction.fragmentsOf(data) : [];
    for (const { whole } of fragments) if (whole !== undefined) this.learn(direction, whole);
    return { type, data, fragments };
  }

  // What a message changes for those that come after it.
  private learn(direction: Direction, { bytes, message }: ObservedMessage): void {
    // A Finished of another length is one all the same, here.
    if (bytes[0] === HandshakeType.Finished) this.enter(direction, 'application');
    if (isFailure(message)) return;
    switch (message.kind) {
      case 'client-hello':
        this.clientRandom = message.random;
        break;
      case 'server-hello':
        this.suite = cipherSuite(message.cipherSuite);
        break;
      case 'end-of-early-data':
        this.enter(direction, 'handshake');
        break;
      case 'key-update':
        direction.keys = this.updated(direction.keys);
        break;
      default:
    }
  }

  private enter(direction: Direction, stage: Stage): void {
    direction.stage = STAGES[direction.from].findIndex(([name]) => name === stage);
    direction.keys = undefined;
  }

  private updated(keys: Keys | undefined): Keys | undefined {
    if (keys === undefined) return undefined;
    const { provider, suite, generation } = keys;
    const secret = nextTrafficSecret(provider, suite.hash, keys.secret);
    return { ...keys, secret, opener: new RecordOpener(provider, suite, secret), generation: generation + 1 };
  }

  // With the keys in use; otherwise with those of this stage and of later ones: where early data is refused, the client leaves
  // them without a word, and where some secrets are missing, the messages that change keys cannot be seen.
  private open(direction: Direction, record: TlsRecord): Opened | undefined {
    const opened = direction.keys && openWith(direction.keys, record);
    if (opened !== undefined) return opened;
    const stages = STAGES[direction.from];
    for (let stage = direction.stage; stage < stages.length; stage++) {
      if (stage === direction.stage && direction.keys !== undefined) continue;
      for (const keys of this.keysOf(stages[stage])) {
        const found = openWith(keys, record);
        if (found === undefined) continue;
        direction.stage = stage;
        direction.keys = keys;
        return found;
      }
    }
    return undefined;
  }

  private keysOf(row: (typeof STAGES)[TlsRole][number] | undefined): Keys[] {
    const { secrets, clientRandom } = this;
    if (row === undefined || secrets === undefined || clientRandom === undefined) return [];
    const [stage, label] = row;
    const { provider } = secrets;
    const secret = secrets.secretOf(label, clientRandom);
    if (secret === undefined) return [];
    // Early data comes before a suite is chosen: it has the one that the ticket was for.
    const suites = stage === 'early' ? CIPHER_SUITES : CIPHER_SUITES.filter((suite) => suite === this.suite);
    return suites
      .filter(({ hash }) => HASHES[hash].length === secret.length)
      .map((suite) => {
        const opener = new RecordOpener(provider, suite, secret);
        return { provider, opener, suite, secret, label, generation: 0 };
      });
  }
}

function openWith({ opener, label, generation }: Keys, { header, payload }: TlsRecord): Opened | undefined {
  const opened = opener.open(header, payload);
  if (isFailure(opened)) return undefined;
  const padding = payload.length - AEAD_TAG_LENGTH - 1 - opened.content.length;
  return { type: opened.type, data: opened.content, opening: { secret: label, generation, padding } };
}

// Header and payload lie side by side.
const wholeOf = ({ header, payload }: TlsRecord): Uint8Array =>
  new Uint8Array(header.buffer, header.byteOffset, RECORD_HEADER_LENGTH + payload.length);
