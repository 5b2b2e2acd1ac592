import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clientIdentity,
  NOON,
  random,
  root,
  SERVER_NAME,
  tlsPair,
  transmitted,
} from '../../../test/testing/tls_pair.ts';
import { overheard, type Piece, recorded, recordText, secretsOf } from '../../../test/testing/tls_wiretap.ts';
import { joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { TrustStore } from '../pki/trust_store.ts';
import { type ObservedRecord, TlsEavesdropper, type TlsSecrets } from './eavesdropper.ts';
import { isFailure } from './failure.ts';
import { SingleUseWindow } from './replay_defence.ts';
import type { ResumableSession } from './session.ts';
import { SealedTickets } from './ticket_keeper.ts';

const textIn = (records: readonly ObservedRecord[], from: string): string =>
  records
    .filter((record) => record.from === from && record.content?.type === 23)
    .map(({ content }) => textOf(content?.data ?? new Uint8Array(0)))
    .join('');

const only = ({ provider, secretOf }: TlsSecrets, isKnown: (label: string) => boolean): TlsSecrets => ({
  provider,
  secretOf: (label, clientRandom) => (isKnown(label) ? secretOf(label, clientRandom) : undefined),
});

/** A whole conversation: handshake, data both ways, new keys, the ends. */
function conversation(): { pieces: Piece[]; secrets: TlsSecrets } {
  const pair = tlsPair();
  const { client, server } = pair;
  const pieces = recorded(pair);
  client.write(utf8('ping'));
  pieces.push(...recorded(pair));
  client.updateKeys(true);
  client.write(utf8(' again'));
  server.write(utf8('pong'));
  pieces.push(...recorded(pair));
  server.write(utf8(' again'));
  client.close();
  pieces.push(...recorded(pair));
  return { pieces, secrets: secretsOf(client) };
}

test('who has the secrets reads everything, through all changes of keys', () => {
  const { pieces, secrets } = conversation();
  const records = overheard(pieces, secrets);
  assert.deepEqual(records.map(recordText), [
    'client ClientHello',
    'server ServerHello',
    'server ChangeCipherSpec',
    'server [EncryptedExtensions, Certificate, CertificateVerify, Finished]',
    'client ChangeCipherSpec',
    'client [Finished]',
    'client [ApplicationData]',
    'client [KeyUpdate]',
    'client [ApplicationData]',
    'server [ApplicationData]',
    'server [KeyUpdate]',
    'client [Alert]',
    'server [ApplicationData]',
  ]);
  assert.equal(textIn(records, 'client'), 'ping again');
  assert.equal(textIn(records, 'server'), 'pong again');
  const last = records.at(-1);
  assert.deepEqual(last?.opening, { secret: 'SERVER_TRAFFIC_SECRET_0', generation: 1, padding: 0 });
});

test('records keep their place, and none of their bytes is lost, wherever the line is cut', () => {
  const { pieces, secrets } = conversation();
  const whole = overheard(pieces, secrets);
  for (const from of ['client', 'server']) {
    const stream = joinBytes(pieces.filter((piece) => piece.from === from).map(({ bytes }) => bytes));
    const own = whole.filter((record) => record.from === from);
    assert.deepEqual(joinBytes(own.map(({ bytes }) => bytes)), stream);
    for (const { offset, bytes } of own) assert.deepEqual(stream.subarray(offset, offset + bytes.length), bytes);
  }
  assert.deepEqual(overheard(pieces, secrets, 1), whole);
});

test('who has no secrets sees what is in the clear, and how long the rest is', () => {
  const { pieces } = conversation();
  const records = overheard(pieces);
  const texts = records.map(recordText);
  assert.deepEqual(texts.slice(0, 4), [
    'client ClientHello',
    'server ServerHello',
    'server ChangeCipherSpec',
    'server [?]',
  ]);
  assert.equal(texts.filter((text) => text.endsWith('[?]')).length, 9);
  const hello = records[0]?.content?.fragments[0]?.whole?.message;
  assert.ok(hello !== undefined && !isFailure(hello) && hello.kind === 'client-hello');
  assert.equal(hello.serverName, SERVER_NAME);
});

test('some of the secrets open some of the records', () => {
  const { pieces, secrets } = conversation();
  const handshakeAlone = overheard(
    pieces,
    only(secrets, (label) => label.includes('HANDSHAKE')),
  );
  assert.equal(handshakeAlone.filter(({ opening }) => opening !== undefined).length, 2);
  const dataAlone = overheard(
    pieces,
    only(secrets, (label) => label === 'CLIENT_TRAFFIC_SECRET_0'),
  );
  assert.equal(textIn(dataAlone, 'client'), 'ping again');
  assert.equal(textIn(dataAlone, 'server'), '');
});

test('another connection’s secrets open nothing', () => {
  const { pieces } = conversation();
  const records = overheard(pieces, { provider: nodeCrypto, secretOf: () => new Uint8Array(32) });
  assert.ok(records.every(({ opening }) => opening === undefined));
});

test('a conversation after a HelloRetryRequest, with a client certificate', () => {
  const pair = tlsPair(
    { groups: ['P-384', 'P-256'], identity: clientIdentity },
    { groups: ['P-256'], clientCertificates: 'required', clientTrust: new TrustStore(nodeCrypto, [root.certificate]) },
  );
  const pieces = recorded(pair);
  const records = overheard(pieces, secretsOf(pair.server));
  const texts = records.map(recordText);
  assert.deepEqual(texts.slice(0, 4), [
    'client ClientHello',
    'server ServerHello',
    'server ChangeCipherSpec',
    'client ChangeCipherSpec',
  ]);
  assert.ok(texts.includes('client [Certificate, CertificateVerify, Finished]'), texts.join('\n'));
});

for (const isAccepted of [true, false]) {
  test(`early data is read though it was ${isAccepted ? 'accepted' : 'refused'}`, () => {
    const tickets = new SealedTickets(nodeCrypto, random('tickets'));
    const server = { tickets, maxEarlyData: 1000, replayDefence: new SingleUseWindow() };
    const first = tlsPair({}, server);
    recorded(first);
    let session: ResumableSession | undefined;
    for (let event = first.client.pollEvent(); event !== undefined; event = first.client.pollEvent()) {
      if (event.kind === 'session') session = event.session;
    }
    assert.ok(session !== undefined);
    const second = tlsPair({}, isAccepted ? server : { tickets }, {
      session,
      earlyData: utf8('hurry'),
      now: NOON + 1000,
      random: random('again'),
    });
    const pieces = recorded(second, NOON + 1000);
    second.client.write(utf8(' up'));
    pieces.push({ from: 'client', bytes: transmitted(second.client) });
    const records = overheard(pieces, secretsOf(second.client));
    assert.equal(textIn(records, 'client'), 'hurry up', records.map(recordText).join('\n'));
    assert.equal(records.map(recordText).includes('client [EndOfEarlyData]'), isAccepted);
  });
}

test('what is no TLS is said to be none, once and for all', () => {
  const eavesdropper = new TlsEavesdropper();
  const { records, failure } = eavesdropper.receive('client', utf8('GET / HTTP/1.1\r\n\r\n'));
  assert.deepEqual([records.length, failure?.reason], [0, 'bad-record']);
  assert.equal(eavesdropper.receive('client', transmitted(tlsPair().client)).failure?.reason, 'bad-record');
});

test('whatever goes over the line, listening does not fail', () => {
  const { pieces, secrets } = conversation();
  const change = fc.tuple(fc.nat(pieces.length - 1), fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const damaged = pieces.map(({ from, bytes }) => ({ from, bytes: bytes.slice() }));
      for (const [piece, place, value] of changes) {
        const bytes = damaged[piece]?.bytes;
        if (bytes !== undefined) bytes[place % bytes.length] = value;
      }
      for (const { bytes, offset } of overheard(damaged, secrets)) assert.ok(bytes.length >= 5 && offset >= 0);
    }),
  );
});
