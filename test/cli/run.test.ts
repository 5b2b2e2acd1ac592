import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { TWO_HOSTS } from '../testing/two_hosts.ts';
import { MAIN, room } from './command_line.ts';

test('run tells the story on stdout and leaves a capture and a trace', async (context) => {
  const { write, netarium, directory } = room(context);
  write('two.yaml', TWO_HOSTS);
  const { status, stdout, stderr } = await netarium('run', 'two.yaml');
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /^two-hosts · 2 hosts · 1 network · seed 7 · 15 packets in virtual 5\.0\d+s\n/);
  assert.match(stdout, /1\.000000 {2}alice {2}ping -c 1 10\.0\.0\.2\n/);
  assert.match(stdout, /> {2}HTTP {2}GET \/ for 10\.0\.0\.2\n/);
  assert.match(stdout, / ✓ it answers {2}exit code 0\n/);
  assert.match(stdout, /1 met, 0 unmet {3}trace \.netarium\/two-hosts\.7\.trace\.json/);
  assert.deepEqual(readdirSync(join(directory, '.netarium')).sort(), ['two-hosts.7.pcapng', 'two-hosts.7.trace.json']);
});

test('run --json prints one object and nothing else, twice the same', async (context) => {
  const { write, netarium, directory } = room(context);
  write('two.yaml', TWO_HOSTS);
  const first = await netarium('run', 'two.yaml', '--json', '--out', 'a');
  const second = await netarium('run', 'two.yaml', '--json', '--out', 'b');
  const other = await netarium('run', 'two.yaml', '--json', '--out', 'c', '--seed', '8');
  const result = JSON.parse(first.stdout);
  assert.deepEqual(Object.keys(result), [
    'schema',
    'scenario',
    'seed',
    'virtualMs',
    'packets',
    'digest',
    'steps',
    'expect',
    'files',
  ]);
  assert.equal(result.schema, 'netarium.run/1');
  assert.deepEqual(result.files, { pcapng: 'a/two-hosts.7.pcapng', trace: 'a/two-hosts.7.trace.json' });
  assert.deepEqual(result.expect, [{ name: 'it answers', met: true, detail: 'exit code 0', packets: [] }]);
  assert.deepEqual(
    result.steps.map(({ id, exitCode, status }: Record<string, unknown>) => ({ id, exitCode, status })),
    [
      { id: 'echo', exitCode: 0, status: null },
      { id: 'load', exitCode: 0, status: 200 },
    ],
  );
  assert.equal(JSON.parse(second.stdout).digest, result.digest);
  assert.deepEqual(
    readFileSync(join(directory, 'a/two-hosts.7.pcapng')),
    readFileSync(join(directory, 'b/two-hosts.7.pcapng')),
  );
  assert.notEqual(JSON.parse(other.stdout).digest, result.digest);
});

test('an expectation that is not met ends with 1 and shows the packets', async (context) => {
  const { write, netarium } = room(context);
  write('two.yaml', `${TWO_HOSTS}  - { name: only one echo, packets: icmp, count: 1 }\n`);
  const { status, stdout } = await netarium('run', 'two.yaml');
  assert.equal(status, 1);
  assert.match(stdout, / ✗ only one echo {2}expected 1 packets, saw 2\n/);
  assert.match(
    stdout,
    /! #\d+ {2}1\.003000000 {2}lan {2}IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply.*<- not expected/,
  );
});

test('a fault that never strikes fails the run', async (context) => {
  const { write, netarium } = room(context);
  write('two.yaml', `${TWO_HOSTS}faults:\n  - { id: never, drop: "tcp.port == 9" }\n`);
  const { status, stdout } = await netarium('run', 'two.yaml');
  assert.equal(status, 1);
  assert.match(stdout, /✗ never strikes .*no packet matched tcp\.port == 9/);
});

test('a scenario with an error ends with 2, its place and a suggestion, and writes nothing', async (context) => {
  const { write, netarium, directory } = room(context);
  write('two.yaml', TWO_HOSTS.replace('host: alice', 'host: alcie'));
  const { status, stdout, stderr } = await netarium('run', 'two.yaml');
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^two\.yaml:13:\d+ {2}error {2}unknown host "alcie"/);
  assert.match(stderr, /did you mean "alice"\?/);
  assert.deepEqual(readdirSync(directory), ['two.yaml']);
});

test('a file that is not there ends with 3', async (context) => {
  const { netarium } = room(context);
  const { status, stdout, stderr } = await netarium('run', 'nothing.yaml');
  assert.equal(status, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /nothing\.yaml cannot be read: there is no such file\./);
});

test('where nothing can be written it ends with 3 and leaves no half file', async (context) => {
  const { write, netarium, directory } = room(context);
  write('two.yaml', TWO_HOSTS);
  write('taken', '');
  const file = await netarium('run', 'two.yaml', '--out', 'taken');
  assert.equal(file.status, 3);
  assert.match(file.stderr, /cannot be written/);
  mkdirSync(join(directory, 'out/two-hosts.7.pcapng'), { recursive: true });
  const occupied = await netarium('run', 'two.yaml', '--out', 'out');
  assert.equal(occupied.status, 3);
  assert.deepEqual(readdirSync(join(directory, 'out')), ['two-hosts.7.pcapng']);
});

test('--set and --until change the run', async (context) => {
  const { write, netarium } = room(context);
  write('two.yaml', TWO_HOSTS);
  const slow = JSON.parse((await netarium('run', 'two.yaml', '--json', '--set', 'networks.lan.delay=100ms')).stdout);
  assert.ok(slow.virtualMs > 5200);
  const short = JSON.parse((await netarium('run', 'two.yaml', '--json', '--until', '2s')).stdout);
  assert.equal(short.virtualMs, 2000);
  assert.equal(short.packets, 6);
});

const WRONG: Readonly<Record<string, readonly [args: readonly string[], message: RegExp]>> = {
  'a misspelt command': [['rnu', 'two.yaml'], /There is no command "rnu"\.\n +Did you mean run\?/],
  'no command': [[], /What shall be done\?/],
  'a misspelt option': [['run', 'two.yaml', '--seeed', '4'], /There is no option --seeed\.\n +Did you mean --seed\?/],
  'a missing file': [['run'], /run lacks <file>\.\n +Usage: netarium run <file>/],
  'a missing table': [['show', 'two.yaml'], /show lacks <table>\./],
  'no table of that name in the shell': [
    ['shell', 'two.yaml', '-c', 'tables apr'],
    /no table and no host "apr"\.\n +Did you mean "arp"/,
  ],
  'a seed that is none': [['run', 'two.yaml', '--seed', 'x'], /--seed x is no seed/],
  'a seed below zero': [['run', 'two.yaml', '--seed', '-1'], /--seed -1 is no seed\.\n +Write a whole number from 0/],
  'a time below zero': [['run', 'two.yaml', '--until', '-5s'], /--until -5s is no time\./],
  'a format below zero': [['packets', 'two.yaml', '-o', '-1'], /There is no output format "-1"\./],
  'a seed that is written as no seed is': [['run', 'two.yaml', '--seed', '1e3'], /--seed 1e3 is no seed/],
  'an option without its value': [['run', 'two.yaml', '--seed'], /--seed needs a value\.\n +Write --seed <number>\./],
  'one file too many': [['run', 'two.yaml', 'b'], /"b" is too much\.\n +Usage: netarium run <file>/],
  'a time without unit': [['run', 'two.yaml', '--until', '5'], /--until 5 is no time\./],
  'an unknown variant': [['run', 'two.yaml', '--variant', 'x'], /unknown variant "x"/],
  'a misspelt field': [['packets', 'two.yaml', 'tcp.flagz'], /did you mean tcp\.flags\?\n {2}tcp\.flagz\n {2}\^/],
  'a misspelt table': [['show', 'two.yaml', 'arpp'], /There is no table "arpp"\.\n +Did you mean "arp"\?/],
  'a misspelt host': [['show', 'two.yaml', 'arp', 'alcie'], /There is no host "alcie"\.\n +Did you mean "alice"\?/],
};
for (const [name, [args, message]] of Object.entries(WRONG)) {
  test(`${name} ends with 2, a sentence and what to do`, async (context) => {
    const { write, netarium } = room(context);
    write('two.yaml', TWO_HOSTS);
    const { status, stdout, stderr } = await netarium(...args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}

test('with --json a scenario with an error is one object, with the place and the suggestion', async (context) => {
  const { write, netarium } = room(context);
  write('two.yaml', TWO_HOSTS.replace('host: alice', 'host: alcie'));
  for (const args of [['run'], ['show', 'two.yaml', 'arp'], ['diff', 'two.yaml', 'two.yaml'], ['packets']]) {
    const [command = '', ...rest] = args;
    const { status, stdout } = await netarium(command, ...(rest.length > 0 ? rest : ['two.yaml']), '--json');
    assert.equal(status, 2);
    const { schema, diagnostics, ...other } = JSON.parse(stdout);
    assert.equal(schema, 'netarium.error/1');
    assert.deepEqual(other, { status: 2, message: 'two.yaml cannot run: 1 error.', hint: null });
    const [{ file, line, column, message, suggestion }] = diagnostics;
    assert.deepEqual(
      { file, line, column, message, suggestion },
      { file: 'two.yaml', line: 13, column: 31, message: 'unknown host "alcie"', suggestion: 'did you mean "alice"?' },
    );
  }
});

test('with --json every other failure is an object too', async (context) => {
  const { write, netarium } = room(context);
  write('two.yaml', TWO_HOSTS);
  const missing = await netarium('run', 'nothing.yaml', '--json');
  assert.equal(missing.status, 3);
  assert.equal(JSON.parse(missing.stdout).message, 'nothing.yaml cannot be read: there is no such file.');
  const wrong = await netarium('run', 'two.yaml', '--json', '--seed', '-1');
  assert.equal(wrong.status, 2);
  assert.deepEqual(JSON.parse(wrong.stdout).hint, 'Write a whole number from 0 to 9007199254740991.');
  const check = await netarium('check', 'nothing.yaml', '--json');
  assert.equal(check.status, 3);
  assert.deepEqual(JSON.parse(check.stdout).unreadable, [
    { file: 'nothing.yaml', message: 'nothing.yaml cannot be read: there is no such file.' },
  ]);
});

test('a directory that looks like a number keeps its name', async (context) => {
  const { write, netarium, directory } = room(context);
  write('two.yaml', TWO_HOSTS);
  assert.equal((await netarium('run', 'two.yaml', '-q', '--out', '2026.10')).status, 0);
  assert.ok(readdirSync(directory).includes('2026.10'));
});

test('an interrupt ends a long run with 130, and nothing is written', async (context) => {
  const { write, directory } = room(context);
  const endless = (i: number): string =>
    `  - { at: 1s, id: busy-${i}, host: alice, run: "ping -c 65535 -i 0.001 10.0.0.2" }\n`;
  const busy = Array.from({ length: 20 }, (_, i) => endless(i)).join('');
  write('two.yaml', TWO_HOSTS.replace('expect:', `${busy}expect:`));
  // On a busy machine the program may not have begun to listen: then the signal itself ends it, and it gets more time.
  let status: unknown = null;
  for (let patience = 1000; status === null && patience < 20_000; patience *= 2) {
    const child = spawn(process.execPath, [MAIN, 'run', 'two.yaml'], { cwd: directory, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await wait(patience);
    child.kill('SIGINT');
    status = await ended;
  }
  assert.equal(status, 130);
  assert.deepEqual(readdirSync(directory), ['two.yaml']);
});

test('colours come when they are asked for, and go when they are refused', async (context) => {
  const { write, netarium, netariumIn } = room(context);
  write('two.yaml', TWO_HOSTS);
  const colored = { FORCE_COLOR: '1', NO_COLOR: '' };
  assert.equal((await netarium('run', 'two.yaml')).stdout.includes('\x1b['), false);
  assert.ok((await netariumIn(colored, 'run', 'two.yaml')).stdout.includes('\x1b[1mtwo-hosts'));
  assert.equal((await netariumIn(colored, 'run', 'two.yaml', '--no-color')).stdout.includes('\x1b['), false);
  assert.equal((await netariumIn({ FORCE_COLOR: '1' }, 'run', 'two.yaml')).stdout.includes('\x1b['), false);
});
