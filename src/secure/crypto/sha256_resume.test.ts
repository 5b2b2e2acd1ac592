import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hexOf, joinBytes, utf8 } from '../../core/bytes.ts';
import { portableCrypto } from './portable.ts';
import { sha256Padding, sha256Resume } from './sha256_resume.ts';

const MORE = utf8('&admin=true');

test('hash(secret + message) can be extended by somebody who does not have the secret, HMAC cannot', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (secret, message) => {
      const length = secret.length + message.length;
      const padding = sha256Padding(length);
      const known = portableCrypto.hash('sha256', joinBytes([secret, message]));
      const resumed = sha256Resume(known, length + padding.length);
      resumed.update(MORE);
      const forged = joinBytes([secret, message, padding, MORE]);
      assert.equal(hexOf(resumed.digest()), createHash('sha256').update(forged).digest('hex'));

      // The same with HMAC, where 64 bytes of padded key come before the message: the outer hash is in the way.
      const inner = 64 + message.length;
      const extended = sha256Resume(
        portableCrypto.hmac('sha256', secret, message),
        inner + sha256Padding(inner).length,
      );
      extended.update(MORE);
      const wanted = portableCrypto.hmac('sha256', secret, joinBytes([message, sha256Padding(inner), MORE]));
      assert.notDeepEqual(wanted, extended.digest());
    }),
  );
  assert.throws(() => sha256Resume(new Uint8Array(31), 64), RangeError);
  assert.throws(() => sha256Resume(new Uint8Array(32), 63), /padding/);
});
