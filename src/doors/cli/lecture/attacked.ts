// Items that the ladder of channels shows: attacks, each against its rung and against its cure, and what happens in them.

import { ENTRIES } from '../../../adversary/channel/entries.ts';
import type { AttackShow } from './entry.ts';

/** Shown by these entries. A test asks that each of them names the item. @throws Error where there is no such entry */
export function attacked(
  first: string,
  ...others: readonly string[]
): { readonly lookAt: string; readonly shows: readonly [AttackShow, ...AttackShow[]] } {
  const happens = [first, ...others].map((id) => {
    const entry = ENTRIES.find((each) => each.id === id);
    if (entry === undefined) throw new Error(`the ladder of channels has no entry ${id}`);
    return entry.explanation[0];
  });
  return {
    lookAt: `what is said before "the attack succeeds". ${happens.join(' ')}`,
    shows: [{ attack: first }, ...others.map((attack) => ({ attack }))],
  };
}
