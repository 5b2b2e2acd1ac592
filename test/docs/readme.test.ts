// README.md keeps its word: its examples run, its picture and table are today's, and its links lead somewhere.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { withParts } from '../../scripts/readme_parts.ts';
import { isFirewallLine, rulesOfLine } from '../../src/stack/net/firewall_line.ts';
import { isRuleProblem, parseRule } from '../../src/stack/net/firewall_rules.ts';
import type { Ipv4Address } from '../../src/wire/address.ts';
import { COMMANDS } from '../../src/world/host/commands/all.ts';

const root = dirname(dirname(import.meta.dirname));
const LIBRARY = pathToFileURL(join(root, 'src/doors/library/index.ts')).href;
const home = mkdtempSync(join(tmpdir(), 'netarium-readme-'));
after(() => rmSync(home, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');

const examplesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

function run(name: string, code: string): string {
  const path = join(home, `${name}.ts`);
  writeFileSync(path, code.replaceAll("from 'netarium'", `from '${LIBRARY}'`));
  return execFileSync(process.execPath, [path], { cwd: root, encoding: 'utf8' });
}

test('the first example runs and says what two machines did', () => {
  const [first = ''] = examplesOf(readme);
  assert.match(run('first', first), /^17 bytes after [\d.]+ ms, \d+ segments$/m);
});

for (const [i, code] of examplesOf(readme).entries()) {
  test(`example ${i + 1} of README.md imports the package by its name, and runs`, () => {
    assert.match(code, /^import .* from 'netarium';$/m);
    run(`example${i + 1}`, code);
  });
}

test('examples/two_hosts.ts runs', () => {
  const output = execFileSync(process.execPath, [join(root, 'examples/two_hosts.ts')], { encoding: 'utf8' });
  assert.match(output, /1 packets transmitted, 1 received/);
});

test('picture and table are those of today: node scripts/run.mjs scripts/readme.ts', async () => {
  assert.equal(readme, await withParts(readme));
});

for (const path of ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/conformance.md']) {
  test(`the links of ${path} lead to files that are there`, () => {
    const links = [...read(path).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, target = '']) => target);
    const missing = links.filter((target) => !existsSync(join(root, dirname(path), target)));
    assert.deepEqual(missing, []);
  });
}

test('docs/reference/commands.md lists each command with all of its arguments', () => {
  const reference = read('docs/reference/commands.md').replaceAll('\\|', '|');
  for (const { name, usage } of COMMANDS.values()) {
    assert.ok(reference.includes(`| \`${name} ${usage}\` |`), `${name} ${usage}`);
  }
});

test('the rules in docs/reference/firewall.md are rules', () => {
  const listed = [...read('docs/reference/firewall.md').matchAll(/^ {4}- (.*)$/gm)].map(([, rule = '']) => rule);
  const rules = listed.filter((rule) => !isFirewallLine(rule));
  const lines = listed.filter(isFirewallLine);
  assert.deepEqual([rules.length, lines.length], [4, 4]);
  for (const rule of rules) assert.ok(!isRuleProblem(parseRule(rule)), rule);
  for (const line of lines) assert.ok(!('message' in rulesOfLine(line, () => [0 as Ipv4Address])), line);
});

test('README.md lists the commands that there are', () => {
  const main = join(root, 'src/doors/cli/main.ts');
  const help = execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
  const commands = [...help.matchAll(/^ {2}([a-z]+) +[<[]/gm)].map(([, name]) => name);
  const listed = [...readme.matchAll(/^\| `([a-z]+) .*?` \|/gm)].map(([, name]) => name);
  assert.ok(commands.length > 0);
  assert.deepEqual(listed.sort(), commands.sort());
});
