// Points in time in certificates: UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 narrows them, read, written and shown.
// A time is a whole number of seconds since 1970, UTC, without leap seconds. Not here: which time it is.

import { utf8 } from '../../core/bytes.ts';
import { calendarDay, daysInMonth, daysSince1970 } from '../../core/calendar.ts';
import type { DerReader } from './der_reader.ts';
import { DerTag } from './der_tag.ts';
import { derElement } from './der_writer.ts';

/** Seconds since 1970-01-01T00:00:00Z; negative before. */
export type UnixSeconds = number;

const DAY = 86_400;
const FIRST_GENERALIZED_YEAR = 2050;

/** RFC 5280 §4.1.2.5: no well-defined expiration date, 99991231235959Z. */
export const NO_EXPIRATION: UnixSeconds = 253_402_300_799;

/**
 * Always with seconds and Z; two digits of year mean 1950 to 2049 (§4.1.2.5.1). GeneralizedTime for a year before 2050 must
 * not be written, but must be read (§4.1.2.5).
 */
export function readTime(reader: DerReader, label: string): UnixSeconds {
  const isGeneralized = reader.nextTag === DerTag.GeneralizedTime;
  const at = reader.at;
  const contents = reader.contents(isGeneralized ? DerTag.GeneralizedTime : DerTag.UtcTime, label);
  if (reader.problem !== undefined) return 0;
  const time = timeOf(String.fromCharCode(...contents.subarray(0, 20)), isGeneralized);
  if (time === undefined) reader.refuse('a time that is none', at);
  else reader.explain(() => formatTime(time));
  return time ?? 0;
}

function timeOf(text: string, isGeneralized: boolean): UnixSeconds | undefined {
  const match = (
    isGeneralized ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
  ).exec(text);
  if (match === null) return undefined;
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const year = isGeneralized ? written : written + (written < 50 ? 2000 : 1900);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return daysSince1970({ year, month, day }) * DAY + hour * 3600 + minute * 60 + second;
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on. @throws RangeError before 1950 and after 9999 */
export function derTime(time: UnixSeconds): Uint8Array {
  const { year, digits } = timeParts(time);
  if (!Number.isInteger(time) || year < 1950 || year > 9999) {
    throw new RangeError(`time must be whole seconds from 1950 to 9999, not ${time}`);
  }
  const isGeneralized = year >= FIRST_GENERALIZED_YEAR;
  const text = `${String(year).slice(isGeneralized ? 0 : 2)}${digits}Z`;
  return derElement(isGeneralized ? DerTag.GeneralizedTime : DerTag.UtcTime, utf8(text));
}

/** As openssl shows it: `Feb 28 23:59:59 2023 GMT`. */
export function formatTime(time: UnixSeconds): string {
  const { year, month, day, clock } = timeParts(time);
  return `${MONTHS[month - 1]} ${String(day).padStart(2)} ${clock} ${year} GMT`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface TimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Month, day, hour, minute and second, two digits each. */
  readonly digits: string;
  readonly clock: string;
}

function timeParts(time: UnixSeconds): TimeParts {
  const dayNumber = Math.floor(time / DAY);
  const second = time - dayNumber * DAY;
  const { year, month, day } = calendarDay(dayNumber);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const parts = [two(second / 3600), two((second / 60) % 60), two(second % 60)];
  return { year, month, day, digits: `${two(month)}${two(day)}${parts.join('')}`, clock: parts.join(':') };
}
