// Peers that hold the keys and say what they must not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf, NOON, outcomeOf, tlsPair, transmitted } from '../../../test/testing/tls_pair.ts';
import { hexOf, joinBytes } from '../../core/bytes.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { cipherSuiteNamed } from './cipher_suite.ts';
import type { SecretLabel, TlsConnection } from './connection.ts';
import { alertOf } from './failure.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { ContentType } from './record.ts';
import { RecordSealer } from './record_protection.ts';

const SUITE = 'TLS_AES_128_GCM_SHA256';

/** A server that awaits a Finished, and who can seal records for it. */
function waitingServer(): { readonly server: TlsConnection; readonly sealer: RecordSealer } {
  const { client, server } = tlsPair({ cipherSuites: [SUITE], isMiddleboxCompatible: false });
  server.receive(transmitted(client), NOON);
  const label: SecretLabel = 'CLIENT_HANDSHAKE_TRAFFIC_SECRET';
  const secret = eventsOf(server).find((event) => event.kind === 'secret' && event.label === label);
  assert.ok(secret?.kind === 'secret');
  return { server, sealer: new RecordSealer(nodeCrypto, cipherSuiteNamed(SUITE), secret.secret) };
}

test('a Finished of another length than the hash cannot be decoded; one of that length can be wrong', () => {
  for (const [length, alert] of [
    [12, 'decode_error'],
    [48, 'decode_error'],
    [0, 'decode_error'],
    [32, 'decrypt_error'],
  ] as const) {
    const { server, sealer } = waitingServer();
    const finished = writeHandshakeMessage({ kind: 'finished', verifyData: new Uint8Array(length) });
    server.receive(sealer.sealAll(ContentType.Handshake, finished, 16_384), NOON);
    assert.equal(server.failure && alertOf(server.failure), alert, outcomeOf(server));
  }
});

test('an alert record without an alert is not expected; half an alert cannot be decoded', () => {
  for (const [length, alert] of [
    [0, 'unexpected_message'],
    [1, 'decode_error'],
  ] as const) {
    const { server, sealer } = waitingServer();
    server.receive(sealer.seal(ContentType.Alert, new Uint8Array(length), 0, length), NOON);
    assert.equal(server.failure && alertOf(server.failure), alert, outcomeOf(server));
  }
});

test('a hello that speaks of SSL 3.0 or less is told protocol_version, whatever else it offers', () => {
  // Behind the record's and the message's header.
  const at = 5 + 4;
  for (const [version, alert] of [
    [0x0000, 'protocol_version'],
    [0x0300, 'protocol_version'],
    [0x0301, undefined],
    [0x0303, undefined],
  ] as const) {
    const { client, server } = tlsPair();
    const hello = transmitted(client).slice();
    hello[at] = version >> 8;
    hello[at + 1] = version & 0xff;
    server.receive(hello, NOON);
    assert.equal(server.failure && alertOf(server.failure), alert, outcomeOf(server));
  }
});

test('a second hello has the extensions of the first, in their order', () => {
  const wanted = 'supported_versions before psk_key_exchange_modes';
  for (const isSwapped of [false, true]) {
    const { client, server } = tlsPair(
      { groups: ['X25519', 'P-256'], isMiddleboxCompatible: false },
      { groups: ['P-256'] },
    );
    server.receive(transmitted(client), NOON);
    client.receive(transmitted(server), NOON);
    const hello = transmitted(client).slice();
    // Each with its type and length in front: one of 3 bytes, one of 2.
    const [versions, modes] = [Uint8Array.of(0, 43, 0, 3, 2, 3, 4), Uint8Array.of(0, 45, 0, 2, 1, 1)];
    const at = indexOf(hello, joinBytes([versions, modes]));
    assert.ok(at > 0, wanted);
    if (isSwapped) hello.set(joinBytes([modes, versions]), at);
    server.receive(hello, NOON);
    assert.equal(server.failure?.reason, isSwapped ? 'illegal-value' : undefined, outcomeOf(server));
  }
});

const indexOf = (bytes: Uint8Array, part: Uint8Array): number => hexOf(bytes).indexOf(hexOf(part)) / 2;
