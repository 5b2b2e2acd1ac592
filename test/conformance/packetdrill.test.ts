// Our own packetdrill scripts, each about one rule of an RFC: the machine must do exactly what they say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runScript } from '../../src/doors/packetdrill/run_script.ts';
import { scriptFiles } from '../../src/doors/packetdrill/script_files.ts';
import { failureLines } from '../../src/doors/packetdrill/verdict.ts';

const DIRECTORY = fileURLToPath(new URL('packetdrill', import.meta.url));

/** A script opens with the section that it is about, and what that says, in our words. */
const HEADING = /^\/\/ RFC \d+ (?:Appendix|§)[\w.]*/;

let files: readonly string[] = [];

before(async () => {
  files = await scriptFiles([DIRECTORY]);
});

test('there are scripts, and each names its section', () => {
  assert.ok(files.length >= 150, `${files.length} scripts`);
  for (const file of files) assert.match(readFileSync(file, 'utf8'), HEADING, file);
});

test('every script passes in strict mode, and so in semantic mode', () => {
  const failed: string[] = [];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const mode of ['strict', 'semantic'] as const) {
      const verdict = runScript(text, { mode });
      if (verdict.status === 'passed') continue;
      const lines = verdict.status === 'failed' ? [`line ${verdict.line}`, ...failureLines(verdict)] : [verdict.reason];
      failed.push(`${relative(DIRECTORY, file)} (${mode}): ${lines.join('\n  ')}`);
    }
  }
  assert.equal(failed.join('\n'), '');
});
