// What became of the messages of a trial, in the words of a table. Not here: the trials.

import type { Observation } from './bench.ts';

/** The words for an observation: the same whatever the trial was. */
export function qualityOf(seen: Observation): string {
  const { sent, refused, arrived, pieces, corrupted, discarded, notices } = seen;
  if (refused === sent) return 'not allowed to send';
  if (corrupted > 0) return 'received corrupted';
  if (notices > 0) return 'dropped with notice';
  const isWhole = new Set(arrived).size === sent;
  if (isWhole && pieces > sent) return 'cut and joined again';
  if (isWhole && arrived.some((number, i) => number < (arrived[i - 1] ?? 0))) return 'received out of order';
  if (isWhole && arrived.length > sent) return 'received twice';
  if (isWhole) return 'received';
  if (arrived.length > 0) return 'excess discarded silently';
  return discarded > 0 ? 'discarded silently' : 'lost silently';
}
