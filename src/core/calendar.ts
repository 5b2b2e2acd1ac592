// The Gregorian calendar, as days since 1970 and back. Not here: time of day, and any clock.

const DAYS_PER_ERA = 146_097; // the calendar repeats after 400 years
const MARCH_1_OF_YEAR_0 = 719_468; // days before 1970

export interface CalendarDay {
  readonly year: number;
  /** From 1 to 12. */
  readonly month: number;
  /** From 1 on. */
  readonly day: number;
}

/** Years are taken to begin in March: the leap day then comes last. */
export function calendarDay(daysSince1970: number): CalendarDay {
  const sinceEra = daysSince1970 + MARCH_1_OF_YEAR_0;
  const era = Math.floor(sinceEra / DAYS_PER_ERA);
  const dayOfEra = sinceEra - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - 365 * yearOfEra - Math.floor(yearOfEra / 4) + Math.floor(yearOfEra / 100);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153); // five months from March on always have 153 days
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + 400 * era + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Negative before 1970. */
export function daysSince1970({ year, month, day }: CalendarDay): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - 400 * era;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - MARCH_1_OF_YEAR_0;
}

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
