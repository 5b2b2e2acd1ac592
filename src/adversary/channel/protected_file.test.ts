import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../core/bytes.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { plainFile, protectedFile } from './protected_file.ts';
import { Stage } from './stage.ts';

const stage = (): Stage => new Stage(1, nodeCrypto, 'storage', {});

test('an encrypted file opens whatever was done to it; one with a MAC does not', () => {
  for (const [file, isProtected] of [
    [plainFile(stage()), false],
    [protectedFile(stage()), true],
  ] as const) {
    const written = file.seal(utf8('text'));
    assert.deepEqual(file.open(written), utf8('text'));
    for (let at = 0; at < written.length; at++) {
      const changed = written.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(file.open(changed) === undefined, isProtected, `byte ${at}`);
    }
  }
});

test('an old file opens unless the owner remembers the version', () => {
  for (const keepsVersion of [false, true]) {
    const file = protectedFile(stage(), keepsVersion);
    const old = file.seal(utf8('old'));
    assert.deepEqual(file.open(old), utf8('old'));
    file.seal(utf8('new'));
    assert.equal(file.open(old) === undefined, keepsVersion);
  }
});

test('only an attacker at the storage opens a disk', () => {
  const { m, a } = stage();
  assert.equal(m.opens(a), a.disk);
  const onPath = new Stage(1, nodeCrypto, 'on-path', {});
  assert.throws(() => onPath.m.opens(onPath.a), /never opens a disk/);
});
