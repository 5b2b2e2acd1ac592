import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '../../../test/testing/bytes.ts';
import { utf8 } from '../../core/bytes.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type { HashName } from '../crypto/provider.ts';
import { Transcript } from './transcript.ts';

for (const provider of [nodeCrypto, portableCrypto]) {
  for (const name of ['sha256', 'sha384'] satisfies HashName[]) {
    const digest = (text: string): string => hex(provider.hash(name, utf8(text)));

    test(`${provider.name} ${name}: a transcript is the hash of its messages, and can be looked at after each`, () => {
      const transcript = new Transcript(provider, name);
      assert.equal(hex(transcript.hash()), digest(''));
      transcript.add(utf8('one'));
      assert.equal(hex(transcript.hash()), digest('one'));
      assert.equal(hex(transcript.hash()), digest('one'));
      transcript.add(utf8('two'));
      assert.equal(hex(transcript.hash()), digest('onetwo'));
    });

    test(`${provider.name} ${name}: a copy goes its own way`, () => {
      const transcript = new Transcript(provider, name);
      transcript.add(utf8('one'));
      const copy = transcript.copy();
      copy.add(utf8('two'));
      transcript.add(utf8('three'));
      assert.deepEqual([hex(copy.hash()), hex(transcript.hash())], [digest('onetwo'), digest('onethree')]);
      copy.restartForRetry();
      assert.equal(hex(transcript.hash()), digest('onethree'));
    });

    test(`${provider.name} ${name}: after a HelloRetryRequest a message of type 254 stands for what came before`, () => {
      const transcript = new Transcript(provider, name);
      transcript.add(utf8('hello'));
      transcript.restartForRetry();
      transcript.add(utf8('retry'));
      const hashed = provider.hash(name, utf8('hello'));
      const expected = Uint8Array.of(254, 0, 0, hashed.length, ...hashed, ...utf8('retry'));
      assert.equal(hex(transcript.hash()), hex(provider.hash(name, expected)));
    });
  }
}
