import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarDay, daysInMonth, daysSince1970 } from './calendar.ts';

test('days and dates are each other, for four thousand years', () => {
  let expected = { year: -100, month: 1, day: 1 };
  for (let number = daysSince1970(expected); expected.year < 4000; number++) {
    assert.deepEqual(calendarDay(number), expected);
    assert.equal(daysSince1970(expected), number);
    expected = following(expected);
  }
});

test('known days', () => {
  assert.equal(daysSince1970({ year: 1970, month: 1, day: 1 }), 0);
  assert.equal(daysSince1970({ year: 2000, month: 2, day: 29 }), 11_016);
  assert.equal(daysInMonth(1900, 2), 28);
  assert.equal(daysInMonth(2000, 2), 29);
});

function following({ year, month, day }: { year: number; month: number; day: number }) {
  if (day < daysInMonth(year, month)) return { year, month, day: day + 1 };
  return month < 12 ? { year, month: month + 1, day: 1 } : { year: year + 1, month: 1, day: 1 };
}
