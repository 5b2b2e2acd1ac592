// What `import ... from 'netarium/posix/real'` gives: the same calls over the sockets of this machine, loopback alone.
// A program that imports this instead of `netarium/posix` is otherwise the same.

import { RealWorld } from './real_world.ts';
import { type Played, playScenes, type Scenes } from './scenes.ts';
import type { Machines } from './world.ts';

export * from './common.ts';
export { RealWorld } from './real_world.ts';

/** Gives each machine addresses on loopback; `process(host)` starts programs on it. */
export const boot = (machines: Machines): Promise<RealWorld> => RealWorld.boot(machines);

/** Plays scenes on machines of their own. */
export const play = async (machines: Machines, scenes: Scenes): Promise<Played> =>
  playScenes(await boot(machines), scenes);
