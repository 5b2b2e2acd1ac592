// Writes docs/lecture.md from the items of `netarium lecture`; with `--check` only says whether it is up to date.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lectureText } from './lecture_text.ts';

const path = join(dirname(import.meta.dirname), 'docs/lecture.md');
const text = lectureText();

if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.error('docs/lecture.md is out of date: run node scripts/run.mjs scripts/lecture.ts');
  process.exitCode = 1;
}
