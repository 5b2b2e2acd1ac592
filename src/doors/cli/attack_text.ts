// One run of an attack in words: what was said, what came of it, what it cost. Not here: the commands that run it.

import { type Entry, type EntryRun, runEntry, type Variant } from '../../adversary/channel/entry.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { paint } from './terminal.ts';

/** From so many on, what an attacker computes is the better part of a run, and a rate can be told. */
const MANY = 1000;
const SECONDS_PER_YEAR = 365.25 * 24 * 3600;

/** A run, and how long this process computed for it. Virtual time knows nothing of that. */
export interface MeasuredRun extends EntryRun {
  readonly cpuSeconds: number;
}

export function measuredRun(entry: Entry, variant: Variant, seed: number): MeasuredRun {
  const before = process.cpuUsage();
  const run = runEntry(entry, variant, nodeCrypto, seed);
  const { user, system } = process.cpuUsage(before);
  return { ...run, cpuSeconds: (user + system) / 1e6 };
}

export function attackLines(run: MeasuredRun): readonly string[] {
  const { entry, variant, transcript, succeeded, evidence, spent } = run;
  const rung = variant === 'vulnerable' ? entry.rung : entry.curedBy;
  const outcome = succeeded ? paint('red', 'the attack succeeds') : paint('green', 'the attack fails');
  const costs = [
    ...(spent.messages > 0 ? [`${spent.messages} messages of its own`] : []),
    ...(spent.computations > 0 ? [`${spent.computations} computations${rateText(run)}`] : []),
  ];
  return [
    `${paint('bold', entry.id)} against "${rung}" (${variant})`,
    ...transcript.map((line) => `  ${line}`),
    `  ${outcome}: ${evidence}${costs.length === 0 ? '' : `; spent: ${costs.join(', ')}`}.`,
  ];
}

// The whole run is counted, so the rate is what was reached at least.
function rateText({ spent: { computations }, cpuSeconds }: MeasuredRun): string {
  if (computations < MANY || cpuSeconds === 0) return '';
  const rate = computations / cpuSeconds;
  const years = (2 ** 128 / rate / SECONDS_PER_YEAR).toExponential(0);
  return ` (${Math.round(rate).toLocaleString('en')} a second here, at which 2^128 take ${years} years)`;
}
