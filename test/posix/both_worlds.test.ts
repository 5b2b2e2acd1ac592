// The slides' nine programs and the FTP server: what they print is in transcripts/, and they print it on simulated
// machines and, with one import changed, on the real sockets of this one.
//
// To write a transcript anew: node scripts/run.mjs examples/posix/NAME.ts > test/posix/transcripts/NAME.txt

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { formatPlayed } from '../../src/doors/posix/index.ts';
import { EXAMPLES, FOLDER, load, PROGRAMS, withRealSockets } from './examples.ts';

const real = withRealSockets();
after(() => real.remove());

/** Why the real world cannot be had here: macOS has 127.0.0.1 alone unless it is told otherwise. */
const noLoopback = await new Promise<string | false>((resolve) => {
  const server = createServer();
  server.once('error', (error) => resolve(`127.9.9.9 is not this machine: ${error.message}`));
  server.listen({ host: '127.9.9.9', port: 0 }, () => server.close(() => resolve(false)));
});
const isRoot = process.getuid?.() === 0;

const transcriptOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'transcripts', `${name}.txt`), 'utf8');

/** By title. */
const scenesOf = (name: string): ReadonlyMap<string, string> =>
  new Map(
    transcriptOf(name)
      .split(/\n(?=\S)/)
      .map((scene) => [scene.slice(0, scene.indexOf('\n')), scene.slice(scene.indexOf('\n') + 1).trimEnd()]),
  );

test('the programs are nine', () => {
  assert.equal(PROGRAMS.length, 9);
  for (const name of PROGRAMS) assert.ok(statSync(join(FOLDER, `${name}.ts`)).isFile());
});

for (const name of EXAMPLES) {
  test(`${name} prints what its transcript says on simulated machines`, async () => {
    const { play } = await load(name);
    const played = await play();
    assert.equal(formatPlayed(played), transcriptOf(name));
    assert.equal(played.leftOut.size, 0);
  });
}

suite('With one import changed', { skip: noLoopback, concurrency: 4 }, () => {
  for (const name of EXAMPLES) {
    test(`${name} prints the same on real sockets`, async (t) => {
      const { play, scenes } = await load(name, real.folder);
      const { transcripts, leftOut } = await play();
      const expected = scenesOf(name);
      assert.deepEqual([...transcripts.keys()], [...expected.keys()]);
      for (const [title, transcript] of transcripts) {
        if (transcript === undefined) {
          assert.ok(
            scenes[title]?.some(({ user }) => user !== undefined),
            title,
          );
          t.diagnostic(`left out: ${title}: ${leftOut.get(title)}`);
        } else assert.equal(transcript.trimEnd(), expected.get(title), title);
      }
    });
  }

  const skip = isRoot ? false : 'whoever runs this is an ordinary user already, and has played these scenes above';
  test('what root is not refused, a process without privileges is', { skip }, () => {
    const script = join(import.meta.dirname, 'play_as_nobody.ts');
    const printed = JSON.parse(execFileSync(process.execPath, [script, real.folder], { encoding: 'utf8' }));
    assert.deepEqual(Object.keys(printed), EXAMPLES);
    for (const [name, transcripts] of Object.entries<Record<string, string>>(printed)) {
      assert.notDeepEqual(transcripts, {}, `${name} has no scene for an ordinary user`);
      for (const [title, transcript] of Object.entries(transcripts)) {
        assert.equal(transcript.trimEnd(), scenesOf(name).get(title), `${name}: ${title}`);
      }
    }
  });
});

test('the same programs put the same bytes on the wire', async () => {
  const { play } = await load('echo');
  const [first, second] = [await play(), await play()];
  assert.ok(first.pcapng !== undefined && first.pcapng.length > 1000);
  assert.deepEqual(first.pcapng, second.pcapng);
});

test('a file that is started by itself prints its transcript, and writes a capture', () => {
  const home = mkdtempSync(join(tmpdir(), 'netarium-posix-capture-'));
  const capture = join(home, 'old_lookup.pcapng');
  const printed = execFileSync(process.execPath, [join(FOLDER, 'old_lookup.ts'), '--pcapng', capture], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.equal(printed, transcriptOf('old_lookup'));
  const bytes = readFileSync(capture);
  assert.equal(bytes.readUInt32BE(0), 0x0a0d0d0a);
  rmSync(home, { recursive: true });
});
