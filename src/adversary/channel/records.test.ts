import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { countedEnd, uncountedEnd } from './records.ts';
import { Stage } from './stage.ts';

const key = new Uint8Array(32).fill(7);
const keys = { write: key, read: key };

test('a counted record opens once, in its place, and what does not open moves nothing', () => {
  const from = countedEnd(nodeCrypto, keys);
  const to = countedEnd(nodeCrypto, keys);
  const [first, second] = [from.write('one'), from.write('two')];
  assert.equal(to.read(second), undefined);
  assert.equal(to.read(first), 'one');
  assert.equal(to.read(first), undefined);
  assert.equal(to.read(second), 'two');
});

test('an uncounted record opens as often as it comes, and not when a byte was changed', () => {
  const stage = new Stage(1, nodeCrypto, 'tap', {});
  stage.a.acts((mail) => {
    const end = uncountedEnd(nodeCrypto, keys, mail);
    const record = end.write('one');
    assert.notDeepEqual(end.write('one'), record);
    assert.equal(end.read(record), 'one');
    assert.equal(end.read(record), 'one');
    for (let at = 0; at < record.length; at++) {
      const changed = record.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(end.read(changed), undefined, `byte ${at}`);
    }
    mail.note('done');
  });
  stage.run();
  assert.ok(stage.a.believes('done'));
});
