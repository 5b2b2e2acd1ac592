// The package as strangers get it: packed, installed into an empty project, imported under each supported Node, and
// compiled against by TypeScript without our settings. Slow, and it installs: CI and the nightly run do it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

const root = dirname(dirname(import.meta.dirname));
const home = mkdtempSync(join(tmpdir(), 'netarium-consumer-'));
const consumer = join(home, 'consumer');
const OLDEST_NODE = '22';

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });

const project = (name: string): string =>
  `${JSON.stringify({ name, version: '1.0.0', private: true, type: 'module' })}\n`;

before(() => {
  const [packed] = JSON.parse(
    npm(root, 'pack', '--json', '--silent', '--pack-destination', home).replace(/^[^[]*/, ''),
  );
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), project('consumer'));
  npm(consumer, 'install', '--prefer-offline', join(home, packed.filename));
});

after(() => rmSync(home, { recursive: true, force: true }));

const POSIX = `import { boot, htons } from 'netarium/posix';
import { boot as bootReal } from 'netarium/posix/real';
console.log(htons(80), typeof boot, typeof bootReal);
`;
const PROGRAM = "import { Internet } from 'netarium';\nconsole.log(typeof Internet);\n";

test('the package holds what it names, and no sources or tests', () => {
  const installed = join(consumer, 'node_modules/netarium');
  const { bin, exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const paths = Object.values<string | Record<string, string>>(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const path of [bin.netarium, ...paths]) {
    assert.ok(existsSync(join(installed, path)), `${path} is missing`);
  }
  assert.ok(!existsSync(join(installed, 'src')) && !existsSync(join(installed, 'test')));
});

test('the library is imported by this Node', () => {
  writeFileSync(join(consumer, 'main.js'), PROGRAM);
  assert.equal(execFileSync(process.execPath, ['main.js'], { cwd: consumer, encoding: 'utf8' }), 'function\n');
});

test('the sockets API is imported by its name, in both worlds', () => {
  writeFileSync(join(consumer, 'posix.js'), POSIX);
  const printed = execFileSync(process.execPath, ['posix.js'], { cwd: consumer, encoding: 'utf8' });
  assert.equal(printed, '20480 function function\n');
});

test('the command runs by its name', () => {
  const installed = join(consumer, 'node_modules/.bin/netarium');
  assert.match(
    execFileSync(process.execPath, [installed, '--version'], { cwd: consumer, encoding: 'utf8' }),
    /\d+\.\d+\.\d+/,
  );
});

const TRANSFER = `import type { Lab } from 'netarium/mailbox';
export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  bob.recvd = deliver;
  for (const letter of letters) alice.send(letter);
  waitForAllTimeouts();
}
`;

test('netarium/mailbox is imported, and the command tries a program written against it', () => {
  writeFileSync(join(consumer, 'transfer.ts'), TRANSFER);
  writeFileSync(
    join(consumer, 'lab.js'),
    "import { mailbox } from 'netarium/mailbox';\nimport { main } from './transfer.ts';\nconsole.log(mailbox({}, main).isExact);\n",
  );
  assert.equal(execFileSync(process.execPath, ['lab.js'], { cwd: consumer, encoding: 'utf8' }), 'true\n');
  const installed = join(consumer, 'node_modules/.bin/netarium');
  const output = execFileSync(process.execPath, [installed, 'mailbox', 'transfer.ts'], {
    cwd: consumer,
    encoding: 'utf8',
  });
  assert.match(output, /exact: all 8 letters arrived with each of 100 seeds/);
});

test(`the library is imported, and a program of the lab is tried, by Node ${OLDEST_NODE}`, (t) => {
  const older = join(home, 'older');
  mkdirSync(older);
  writeFileSync(join(older, 'package.json'), project('older'));
  const platform = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${platform}-${process.platform}-${process.arch}`;
  try {
    npm(older, 'install', '--prefer-offline', '--ignore-scripts', `${name}@${OLDEST_NODE}`);
  } catch (error) {
    t.skip(`Node ${OLDEST_NODE} cannot be installed here: ${error}`);
    return;
  }
  const node = join(older, 'node_modules', name, 'bin/node');
  writeFileSync(join(consumer, 'main.js'), PROGRAM);
  assert.match(execFileSync(node, ['--version'], { encoding: 'utf8' }), new RegExp(`^v${OLDEST_NODE}\\.`));
  assert.equal(execFileSync(node, ['main.js'], { cwd: consumer, encoding: 'utf8' }), 'function\n');
  const command = join(consumer, 'node_modules/netarium/dist/doors/cli/main.js');
  const output = execFileSync(node, [command, 'mailbox', 'transfer.ts'], { cwd: consumer, encoding: 'utf8' });
  assert.match(output, /exact: all 8 letters arrived/);
});

test('TypeScript compiles a consumer, declarations checked, with no types but those of the language', () => {
  writeFileSync(
    join(consumer, 'main.ts'),
    `import { Internet } from 'netarium';
import type { Posix } from 'netarium/posix';
import type { Played } from 'netarium/posix/real';
export const boot: (typeof Internet)['boot'] = Internet.boot;
export const server = async ({ socket }: Posix): Promise<number> => socket(2, 1, 0);
export const titles = ({ transcripts }: Played): readonly string[] => [...transcripts.keys()];
`,
  );
  writeFileSync(join(consumer, 'transfer.ts'), TRANSFER);
  const options = {
    target: 'ES2024',
    lib: ['ES2024'],
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
  };
  writeFileSync(
    join(consumer, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['main.ts', 'transfer.ts'] }),
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.json'], { cwd: consumer, stdio: 'inherit' });
});
