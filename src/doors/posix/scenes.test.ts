import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sim from './index.ts';
import * as real from './real.ts';

const MACHINES = { hosts: { alice: '10.0.0.1', bob: '10.0.0.2' } };

async function waiter({ socket, listen, accept, puts }: sim.Posix): Promise<void> {
  const fd = await socket(sim.AF_INET, sim.SOCK_STREAM, 0);
  await listen(fd, 1);
  puts('waiting');
  await accept(fd);
}

async function defective(): Promise<void> {
  throw new TypeError('a defect');
}

test('each program starts when the one before it waits or has ended', async () => {
  const order: string[] = [];
  const step = (name: string) => async (process: sim.Posix) => {
    order.push(`${name} starts`);
    await process.usleep(1000);
    order.push(`${name} ends`);
  };
  await sim.play(MACHINES, { one: ['a', 'b'].map((name) => ({ on: 'bob', run: step(name) })), two: [] });
  assert.deepEqual(order, ['a starts', 'b starts', 'a ends', 'b ends']);
});

test('what a program does not catch ends it with a line, and its descriptors are closed', async () => {
  const run = async function server(process: sim.Posix): Promise<void> {
    const fd = await process.socket(sim.AF_INET, sim.SOCK_DGRAM, 0);
    const addr = { ...sim.sockaddr_in(), sin_family: sim.AF_INET, sin_port: sim.htons(9999) };
    await process.bind(fd, addr);
    await process.recv(fd + 1, new Uint8Array(1), 1, 0);
  };
  const { transcripts } = await sim.play(MACHINES, {
    'twice, one after the other': [
      { on: 'bob', run },
      { on: 'bob', run },
    ],
  });
  const once = '  bob: server\n    server: recv: Bad file descriptor\n';
  assert.equal(transcripts.get('twice, one after the other'), once + once);
});

for (const [title, { play }] of [
  ['simulated', sim],
  ['real', real],
] as const) {
  const skip = process.platform === 'darwin' && title === 'real' ? 'macOS has 127.0.0.1 alone' : false;
  test(`a defect ends the scene in the ${title} world, though another program waits`, { skip }, async () => {
    const scene = [
      { on: 'bob', run: waiter },
      { on: 'alice', run: defective },
    ];
    await assert.rejects(play(MACHINES, { scene }), new TypeError('a defect'));
  });
}

test('who is left waiting for ever is named', async () => {
  await assert.rejects(
    sim.play(MACHINES, { scene: [{ on: 'bob', run: waiter }] }),
    /waiter on bob accepts on 0\.0\.0\.0:/,
  );
});
