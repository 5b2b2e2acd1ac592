import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesEqual, joinBytes } from '../../core/bytes.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { attackChannel, type ChannelDesign } from './own_channel.ts';

const broken = (design: ChannelDesign): string[] =>
  attackChannel(design, portableCrypto)
    .filter(({ succeeded }) => succeeded)
    .map(({ attack }) => attack);

const MAC_LENGTH = 32;

test('a channel in the clear falls to every attack', () => {
  const inTheClear: ChannelDesign = () => ({ seal: (message) => message, open: (bytes) => bytes });
  assert.deepEqual(broken(inTheClear), [
    'read',
    'compare',
    'xor',
    'stranger',
    'flip',
    'cut',
    'replay',
    'reorder',
    'drop',
    'reflect',
  ]);
});

test('a code over the ciphertext keeps M from changing, and not from repeating', () => {
  const authenticated: ChannelDesign = ({ E, D, MAC, key }) => ({
    seal(message) {
      const ciphertext = E(key, message);
      return joinBytes([ciphertext, MAC(key, ciphertext)]);
    },
    open(bytes) {
      const ciphertext = bytes.slice(0, -MAC_LENGTH);
      return bytesEqual(MAC(key, ciphertext), bytes.slice(-MAC_LENGTH)) ? D(key, ciphertext) : undefined;
    },
  });
  assert.deepEqual(broken(authenticated), ['replay', 'reorder', 'drop', 'reflect']);
});

test('a key stream that comes again is found, and a code that hides the lack of a key', () => {
  const stream = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, i) => byte ^ ((17 * i + (key[i % 32] ?? 0)) & 0xff));
  const sameStream: ChannelDesign = ({ key }) => ({
    seal: (message) => stream(key, message),
    open: (bytes) => stream(key, bytes),
  });
  assert.ok(broken(sameStream).includes('xor') && !broken(sameStream).includes('stranger'));
  const keyless: ChannelDesign = () => ({
    seal: (message) => message.map((byte) => byte ^ 0x55),
    open: (bytes) => bytes.map((byte) => byte ^ 0x55),
  });
  assert.ok(broken(keyless).includes('stranger'));
});

test('a channel that brings nothing is told of as that alone', () => {
  assert.deepEqual(
    broken(() => ({ seal: (message) => message, open: () => undefined })),
    ['none'],
  );
});

test('what is no channel is told of by what it lacks', () => {
  const attack = (design: unknown) => () => attackChannel(design as ChannelDesign, portableCrypto);
  assert.throws(
    attack(() => undefined),
    /channel must return \{ seal, open \}/,
  );
  assert.throws(
    attack(() => ({ seal: () => 'text', open: () => undefined })),
    /seal must return a Uint8Array/,
  );
  assert.throws(
    attack(() => ({ seal: (m: Uint8Array) => m, open: () => 5 })),
    /open must return a Uint8Array/,
  );
});

test('what a design throws comes through', () => {
  const careless: ChannelDesign = () => ({
    seal: (message) => message,
    open: () => {
      throw new Error('no such byte');
    },
  });
  assert.throws(() => attackChannel(careless, portableCrypto), /no such byte/);
});
