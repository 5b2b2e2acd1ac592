// Serial number arithmetic on 32 bits (RFC 1982; RFC 9293 §3.4): numbers on a circle, compared by the shorter way round.
// Kept as signed integers, which V8 stores unboxed; `>>> 0` is for printing and for the wire.

/** A point on the circle of 2^32: TCP sequence numbers, for one. Signed. */
export type Serial = number;

export const serialAdd = (a: Serial, count: number): Serial => (a + count) | 0;
/** How far `a` lies ahead of `b`: negative when behind. */
export const serialDistance = (a: Serial, b: Serial): number => (a - b) | 0;
export const serialBefore = (a: Serial, b: Serial): boolean => ((a - b) | 0) < 0;
export const serialAtMost = (a: Serial, b: Serial): boolean => ((a - b) | 0) <= 0;
export const serialLater = (a: Serial, b: Serial): Serial => (((a - b) | 0) < 0 ? b : a);
/** Whether `a` lies in the `length` numbers from `start` on; `length` up to 2^32 - 1. */
export const serialWithin = (a: Serial, start: Serial, length: number): boolean => (a - start) >>> 0 < length;
