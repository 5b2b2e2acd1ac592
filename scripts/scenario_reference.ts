// Writes docs/reference/scenario.md from the schema of scenario files; with `--check` only says whether it is up to date.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scenarioReference } from './scenario_reference_text.ts';

const root = dirname(import.meta.dirname);
const schema = JSON.parse(readFileSync(join(root, 'src/world/sim/scenario.schema.json'), 'utf8'));
const path = join(root, 'docs/reference/scenario.md');
const text = scenarioReference(schema);

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
} else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.error('docs/reference/scenario.md is out of date: run node scripts/run.mjs scripts/scenario_reference.ts');
  process.exitCode = 1;
}
