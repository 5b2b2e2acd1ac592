import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FAULTS } from '../../src/doors/mailbox/ladder/fault.ts';
import { RUNGS } from '../../src/doors/mailbox/ladder/rungs.ts';
import { room } from './command_line.ts';

const HOPE = `import { type Lab, TOO_LONG } from 'netarium/mailbox';
export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  bob.recvd = deliver;
  console.log('a program speaks');
  for (const letter of letters) if (alice.send(letter) === TOO_LONG) throw new Error('too long');
  waitForAllTimeouts();
}
`;

test('a transfer that arrives exact ends with 0; what the program prints goes to stderr', async (context) => {
  const { write, netarium } = room(context);
  write('hope.ts', HOPE);
  const { status, stdout, stderr } = await netarium('mailbox', 'hope.ts', '--seeds', '2');
  assert.equal(stdout, 'hope.ts · level 1, perfect · exact: all 8 letters arrived with each of 2 seeds\n');
  assert.equal(stderr, 'a program speaks\n'.repeat(2));
  assert.equal(status, 0);
});

test('JavaScript does as well, with one seed', async (context) => {
  const { write, netarium } = room(context);
  write(
    'hope.js',
    'export const main = ({ bob, deliver, alice, letters, waitForAllTimeouts }) => { bob.recvd = deliver;\nfor (const each of letters) alice.send(each);\nwaitForAllTimeouts(); };\n',
  );
  const { status, stdout, stderr } = await netarium('mailbox', 'hope.js', '--seed', '9');
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, 'hope.js · level 1, perfect · exact: all 8 letters arrived with seed 9\n');
});

test('--json says what became of each message, and --out leaves a capture that packets reads', async (context) => {
  const { write, directory, netarium } = room(context);
  write('hope.ts', HOPE);
  const { status, stdout } = await netarium('mailbox', 'hope.ts', '--level', '2', '--json', '--out', 'out');
  assert.equal(status, 1);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.schema, result.level, result.exact], ['netarium.mailbox/1', 2, false]);
  assert.equal(result.seeds, result.seed, 'seeds are tried from 1 on, up to the first that fails');
  assert.match(result.problem, /^letter \d was delivered where letter \d was due$/);
  assert.match(result.digest, /^[0-9a-f]{64}$/);
  const messages = result.events.filter(({ kind }: { kind: string }) => kind === 'message');
  assert.equal(messages.length, 8);
  const lost = messages.find(({ fate }: { fate: string }) => fate === 'lost');
  assert.deepEqual([lost.from, lost.ms, lost.arrivesMs, lost.lateMs], ['alice', 0, null, 0]);
  assert.ok(existsSync(join(directory, result.files.pcapng)));
  const packets = await netarium('packets', result.files.pcapng, 'udp');
  assert.equal(packets.stdout.trim().split('\n').length, 8);
  assert.match(packets.stdout, /lost on the link/);
});

test('a program that throws has failed, and its ladder and its error are shown', async (context) => {
  const { write, netarium } = room(context);
  write('hope.ts', HOPE);
  const { status, stdout, stderr } = await netarium('mailbox', 'hope.ts', '--level', '7');
  assert.equal(status, 1);
  assert.match(stdout, /failed: the program threw Error: too long\n/);
  assert.match(stdout, /alice is refused: send: \d+ bytes are too long/);
  assert.match(stderr, /hope\.ts:5/);
});

test('wrong arguments end with 2, what cannot be loaded with 3', async (context) => {
  const { write, netarium } = room(context);
  write('hope.ts', HOPE);
  write('none.ts', 'export const other = 1;\n');
  write('broken.ts', 'export function main( {\n');
  const cases: readonly (readonly [args: readonly string[], status: number, told: RegExp])[] = [
    [['hope.ts', '--level', '8'], 2, /--level 8 makes no sense\.\n.*from 1 to 7/],
    [['hope.ts', '--level', 'x'], 2, /--level x/],
    [['hope.ts', '--seed', '1', '--seeds', '2'], 2, /give one of them/],
    [['hope.ts', '--seed', 'x'], 2, /--seed x is no seed/],
    [['hope.ts', '--sead', '1'], 2, /Did you mean --seed/],
    [['none.ts'], 2, /none\.ts has no main/],
    [['ladder', '--level', '3'], 2, /The ladder has no --level/],
    [['broken.ts'], 3, /broken\.ts cannot be loaded/],
    [['missing.ts'], 3, /missing\.ts cannot be read: there is no such file/],
    [['hope.ts', '--out', 'none.ts/x'], 3, /none\.ts.*cannot be written/],
  ];
  const ended = await Promise.all(cases.map(([args]) => netarium('mailbox', ...args)));
  for (const [i, { status, stdout, stderr }] of ended.entries()) {
    const [args = [], expected, told = /^$/] = cases[i] ?? [];
    assert.equal(status, expected, args.join(' '));
    assert.match(stderr, told, args.join(' '));
    assert.equal(stdout, '', args.join(' '));
  }
});

test('a program that would end this process, or never ends its loading, is told so', async (context) => {
  const { write, netarium } = room(context);
  const cases: readonly (readonly [text: string, status: number, told: RegExp])[] = [
    ['export function main() { process.exit(0); }', 1, /failed: the program threw Error: process\.exit\(0\) ends/],
    [
      "import { exit } from 'node:process';\nexport const main = (lab) => { lab.alice.setTimeout(1, () => exit()); lab.waitForAllTimeouts(); };",
      1,
      /failed: the program threw Error: process\.exit\(\) ends/,
    ],
    ['process.exit(0);\nexport function main() {}', 3, /program\.ts cannot be loaded: process\.exit\(0\) ends/],
    [
      'await new Promise(() => {});\nexport function main() {}',
      3,
      /program\.ts cannot be loaded: it waits outside its functions, for what never comes/,
    ],
    ['throw Object.create(null);', 3, /program\.ts cannot be loaded: something that has no text/],
    ['export function main() { throw Object.create(null); }', 1, /the program threw something that has no text/],
    [
      "export const main = (lab) => { throw Object.assign(new Error('oh'), { stack: 7 }); };",
      1,
      /the program threw Error: oh/,
    ],
  ];
  for (const [text, status, told] of cases) {
    write('program.ts', `${text}\n`);
    const ended = await netarium('mailbox', 'program.ts');
    assert.match(`${ended.stdout}${ended.stderr}`, told, text);
    assert.equal(ended.status, status, text);
    assert.doesNotMatch(ended.stderr, /a defect|unsettled/, text);
  }
  write('program.ts', 'await new Promise(() => {});\n');
  const { status, stdout } = await netarium('mailbox', 'program.ts', '--json');
  assert.deepEqual([status, JSON.parse(stdout).status], [3, 3]);
});

test('ladder --json has a cell for each rung and fault, with the share of its seeds', async (context) => {
  const { netarium } = room(context);
  const { status, stdout } = await netarium('mailbox', 'ladder', '--json', '--seeds', '20');
  assert.equal(status, 0);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.schema, result.seeds, result.brokenClaims], ['netarium.mailbox.ladder/1', 20, []]);
  assert.equal(result.rungs.length, RUNGS.length);
  for (const { name, cells } of result.rungs) {
    assert.equal(cells.length, FAULTS.length, name);
    for (const { exact, share, survives, claimed } of cells) {
      assert.equal(share, exact / 20);
      assert.equal(survives, exact === 20);
      assert.equal(survives, claimed);
    }
  }
  assert.deepEqual([result.rungs[0].brokenBy, result.rungs[0].mendedBy], ['reordering', 'acknowledge']);
});
