// Programs on several machines, scene by scene, and what each of them printed.
//
//   bob: server   starts, and waits
//   alice: client starts as soon as bob's waits, or has ended                     and so on; the scene ends with the last
//
// Not here: whose sockets they are (world.ts).

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Posix } from './posix.ts';
import { PosixError } from './posix_error.ts';
import type { User, World } from './world.ts';

/** A program: what C has as `main`. */
export type Program = (posix: Posix) => Promise<void>;

export interface Part {
  /** The machine. */
  readonly on: string;
  readonly run: Program;
  /** Where it matters: `root` may bind ports below 1024, and `nobody` may not. */
  readonly user?: User;
}

/** By title: who runs what, in the order in which they start. */
export type Scenes = Readonly<Record<string, readonly Part[]>>;

export interface Played {
  /** By title: what each program printed; undefined where a scene was left out. */
  readonly transcripts: ReadonlyMap<string, string | undefined>;
  /** By title: why it was left out. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** What was on the wire; undefined in a world that nobody records. */
  readonly pcapng: Uint8Array | undefined;
}

/** Plays all scenes one after the other. */
export async function playScenes(world: World, scenes: Scenes): Promise<Played> {
  const transcripts = new Map<string, string | undefined>();
  const leftOut = new Map<string, string>();
  try {
    for (const [title, parts] of Object.entries(scenes)) {
      const [why] = parts.flatMap(({ user }) => (user === undefined ? [] : (world.whyNot(user) ?? [])));
      if (why !== undefined) leftOut.set(title, why);
      transcripts.set(title, why === undefined ? await playScene(world, parts) : undefined);
      await world.forget();
    }
    return { transcripts, leftOut, pcapng: world.pcapng() };
  } finally {
    world.close();
  }
}

/** Scene by scene, what each program printed. */
export const formatPlayed = ({ transcripts, leftOut }: Played): string =>
  [...transcripts]
    .map(([title, transcript]) => `${title}\n${transcript ?? `  left out: ${leftOut.get(title)}\n`}`)
    .join('\n');

/** Prints what was played. `--pcapng FILE` writes what was on the wire. */
export async function show(play: () => Promise<Played>): Promise<void> {
  const { values } = parseArgs({ options: { pcapng: { type: 'string' } } });
  const played = await play();
  process.stdout.write(formatPlayed(played));
  if (values.pcapng === undefined) return;
  if (played.pcapng === undefined) throw new Error('--pcapng: this world records nothing; use tcpdump -i lo');
  writeFileSync(values.pcapng, played.pcapng);
  process.stderr.write(`written: ${values.pcapng}\n`);
}

async function playScene(world: World, parts: readonly Part[]): Promise<string> {
  const running: { readonly title: string; readonly calls: Posix; readonly ended: Promise<void> }[] = [];
  // A defect ends all of them: the others would wait for ever.
  const abandon = (): void => {
    for (const { calls } of running) calls.exit();
  };
  for (const { on, run, user } of parts) {
    const { promise: waits, resolve: onWait } = Promise.withResolvers<void>();
    const program = run.name;
    const calls = world.process(on, { program, onWait, ...(user === undefined ? {} : { user }) });
    const ended = execute(program, run, calls);
    running.push({ title: user === undefined ? `${on}: ${program}` : `${on}: ${program}, as ${user}`, calls, ended });
    ended.catch(abandon);
    await Promise.race([waits, ended]);
  }
  const outcomes = await Promise.allSettled(running.map(({ ended }) => ended));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return running.map(({ title, calls }) => `  ${title}\n${calls.output.replaceAll(/^(?=.)/gm, '    ')}`).join('');
}

// An error that a program does not catch ends it, as `perror` and `exit(1)` do.
async function execute(name: string, run: Program, calls: Posix): Promise<void> {
  try {
    await run(calls);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    calls.perror(`${name}: ${error.syscall}`, error);
  } finally {
    calls.exit();
  }
}
