import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import { joinBytes, utf8 } from '../../core/bytes.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { type CryptoProvider, HASHES, type HashName } from '../crypto/provider.ts';
import { cipherSuiteNamed } from './cipher_suite.ts';
import {
  EarlySchedule,
  expandLabel,
  exportKeyingMaterial,
  finishedMac,
  type HandshakeSchedule,
  type MainSchedule,
  nextTrafficSecret,
  resumptionPsk,
  trafficKeys,
} from './key_schedule.ts';

const PROVIDERS: readonly CryptoProvider[] = [nodeCrypto, portableCrypto];
const HASH_NAMES: readonly HashName[] = ['sha256', 'sha384'];

const numbered = (length: number, first = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i);

const psk = numbered(32, 100);
const shared = numbered(32, 50);
const hashOf = (name: HashName, text: string): Uint8Array => nodeCrypto.hash(name, utf8(text));

/** RFC 8446 §7.1 written out, over HKDF alone. */
function plainly(name: HashName, secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  const full = utf8(`tls13 ${label}`);
  const info = [[length >> 8, length & 255, full.length], full, [context.length], context].map((part) =>
    Uint8Array.from(part),
  );
  return portableCrypto.hkdfExpand(name, secret, joinBytes(info), length);
}

const secretPlainly = (name: HashName, secret: Uint8Array, label: string, context: Uint8Array): Uint8Array =>
  plainly(name, secret, label, context, HASHES[name].length);

test('a label expands as HKDF does over its length, its name and its context, to any length', () => {
  for (const provider of PROVIDERS) {
    for (const name of HASH_NAMES) {
      for (const length of [0, 12, 16, 32, 48, 49, 300]) {
        for (const context of [new Uint8Array(0), numbered(48)]) {
          const expanded = expandLabel(provider, name, psk, 'a label', context, length);
          assert.equal(hex(expanded), hex(plainly(name, psk, 'a label', context, length)));
        }
      }
    }
  }
});

test('what does not fit into the fields of a label is refused with a sentence', () => {
  const expand = (label: string, context: number, length: number): Uint8Array =>
    expandLabel(nodeCrypto, 'sha256', psk, label, new Uint8Array(context), length);
  assert.equal(expand('x'.repeat(249), 255, 8).length, 8);
  assert.throws(() => expand('x'.repeat(250), 0, 8), { name: 'RangeError', message: /label .* 249 bytes, not 250/ });
  assert.throws(() => expand('x', 256, 8), { name: 'RangeError', message: /context .* 255 bytes, not 256/ });
  assert.throws(() => expand('x', 0, 255 * 32 + 1), RangeError);
  for (const length of [65_536, -1, 1.5, Number.NaN]) assert.throws(() => expand('x', 0, length), RangeError);
});

test('the schedule with a PSK and a shared secret is the diagram of RFC 8446 §7.1', () => {
  for (const name of HASH_NAMES) {
    const { length } = HASHES[name];
    const zeros = new Uint8Array(length);
    const empty = hashOf(name, '');
    const extract = (salt: Uint8Array, key: Uint8Array): Uint8Array => portableCrypto.hkdfExtract(name, salt, key);
    const early = extract(zeros, psk);
    const handshake = extract(secretPlainly(name, early, 'derived', empty), shared);
    const main = extract(secretPlainly(name, handshake, 'derived', empty), zeros);
    const h = hashOf(name, 'messages');
    const expected = [
      secretPlainly(name, early, 'res binder', empty),
      secretPlainly(name, early, 'c e traffic', h),
      secretPlainly(name, early, 'e exp master', h),
      secretPlainly(name, handshake, 'c hs traffic', h),
      secretPlainly(name, handshake, 's hs traffic', h),
      secretPlainly(name, main, 'c ap traffic', h),
      secretPlainly(name, main, 's ap traffic', h),
      secretPlainly(name, main, 'exp master', h),
      secretPlainly(name, main, 'res master', h),
    ];
    for (const provider of PROVIDERS) {
      const first = EarlySchedule.start(provider, name, psk);
      const secrets = [first.binderKey(), first.clientEarlyTrafficSecret(h), first.earlyExporterSecret(h)];
      const second = first.intoHandshake(shared);
      secrets.push(second.clientTrafficSecret(h), second.serverTrafficSecret(h));
      const third = second.intoMain();
      secrets.push(third.clientTrafficSecret(h), third.serverTrafficSecret(h), third.exporterSecret(h));
      secrets.push(third.intoResumptionSecret(h));
      assert.deepEqual(secrets.map(hex), expected.map(hex));
    }
  }
});

test('without a PSK, or without a shared secret, zeros stand for it', () => {
  for (const provider of PROVIDERS) {
    for (const name of HASH_NAMES) {
      const zeros = new Uint8Array(HASHES[name].length);
      const h = hashOf(name, 'messages');
      const ask = (schedule: HandshakeSchedule): string => hex(schedule.clientTrafficSecret(h));
      const withZeros = ask(EarlySchedule.start(provider, name, zeros).intoHandshake(shared));
      assert.equal(ask(EarlySchedule.start(provider, name).intoHandshake(shared)), withZeros);
      const pskAlone = ask(EarlySchedule.start(provider, name, psk).intoHandshake(zeros));
      assert.equal(ask(EarlySchedule.start(provider, name, psk).intoHandshake(undefined)), pskAlone);
    }
  }
});

test('a stage that was spent gives nothing any more, and there are no early secrets without a PSK', () => {
  const h = hashOf('sha256', '');
  const begin = (): EarlySchedule => EarlySchedule.start(nodeCrypto, 'sha256', psk);
  const early = begin();
  const handshake = early.intoHandshake(shared);
  const main = handshake.intoMain();
  main.intoResumptionSecret(h);
  const uses: readonly (() => unknown)[] = [
    ...[() => early.binderKey(), () => early.clientEarlyTrafficSecret(h), () => early.earlyExporterSecret(h)],
    ...[() => early.intoHandshake(shared)],
    ...[() => handshake.clientTrafficSecret(h), () => handshake.serverTrafficSecret(h), () => handshake.intoMain()],
    ...[() => main.clientTrafficSecret(h), () => main.serverTrafficSecret(h), () => main.exporterSecret(h)],
    ...[() => main.intoResumptionSecret(h)],
  ];
  for (const use of uses) assert.throws(use, /broken invariant: a stage of the key schedule is used once/);
  const withoutPsk = EarlySchedule.start(nodeCrypto, 'sha256');
  assert.throws(() => withoutPsk.binderKey(), /broken invariant: early secrets are of a pre-shared key/);
});

test('nothing of a stage can be read from outside', () => {
  const early = EarlySchedule.start(nodeCrypto, 'sha256', psk);
  const handshake = early.intoHandshake(shared);
  const stages: readonly (EarlySchedule | HandshakeSchedule | MainSchedule)[] = [
    early,
    handshake,
    handshake.intoMain(),
  ];
  for (const stage of stages) assert.deepEqual(Reflect.ownKeys(stage), []);
});

test('Finished, the next traffic secret, a ticket’s PSK, exported material and traffic keys have their own labels', () => {
  const suite = cipherSuiteNamed('TLS_AES_128_GCM_SHA256');
  const none = new Uint8Array(0);
  const h = hashOf('sha256', 'messages');
  for (const provider of PROVIDERS) {
    const finishedKey = plainly('sha256', psk, 'finished', none, 32);
    assert.equal(hex(finishedMac(provider, 'sha256', psk, h)), hex(portableCrypto.hmac('sha256', finishedKey, h)));
    assert.equal(hex(nextTrafficSecret(provider, 'sha256', psk)), hex(plainly('sha256', psk, 'traffic upd', none, 32)));
    const nonce = bytes('00 01');
    assert.equal(
      hex(resumptionPsk(provider, 'sha256', psk, nonce)),
      hex(plainly('sha256', psk, 'resumption', nonce, 32)),
    );
    const perLabel = plainly('sha256', psk, 'EXPORTER-mine', hashOf('sha256', ''), 32);
    const exported = plainly('sha256', perLabel, 'exporter', hashOf('sha256', 'context'), 77);
    const material = exportKeyingMaterial(provider, 'sha256', psk, 'EXPORTER-mine', utf8('context'), 77);
    assert.equal(hex(material), hex(exported));
    const { key, iv } = trafficKeys(provider, suite, psk);
    assert.equal(hex(key), hex(plainly('sha256', psk, 'key', none, 16)));
    assert.equal(hex(iv), hex(plainly('sha256', psk, 'iv', none, 12)));
  }
});
