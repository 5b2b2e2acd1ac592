// CPU seconds of this process, and medians: what every figure here is made of.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface BenchResult {
  readonly name: string;
  readonly ours: number;
  readonly unit: string;
  readonly peer?: number;
  readonly peerName?: string;
  /** Ours divided by the peer's; below 1 is less than the peer, for units in which less is better. */
  readonly ratio?: number;
  /** What `--check` compares with. */
  readonly limit?: number;
  readonly isMoreBetter?: boolean;
}

export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

type Run = () => void | Promise<void>;

/** The median CPU time of `runs` runs, after one that warms up. */
export async function medianCpu(runs: number, run: Run): Promise<number> {
  const [time] = await medianCpuInTurn(runs, run);
  return time ?? Number.NaN;
}

/** The same of several, of which each runs once before the first runs again: what else the machine does meets all alike. */
export async function medianCpuInTurn(runs: number, ...each: readonly Run[]): Promise<readonly number[]> {
  for (const run of each) await run();
  const times: number[][] = each.map(() => []);
  for (let i = 0; i < runs; i++) {
    for (const [which, run] of each.entries()) {
      const start = cpuSeconds();
      await run();
      times[which]?.push(cpuSeconds() - start);
    }
  }
  return times.map(median);
}

const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

/** Twice: what the first round finalizes, the second one frees. */
export function collectGarbage(): void {
  collect();
  collect();
}
