// HPKE against the vectors of RFC 9180, on both providers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shake128 } from '@noble/hashes/sha3.js';
import { type Hpke, type HpkeSuite, hpke } from '../../src/secure/crypto/hpke.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import type { CryptoProvider, RandomSource } from '../../src/secure/crypto/provider.ts';
import { bytes, hex } from '../testing/bytes.ts';
import { readVectors } from './vectors.ts';

interface Vector {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmE: string;
  readonly ikmR: string;
  readonly pkRm: string;
  readonly skRm: string;
  readonly enc: string;
}

interface AppendixVector extends Vector {
  readonly ikmS?: string;
  readonly pkSm?: string;
  readonly psk?: string;
  readonly psk_id?: string;
  readonly encryptions: readonly { sequence: number; pt: string; aad: string; ct: string }[];
  readonly exports: readonly { exporter_context: string; L: number; exported_value: string }[];
}

interface DigestVector extends Vector {
  readonly encryptions_accumulated?: string;
  readonly exports_accumulated: string;
}

const P521 = 0x12;
const KEMS: Readonly<Record<number, HpkeSuite['kem']>> = { 16: 'P-256', 17: 'P-384', 32: 'X25519' };
const KDFS: Readonly<Record<number, HpkeSuite['kdf']>> = { 1: 'sha256', 2: 'sha384', 3: 'sha512' };
const AEADS: Readonly<Record<number, HpkeSuite['aead']>> = {
  1: 'aes-128-gcm',
  2: 'aes-256-gcm',
  3: 'chacha20-poly1305',
  65535: 'export-only',
};

const plainHex = (data: Uint8Array): string => hex(data).replaceAll(' ', '');

function suiteOf({ kem_id, kdf_id, aead_id }: Vector): HpkeSuite {
  const [kem, kdf, aead] = [KEMS[kem_id], KDFS[kdf_id], AEADS[aead_id]];
  assert.ok(kem && kdf && aead);
  return { kem, kdf, aead };
}

/** The ephemeral key comes from these bytes, as in the vectors. */
const drawn = (material: string): RandomSource => ({ fill: (out) => out.set(bytes(material)) });

/** Both ends of a vector, with the encapsulated key compared. */
function setUp(suite: Hpke, vector: AppendixVector | Vector) {
  const { ikmR, ikmE, pkRm, skRm, enc } = vector;
  const { ikmS, psk, psk_id } = vector as AppendixVector;
  const recipientKey = suite.deriveKey(bytes(ikmR));
  assert.equal(plainHex(recipientKey.publicKey), pkRm);
  // A vector may write a secret of X25519 clamped or not; the public keys have been compared.
  if (suite.suite.kem !== 'X25519') assert.equal(plainHex(recipientKey.secret), skRm);
  const senderKey = ikmS === undefined ? undefined : suite.deriveKey(bytes(ikmS));
  const preSharedKey = psk === undefined ? {} : { preSharedKey: { key: bytes(psk), id: bytes(psk_id ?? '') } };
  const sender = suite.setupSender(bytes(pkRm), bytes(vector.info), drawn(ikmE), {
    ...preSharedKey,
    ...(senderKey && { sender: senderKey }),
  });
  const recipient = suite.setupRecipient(bytes(enc), recipientKey, bytes(vector.info), {
    ...preSharedKey,
    ...(senderKey && { sender: senderKey.publicKey }),
  });
  assert.ok(sender && recipient);
  assert.equal(plainHex(sender.encapsulatedKey), enc);
  return { sender, recipient };
}

const appendix = readVectors('hpke/rfc9180_appendix_a') as readonly AppendixVector[];
const digests = readVectors('hpke/rfc9180') as readonly DigestVector[];

for (const provider of [nodeCrypto, portableCrypto]) {
  test(`RFC 9180 Appendix A on ${provider.name}: every message and export, in all four modes`, () => {
    const counts = { base: 0, psk: 0, auth: 0, auth_psk: 0, 'with P-521, which no provider has': 0 };
    for (const vector of appendix) {
      if (vector.kem_id === P521) {
        counts['with P-521, which no provider has']++;
        continue;
      }
      const { sender, recipient } = setUp(hpke(provider, suiteOf(vector)), vector);
      let sequence = 0;
      for (const { sequence: at, pt, aad, ct } of vector.encryptions) {
        for (; sequence < at; sequence++) recipient.open(bytes(''), sender.seal(bytes(''), bytes('')));
        assert.equal(plainHex(sender.seal(bytes(aad), bytes(pt))), ct);
        const opened = recipient.open(bytes(aad), bytes(ct));
        assert.equal(opened && plainHex(opened), pt);
        sequence++;
      }
      for (const { exporter_context, L, exported_value } of vector.exports) {
        for (const end of [sender, recipient]) {
          assert.equal(plainHex(end.export(bytes(exporter_context), L)), exported_value);
        }
      }
      counts[(['base', 'psk', 'auth', 'auth_psk'] as const)[vector.mode] ?? assert.fail()]++;
    }
    assert.deepEqual(counts, { base: 6, psk: 6, auth: 6, auth_psk: 6, 'with P-521, which no provider has': 4 });
  });

  test(`Go's vectors of base mode on ${provider.name}: the digest of a thousand messages and exports each`, () => {
    const judged = digests.filter(({ kem_id }) => kem_id !== P521);
    for (const vector of judged) judgeDigests(provider, vector);
    assert.deepEqual([judged.length, digests.length - judged.length], [16, 8]);
  });
}

function judgeDigests(provider: CryptoProvider, vector: DigestVector): void {
  const { sender, recipient } = setUp(hpke(provider, suiteOf(vector)), vector);
  if (vector.encryptions_accumulated) {
    const [source, sink] = [inputs(), shake128.create()];
    for (let i = 0; i < 1000; i++) {
      const [aad, plaintext] = [source(), source()];
      const ciphertext = sender.seal(aad, plaintext);
      sink.update(ciphertext);
      assert.deepEqual(recipient.open(aad, ciphertext), plaintext);
    }
    assert.equal(plainHex(sink.xof(16)), vector.encryptions_accumulated);
  }
  const [source, sink] = [inputs(), shake128.create()];
  for (let length = 0; length < 1000; length++) {
    const context = source();
    const exported = sender.export(context, length);
    sink.update(exported);
    if (length < 50) assert.deepEqual(recipient.export(context, length), exported);
  }
  assert.equal(plainHex(sink.xof(16)), vector.exports_accumulated);
}

/** Bytes of a length that comes first, from SHAKE128 of nothing. */
function inputs(): () => Uint8Array {
  const source = shake128.create();
  return () => source.xof(source.xof(1)[0] ?? 0);
}
