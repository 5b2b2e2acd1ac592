// What `connect` puts on the wire: nothing for datagrams, a SYN for a stream. Nobody is at the other address.
// From a clone: node scripts/run.mjs examples/connect_sends_nothing.ts. Elsewhere the import reads `from 'netarium/posix'`.

import { AF_INET, boot, htons, inet_pton, SOCK_DGRAM, SOCK_STREAM, sockaddr_in } from '../src/doors/posix/index.ts';

const BOB = '128.143.67.11';
const address = sockaddr_in();
address.sin_family = AF_INET;
address.sin_port = htons(9999);
inet_pton(AF_INET, BOB, address.sin_addr);

const world = await boot({ hosts: { alice: '128.143.67.10', bob: BOB } });
const { socket, connect, write, sleep } = world.process('alice');
const report = (what: string): void => console.log(`${what}: ${world.net.packets('ip').length} packets until now`);

const datagrams = await socket(AF_INET, SOCK_DGRAM, 0);
await connect(datagrams, address);
await sleep(1);
report('connect, for datagrams');
await write(datagrams, 'hello', 5);
await sleep(1);
report('write, and the answer that nobody is there');
const stream = await socket(AF_INET, SOCK_STREAM, 0);
const error = await connect(stream, address).catch((reason: unknown) => reason);
report(`connect, for a stream (${error})`);
world.close();
