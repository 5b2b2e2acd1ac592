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

/** The median CPU time of `runs` runs, after one that warms up. */
export async function medianCpu(runs: number, run: () => void | Promise<void>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = cpuSeconds();
    await run();
    times.push(cpuSeconds() - start);
  }
  return median(times);
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
