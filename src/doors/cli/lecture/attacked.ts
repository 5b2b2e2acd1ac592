// Items that the ladder of channels shows: an attack that names them, against its rung and against its cure.

import { ENTRIES } from '../../../adversary/channel/entries.ts';
import type { AttackShow } from './entry.ts';

/** How an item is shown: by the first attack in the ladder's order that names it. @throws Error where none does */
export function attacked(item: number): { readonly lookAt: string; readonly shows: readonly [AttackShow] } {
  const entry = ENTRIES.find(({ items }) => items.includes(item));
  if (entry === undefined) throw new Error(`no attack of the ladder of channels names item ${item}`);
  const [happens, why] = entry.explanation;
  return { lookAt: `what is said before "the attack succeeds". ${happens} ${why}`, shows: [{ attack: entry.id }] };
}
