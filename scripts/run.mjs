// Starts a script of this project, on a fresh clone as on an old one: `node scripts/run.mjs SCRIPT ARGUMENTS...`.
//
//   stamp == lock file? --no--> npm ci, stamp --> a Node that reads TypeScript --> SCRIPT
//           `------------------yes------------------^
//
// Plain JavaScript, because the machine's own Node, however old, reads it first. What is installed says so on stderr:
// stdout belongs to the script. Not here: anything that the script itself could do.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 24;
const CANNOT_RUN = 3;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.stamp'); // a copy of the lock file that node_modules was made from
const turn = join(root, '.netarium', 'setup.pid'); // the process that installs; others wait for it
const compileCache = join(root, 'node_modules', '.cache', 'compile');

try {
  if (!isSetUp()) setUp();
} catch (error) {
  fail(error.message);
}
const node = findNode();
if (node === undefined) fail(`no Node >= ${OLDEST_NODE} for ${process.platform} ${process.arch}: install one by hand`);
else if (node === process.execPath) await startHere();
else startWith(node);

async function startHere() {
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE ?? compileCache);
  process.argv.splice(1, 1);
  process.argv[1] = resolve(root, process.argv[1] ?? fail('usage: node scripts/run.mjs SCRIPT ARGUMENTS...'));
  await import(pathToFileURL(process.argv[1]).href);
}

function startWith(node) {
  const [script = fail('usage: node scripts/run.mjs SCRIPT ARGUMENTS...'), ...rest] = process.argv.slice(2);
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
  const child = spawn(node, [resolve(root, script), ...rest], { stdio: 'inherit', env });
  // Ctrl-C reaches the child from the terminal itself; a second one would read as impatience.
  const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => fail(`${node} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.off(name, forward);
    process.kill(process.pid, signal);
  });
}

function isSetUp() {
  try {
    return readFileSync(stamp, 'utf8') === readFileSync(lockFile, 'utf8');
  } catch {
    return false;
  }
}

function setUp() {
  takeTurn();
  try {
    if (isSetUp()) return; // by the one that we waited for
    process.stderr.write('netarium: installing what package-lock.json names, once\n');
    npm(['ci', '--include=dev']);
    // Under `ignore-scripts` the package `node` could not fetch the platform's package, so it is fetched for it.
    if (findNode() === undefined) npm(['install', '--no-save', '--prefix', bundled(), platformPackage()]);
    writeFileSync(stamp, readFileSync(lockFile));
  } finally {
    rmSync(turn, { force: true });
  }
}

function takeTurn() {
  mkdirSync(dirname(turn), { recursive: true });
  for (let isFirstTry = true; ; isFirstTry = false) {
    try {
      return writeFileSync(turn, `${process.pid}`, { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(existsSync(turn) && readFileSync(turn, 'utf8'));
    if (!isAlive(holder)) rmSync(turn, { force: true });
    else if (isFirstTry) process.stderr.write(`netarium: process ${holder} installs; waiting (its mark: ${turn})\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0); // 0, a file not yet written, is our own group: alive
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return process.execPath;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const platform = platformPackage().replace(/@.*/, '');
  return [
    join(bundled(), 'bin', name),
    join(bundled(), 'node_modules', platform, 'bin', name),
    join(root, 'node_modules', platform, 'bin', name),
  ].find(existsSync);
}

function bundled() {
  return join(root, 'node_modules', 'node');
}

function platformPackage() {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const { version } = JSON.parse(readFileSync(lockFile, 'utf8')).packages['node_modules/node'];
  return `${prefix}-${platform}-${process.arch}@${version}`;
}

function npm(args) {
  const own = process.env.npm_execpath; // set by npm when it started us
  const isScript = own !== undefined && /npm-cli\.[cm]?js$/.test(own);
  const options = { cwd: root, stdio: ['ignore', process.stderr, process.stderr] };
  const { status, error } = isScript
    ? spawnSync(process.execPath, [own, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm ${args[0]} failed${error === undefined ? '' : `: ${error.message}`}`);
}

function fail(sentence) {
  process.stderr.write(`netarium: ${sentence}\n`);
  process.exit(CANNOT_RUN);
}
