// `npm run build`: dist/, as the package ships it. JavaScript and declarations from tsc, data files as they are.

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SHEBANG = '#!/usr/bin/env node\n';

const root = dirname(import.meta.dirname);
const source = join(root, 'src');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
// tsc writes its output in spite of errors; a package is made of clean sources only.
if (status !== 0) process.exit(status ?? 1);

for (const path of globSync('**/*.json', { cwd: source })) cpSync(join(source, path), join(dist, path));

const command = join(dist, 'doors/cli/main.js');
if (existsSync(command)) {
  const text = readFileSync(command, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(command, SHEBANG + text);
  chmodSync(command, 0o755);
}
