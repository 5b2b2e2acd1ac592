// Brings the parts of README.md that are made from runs up to date; with `--check` only says whether they are.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withParts } from './readme_parts.ts';

const path = join(dirname(import.meta.dirname), 'README.md');
const present = readFileSync(path, 'utf8');
const text = await withParts(present);

if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (text !== present) {
  console.error('README.md is out of date: run node scripts/run.mjs scripts/readme.ts');
  process.exitCode = 1;
}
