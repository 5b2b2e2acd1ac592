// Each item of the lecture that is said to be shown is shown: its runs are run, and do what the item claims.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { lectureText } from '../../scripts/lecture_text.ts';
import { ENTRIES as LADDER } from '../../src/adversary/channel/entries.ts';
import { ENTRIES } from '../../src/doors/cli/lecture/entries.ts';
import { commandOf, type Show, stateOf } from '../../src/doors/cli/lecture/entry.ts';
import { runShow } from '../../src/doors/cli/lecture/showing.ts';
import { lecture } from '../../src/doors/cli/lecture.ts';
import { room } from '../cli/command_line.ts';

const root = dirname(dirname(import.meta.dirname));
const ITEMS = Array.from({ length: 168 }, (_, i) => i + 1).filter((item) => item !== 8);

// Most of them wait for other processes.
suite('The lecture', { concurrency: 2 }, () => {
  for (const { item, title, shows = [], waitsFor } of ENTRIES) {
    if (shows.length === 0) continue;
    test(`${item}, ${title}, ${waitsFor === undefined ? 'is shown' : 'is shown as far as it is built'}`, async () => {
      for (const show of shows) {
        const { checks } = await runShow(show);
        assert.ok(checks.length > 0, `${commandOf(show)} checks nothing`);
        assert.deepEqual(
          checks.filter(({ isMet }) => !isMet),
          [],
          commandOf(show),
        );
      }
    });
  }

  test('each item is there once, in order, in words', () => {
    assert.deepEqual(
      ENTRIES.map(({ item }) => item),
      ITEMS,
    );
    const titles = ENTRIES.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, 'two items have the same title');
    for (const { item, text, lookAt, waitsFor } of ENTRIES) {
      assert.match(text, /[.?]$/, `the text of ${item} ends with a sentence`);
      if (lookAt !== undefined) assert.match(lookAt, /\.$/, `what to look at in ${item}`);
      if (waitsFor !== undefined) assert.doesNotMatch(waitsFor, /\.$/, `what ${item} waits for`);
    }
  });

  test('docs/lecture.md is of today: node scripts/run.mjs scripts/lecture.ts', () => {
    const path = join(root, 'docs/lecture.md');
    assert.ok(existsSync(path));
    assert.equal(readFileSync(path, 'utf8'), lectureText());
  });
});

test('an attack that shows an item is one that names it', () => {
  for (const { item, shows = [] } of ENTRIES) {
    const attacks = shows.flatMap((show) => ('attack' in show ? [show.attack] : []));
    const named = LADDER.filter(({ items }) => items.includes(item)).map(({ id }) => id);
    // Items about notation and properties in general are shown by any of them.
    if (![39, 52, 54, 60, 66].includes(item)) for (const id of attacks) assert.ok(named.includes(id), `${item}: ${id}`);
  }
});

const FALSE_CLAIMS: readonly (readonly [claim: string, show: Show])[] = [
  ['an expectation that is not in the scenario', { scenario: 'nat', expects: ['the moon is made of cheese'] }],
  ['an output that does not come', { command: ['tcp-states'], prints: [/Teapot/] }],
  ['a text that does not come', { command: ['tcp-states'], prints: ['Teapot'] }],
  ['another status', { command: ['tcp-states'], prints: [/Listen/], status: 1 }],
  ['an attack that there is not', { attack: 'moon-made-of-cheese' }],
  ['another output of an example', { example: 'examples/two_hosts.ts', prints: [/2 received/] }],
];

for (const [claim, show] of FALSE_CLAIMS) {
  test(`${claim} is not taken for shown`, async () => {
    const { checks } = await runShow(show);
    assert.equal(checks.filter(({ isMet }) => !isMet).length, 1);
  });
}

test('a program of examples/ that is not here, as in a package, is said to come with the sources', async () => {
  const missing: readonly Show[] = [
    { command: ['mailbox', 'examples/mailbox/none.ts'], prints: [/exact/] },
    { example: 'examples/none.ts', prints: [/exact/] },
  ];
  for (const show of missing) await assert.rejects(runShow(show), /^CliError: examples\/.*none\.ts is not here\.$/);
});

test('lecture lists every item with its state, and --json in a form for programs', async (context) => {
  const { netarium } = room(context);
  const { status, stdout } = await netarium('lecture');
  assert.equal(status, 0);
  const listed = [...stdout.matchAll(/^ *(\d+) {2}(shown|not built) {2}/gm)].map(([, item, state]) => [item, state]);
  assert.deepEqual(
    listed,
    ENTRIES.map((entry) => [String(entry.item), stateOf(entry)]),
  );
  const items = JSON.parse((await netarium('lecture', '--json')).stdout);
  assert.equal(items.length, 167);
  assert.deepEqual(items[2], { item: 3, state: 'shown', command: 'netarium names' });
  assert.deepEqual(items[108], { item: 110, state: 'not built', command: null });
});

test('lecture ITEM ends with 0 where the item is shown and 1 where it is not built', async (context) => {
  const { netarium } = room(context);
  const shown = await netarium('lecture', '27');
  assert.equal(shown.status, 0);
  assert.match(shown.stdout, /> netarium run scenarios\/why-leases-end\.yaml --variant endless-lease\n/);
  assert.match(shown.stdout, / ✓ and is offered nothing /);
  assert.match(shown.stdout, /\nLook at whether Carol gets an address/);
  const inPart = await netarium('lecture', '147');
  assert.equal(inPart.status, 1);
  assert.match(inPart.stdout, /\nNot built: it waits for /);
  assert.equal((await netarium('lecture', '110')).status, 1);
  const json = JSON.parse((await netarium('lecture', '71', '--json')).stdout);
  assert.deepEqual([json.item, json.state, json.shown], [71, 'shown', true]);
  assert.ok(json.checks.every(({ met }: { met: boolean }) => met));
});

test('there is no item 8, nor any beyond 168', async () => {
  for (const item of ['8', '0', '169', '1.5', 'x', 8]) {
    await assert.rejects(lecture(item, {}), /The lecture has no item/);
  }
});
