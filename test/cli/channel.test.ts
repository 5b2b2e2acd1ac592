import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { room } from './command_line.ts';

test('channel tells what M can do, ends with 1 where it can, and with 2 or 3 where there is no channel', async (context) => {
  const { netarium, directory } = room(context);
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return name;
  };
  const open = write('open.mjs', 'export const channel = () => ({ seal: (m) => m, open: (b) => b });\n');
  const { status, stdout } = await netarium('channel', open, '--json');
  assert.equal(status, 1);
  const { schema, safe, trials } = JSON.parse(stdout);
  assert.deepEqual([schema, safe, trials.length], ['netarium.channel/1', false, 11]);
  const none = await netarium('channel', write('none.mjs', 'export const other = 1;\n'));
  assert.equal(none.status, 2);
  assert.match(none.stderr, /none\.mjs has no channel\./);
  const exits = 'export const channel = () => ({ seal() { process.exit(0); }, open: (b) => b });\n';
  const silent = await netarium('channel', write('exits.mjs', exits));
  assert.equal(silent.status, 3);
  assert.match(silent.stderr, /process\.exit\(0\) ends what runs the program/);
  const throws = 'export const channel = () => ({ seal: (m) => m, open() { throw new Error("oh"); } });\n';
  const careless = await netarium('channel', write('careless.mjs', throws));
  assert.equal(careless.status, 3);
  assert.match(careless.stderr, /The channel in careless\.mjs threw: oh/);
});
