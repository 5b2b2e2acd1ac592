// Fields that a peer may fill up to the last byte come back in messages of our own, where less has room.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ca,
  deliver,
  eventsOf,
  identity,
  NOON,
  outcomeOf,
  random,
  root,
  talk,
  tlsPair,
  transmitted,
} from '../../../test/testing/tls_pair.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { TrustStore } from '../pki/trust_store.ts';
import { ExtensionType, TLS_1_2, TLS_1_3 } from './handshake_message.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { groupCode } from './named_group.ts';
import { ContentType, writeRecord } from './record.ts';
import type { ResumableSession } from './session.ts';
import { SealedTickets, type TicketKeeper } from './ticket_keeper.ts';

function sessionAfter(ticketLength: number): ResumableSession | undefined {
  const tickets: TicketKeeper = { lifetime: 100, seal: () => new Uint8Array(ticketLength), open: () => undefined };
  const pair = tlsPair({}, { tickets });
  talk(pair);
  assert.equal(outcomeOf(pair.client), 'ClientConnected');
  const event = eventsOf(pair.client).find(({ kind }) => kind === 'session');
  return event?.kind === 'session' ? event.session : undefined;
}

test('a ticket that is kept can be offered, however long it is; a longer one is not kept', () => {
  const session = sessionAfter(32_768);
  assert.ok(session !== undefined);
  const next = tlsPair({}, {}, { session });
  talk(next);
  assert.equal(outcomeOf(next.client), 'ClientConnected');
  assert.ok(sessionAfter(32_769) === undefined);
  assert.ok(sessionAfter(65_000) === undefined);
});

test('a client whose certificates fill a message gets no ticket, and is connected', () => {
  const names = Array.from({ length: 2000 }, (_, i) => `alice-${i}.foo.test`);
  const long = identity(ca.issueServer({ names, notBefore: NOON / 1000 }));
  const copies = { ...long, certificates: [...long.certificates, ...long.certificates] };
  const pair = tlsPair(
    { identity: copies },
    {
      tickets: new SealedTickets(nodeCrypto, random('tickets')),
      clientCertificates: 'required',
      clientTrust: new TrustStore(nodeCrypto, [root.certificate]),
    },
  );
  talk(pair);
  assert.deepEqual([outcomeOf(pair.client), outcomeOf(pair.server)], ['ClientConnected', 'ServerConnected']);
  const kinds = eventsOf(pair.client).map(({ kind }) => kind);
  assert.ok(kinds.includes('connected') && !kinds.includes('session'));
});

test('a cookie is sent back, and one that would fill the hello is refused', () => {
  const outcome = (cookieLength: number): string => {
    const { client } = tlsPair({ isMiddleboxCompatible: false, maxRecordLength: 100 });
    transmitted(client);
    const { SupportedVersions, KeyShare, Cookie } = ExtensionType;
    const retry = writeHandshakeMessage({
      kind: 'hello-retry-request',
      legacyVersion: TLS_1_2,
      legacySessionIdEcho: new Uint8Array(0),
      cipherSuite: 0x1301,
      compressionMethod: 0,
      extensionTypes: [SupportedVersions, KeyShare, Cookie],
      selectedVersion: TLS_1_3,
      selectedGroup: groupCode('P-256'),
      cookie: new Uint8Array(cookieLength),
    });
    for (let at = 0; at < retry.length; at += 16_384) {
      deliver(writeRecord(ContentType.Handshake, retry.subarray(at, at + 16_384), TLS_1_2), client);
    }
    return outcomeOf(client);
  };
  assert.equal(outcome(32_768), 'WaitSecondServerHello');
  assert.equal(outcome(32_769), 'illegal-value: a cookie of 32769 bytes');
  assert.equal(outcome(65_400), 'illegal-value: a cookie of 65400 bytes');
});
