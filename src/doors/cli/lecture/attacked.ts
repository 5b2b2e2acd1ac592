// Items that the ladder of channels shows: the attacks that name them, each against its rung and against its cure.

import { ENTRIES } from '../../../adversary/channel/entries.ts';
import type { CommandShow, Show } from './entry.ts';

/** Runs of one item: the first attacks of the ladder's order are enough. */
const MOST_RUNS = 3;

/** How an item is shown by the attacks that name it. @throws Error where none does */
export function attacked(item: number): { readonly lookAt: string; readonly shows: readonly [Show, ...Show[]] } {
  const [first, ...others] = ENTRIES.filter(({ items }) => items.includes(item)).slice(0, MOST_RUNS);
  if (first === undefined) throw new Error(`no attack of the ladder of channels names item ${item}`);
  return {
    lookAt: `what is said before "the attack succeeds". ${first.explanation[0]} ${first.explanation[1]}`,
    shows: [attackRun(first.id), ...others.map(({ id }) => attackRun(id))],
  };
}

/** One attack, which must succeed against its rung and fail against the cure. */
export const attackRun = (id: string): CommandShow => ({
  command: ['attack', 'run', id],
  prints: [/\(vulnerable\)[\s\S]*the attack succeeds/, /\(cured\)[\s\S]*the attack fails/],
});
