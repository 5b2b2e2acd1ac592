// The table itself, from 200 seeds a cell. That docs/mailbox.md shows it: test/docs/mailbox.test.ts.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FAULTS, type FaultName } from './fault.ts';
import { RUNGS } from './rungs.ts';
import { brokenClaims, type Cell, DEFAULT_SEEDS, type Row, reliabilityTable } from './table.ts';
import { formatReliabilityTable, mendingLines } from './table_text.ts';

suite('The ladder of reliability', () => {
  const rows = reliabilityTable();

  test('every rung survives what it says, and no rung a fault that it is not supposed to', () => {
    assert.deepEqual(brokenClaims(rows), []);
    for (const { cells } of rows) {
      assert.equal(cells.length, FAULTS.length);
      for (const { seeds } of cells) assert.equal(seeds, DEFAULT_SEEDS);
    }
    assert.equal(DEFAULT_SEEDS, 200);
  });

  test('what breaks a rung leaves it far from exact, and the next one mends it', () => {
    for (const [i, { rung, cells }] of rows.entries()) {
      const { brokenBy } = rung;
      const next = rows[i + 1];
      if (next === undefined || brokenBy === undefined || brokenBy === 'slow') continue;
      assert.ok(cellOf(cells, brokenBy).exact < DEFAULT_SEEDS / 4, `${brokenBy} hardly breaks ${rung.name}`);
      assert.ok(cellOf(next.cells, brokenBy).survives, next.rung.name);
    }
  });

  test('window is faster than one piece at a time, without faults and with all of them', () => {
    const [slow, fast] = ['split and join', 'window'].map((name) => rows.find(({ rung }) => rung.name === name));
    for (const fault of ['none', 'too long', 'all'] as const) {
      const [before = 0, after = 0] = [slow, fast].map((row) => cellOf(row?.cells ?? [], fault).medianMs);
      assert.ok(after > 0 && after * 2 < before, `${fault}: ${after} ms after ${before} ms`);
    }
  });
});

test('a rung that claims too much or too little is found out', () => {
  const [first] = RUNGS;
  assert.ok(first !== undefined);
  const cell = (fault: FaultName, exact: number, isClaimed: boolean): Cell => {
    return { fault, exact, seeds: 10, survives: exact === 10, isClaimed, medianMs: exact === 0 ? undefined : 5.5 };
  };
  const rows: readonly Row[] = [
    { rung: first, cells: [cell('loss', 9, true), cell('delay', 10, false), cell('none', 10, true)] },
  ];
  assert.deepEqual(brokenClaims(rows), [
    'fire and forget should survive "loss", and 9 of 10 runs were exact',
    'fire and forget should not survive "delay", and 10 of 10 runs were exact',
  ]);
});

test('a share is rounded down: nearly all is not all', () => {
  const cells = FAULTS.map(({ name }): Cell => {
    return { fault: name, exact: 199, seeds: 200, survives: false, isClaimed: false, medianMs: 10 };
  });
  const [rung] = RUNGS;
  assert.ok(rung !== undefined);
  const text = formatReliabilityTable([{ rung, cells }]);
  assert.match(text, /^fire and forget( +99 %){10} +- +-$/m);
  assert.deepEqual(mendingLines([{ rung, cells }]), []);
});

test('seeds are counted from 1', () => {
  for (const none of [0, 1.5, -1, Number.NaN]) assert.throws(() => reliabilityTable(none), /from 1 to 1000000/);
});

function cellOf(cells: readonly Cell[], name: FaultName): Cell {
  const found = cells.find(({ fault }) => fault === name);
  assert.ok(found !== undefined, name);
  return found;
}
