// Plays the scenes that need a user without privileges, on real sockets: started by root, it gives its privileges up.
//
//   node test/posix/play_as_nobody.ts FOLDER      prints { example: { title: transcript } }

import { play } from '../../src/doors/posix/real.ts';
import { EXAMPLES, load } from './examples.ts';

const NOBODY = 65_534;

const [, , folder = ''] = process.argv;
const examples = new Map(await Promise.all(EXAMPLES.map(async (name) => [name, await load(name, folder)] as const)));
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);

const printed: Record<string, Record<string, string | undefined>> = {};
for (const [name, { machines, scenes }] of examples) {
  const wanted = Object.entries(scenes).filter(([, parts]) => parts.some(({ user }) => user === 'nobody'));
  const { transcripts } = await play(machines, Object.fromEntries(wanted));
  printed[name] = Object.fromEntries(transcripts);
}
process.stdout.write(JSON.stringify(printed));
