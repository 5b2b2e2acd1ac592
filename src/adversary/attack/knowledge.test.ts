import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deflateSync, gzipSync, zlibSync } from 'fflate';
import { hexOf, joinBytes, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { asPercent, DECODERS } from './decoders.ts';
import { Knowledge } from './knowledge.ts';
import { mintSecret } from './secret.ts';

const PIN = mintSecret(Random.fromSeed(1), 'pin');
const OTHER = mintSecret(Random.fromSeed(1), 'password');

const WRITINGS: Readonly<Record<string, Uint8Array>> = {
  plain: utf8(`user=alice&pin=${PIN.text}`),
  hexadecimal: utf8(`token: ${hexOf(PIN.bytes)};`),
  base64: utf8(`Authorization: Basic ${btoa(`alice:${PIN.text}`)}`),
  'hexadecimal in pairs': utf8(`key: ${hexOf(PIN.bytes).replaceAll(/..(?!$)/g, '$&:')}`),
  'base64 in lines': utf8(btoa(`alice:${PIN.text}`).replaceAll(/.{12}/g, '$&\r\n')),
  'UTF-16': joinBytes([
    utf8('BE'),
    PIN.bytes.reduce((wide, byte, i) => wide.with(2 * i + 1, byte), new Uint8Array(2 * PIN.bytes.length)),
  ]),
  JSON: utf8(
    `{"pin":"${[...PIN.text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
  ),
  'percent encoding': utf8(`/login?pin=${asPercent(PIN.text)}`),
  gzip: joinBytes([utf8('HTTP/1.1 200 OK\r\n\r\n'), gzipSync(PIN.bytes, { mtime: 0 })]),
  zlib: joinBytes([utf8('body '), zlibSync(PIN.bytes)]),
  deflate: deflateSync(PIN.bytes),
  'chunked body': utf8(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n${PIN.text.slice(0, 5)}\r\nf\r\n${PIN.text.slice(5, 20)}\r\n0\r\n\r\n`,
  ),
};

for (const [name, bytes] of Object.entries(WRITINGS)) {
  test(`a secret is found in ${name}, and one that is not there is not`, () => {
    const knowledge = new Knowledge();
    knowledge.learn(bytes, 'A to B');
    const decoder = name.replace(/ in .*/, '');
    assert.equal(knowledge.pathTo(PIN), name === 'plain' ? 'A to B' : `A to B, ${decoder}`);
    assert.equal(knowledge.knows(OTHER), false);
  });
}

test('an encoding within an encoding is looked through', () => {
  const knowledge = new Knowledge();
  knowledge.learn(utf8(btoa(hexOf(gzipSync(PIN.bytes, { mtime: 0 })))), 'A to B');
  assert.equal(knowledge.pathTo(PIN), 'A to B, base64, hexadecimal, gzip');
});

test('what a key opens is known from then on', () => {
  const knowledge = new Knowledge();
  const mask = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);
  knowledge.learn(mask(PIN.bytes), 'A to B');
  assert.equal(knowledge.knows(PIN), false);
  knowledge.learnToDecode({ name: 'the stolen key', decode: (bytes) => [mask(bytes)] });
  assert.equal(knowledge.pathTo(PIN), 'A to B, the stolen key');
});

test('secrets are the same for the same seed and name, and differ otherwise', () => {
  assert.equal(mintSecret(Random.fromSeed(1), 'pin').text, PIN.text);
  assert.notEqual(mintSecret(Random.fromSeed(2), 'pin').text, PIN.text);
  assert.match(PIN.text, /^pin-[a-z2-9]{16}$/);
});

test('no bytes make a decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const { decode } of DECODERS) for (const meaning of decode(bytes)) assert.ok(meaning instanceof Uint8Array);
    }),
  );
  for (const bytes of Object.values(WRITINGS)) {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const damaged = bytes.slice();
        damaged[at] = byte;
        for (const { decode } of DECODERS) decode(damaged);
      }),
    );
  }
});

test('however much was heard, all of it is looked through', () => {
  const knowledge = new Knowledge();
  for (let i = 0; i < 60_000; i++) knowledge.learn(utf8(`message ${i}`), 'A to B');
  assert.equal(knowledge.knows(PIN), false);
  knowledge.learn(PIN.bytes, 'B to A');
  assert.equal(knowledge.pathTo(PIN), 'B to A');
});
