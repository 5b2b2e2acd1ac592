import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attacksText } from '../../scripts/attacks_text.ts';

test('docs/attacks.md says what the entries say, and what came of their runs', () => {
  const written = readFileSync(join(import.meta.dirname, '../../docs/attacks.md'), 'utf8');
  assert.equal(written, attacksText(), 'run node scripts/run.mjs scripts/attacks.ts');
});
