// Writes docs/attacks.md from the entries of the ladder of channels; with `--check` only says whether it is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attacksText } from './attacks_text.ts';

const path = join(dirname(import.meta.dirname), 'docs/attacks.md');
const text = attacksText();

if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.error('docs/attacks.md is out of date: run node scripts/run.mjs scripts/attacks.ts');
  process.exitCode = 1;
}
