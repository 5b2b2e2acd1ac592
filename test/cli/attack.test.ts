import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRIES } from '../../src/adversary/channel/entries.ts';
import { room } from './command_line.ts';

const ID = 'pay-another-amount';

test('attack run performs the attack on the rung and on its cure, and tells both', async (context) => {
  const { netarium } = room(context);
  const { status, stdout, stderr } = await netarium('attack', 'run', ID);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /pay-another-amount against "encryption alone" \(vulnerable\)/);
  assert.match(stdout, /the attack succeeds: B's order reads .*\$999/);
  assert.match(stdout, /the attack fails: /);
});

test('one seed gives one capture, which --out leaves and packets reads', async (context) => {
  const { netarium } = room(context);
  const run = (seed: string) =>
    netarium('attack', 'run', ID, '--variant', 'cured', '--seed', seed, '--json', '--out', 'captures');
  const [first, again, other] = [await run('5'), await run('5'), await run('6')];
  assert.equal(first.status, 0);
  assert.equal(first.stdout, again.stdout);
  const { runs } = JSON.parse(first.stdout);
  assert.deepEqual(
    runs.map(({ variant, succeeded }: { variant: string; succeeded: boolean }) => [variant, succeeded]),
    [['cured', false]],
  );
  assert.notEqual(runs[0].digest, JSON.parse(other.stdout).runs[0].digest);
  const listed = await netarium('packets', runs[0].files.pcapng);
  assert.equal(listed.stdout.trim().split('\n').length, runs[0].packets);
});

test('attack list names every entry, and explain says what it claims and what mends it', async (context) => {
  const { netarium } = room(context);
  const { stdout } = await netarium('attack', 'list', '--json');
  assert.deepEqual(
    JSON.parse(stdout).map(({ id }: { id: string }) => id),
    ENTRIES.map(({ id }) => id),
  );
  const explained = await netarium('attack', 'explain', ID);
  const entry = ENTRIES.find(({ id }) => id === ID);
  for (const part of [entry?.claim, entry?.cure, ...(entry?.explanation ?? [])])
    assert.ok(explained.stdout.includes(part ?? '?'), part);
});

test('what is wrong with an attack command is said in a sentence', async (context) => {
  const { netarium } = room(context);
  for (const [args, sentence] of [
    [['run'], /Which attack\?/],
    [['run', 'pay-another-amonut'], /There is no attack "pay-another-amonut".\n.*pay-another-amount/],
    [['rnu', ID], /There is no action of attack "rnu"/],
    [['list', ID], /attack list is about all attacks/],
    [['list', '--seed', '3'], /attack list has no --seed/],
    [['matrix', '--variant', 'cured'], /attack matrix has no --variant/],
    [['run', ID, '--variant', 'curde'], /There is no variant "curde"/],
    [['run', ID, '--seed', 'x'], /--seed x is no seed/],
  ] as const) {
    const { status, stdout, stderr } = await netarium('attack', ...args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, sentence);
  }
});
