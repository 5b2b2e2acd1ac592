// docs/mailbox.md keeps its word: its programs do at each level what the text says, its ladders and its table are those that
// the command prints, and its links lead somewhere.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { RUNGS } from '../../src/doors/mailbox/ladder/rungs.ts';
import { LEVELS } from '../../src/doors/mailbox/levels.ts';
import type { Fate } from '../../src/doors/mailbox/medium.ts';
import { mailbox } from '../../src/doors/mailbox/run.ts';
import { type Room, room } from '../cli/command_line.ts';

const root = dirname(dirname(import.meta.dirname));
const text = readFileSync(join(root, 'docs/mailbox.md'), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);

const [FIRST = '', MENDED = '', LIBRARY = ''] = blocks('ts');
const [PASSED = '', FAILED = '', FAILED_OTHERWISE = '', MENDED_PASSED = '', TABLE = ''] = blocks('text');

/** A directory with nothing in it but the two programs, as a newcomer has it. */
function desk(context: TestContext): Room {
  const made = room(context);
  made.write('transfer.ts', FIRST);
  made.write('mended.ts', MENDED);
  return made;
}

/** Of a hundred messages: 400 runs of 50. */
function countFates(level: number, ...kinds: readonly Fate['kind'][]): readonly number[] {
  const fates: Fate['kind'][] = [];
  for (let seed = 1; seed <= 400; seed++) {
    const { events } = mailbox({ level, seed, isCapturing: false }, ({ alice, waitForAllTimeouts }) => {
      for (let i = 0; i < 50; i++) alice.send('hello');
      waitForAllTimeouts();
    });
    for (const event of events) if (event.kind === 'message') fates.push(event.fate.kind);
  }
  return kinds.map((kind) => Math.round((100 * fates.filter((each) => each === kind).length) / fates.length));
}

suite('docs/mailbox.md', { concurrency: 2 }, () => {
  test('the first program masters the levels that the text says', async (context) => {
    const { netarium } = desk(context);
    const runs = await Promise.all(['1', '2'].map((level) => netarium('mailbox', 'transfer.ts', '--level', level)));
    assert.deepEqual(
      runs.map(({ status, stderr }) => [status, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    );
    assert.equal(runs.map(({ stdout }) => stdout).join(''), PASSED);
  });

  test('its two programs lie in examples/mailbox, each behind a comment that says what it is', () => {
    for (const [name, program] of [
      ['transfer', FIRST],
      ['mended', MENDED],
    ] as const) {
      const file = readFileSync(join(root, `examples/mailbox/${name}.ts`), 'utf8');
      assert.equal(file.replace(/^(?:\/\/.*\n)+\n/, ''), program, name);
    }
  });

  test('it fails at level 3, with the ladder that the text shows, and the same again by its seed', async (context) => {
    const { netarium } = desk(context);
    const failed = await netarium('mailbox', 'transfer.ts', '--level', '3');
    assert.equal(failed.stdout.trimEnd(), FAILED.trimEnd());
    assert.equal(failed.status, 1);
    assert.match(failed.stdout, /▶▶│ {2}arrives twice$/m);
    const [, again = ''] = /^again: netarium (.*)$/m.exec(failed.stderr) ?? [];
    const repeated = await netarium(...again.split(' '));
    assert.equal(repeated.status, 1);
    assert.deepEqual(repeated.stdout.split('\n').slice(1), failed.stdout.split('\n').slice(1));
    const otherwise = await netarium('mailbox', 'transfer.ts', '--level', '3', '--seed', '4');
    assert.equal(otherwise.stdout.trimEnd(), FAILED_OTHERWISE.trimEnd());
  });

  test('the mended program passes where the text says, and nowhere else', async (context) => {
    const { netarium } = desk(context);
    const levels = ['1', '2', '3', '4', '5', '6', '7'];
    const runs = await Promise.all(levels.map((level) => netarium('mailbox', 'mended.ts', '--level', level)));
    assert.deepEqual(
      runs.map(({ status }) => status),
      [0, 0, 0, 0, 0, 1, 1],
    );
    assert.equal(
      runs
        .slice(2, 5)
        .map(({ stdout }) => stdout)
        .join(''),
      MENDED_PASSED,
    );
    assert.match(runs[5]?.stdout ?? '', /!▶│ {2}damaged/);
  });

  test('the table of the ladder of reliability is what the command prints', async (context) => {
    const { netarium } = room(context);
    const { stdout, stderr, status } = await netarium('mailbox', 'ladder');
    assert.equal(stdout, TABLE);
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('the example of the library runs and says what went wrong', async (context) => {
    const made = room(context);
    const source = pathToFileURL(join(root, 'src/doors/mailbox/index.ts')).href;
    made.write('library.ts', LIBRARY.replace("from 'netarium/mailbox'", `from '${source}'`));
    const lines: unknown[][] = [];
    context.mock.method(console, 'log', (...words: unknown[]) => lines.push(words));
    await import(pathToFileURL(join(made.directory, 'library.ts')).href);
    assert.deepEqual(lines[0], [false, 'letter 8 was delivered where letter 7 was due']);
    assert.match(String(lines[1]), /✗ letter 8 was delivered where letter 7 was due$/);
  });

  test('its table of levels is that of the levels', () => {
    const rows = LEVELS.map(({ name, text: sentence }, i) => `| ${i + 1} | ${name} | ${sentence} |`);
    assert.ok(text.includes(rows.join('\n')));
  });

  test('so many messages are lost, damaged and brought twice as the text says', () => {
    const said =
      /of 100 messages (\d+) are lost and (\d+) arrive\s+twice at level 3; at level 6, (\d+) are lost, (\d+) damaged, and (\d+) arrive twice/;
    const [, ...shares] = said.exec(text) ?? [];
    const counted = [...countFates(3, 'lost', 'twice'), ...countFates(6, 'lost', 'damaged', 'twice')];
    assert.deepEqual(counted.map(String), shares);
  });

  test('it lists the rungs in their order, and its links lead to files that are there', () => {
    const links = [...text.matchAll(/\[([^\]]+)\]\(([^)#\s]+)\)/g)].map(([, name, target = '']) => ({ name, target }));
    for (const { target } of links) assert.ok(existsSync(join(root, 'docs', target)), target);
    const listed = links.filter(({ target }) => target.endsWith('.ts'));
    assert.deepEqual(
      listed.map(({ name, target }) => [name, target.split('/').at(-1)]),
      RUNGS.map(({ name, file }) => [name, file]),
    );
  });
});
