// Items that the ladder of channels shows: an attack that names them, against its rung and against its cure.

import { ENTRIES } from '../../../adversary/channel/entries.ts';
import type { CommandShow, Show } from './entry.ts';

/** How an item is shown: by the first attack in the ladder's order that names it. @throws Error where none does */
export function attacked(item: number): { readonly lookAt: string; readonly shows: readonly [Show] } {
  const entry = ENTRIES.find(({ items }) => items.includes(item));
  if (entry === undefined) throw new Error(`no attack of the ladder of channels names item ${item}`);
  const [happens, why] = entry.explanation;
  return { lookAt: `what is said before "the attack succeeds". ${happens} ${why}`, shows: [attackRun(entry.id)] };
}

/** One attack, which must succeed against its rung and fail against the cure. */
export const attackRun = (id: string): CommandShow => ({
  command: ['attack', 'run', id],
  prints: [/\(vulnerable\)[\s\S]*the attack succeeds/, /\(cured\)[\s\S]*the attack fails/],
});
