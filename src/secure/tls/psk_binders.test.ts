import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '../../../test/testing/bytes.ts';
import type { ClientHello } from './handshake_message.ts';
import { readHandshakeMessage } from './handshake_reader.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { bindersLength, withBinders } from './psk_binders.ts';

const empty: Uint8Array = new Uint8Array(0);

const hello = (binders: readonly Uint8Array[]): ClientHello => ({
  kind: 'client-hello',
  legacyVersion: 0x0303,
  random: new Uint8Array(32),
  legacySessionId: empty,
  cipherSuites: [0x1301],
  compressionMethods: [0],
  extensionTypes: [41],
  preSharedKey: {
    identities: binders.map((_, i) => ({ identity: Uint8Array.of(i), obfuscatedTicketAge: i })),
    binders,
  },
});

test('binders take the place of those that a hello was written with', () => {
  const binders = [new Uint8Array(32).fill(0xb1), new Uint8Array(48).fill(0xb2)];
  const written = writeHandshakeMessage(hello(binders.map(({ length }) => new Uint8Array(length))));
  assert.equal(bindersLength({ binders }), 2 + 33 + 49);
  const filled = withBinders(written, binders);
  assert.deepEqual(readHandshakeMessage(filled), hello(binders));
  const covered = filled.length - bindersLength({ binders });
  assert.equal(hex(filled.subarray(0, covered)), hex(written.subarray(0, covered)));
});

test('binders of other lengths are refused: all lengths before them would be wrong', () => {
  const written = writeHandshakeMessage(hello([new Uint8Array(32)]));
  assert.throws(() => withBinders(written, [new Uint8Array(48)]), RangeError);
  assert.throws(() => withBinders(empty, [new Uint8Array(32)]), RangeError);
});
