// The units of scenario files: text to number, without judgement about where it stands. Every reader answers `undefined`
// for what is not in its language; the grammar is in docs/reference/units.md. Not here: addresses (wire/address.ts).

import { calendarDay, daysInMonth, daysSince1970 } from '../../../core/calendar.ts';
import { type Duration, FOREVER } from '../../../core/time.ts';
import type { Ipv4Prefix, LinkAddress } from '../../../wire/address.ts';
import { networkOf, parseIpv4Address, parsePrefix } from '../../../wire/address.ts';
import type { Ipv4Range, WallClock } from './types.ts';

/** What to write instead, for each unit: the second half of "... is not a duration: write ...". */
export const UNIT_FORMS = {
  duration: 'write a number with its unit, like 20ms, 1.5s, 2m30s, 12h, 90d, or forever',
  'signed duration': 'write a number with its unit, like 5m, -1.5s or 90d',
  rate: 'write a number with its unit, like 56kbps, 100Mbps, 10Gbps, or unlimited',
  percentage: 'write a percentage from 0% to 100%, like 0.5%',
  size: 'write a number of bytes with its unit, like 1500B, 64KB (thousands) or 1MiB (1,048,576)',
  'IPv4 address': 'write four numbers from 0 to 255, like 192.168.1.1',
  subnet: 'write its first address and its length, like 192.168.1.0/24',
  'range of addresses': 'write the first and the last address, like 192.168.1.100-192.168.1.199',
  'link address': 'write six bytes in hexadecimal, like 02:00:00:00:00:01',
  'point in time': 'write it in UTC, like 2026-03-01T12:00:00Z',
} as const;

export type Unit = keyof typeof UNIT_FORMS;

const DAY = 86_400;
/** Nanoseconds: some three thousand years. Beyond 2^53 a duration is as exact as an `Instant` is. */
const LONGEST = 1e20; // also the most of every other unit
/** Largest first: the parts of a duration stand in this order, each at most once. */
const DURATION_UNITS: readonly (readonly [name: string, nanoseconds: number])[] = [
  ['d', DAY * 1e9],
  ['h', 3600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
];
const RATE_UNITS: Readonly<Record<string, number>> = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9, Tbps: 1e12 };
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `1ns 20ms 1.5s 2m30s 12h 90d forever`; a bare `0` too. A fraction must come to whole nanoseconds. */
export function parseDuration(text: string): Duration | undefined {
  if (text === 'forever') return FOREVER;
  if (text === '0') return 0 as Duration;
  let total = 0;
  let unitsLeft = DURATION_UNITS;
  let at = 0;
  const part = /([0-9]+)(?:\.([0-9]+))?(ns|us|ms|s|m|h|d)/y;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    const place = unitsLeft.findIndex(([name]) => name === match?.[3]);
    const size = unitsLeft[place]?.[1];
    if (match === null || size === undefined) return undefined;
    const value = scaled(match[1] ?? '', match[2] ?? '', size);
    if (value === undefined) return undefined;
    total += value;
    unitsLeft = unitsLeft.slice(place + 1);
    at = part.lastIndex;
  }
  return at === 0 || total > LONGEST ? undefined : (total as Duration);
}

/** As `parseDuration`, with a sign before it, and never endless. */
export function parseSignedDuration(text: string): Duration | undefined {
  const isNegative = text.startsWith('-');
  const size = parseDuration(isNegative ? text.slice(1) : text);
  if (size === undefined || size === FOREVER) return undefined;
  return isNegative && size > 0 ? (-size as Duration) : size;
}

/** Bits a second, more than 0; `unlimited` is `Infinity`. */
export function parseRate(text: string): number | undefined {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  const rate = withUnit(text, RATE_UNITS);
  return rate === 0 ? undefined : rate;
}

/** Bytes. */
export const parseSize = (text: string): number | undefined => withUnit(text, SIZE_UNITS);

/** A probability from 0 to 1: `0.5%` is 0.005. */
export function parsePercentage(text: string): number | undefined {
  const match = /^([0-9]{1,3}(?:\.[0-9]+)?)%$/.exec(text);
  const percent = Number(match?.[1] ?? Number.NaN);
  return percent <= 100 ? percent / 100 : undefined;
}

/** A prefix whose host bits are zero. */
export function parseSubnet(text: string): Ipv4Prefix | undefined {
  const prefix = parsePrefix(text);
  return prefix !== undefined && networkOf(prefix.address, prefix.length) === prefix.address ? prefix : undefined;
}

/** `first-last`, in this order. */
export function parseRange(text: string): Ipv4Range | undefined {
  const [from = '', to = '', ...more] = text.split('-');
  const first = parseIpv4Address(from.trim());
  const last = parseIpv4Address(to.trim());
  if (first === undefined || last === undefined || more.length > 0 || first >>> 0 > last >>> 0) return undefined;
  return { first, last };
}

/** RFC 3339 in UTC, `2026-03-01T12:00:00Z`, with up to nine decimals, without leap seconds. */
export function parseWallClock(text: string): WallClock | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?[Zz]$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const secondsOfDay = hour * 3600 + minute * 60 + second;
  return {
    seconds: daysSince1970({ year, month, day }) * DAY + secondsOfDay,
    nanoseconds: Number((match[7] ?? '').padEnd(9, '0')),
  };
}

/** As `parseWallClock` reads it; decimals only where they are not zero. */
export function formatWallClock(clock: WallClock): string {
  const { year, month, day } = calendarDay(Math.floor(clock.seconds / DAY));
  const second = clock.seconds - Math.floor(clock.seconds / DAY) * DAY;
  const two = (value: number): string => String(value).padStart(2, '0');
  const decimals = clock.nanoseconds === 0 ? '' : `.${String(clock.nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
  const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}${decimals}Z`;
}

/** Individual, not a group's: the lowest bit of the first byte is clear (IEEE 802.3 §3.2.3). */
export const isIndividual = (address: LinkAddress): boolean => Math.floor(address / 2 ** 40) % 2 === 0 && address !== 0;

function withUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^([0-9]+)(?:\.([0-9]+))?([A-Za-z]+)$/.exec(text);
  const unit = match?.[3] ?? '';
  const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return match === null || size === undefined ? undefined : scaled(match[1] ?? '', match[2] ?? '', size);
}

// A whole number or nothing: 1.5ns has no value. Decimals are scaled as digits, since 1.1 * 1e9 is not whole.
function scaled(whole: string, decimals: string, size: number): number | undefined {
  const digits = decimals.replace(/0+$/, '');
  const part = (Number(digits) * size) / Number(`1e${digits.length}`);
  const value = Number(whole) * size + part;
  return digits.length <= 15 && Number.isInteger(part) && value <= LONGEST ? value : undefined;
}
