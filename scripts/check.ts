// `npm run check`: everything that can be judged without running the project. `--write` formats and repairs first.
//
// Types twice (below the doors without ambient types, then everything), lint and format, the scan for ambient results
// (no_ambient.grit, part of the lint), the direction of imports, and the length of files. All are run, whatever fails.

import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { importViolations } from './import_direction.ts';

const LONGEST_FILE = 600; // lines; tests may be longer

interface Verdict {
  readonly isGood: boolean;
  readonly output: string;
}

const root = dirname(import.meta.dirname);
const isWriting = process.argv.includes('--write');

const sources = globSync('src/**/*.ts', { cwd: root })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
  .sort()
  .map((path) => ({ path: path.slice('src/'.length), text: readFileSync(join(root, path), 'utf8') }));

const checks: Readonly<Record<string, () => Verdict | Promise<Verdict>>> = {
  'lint and format': () =>
    tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', ...(isWriting ? ['--write'] : [])]),
  'types below the doors': () => tool('typescript/bin/tsc', ['-p', 'tsconfig.json']),
  'types of everything': () => tool('typescript/bin/tsc', ['-p', 'tsconfig.node.json']),
  'import direction': () => findings(sources.flatMap(({ path, text }) => importViolations(path, text))),
  'file length': () => findings(sources.flatMap(({ path, text }) => tooLong(path, text))),
};

let isGood = true;
for (const [name, check] of Object.entries(checks)) {
  const verdict = await check();
  console.log(`${verdict.isGood ? '✔' : '✘'} ${name}`);
  if (!verdict.isGood) console.log(verdict.output.trimEnd());
  isGood &&= verdict.isGood;
}
process.exitCode = isGood ? 0 : 1;

function findings(lines: readonly string[]): Verdict {
  return { isGood: lines.length === 0, output: lines.map((line) => `  src/${line}`).join('\n') };
}

function tooLong(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1;
  return lines > LONGEST_FILE ? [`${path}: ${lines} lines, more than ${LONGEST_FILE}`] : [];
}

/** Runs a tool of node_modules by its script, which works on every platform, with its output kept for the verdict. */
function tool(script: string, args: readonly string[]): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  child.on('close', (code) => resolve({ isGood: code === 0, output }));
  return promise;
}
