// What callers of the library may hand in, and the sentence that they get for anything else.

import type { Duration } from '../../core/time.ts';
import { FOREVER } from '../../core/time.ts';
import { parseDuration, UNIT_FORMS } from '../../world/sim/scenario/units.ts';

/** @throws TypeError */
export function checkName(value: unknown, what: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new TypeError(`${what} is a text that says something, not ${shown(value)}`);
}

/** @throws RangeError on what is no port; 0 only where the system may choose one */
export function checkPort(port: unknown, lowest: 0 | 1 = 1): number {
  if (typeof port === 'number' && Number.isInteger(port) && port >= lowest && port <= 65_535) return port;
  throw new RangeError(`a port is a whole number from ${lowest} to 65535, not ${shown(port)}`);
}

/** @throws TypeError on what is no duration or has no end */
export function checkDuration(value: unknown): Duration {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration !== undefined && duration !== FOREVER) return duration;
  const why = duration === FOREVER ? 'has no end' : 'is not a duration';
  throw new TypeError(`${shown(value)} ${why}: ${UNIT_FORMS.duration.replace(', or forever', '')}`);
}

/** @throws TypeError */
export function checkData(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new TypeError(`data is a Uint8Array or a text, not ${shown(data)}`);
}

/** @throws TypeError */
export function checkFunction(value: unknown, what: string): void {
  if (typeof value !== 'function') throw new TypeError(`${what} is a function, not ${shown(value)}`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));
