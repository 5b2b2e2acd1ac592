import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { type Hpke, type HpkeSuite, hpke } from './hpke.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';

const SUITE: HpkeSuite = { kem: 'X25519', kdf: 'sha256', aead: 'chacha20-poly1305' };
const INFO = utf8('a letter to B');
const NONE = new Uint8Array(0);
const preSharedKey = { key: new Uint8Array(32).fill(5), id: utf8('from the summer') };

const key = (suite: Hpke, fill: number) => suite.deriveKey(new Uint8Array(32).fill(fill));

/** Sends one message to B and tells what B reads, when B expects what is given. */
function delivered(
  suite: Hpke,
  sent: Parameters<Hpke['setupSender']>[3],
  expected: Parameters<Hpke['setupRecipient']>[3],
): string | undefined {
  const b = key(suite, 2);
  const sender = suite.setupSender(b.publicKey, INFO, Random.fromSeed(1), sent);
  assert.ok(sender);
  const sealed = sender.seal(NONE, utf8('hello'));
  const opened = suite.setupRecipient(sender.encapsulatedKey, b, INFO, expected)?.open(NONE, sealed);
  return opened && new TextDecoder().decode(opened);
}

test('a message arrives only where both used the same mode, keys and name of the key', () => {
  const suite = hpke(nodeCrypto, SUITE);
  const [a, c] = [key(suite, 1), key(suite, 3)];
  const other = { ...preSharedKey, id: utf8('from the winter') };
  assert.equal(delivered(suite, {}, {}), 'hello');
  assert.equal(delivered(suite, { preSharedKey }, { preSharedKey }), 'hello');
  assert.equal(delivered(suite, { sender: a }, { sender: a.publicKey }), 'hello');
  assert.equal(delivered(suite, { preSharedKey, sender: a }, { preSharedKey, sender: a.publicKey }), 'hello');
  assert.equal(delivered(suite, {}, { preSharedKey }), undefined);
  assert.equal(delivered(suite, { preSharedKey }, { preSharedKey: other }), undefined);
  assert.equal(delivered(suite, { sender: c }, { sender: a.publicKey }), undefined);
  assert.equal(delivered(suite, { sender: a }, {}), undefined);
});

test('messages open in the order in which they were sealed, each once', () => {
  const suite = hpke(nodeCrypto, SUITE);
  const b = key(suite, 2);
  const sender = suite.setupSender(b.publicKey, INFO, Random.fromSeed(1));
  assert.ok(sender);
  const sealed = ['one', 'two', 'three'].map((text) => sender.seal(NONE, utf8(text)));
  const recipient = suite.setupRecipient(sender.encapsulatedKey, b, INFO);
  const open = (i: number): string | undefined => {
    const opened = recipient?.open(NONE, sealed[i] ?? NONE);
    return opened && new TextDecoder().decode(opened);
  };
  assert.deepEqual(
    [open(1), open(0), open(0), open(2), open(1), open(2)],
    [undefined, 'one', undefined, undefined, 'two', 'three'],
  );
});

test('P-384 and SHA-384, which have no published vectors, give the same bytes on both providers', () => {
  const sealed = [nodeCrypto, portableCrypto].map((provider) => {
    const suite = hpke(provider, { kem: 'P-384', kdf: 'sha384', aead: 'aes-256-gcm' });
    const b = suite.deriveKey(new Uint8Array(48).fill(2));
    const sender = suite.setupSender(b.publicKey, INFO, Random.fromSeed(1), { preSharedKey });
    assert.ok(sender);
    const ciphertext = sender.seal(NONE, utf8('hello'));
    const recipient = suite.setupRecipient(sender.encapsulatedKey, b, INFO, { preSharedKey });
    assert.deepEqual(recipient?.open(NONE, ciphertext), utf8('hello'));
    return [sender.encapsulatedKey, ciphertext, sender.export(INFO, 40)];
  });
  assert.deepEqual(sealed[0], sealed[1]);
});

test('public keys that are none give no context', () => {
  const suite = hpke(nodeCrypto, { ...SUITE, kem: 'P-256' });
  const b = key(suite, 2);
  const wrong = b.publicKey.slice();
  wrong[40] = (wrong[40] ?? 0) ^ 1;
  assert.equal(suite.setupSender(wrong, INFO, Random.fromSeed(1)), undefined);
  assert.equal(suite.setupSender(NONE, INFO, Random.fromSeed(1), { sender: key(suite, 1) }), undefined);
  assert.equal(suite.setupRecipient(wrong, b, INFO), undefined);
  assert.equal(suite.setupRecipient(b.publicKey, b, INFO, { sender: wrong }), undefined);
});

test('an export-only suite exports and refuses to seal; a short pre-shared key is refused', () => {
  const suite = hpke(nodeCrypto, { ...SUITE, aead: 'export-only' });
  const b = key(suite, 2);
  const sender = suite.setupSender(b.publicKey, INFO, Random.fromSeed(1));
  const recipient = suite.setupRecipient(sender?.encapsulatedKey ?? NONE, b, INFO);
  assert.deepEqual(sender?.export(INFO, 20), recipient?.export(INFO, 20));
  assert.throws(() => sender?.seal(NONE, NONE), /export-only/);
  assert.throws(() => recipient?.open(NONE, new Uint8Array(16)), RangeError);
  const short = { preSharedKey: { key: new Uint8Array(31), id: INFO } };
  assert.throws(() => suite.setupSender(b.publicKey, INFO, Random.fromSeed(1), short), /32 bytes/);
});
