// One run of an attack in words: what was said, what came of it, what it cost. Not here: the commands that run it.

import type { EntryRun } from '../../adversary/channel/entry.ts';
import { paint } from './terminal.ts';

export function attackLines({ entry, variant, transcript, succeeded, evidence, spent }: EntryRun): readonly string[] {
  const rung = variant === 'vulnerable' ? entry.rung : entry.curedBy;
  const outcome = succeeded ? paint('red', 'the attack succeeds') : paint('green', 'the attack fails');
  const costs = [
    ...(spent.messages > 0 ? [`${spent.messages} messages of its own`] : []),
    ...(spent.computations > 0 ? [`${spent.computations} computations`] : []),
  ];
  return [
    `${paint('bold', entry.id)} against "${rung}" (${variant})`,
    ...transcript.map((line) => `  ${line}`),
    `  ${outcome}: ${evidence}${costs.length === 0 ? '' : `; spent: ${costs.join(', ')}`}.`,
  ];
}
