// Writes examples/certificates/; with `--check` only says whether they are up to date.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exampleCertificates } from './example_certificates_text.ts';

const directory = join(dirname(import.meta.dirname), 'examples/certificates');
const isCheck = process.argv.includes('--check');
if (!isCheck) mkdirSync(directory, { recursive: true });

for (const [name, text] of exampleCertificates()) {
  const path = join(directory, name);
  if (!isCheck) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${name} is out of date: run node scripts/run.mjs scripts/example_certificates.ts`);
    process.exitCode = 1;
  }
}
