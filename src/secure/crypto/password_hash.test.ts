import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, hexOf, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from './node.ts';
import {
  formatPasswordHash,
  hashPassword,
  PASSWORD_METHODS,
  type PasswordMethod,
  parsePasswordHash,
  verifyPassword,
} from './password_hash.ts';
import { portableCrypto } from './portable.ts';

/** Cheap ones: what is tested is not that they are slow. */
const CHEAP: readonly PasswordMethod[] = [
  { kind: 'argon2id', costs: { memory: 64, passes: 1, parallelism: 1 } },
  { kind: 'argon2i', costs: { memory: 64, passes: 2, parallelism: 2 } },
  { kind: 'scrypt', costs: { cost: 16, blockSize: 8, parallelism: 1 } },
  { kind: 'pbkdf2', hash: 'sha512', iterations: 10 },
];

test("the lines of Argon2's reference implementation verify", () => {
  const lines = [
    '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  ];
  for (const provider of [nodeCrypto, portableCrypto]) {
    for (const line of lines) {
      assert.equal(verifyPassword(provider, 'password', line), true);
      assert.equal(verifyPassword(provider, 'Password', line), false);
    }
  }
});

test('scrypt gives what RFC 7914 §12 prints', () => {
  const expected =
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640';
  const costs = { cost: 1024, blockSize: 8, parallelism: 16 };
  for (const { passwords } of [nodeCrypto, portableCrypto]) {
    assert.equal(hexOf(passwords.scrypt(utf8('password'), utf8('NaCl'), costs, 64)), expected);
  }
});

test('a password verifies on both providers against the line of either, and no other one does', () => {
  for (const [i, method] of CHEAP.entries()) {
    const lines = [nodeCrypto, portableCrypto].map((provider) =>
      hashPassword(provider, 'correct horse', Random.fromSeed(i), method),
    );
    assert.equal(lines[0], lines[1]);
    for (const provider of [nodeCrypto, portableCrypto]) {
      assert.equal(verifyPassword(provider, 'correct horse', lines[0] ?? ''), true);
      assert.equal(verifyPassword(provider, 'correct horsf', lines[0] ?? ''), false);
    }
  }
});

test('the same password twice gives two lines: each has its own salt', () => {
  const random = Random.fromSeed(1);
  const [first, second] = [1, 2].map(() => hashPassword(nodeCrypto, 'hunter2', random, CHEAP[0]));
  assert.notEqual(first, second);
});

test('the usual costs are written into the line', () => {
  const lines = Object.values(PASSWORD_METHODS).map((method) =>
    formatPasswordHash({ method, salt: utf8('some salt'), hash: utf8('some hash') }),
  );
  assert.deepEqual(lines, [
    '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$c29tZSBoYXNo',
    '$argon2i$v=19$m=19456,t=3,p=1$c29tZSBzYWx0$c29tZSBoYXNo',
    '$scrypt$ln=17,r=8,p=1$c29tZSBzYWx0$c29tZSBoYXNo',
    '$pbkdf2-sha256$i=600000$c29tZSBzYWx0$c29tZSBoYXNo',
  ]);
  assert.equal(verifyPassword(nodeCrypto, 'x', hashPassword(nodeCrypto, 'x', Random.fromSeed(1))), true);
});

test('what is written is read back, with salts and hashes of every length', () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 64 });
  fc.assert(
    fc.property(fc.constantFrom(...CHEAP), bytes, bytes, (method, salt, hash) => {
      const parsed = parsePasswordHash(formatPasswordHash({ method, salt, hash }));
      assert.deepEqual(parsed?.method, method);
      assert.ok(parsed && bytesEqual(parsed.salt, salt) && bytesEqual(parsed.hash, hash));
    }),
  );
});

test('a line that was tampered with is no line, and nothing is computed for it', () => {
  const good = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  assert.notEqual(parsePasswordHash(good), undefined);
  const lines = [
    '',
    'hunter2',
    good.replace('argon2id', 'argon3'),
    good.replace('v=19', 'v=16'),
    good.replace('v=19$', ''),
    good.replace('m=256', 'm=4294967295'), // four terabytes
    good.replace('m=256', 'm=7'),
    good.replace('m=256', 'm=0256'),
    good.replace('t=2', 't=0'),
    good.replace('t=2,p=1', 'p=1,t=2'),
    good.replace('c29tZXNhbHQ', 'c29t'),
    good.replace('c29tZXNhbHQ', 'c29tZXNhbHR'), // the last character holds bits too many
    `${good}=`,
    good.slice(0, -1),
    `${good}$`,
    `${good}${'A'.repeat(100)}`,
    '$scrypt$ln=40,r=8,p=1$c29tZXNhbHQ$c29tZXNhbHQ',
    '$scrypt$ln=17,r=8$c29tZXNhbHQ$c29tZXNhbHQ',
    '$pbkdf2-sha1$i=1$c29tZXNhbHQ$c29tZXNhbHQ',
    '$pbkdf2-sha256$i=99999999999$c29tZXNhbHQ$c29tZXNhbHQ',
  ];
  for (const line of lines) {
    assert.equal(parsePasswordHash(line), undefined, line);
    assert.equal(verifyPassword(nodeCrypto, 'password', line), false, line);
  }
});

test('nonsense in place of a line never throws', () => {
  const parts = fc.array(
    fc.constantFrom(
      '$',
      'argon2id',
      'scrypt',
      'pbkdf2-sha256',
      'v=19',
      'm=8,t=1,p=1',
      'ln=4,r=1,p=1',
      'i=1',
      'AAAA',
      '=',
      ',',
    ),
  );
  fc.assert(fc.property(parts, (pieces) => typeof parsePasswordHash(pieces.join('')) !== 'string'));
});
