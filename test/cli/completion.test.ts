import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TWO_HOSTS } from '../testing/two_hosts.ts';
import { MAIN, room } from './command_line.ts';

const VARIANTS =
  'variants:\n  slow: { patch: { networks.lan.delay: 1s } }\n  slower: { patch: { networks.lan.delay: 2s } }\n';

test('completion knows commands, options, files, and names of the scenario that was named', async (context) => {
  const { netarium, write, directory } = room(context);
  write('two.yaml', TWO_HOSTS + VARIANTS);
  write('notes.txt', '');
  mkdirSync(join(directory, 'deep'));
  write('deep/one.yaml', '');
  write('deep/one.pcapng', '');
  write('one.pkt', '');
  const offered = async (...words: string[]): Promise<string> => {
    const { stdout } = await netarium('complete', '--', ...words);
    return stdout
      .replace(/\t.*|:4\n/g, '')
      .trim()
      .replaceAll('\n', ' ');
  };
  const cases: readonly (readonly [words: readonly string[], offered: string])[] = [
    [['lad'], 'ladder'],
    [['run', '--s'], '--seed --set'],
    [['run', '--no'], '--no-secrets --no-color'],
    [['run', ''], 'deep/ two.yaml'],
    [['run', 'de'], 'deep/one.pcapng deep/one.yaml'],
    [['check', 'two.yaml', 't'], 'two.yaml'],
    [['run', 'two.yaml', '--variant', ''], 'slow slower'],
    [['run', 'two.yaml', '--out', ''], 'deep/'],
    [['show', 'two.yaml', 'r'], 'routes'],
    [['show', 'two.yaml', 'arp', ''], 'alice bob lan'],
    [['packets', 'two.yaml', 'tcp.port'], 'tcp.port'],
    [['packets', '-o', ''], 'line json hex'],
    [['route', ''], 'explain'],
    [['route', 'explain', '10.0.0.9', '--scenario', 'two.yaml', '--host', 'b'], 'bob'],
    [['attack', 'r'], 'run'],
    [['attack', 'run', 'pay-another-a'], 'pay-another-amount'],
    [['attack', 'run', 'x', '--variant', ''], 'vulnerable cured'],
    [['packetdrill', ''], 'deep/ one.pkt'],
    [['packetdrill', '--mode', ''], 'semantic strict'],
    [['show', 'nothing.yaml', 'arp', ''], ''],
  ];
  for (const [words, expected] of cases) assert.equal(await offered(...words), expected, words.join(' '));
});

test('scripts are printed for four shells, and for no other', async (context) => {
  const { netarium } = room(context);
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    const { status, stdout } = await netarium('complete', shell);
    assert.equal(status, 0);
    assert.match(stdout, /netarium complete '?--/, shell);
  }
  const wrong = await netarium('complete', 'fihs');
  assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /There is no completion for "fihs"\.\n +Did you mean "fish"\?/);
});

const hasBash = spawnSync('bash', ['--version']).status === 0;

test('bash completes by the script', { skip: hasBash ? false : 'bash is not here' }, async (context) => {
  const { netarium, write, directory } = room(context);
  write('two.yaml', TWO_HOSTS + VARIANTS);
  write('netarium', `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(directory, 'netarium'), 0o755);
  write('completion.bash', (await netarium('complete', 'bash')).stdout);
  const completed = (...words: string[]): string => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const lines = [
      'source ./completion.bash',
      `COMP_WORDS=(netarium ${typed}); COMP_CWORD=${words.length}`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
      '$(complete -p netarium | sed "s/.*-F //; s/ .*//") 2> /dev/null; echo "${COMPREPLY[@]}"',
    ];
    const env = { ...process.env, PATH: `${directory}:${process.env['PATH']}` };
    return execFileSync('bash', ['--norc', '-c', lines.join('\n')], { cwd: directory, env, encoding: 'utf8' }).trim();
  };
  assert.equal(completed('la'), 'ladder');
  assert.equal(completed('run', ''), 'two.yaml');
  assert.equal(completed('run', 'two.yaml', '--variant', 'slow'), 'slow slower');
});
