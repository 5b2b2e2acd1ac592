// Runs a simulation in slices, so that an interrupt is heard and a long run shows how far it is.

import { type Duration, earlier, formatDuration, type Instant, NEVER } from '../../core/time.ts';
import type { Simulation } from '../../world/sim/simulation.ts';
import { CliError, ExitStatus } from './exit.ts';
import { progress } from './terminal.ts';

/** Events between two looks at the world outside: some tens of milliseconds. */
const SLICE = 20_000;
/** Milliseconds of real time before anything is shown. */
const QUIET_TIME = 500;

/** As `simulation.run(limit)`. @throws CliError when interrupted */
export async function runToEnd(simulation: Simulation, limit: Instant = NEVER): Promise<void> {
  const { world, scenario } = simulation;
  const end = earlier(limit, scenario.until ?? NEVER);
  const startedAt = performance.now();
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
  };
  process.once('SIGINT', interrupt);
  let isShown = false;
  try {
    // To a set end the background goes on too, as in `simulation.run`.
    for (let events = 1; world.nextTime <= end && (world.isAlive || end !== NEVER); events++) {
      world.step();
      if (events % SLICE !== 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (isInterrupted) throw interrupted(world.now);
      if (performance.now() - startedAt < QUIET_TIME) continue;
      isShown = true;
      const until = end === NEVER ? '' : ` of ${timeText(end)}`;
      progress(`virtual ${timeText(world.now)}${until}, ${world.capture?.length ?? 0} packets`);
    }
    simulation.run(limit); // what is left: the clock, up to the set end
  } finally {
    process.removeListener('SIGINT', interrupt);
    if (isShown) progress('');
  }
}

const timeText = (time: Instant): string => formatDuration(time as number as Duration);

const interrupted = (now: Instant): CliError =>
  new CliError(ExitStatus.Interrupted, `Interrupted at virtual ${timeText(now)}; nothing was written.`);
