// The date as HTTP writes it (RFC 9110 §5.6.7): `Sun, 01 Mar 2026 12:00:00 GMT`.

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']; // 1 January 1970 was a Thursday
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;
const DAYS_PER_ERA = 146_097; // the calendar repeats after 400 years

/** @param wallTime milliseconds since 1970, not negative */
export function formatHttpDate(wallTime: number): string {
  const dayNumber = Math.floor(wallTime / DAY_MS);
  const second = Math.floor((wallTime - dayNumber * DAY_MS) / 1000);
  const { year, month, day } = calendarDay(dayNumber);
  const clock = [second / 3600, (second / 60) % 60, second % 60].map((part) => two(Math.floor(part))).join(':');
  return `${DAYS[dayNumber % 7]}, ${two(day)} ${MONTHS[month]} ${String(year).padStart(4, '0')} ${clock} GMT`;
}

/** Gregorian, from days since 1970; months from 0. Years are taken to begin in March: the leap day then comes last. */
function calendarDay(dayNumber: number): { year: number; month: number; day: number } {
  const sinceEra = dayNumber + 719_468; // days from 1 March of year 0
  const era = Math.floor(sinceEra / DAYS_PER_ERA);
  const dayOfEra = sinceEra - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - 365 * yearOfEra - Math.floor(yearOfEra / 4) + Math.floor(yearOfEra / 100);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153); // five months from March on always have 153 days
  const month = (marchMonth + 2) % 12;
  return {
    year: yearOfEra + 400 * era + (month < 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

const two = (number: number): string => String(number).padStart(2, '0');
