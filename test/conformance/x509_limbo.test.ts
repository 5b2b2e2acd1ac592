// x509-limbo, path validation of certificates: the cases without a feature tag are all answered as expected. The tagged ones
// ask for more than path validation has to do; docs/conformance.md lists our answer to each, and this test holds it to that.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readVectors } from './vectors.ts';
import { judge, type LimboCase, type Verdict } from './x509_limbo.ts';

const { testcases } = readVectors('x509_limbo/limbo_core') as { readonly testcases: readonly LimboCase[] };
const plain = testcases.filter(({ features }) => features.length === 0);
const tagged = testcases.filter(({ features }) => features.length > 0);

test('the cases without a tag are answered as expected', (t) => {
  assert.equal(plain.length, 166);
  const answers = new Map<string, number>();
  const wrong = plain.flatMap((each) => {
    const verdict = judge(each);
    answers.set(verdict.rule, (answers.get(verdict.rule) ?? 0) + 1);
    const told = `${each.id}: ${verdict.result} (${verdict.rule}: ${verdict.detail}), not ${each.expected_result}`;
    return verdict.result === each.expected_result ? [] : [told];
  });
  assert.deepEqual(wrong, []);
  t.diagnostic([...answers].map(([rule, count]) => `${rule || 'accepted'} ${count}`).join(', '));
});

test('each tagged case is listed with our answer', () => {
  assert.equal(tagged.length, 42);
  const listed = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8').split('\n');
  for (const each of tagged) {
    const expected = row(each, judge(each));
    const found = listed.find((line) => line.startsWith(`| \`${each.id}\` |`));
    assert.equal(found, expected, `docs/conformance.md should say ${expected}`);
  }
});

/** `| case | tag | expected | ours |` */
function row({ id, features, expected_result }: LimboCase, { result, rule }: Verdict): string {
  const expected = expected_result === 'SUCCESS' ? 'accept' : 'refuse';
  const ours = result === 'SUCCESS' ? 'accepted' : `refused: \`${rule}\``;
  return `| \`${id}\` | ${features.join(', ')} | ${expected} | ${ours}${result === expected_result ? '' : ' (1)'} |`;
}
