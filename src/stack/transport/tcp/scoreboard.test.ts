// The scoreboard against its definition: a mark and a time for each single number.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '../../../core/time.ts';
import { Mark, Scoreboard } from './scoreboard.ts';

interface Cell {
  time: number;
  marks: number;
}

/** One cell a number, from `start` on. */
class Plain {
  start: number;
  cells: Cell[] = [];

  constructor(start: number) {
    this.start = start;
  }

  count(mark: number): number {
    return this.cells.filter(({ marks }) => marks & mark).length;
  }
}

const FIRST = 0x7fff_ffe0; // the numbers wrap around on the way

function compare(board: Scoreboard, plain: Plain): void {
  const cells: Cell[] = [];
  for (let i = 0; i < board.size; i++) {
    const length = (board.endOf(i) - board.startOf(i)) | 0;
    assert.ok(length > 0, 'no record is empty');
    for (let n = 0; n < length; n++) cells.push({ time: board.timeOf(i), marks: board.marksOf(i) });
    assert.equal(board.indexOf(board.startOf(i)), i);
    assert.equal(board.indexOf((board.endOf(i) - 1) | 0), i);
  }
  assert.equal(board.start, plain.start);
  assert.deepEqual(
    cells.map(({ marks }) => marks),
    plain.cells.map(({ marks }) => marks),
  );
  assert.deepEqual(
    cells.map(({ time }) => time),
    plain.cells.map(({ time }) => time),
  );
  assert.equal(board.sackedBytes, plain.count(Mark.Sacked));
  assert.equal(board.lostBytes, plain.count(Mark.Lost));
}

const step = fc.record({
  kind: fc.constantFrom('append', 'append', 'sack', 'sack', 'lose', 'resend', 'acknowledge', 'forget'),
  at: fc.nat(1000),
  length: fc.integer({ min: 1, max: 30 }),
  pause: fc.nat(1),
});

test('records tell of each number what was done with it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const board = new Scoreboard(FIRST);
      const plain = new Plain(FIRST);
      let now = 0;
      for (const { kind, at, length, pause } of steps) {
        now += pause;
        const { cells } = plain;
        if (kind === 'append') {
          for (let n = 0; n < length; n++) cells.push({ time: now, marks: 0 });
          board.append((plain.start + cells.length) | 0, now as Instant);
        } else if (kind === 'acknowledge') {
          const count = Math.min(length, cells.length);
          cells.splice(0, count);
          plain.start = (plain.start + count) | 0;
          board.acknowledge(plain.start);
        } else if (kind === 'forget') {
          for (const cell of cells) cell.marks &= ~Mark.Sacked;
          board.forgetSacked();
        } else if (board.size > 0) {
          const i = at % board.size;
          if (board.marksOf(i) & Mark.Sacked) continue;
          const first = (board.startOf(i) - plain.start) | 0;
          const whole = (board.endOf(i) - board.startOf(i)) | 0;
          if (kind === 'lose') {
            if (board.marksOf(i) & Mark.Lost) continue;
            board.lose(i);
            for (const cell of cells.slice(first, first + whole)) cell.marks |= Mark.Lost;
            continue;
          }
          const from = first + (at % whole);
          const to = Math.min(from + length, first + whole);
          const part = cells.slice(from, to);
          if (kind === 'sack') {
            const found = board.sack(i, (plain.start + from) | 0, (plain.start + to) | 0);
            for (const cell of part) {
              cell.marks = Mark.Sacked;
              cell.time = 0;
            }
            assert.ok(board.marksOf(found) & Mark.Sacked);
            assert.equal(board.indexOf((plain.start + from) | 0), found);
          } else {
            board.resend(i, (plain.start + from) | 0, (plain.start + to) | 0, now as Instant);
            for (const cell of part) {
              cell.marks = Mark.Again;
              cell.time = now;
            }
          }
        }
        compare(board, plain);
      }
    }),
  );
});

test('a window that is used and acknowledged for ever stays as small as it is', () => {
  const board = new Scoreboard(0);
  let end = 0;
  for (let n = 0; n < 10_000; n++) {
    end += 1000;
    board.append(end, n as Instant);
    if (n >= 100) board.acknowledge(end - 100_000);
    assert.ok(board.size <= 101);
  }
  assert.equal(board.timeOf(0), 9900);
});
