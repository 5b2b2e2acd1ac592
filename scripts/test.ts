// `npm test`: every test that needs only Node. Paths, patterns and options of `node --test` pass through.
//
//   npm test                                  beside the code and in test/
//   npm test src/core 'src/wire/tcp*.test.ts' these folders, files and patterns
//   npm run test:interop                      real programs as judges
//   npm run test:nightly                      everything but those, the long ones included, with more random cases
//
// `TEST_SEED` and `TEST_SCALE` steer the property tests, see test/testing/setup.ts.

import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

const NIGHTLY_SCALE = '50';
const TESTS = ['src/**/*.test.ts', 'test/**/*.test.ts'];
const INTEROP = ['test/interop/**/*.test.ts'];
/** Slow ones: a packed copy of the project installed elsewhere, and millions of random inputs. */
const LONG = ['test/package/**', 'test/nightly/**'];

/** As many files at a time as there are processors: left to itself, Node leaves one of them idle, of two the half. */
const CONCURRENCY = `--test-concurrency=${availableParallelism()}`;

const root = dirname(import.meta.dirname);
const args = process.argv.slice(2);
const isInterop = take('--interop');
const isNightly = take('--nightly');
const isOption = (arg: string): boolean => arg.startsWith('-');

const named = args.filter((arg) => !isOption(arg)).map(patternOf);
const files = [...new Set(named.length > 0 ? globSync(named, { cwd: root }) : chosen())].sort();
if (files.length === 0) {
  console.error(`no test file matches ${(named.length > 0 ? named : isInterop ? INTEROP : TESTS).join(' ')}`);
  process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  ['--import', './test/testing/setup.ts', '--test', CONCURRENCY, ...args.filter(isOption), ...files],
  { cwd: root, stdio: 'inherit', env: isNightly ? { TEST_SCALE: NIGHTLY_SCALE, ...process.env } : process.env },
);
process.exitCode = status ?? 1;

function chosen(): string[] {
  if (isInterop) return globSync(INTEROP, { cwd: root });
  return globSync(TESTS, { cwd: root, exclude: isNightly ? INTEROP : [...INTEROP, ...LONG] });
}

/** A folder means the tests in it. */
function patternOf(path: string): string {
  const isFolder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? `${path.replace(/\/$/, '')}/**/*.test.ts` : path;
}

function take(option: string): boolean {
  const at = args.indexOf(option);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}
