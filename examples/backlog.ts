// Connections wait to be accepted, and `listen` says how many may. Bob lets two wait and accepts the first after five seconds:
// whose SYN finds no room is not answered, and sends it again (RFC 9293 §3.8.1).
// From a clone: node scripts/run.mjs examples/backlog.ts. Elsewhere the import reads `from 'netarium/posix'`.

import { AF_INET, boot, htons, inet_pton, SOCK_STREAM, type sockaddr_in } from '../src/doors/posix/index.ts';

const BOB = '128.143.67.11';
const address: sockaddr_in = { sin_family: AF_INET, sin_port: htons(9999), sin_addr: { s_addr: 0 } };
inet_pton(AF_INET, BOB, address.sin_addr);

const world = await boot({ hosts: { alice: '128.143.67.10', bob: BOB } });
const now = (): string => (world.net.now / 1000).toFixed(1);

async function server(): Promise<void> {
  const { socket, bind, listen, accept, sleep } = world.process('bob');
  const fd = await socket(AF_INET, SOCK_STREAM, 0);
  await bind(fd, address);
  await listen(fd, 2);
  await sleep(5);
  for (let i = 1; i <= 3; i++) {
    await accept(fd);
    console.log(`${now()} s: bob accepts connection ${i}`);
  }
}

async function client(number: number): Promise<void> {
  const { socket, connect, sleep } = world.process('alice');
  await sleep(number); // one after the other
  await connect(await socket(AF_INET, SOCK_STREAM, 0), address);
  console.log(`${now()} s: alice's connection ${number} is open`);
}

await Promise.all([server(), client(1), client(2), client(3)]);
console.log(`${world.net.packets('tcp.flags.syn == 1 && tcp.flags.ack == 0').length} SYNs for three connections`);
world.close();
