// The record layer (RFC 8446 §5, now 9846): it knows keys, and what may stand between two records.
//
//   receive ─▶ RecordBuffer ─▶ RecordOpener ─▶ HandshakeBuffer ─▶ Handshake ─▶ effects ─▶ RecordSealer ─▶ pollTransmit
//                                   └─ application data ─▶ read
//
// Not here: what the messages of the handshake mean (client_states.ts, server_states.ts).

import { joinBytes } from '../../core/bytes.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { alertBytes, alertName } from './alert.ts';
import type { TlsConnection, TlsRole } from './connection.ts';
import { alertOf, failure, formatFailure, isFailure, peerAlert, type TlsFailure } from './failure.ts';
import { HandshakeBuffer } from './handshake_buffer.ts';
import type { MessageKind } from './handshake_message.ts';
import { readHandshakeMessage } from './handshake_reader.ts';
import type { Handshake } from './handshakes.ts';
import { ContentType, MAX_PLAINTEXT, RecordBuffer, type TlsRecord, writeRecord } from './record.ts';
import { RecordOpener, RecordSealer } from './record_protection.ts';
import type { Effect } from './step.ts';
import type { TlsEvent, TlsFacts } from './tls_event.ts';

/** §5.1: the first record of a client may say 0x0301, for servers that trip over more; all others say TLS 1.2. */
const FIRST_RECORD_VERSION = 0x0301;
const RECORD_VERSION = 0x0303;

/** Of what costs a peer nothing to send and means nothing, so many are taken in a row. */
const MAX_EMPTY_RECORDS = 32;
const MAX_KEY_UPDATES = 32;
const MAX_CHANGE_CIPHER_SPECS = 32;
const MAX_CANCELLATIONS = 4;

type Skip = { readonly until: 'decrypted' | 'hello'; left: number };

export class RecordLayer implements TlsConnection {
  readonly role: TlsRole;
  failure: TlsFailure | undefined;
  private readonly provider: CryptoProvider;
  private readonly handshake: Handshake;
  private readonly maxRecordLength: number;
  private readonly records: RecordBuffer = new RecordBuffer();
  private readonly messages: HandshakeBuffer = new HandshakeBuffer();
  private readonly output: Uint8Array[] = [];
  private readonly received: Uint8Array[] = [];
  private readonly events: TlsEvent[] = [];
  /** Handshake messages that go out together, in as few records as hold them. */
  private flight: Uint8Array[] = [];
  private sealer: RecordSealer | undefined;
  private opener: RecordOpener | undefined;
  private isFirstRecord = true;
  /** Whether a record has been opened with the present keys: until then the peer may not have them, and alerts in the clear. */
  private hasOpened = false;
  private canWrite = false;
  private isWriteClosed = false;
  private isReadClosed = false;
  private skip: Skip | undefined;
  /** Bytes of early data that may still come; undefined: none is awaited. */
  private earlyDataLeft: number | undefined;
  private emptyRecords = 0;
  private keyUpdates = 0;
  private changeCipherSpecs = 0;
  /** §D.4: it stands in front of what comes next. A server does not wait for that. */
  private owesChangeCipherSpec = false;
  private cancellations = 0;

  constructor(role: TlsRole, provider: CryptoProvider, handshake: Handshake, maxRecordLength: number = MAX_PLAINTEXT) {
    this.role = role;
    this.provider = provider;
    this.handshake = handshake;
    this.maxRecordLength = maxRecordLength;
    this.carryOut(handshake.start());
    this.flush();
  }

  get state(): string {
    if (this.failure !== undefined) return 'Failed';
    return this.isReadClosed && this.isWriteClosed ? 'Closed' : this.handshake.stateName;
  }

  get facts(): TlsFacts | undefined {
    return this.handshake.facts;
  }

  get isOpenForWriting(): boolean {
    return this.canWrite && !this.isWriteClosed && this.failure === undefined;
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.isReadClosed || this.failure !== undefined) return;
    this.records.add(bytes);
    while (!this.isReadClosed) {
      const record = this.records.next();
      if (record === undefined) break;
      const wrong = isFailure(record) ? record : this.receiveRecord(record, now);
      if (wrong !== undefined) {
        this.fail(wrong);
        return;
      }
    }
    this.flush();
    if (this.role === 'server') this.sayChangeCipherSpec();
  }

  receiveEnd(): void {
    if (this.isReadClosed || this.failure !== undefined) return;
    // §6.1: without close_notify, nobody knows whether this is all.
    this.fail(failure('truncated', this.handshake.isConnected ? 'no close_notify' : `in state ${this.state}`));
  }

  write(data: Uint8Array): void {
    if (!this.isOpenForWriting || this.sealer === undefined) throw new Error(this.whyNotWritable());
    if (data.length === 0) return;
    // §5.5: before the key has sealed more than it should.
    if (this.sealer.isExhausted) this.updateKeys(false);
    this.output.push(this.sealer.sealAll(ContentType.ApplicationData, data, this.maxRecordLength));
  }

  close(): void {
    if (this.isWriteClosed || this.failure !== undefined) return;
    this.sendRecords(ContentType.Alert, alertBytes('close_notify'));
    this.isWriteClosed = true;
  }

  updateKeys(isRequested: boolean): void {
    if (!this.isOpenForWriting || !this.handshake.isConnected) throw new Error(this.whyNotWritable());
    this.carryOut(this.handshake.updateKeys(isRequested));
    this.flush();
  }

  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    const material = this.handshake.exportKeyingMaterial(label, context, length);
    if (material === undefined) throw new Error('keying material can be exported once the handshake is done');
    return material;
  }

  pollTransmit(): Uint8Array | undefined {
    return this.output.shift();
  }

  read(): Uint8Array | undefined {
    return this.received.shift();
  }

  pollEvent(): TlsEvent | undefined {
    return this.events.shift();
  }

  private whyNotWritable(): string {
    if (this.failure !== undefined) return `this connection has failed: ${formatFailure(this.failure)}`;
    return this.isWriteClosed ? 'this end has closed the connection' : `the handshake is not done: ${this.state}`;
  }

  // What comes in.

  private receiveRecord({ type, header, payload }: TlsRecord, now: number): TlsFailure | undefined {
    if (type === ContentType.ChangeCipherSpec) return this.receiveChangeCipherSpec(payload);
    if (this.opener === undefined) {
      if (type === ContentType.ApplicationData && this.skip?.until === 'hello') return this.passOver(payload);
      if (payload.length > MAX_PLAINTEXT) return failure('record-too-long', `${payload.length} bytes in the clear`);
      return this.receiveContent(type, payload, now);
    }
    // A client that did not like the ServerHello has no keys to say so with.
    if (type === ContentType.Alert && this.isBeforeKeys()) return this.receiveContent(type, payload, now);
    if (type !== ContentType.ApplicationData) return failure('unexpected-message', 'a record in the clear');
    const opened = this.opener.open(header, payload);
    if (isFailure(opened)) {
      const isSkipped = opened.reason === 'not-authentic' && this.skip?.until === 'decrypted';
      return isSkipped ? this.passOver(payload) : opened;
    }
    this.skip = undefined;
    this.hasOpened = true;
    return this.receiveContent(opened.type, opened.content, now);
  }

  private isBeforeKeys(): boolean {
    return this.role === 'server' && !this.hasOpened && !this.handshake.isConnected;
  }

  private passOver({ length }: Uint8Array): TlsFailure | undefined {
    if (this.skip === undefined) return undefined;
    this.skip.left -= length;
    return this.skip.left < 0 ? failure('too-much-early-data', 'that is passed over') : undefined;
  }

  // §5: a relic, which says nothing. It may stand between the first hello and the peer's Finished.
  private receiveChangeCipherSpec(payload: Uint8Array): TlsFailure | undefined {
    const isInPlace = this.handshake.stateName !== 'WaitClientHello' && !this.handshake.isConnected;
    const isSound = payload.length === 1 && payload[0] === 1 && this.messages.isEmpty;
    if (isInPlace && isSound && ++this.changeCipherSpecs <= MAX_CHANGE_CIPHER_SPECS) return undefined;
    return failure('unexpected-message', 'ChangeCipherSpec');
  }

  private receiveContent(type: number, content: Uint8Array, now: number): TlsFailure | undefined {
    if (type === ContentType.Handshake) return this.receiveHandshake(content, now);
    // §5.1: nothing may stand between the parts of a handshake message.
    if (!this.messages.isEmpty) return failure('unexpected-message', 'a record inside a handshake message');
    if (type === ContentType.Alert) return this.receiveAlert(content);
    if (type === ContentType.ApplicationData) return this.receiveData(content);
    return failure('unexpected-message', `a record of type ${type}`);
  }

  private receiveHandshake(content: Uint8Array, now: number): TlsFailure | undefined {
    // §5.1: fragments of length zero are forbidden.
    if (content.length === 0) return failure('unexpected-message', 'an empty handshake record');
    this.messages.add(content);
    for (;;) {
      const bytes = this.messages.next();
      if (bytes === undefined || isFailure(bytes)) return bytes;
      const message = readHandshakeMessage(bytes);
      if (isFailure(message)) return message;
      if (message.kind === 'key-update' && ++this.keyUpdates > MAX_KEY_UPDATES) return failure('too-many-key-updates');
      const effects = this.handshake.receive({ ...message, bytes }, now);
      this.tellMessage('received', MESSAGE_NAMES[message.kind]);
      if (isFailure(effects)) return effects;
      const wrong = this.carryOut(effects);
      if (wrong !== undefined) return wrong;
    }
  }

  private receiveData(content: Uint8Array): TlsFailure | undefined {
    if (this.earlyDataLeft !== undefined) {
      this.earlyDataLeft -= content.length;
      if (this.earlyDataLeft < 0) return failure('too-much-early-data', 'more than the ticket said');
    } else if (!this.handshake.isConnected) {
      return failure('unexpected-message', 'application data before the handshake is done');
    }
    if (content.length === 0) {
      return ++this.emptyRecords > MAX_EMPTY_RECORDS ? failure('too-many-empty-records') : undefined;
    }
    this.emptyRecords = 0;
    this.keyUpdates = 0;
    this.received.push(content);
    return undefined;
  }

  // §6: whatever the level says, all but two of them end the connection.
  private receiveAlert(content: Uint8Array): TlsFailure | undefined {
    const [level = 0, code = 0] = content;
    // §5.4: like a handshake record, an alert must not be empty.
    if (content.length === 0) return failure('unexpected-message', 'an empty alert record');
    if (content.length !== 2) return failure('bad-alert', `of ${content.length} bytes`);
    if (level !== 1 && level !== 2) return failure('unknown-alert', `level ${level}`);
    const name = alertName(code);
    if (name === 'user_canceled' && ++this.cancellations <= MAX_CANCELLATIONS) return undefined;
    if (name !== 'close_notify' || !this.handshake.isConnected) return peerAlert(name, code);
    this.isReadClosed = true;
    this.events.push({ kind: 'end' });
    return undefined;
  }

  // What goes out.

  private carryOut(effects: readonly Effect[]): TlsFailure | undefined {
    for (const effect of effects) {
      const wrong = this.carryOutOne(effect);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  private carryOutOne(effect: Effect): TlsFailure | undefined {
    switch (effect.kind) {
      case 'send':
        if (this.isWriteClosed) break;
        this.flight.push(effect.bytes);
        this.tellMessage('sent', effect.name);
        break;
      case 'change-cipher-spec':
        this.flush();
        this.owesChangeCipherSpec = true;
        break;
      case 'write-keys':
        this.flush();
        this.sealer = new RecordSealer(this.provider, effect.suite, effect.secret);
        break;
      case 'read-keys':
        // §5.1: handshake messages must not lie across a change of keys: who wrote the second half is another question.
        if (!this.messages.isEmpty) return failure('straddles-key-change', 'a handshake message');
        this.opener = new RecordOpener(this.provider, effect.suite, effect.secret);
        this.hasOpened = false;
        this.earlyDataLeft = undefined;
        this.skip = undefined;
        break;
      case 'write-in-the-clear':
        this.flush();
        this.sealer = undefined;
        break;
      case 'early-data':
        if (effect.data.length > 0) this.sendRecords(ContentType.ApplicationData, effect.data);
        break;
      case 'take-early-data':
        this.earlyDataLeft = effect.limit;
        this.events.push({ kind: 'early-data' });
        break;
      case 'skip-early-data':
        this.skip = { until: effect.until, left: effect.limit };
        break;
      case 'open-for-writing':
        this.canWrite = true;
        break;
      case 'secret': {
        const { label, clientRandom, secret } = effect;
        this.events.push({ kind: 'secret', label, clientRandom, secret });
        break;
      }
      case 'event':
        this.events.push(effect.event);
        break;
    }
    return undefined;
  }

  private tellMessage(direction: 'sent' | 'received', name: string): void {
    this.events.push({ kind: 'message', direction, name, state: this.handshake.stateName });
  }

  private flush(): void {
    if (this.flight.length === 0) return;
    const [first] = this.flight;
    const bytes = this.flight.length === 1 && first !== undefined ? first : joinBytes(this.flight);
    this.flight = [];
    this.sendRecords(ContentType.Handshake, bytes);
  }

  private sendRecords(type: number, content: Uint8Array): void {
    if (this.flight.length > 0) this.flush();
    this.sayChangeCipherSpec();
    if (this.sealer !== undefined) {
      this.output.push(this.sealer.sealAll(type, content, this.maxRecordLength));
      return;
    }
    const version = this.isFirstRecord && this.role === 'client' ? FIRST_RECORD_VERSION : RECORD_VERSION;
    this.isFirstRecord = false;
    for (let at = 0; at < content.length; at += this.maxRecordLength) {
      this.output.push(writeRecord(type, content.subarray(at, at + this.maxRecordLength), version));
    }
  }

  private sayChangeCipherSpec(): void {
    if (!this.owesChangeCipherSpec) return;
    this.owesChangeCipherSpec = false;
    this.output.push(writeRecord(ContentType.ChangeCipherSpec, Uint8Array.of(1), RECORD_VERSION));
  }

  private fail(reason: TlsFailure): void {
    const alert = alertOf(reason);
    this.flush();
    if (alert !== undefined && !this.isWriteClosed) this.sendRecords(ContentType.Alert, alertBytes(alert));
    this.failure = reason;
    this.events.push({ kind: 'failed', failure: reason });
  }
}

/** As the RFC has them. */
const MESSAGE_NAMES: Readonly<Record<MessageKind, string>> = {
  'client-hello': 'ClientHello',
  'server-hello': 'ServerHello',
  'hello-retry-request': 'HelloRetryRequest',
  'encrypted-extensions': 'EncryptedExtensions',
  'certificate-request': 'CertificateRequest',
  certificate: 'Certificate',
  'certificate-verify': 'CertificateVerify',
  finished: 'Finished',
  'end-of-early-data': 'EndOfEarlyData',
  'new-session-ticket': 'NewSessionTicket',
  'key-update': 'KeyUpdate',
};
