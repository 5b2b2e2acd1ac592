// Rungs by properties, and rungs by attacks: each cell from a run. That a cell is empty means that nothing here has tried.

import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { type Entry, PROPERTIES, type Property, runEntry } from './entry.ts';

/** One attack on one rung. */
export interface Trial {
  readonly attack: string;
  readonly property: Property;
  readonly succeeded: boolean;
  readonly evidence: string;
}

export interface MatrixRow {
  readonly rung: string;
  readonly trials: readonly Trial[];
}

/** Runs both variants of each entry; a row a rung, in the order in which they first appear. */
export function attackMatrix(entries: readonly Entry[], crypto: CryptoProvider, seed = 1): readonly MatrixRow[] {
  const rows = new Map<string, Trial[]>();
  for (const entry of entries) {
    for (const [variant, rung] of [
      ['vulnerable', entry.rung],
      ['cured', entry.curedBy],
    ] as const) {
      const { succeeded, evidence } = runEntry(entry, variant, crypto, seed);
      const trials = rows.get(rung) ?? [];
      trials.push({ attack: entry.id, property: entry.breaks, succeeded, evidence });
      rows.set(rung, trials);
    }
  }
  return [...rows].map(([rung, trials]) => ({ rung, trials }));
}

/** What a row says of one property: broken by so many attacks, or tried by so many in vain; nothing when not tried. */
export function verdictOn({ trials }: MatrixRow, property: Property): 'broken' | 'holds' | undefined {
  const about = trials.filter((trial) => trial.property === property);
  if (about.length === 0) return undefined;
  return about.some(({ succeeded }) => succeeded) ? 'broken' : 'holds';
}

/** The table of rungs by properties: `broken` by an attack here, `holds` against those here. */
export const propertyTable = (rows: readonly MatrixRow[]): readonly (readonly string[])[] => [
  ['rung', ...PROPERTIES],
  ...rows.map((row) => [row.rung, ...PROPERTIES.map((property) => verdictOn(row, property) ?? '')]),
];
