// The date as HTTP writes it (RFC 9110 §5.6.7): `Sun, 01 Mar 2026 12:00:00 GMT`.

import { calendarDay } from '../../../core/calendar.ts';

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']; // 1 January 1970 was a Thursday
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** @param wallTime milliseconds since 1970, not negative */
export function formatHttpDate(wallTime: number): string {
  const dayNumber = Math.floor(wallTime / DAY_MS);
  const second = Math.floor((wallTime - dayNumber * DAY_MS) / 1000);
  const { year, month, day } = calendarDay(dayNumber);
  const clock = [second / 3600, (second / 60) % 60, second % 60].map((part) => two(Math.floor(part))).join(':');
  return `${DAYS[dayNumber % 7]}, ${two(day)} ${MONTHS[month - 1]} ${String(year).padStart(4, '0')} ${clock} GMT`;
}

const two = (number: number): string => String(number).padStart(2, '0');
