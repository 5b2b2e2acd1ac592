// The table of rungs by faults: each cell is computed from runs, one a seed.

import { mailbox } from '../run.ts';
import { FAULTS, type Fault, type FaultName } from './fault.ts';
import { RUNGS, type Rung } from './rungs.ts';

export const DEFAULT_SEEDS = 200;

export interface Cell {
  readonly fault: FaultName;
  /** Runs in which all letters arrived exact. */
  readonly exact: number;
  /** Of so many. */
  readonly seeds: number;
  /** Every run was exact. */
  readonly survives: boolean;
  /** The rung says that it survives. */
  readonly isClaimed: boolean;
  /** When the last letter was there: virtual milliseconds, the median of the exact runs; nothing where there is none. */
  readonly medianMs: number | undefined;
}

export interface Row {
  readonly rung: Rung;
  readonly cells: readonly Cell[];
}

/** Seeds 1 to `seeds` in each cell. @throws RangeError on a count that is no whole number from 1 to a million */
export function reliabilityTable(seeds: number = DEFAULT_SEEDS): readonly Row[] {
  if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= 1_000_000)) {
    throw new RangeError(`seeds is a whole number from 1 to 1000000, not ${seeds}`);
  }
  return RUNGS.map((rung) => ({ rung, cells: FAULTS.map((fault) => cellOf(rung, fault, seeds)) }));
}

function cellOf(rung: Rung, { name, medium, letters }: Fault, seeds: number): Cell {
  const times: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { isExact, deliveredAt } = mailbox({ seed, medium, letters, isCapturing: false }, rung.main);
    if (isExact) times.push(deliveredAt);
  }
  times.sort((a, b) => a - b);
  return {
    fault: name,
    exact: times.length,
    seeds,
    survives: times.length === seeds,
    isClaimed: rung.survives.includes(name),
    medianMs: times[times.length >> 1],
  };
}

/** Cells that are not as the rungs say, in words: none in a right table of enough seeds. */
export const brokenClaims = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap(({ rung, cells }) =>
    cells
      .filter(({ survives, isClaimed }) => survives !== isClaimed)
      .map(({ fault, exact, seeds, isClaimed }) => {
        const found = `${exact} of ${seeds} runs were exact`;
        return isClaimed
          ? `${rung.name} should survive "${fault}", and ${found}`
          : `${rung.name} should not survive "${fault}", and ${found}`;
      }),
  );
