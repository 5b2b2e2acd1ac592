// The world of a scenario in which nothing happens by itself, and programs run in it one after the other.

import { after, seconds } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import type { Program, System } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import { Simulation } from '../../world/sim/simulation.ts';
import { runToEnd } from './running.ts';

/** How long machines may take to find their addresses, and a program to come to its end. */
const BOOT_LIMIT = seconds(30);
const PROGRAM_LIMIT = seconds(60);

/** The machines of a scenario with their addresses; its timeline does not happen. */
export async function quietWorld(scenario: Scenario): Promise<Simulation> {
  const simulation = new Simulation(
    { ...scenario, timeline: [], expectations: [], faults: [], until: undefined },
    { crypto: nodeCrypto },
  );
  await runToEnd(simulation, after(simulation.world.now, BOOT_LIMIT));
  return simulation;
}

/** Runs a program on a machine to its end; `undefined` where it has none within a minute of virtual time. */
export function runProgram<Result>(
  { world }: Simulation,
  host: Host,
  main: (system: System) => Program<Result>,
): Result | undefined {
  let result: Result | undefined;
  const process = host.spawn('program', function* (system): Program<void> {
    result = yield* main(system);
  });
  host.settle(world.now);
  const deadline = after(world.now, PROGRAM_LIMIT);
  while (!process.isDone && world.nextTime <= deadline && world.step());
  process.kill();
  return result;
}
