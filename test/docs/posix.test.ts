// docs/reference/posix.md names every call, and its example runs in both worlds.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { boot } from '../../src/doors/posix/index.ts';

const root = dirname(dirname(import.meta.dirname));
const page = readFileSync(join(root, 'docs/reference/posix.md'), 'utf8');

test('every call has its place on the page', async () => {
  const world = await boot({ hosts: { alice: '10.0.0.1' } });
  const names = Object.keys(world.process('alice'));
  world.close();
  assert.ok(names.length > 30);
  for (const name of names) assert.match(page, new RegExp(`\`${name}[(\`]`), name);
});

test('every example that the page names is there', () => {
  const names = /`examples\/posix\/` holds [\s\S]*?`ftp_server`/.exec(page)?.[0].match(/`[a-z_]+`/g) ?? [];
  assert.equal(names.length, 10);
  for (const name of names) readFileSync(join(root, 'examples/posix', `${name.replaceAll('`', '')}.ts`));
});

for (const [name, file] of [
  ['netarium/posix', 'index.ts'],
  ['netarium/posix/real', 'real.ts'],
] as const) {
  const skip = process.platform === 'darwin' && file === 'real.ts' ? 'macOS has 127.0.0.1 alone' : false;
  test(`the example runs with ${name}`, { skip }, () => {
    const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
    assert.match(code, /^import .* from 'netarium\/posix';/);
    const home = mkdtempSync(join(tmpdir(), 'netarium-posix-page-'));
    const path = join(home, 'example.ts');
    const door = pathToFileURL(join(root, 'src/doors/posix', file)).href;
    writeFileSync(path, code.replace("'netarium/posix'", `'${door}'`));
    assert.equal(
      execFileSync(process.execPath, [path], { encoding: 'utf8' }),
      '  bob: server\n  alice: client\n    read welcome\n\n',
    );
    rmSync(home, { recursive: true });
  });
}
