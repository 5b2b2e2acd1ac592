// What `import ... from 'netarium/posix'` gives: the sockets API over the sockets of simulated machines.

import { type Played, playScenes, type Scenes } from './scenes.ts';
import { SimulatedWorld } from './simulated_world.ts';
import type { Machines } from './world.ts';

export * from './common.ts';
export { posixOf, SimulatedWorld } from './simulated_world.ts';

/** Boots a small internet; `process(host)` starts programs on it. */
export const boot = (machines: Machines): Promise<SimulatedWorld> => SimulatedWorld.boot(machines);

/** Plays scenes on machines of their own. */
export const play = async (machines: Machines, scenes: Scenes): Promise<Played> =>
  playScenes(await boot(machines), scenes);
