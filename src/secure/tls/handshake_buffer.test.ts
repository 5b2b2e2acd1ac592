import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import { joinBytes } from '../../core/bytes.ts';
import { isFailure } from './failure.ts';
import {
  HandshakeBuffer,
  MAX_CERTIFICATE_MESSAGE_LENGTH,
  MAX_CLIENT_HELLO_LENGTH,
  MAX_MESSAGE_LENGTH,
} from './handshake_buffer.ts';

function messagesOf(fragments: readonly Uint8Array[]): { messages: string[]; isEmpty: boolean } {
  const buffer = new HandshakeBuffer();
  const messages: string[] = [];
  for (const fragment of fragments) {
    buffer.add(fragment);
    for (let next = buffer.next(); next !== undefined; next = buffer.next()) {
      assert.ok(!isFailure(next));
      messages.push(hex(next));
    }
    // What was added may be used again once there is nothing more.
    fragment.fill(0xee);
  }
  return { messages, isEmpty: buffer.isEmpty };
}

test('messages come out whole, wherever records cut them', () => {
  const message = fc
    .uint8Array({ maxLength: 40 })
    .map((body) => joinBytes([Uint8Array.of(20, 0, 0, body.length), body]));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (messages, places) => {
      const stream = joinBytes(messages);
      const cuts = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
      const fragments = cuts.slice(1).map((cut, i) => stream.slice(cuts[i], cut));
      assert.deepEqual(messagesOf(fragments), { messages: messages.map(hex), isEmpty: true });
    }),
  );
});

test('a message that has begun is seen', () => {
  assert.deepEqual(messagesOf([bytes('14 00 00')]), { messages: [], isEmpty: false });
  assert.deepEqual(messagesOf([bytes('14 00 00 01'), bytes('07 05')]), {
    messages: ['14 00 00 01 07'],
    isEmpty: false,
  });
  assert.deepEqual(messagesOf([bytes('14 00 00 01'), bytes('07'), bytes('05 00 00 00')]), {
    messages: ['14 00 00 01 07', '05 00 00 00'],
    isEmpty: true,
  });
});

test('two fragments at once are taken one behind the other', () => {
  const buffer = new HandshakeBuffer();
  buffer.add(bytes('05 00 00 00 14 00'));
  buffer.add(bytes('00 01 07'));
  assert.deepEqual(buffer.next(), bytes('05 00 00 00'));
  assert.deepEqual(buffer.next(), bytes('14 00 00 01 07'));
  assert.equal(buffer.next(), undefined);
});

test('a message that would be too long is refused by its header, and nothing comes after it', () => {
  const limits: readonly (readonly [type: number, max: number])[] = [
    [1, MAX_CLIENT_HELLO_LENGTH],
    [11, MAX_CERTIFICATE_MESSAGE_LENGTH],
    [4, MAX_MESSAGE_LENGTH],
    [99, MAX_MESSAGE_LENGTH],
  ];
  for (const [type, max] of limits) {
    const header = (length: number): Uint8Array =>
      Uint8Array.of(type, (length - 4) >>> 16, (length - 4) >>> 8, length - 4);
    const fitting = new HandshakeBuffer();
    fitting.add(header(max));
    assert.equal(fitting.next(), undefined, `${type}`);
    fitting.add(new Uint8Array(max - 4));
    const message = fitting.next();
    assert.ok(message instanceof Uint8Array && message.length === max, `${type}`);
    for (const cut of [4, 2]) {
      const tooLong = new HandshakeBuffer();
      tooLong.add(header(max + 1).subarray(0, cut));
      tooLong.next();
      tooLong.add(header(max + 1).subarray(cut));
      const refusal = tooLong.next();
      assert.ok(isFailure(refusal) && refusal.reason === 'message-too-long', `${type}`);
      tooLong.add(bytes('05 00 00 00'));
      assert.equal(tooLong.next(), refusal);
    }
  }
});

test('a long message byte by byte', () => {
  const message = new Uint8Array(60_000).fill(7);
  message.set([20, 0, (message.length - 4) >>> 8, (message.length - 4) & 0xff]);
  const { messages } = messagesOf(Array.from(message, (byte) => Uint8Array.of(byte)));
  assert.deepEqual(messages, [hex(message)]);
});
