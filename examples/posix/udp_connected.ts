// 'Connected' UDP sockets: connect sends nothing; a message goes ALL AT ONCE, and comes all at once or is cut.
//
//   node scripts/run.mjs examples/posix/udp_connected.ts        on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, SO_RCVTIMEO, SOCK_DGRAM, SOL_SOCKET, htons, inet_pton, sockaddr_in, strlen, text } = posix;

const ALICE = '128.143.67.10';
const BOB = '128.143.67.11';

function ipv4(address: string, port: number): posix.sockaddr_in {
  const addr = sockaddr_in();
  addr.sin_family = AF_INET;
  inet_pton(AF_INET, address, addr.sin_addr);
  addr.sin_port = htons(port);
  return addr;
}

/** Reads two messages from alice into a buffer of `buffer_size`, and answers. */
const receiver = (my_address: string, buffer_size: number, port = 9999) =>
  async function receiver({ socket, bind, connect, read, send, recv, close, puts }: posix.Posix): Promise<void> {
    const fd = await socket(AF_INET, SOCK_DGRAM, 0);
    const my_addr = ipv4(my_address, port);
    await bind(fd, my_addr);
    const to_addr = ipv4(ALICE, 9998);
    await connect(fd, to_addr); /* set remote IP address + port */
    /* doesn't actually communicate with remote address yet */

    const buffer = new Uint8Array(buffer_size);
    let count = await read(fd, buffer, buffer_size);
    puts(`read ${count} bytes: ${text(buffer, count)}`);
    count = await recv(fd, buffer, buffer_size, 0 /* flags */);
    puts(`recv ${count} bytes: ${text(buffer, count)}`);

    await send(fd, 'thank you', strlen('thank you'), 0 /* flags */);
    await close(fd);
  };

/** Sends two messages to bob, and reads the answer. */
const sender = (port = 9999) =>
  async function sender(process: posix.Posix): Promise<void> {
    const { socket, bind, connect, write, send, read, close, puts, perror, usleep } = process;
    const fd = await socket(AF_INET, SOCK_DGRAM, 0);
    const my_addr = ipv4(ALICE, 9998);
    await bind(fd, my_addr);
    const to_addr = ipv4(BOB, port);
    await connect(fd, to_addr);
    puts('connected: nothing was sent, nobody was asked');

    let count = await write(fd, 'hello, world', strlen('hello, world'));
    puts(`wrote ${count} bytes`);
    /* single message -- sent ALL AT ONCE */
    await usleep(100_000); /* time for ICMP to come back, where nobody is there */

    const buffer = new Uint8Array(100);
    try {
      count = await send(fd, 'bye', strlen('bye'), 0 /* flags */);
      puts(`sent ${count} bytes`);
      count = await read(fd, buffer, 100);
      puts(`read ${count} bytes: ${text(buffer, count)}`);
    } catch (error) {
      perror('send', error);
    }
    await close(fd);
  };

/** Bound to 127.0.0.1: what others send does not get here. */
async function local_receiver(process: posix.Posix): Promise<void> {
  const { socket, bind, setsockopt, recv, close, perror } = process;
  const fd = await socket(AF_INET, SOCK_DGRAM, 0);
  await bind(fd, ipv4('127.0.0.1', 9999));
  await setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 0, tv_usec: 300_000 });
  try {
    await recv(fd, new Uint8Array(100), 100, 0 /* flags */);
  } catch (error) {
    perror('recv', error);
  }
  await close(fd);
}

/** Sends what bob's socket, which is connected to alice, is not for. */
async function stranger({ socket, connect, write, read, close, perror }: posix.Posix): Promise<void> {
  const fd = await socket(AF_INET, SOCK_DGRAM, 0);
  await connect(fd, ipv4(BOB, 9999));
  await write(fd, 'listen to me', strlen('listen to me'));
  try {
    await read(fd, new Uint8Array(100), 100);
  } catch (error) {
    perror('read', error);
  }
  await close(fd);
}

export const machines: posix.Machines = { hosts: { alice: ALICE, bob: BOB, carol: '128.143.67.12' } };

export const scenes: posix.Scenes = {
  'two messages, two reads: never joined': [
    { on: 'bob', run: receiver('0.0.0.0', 100) },
    { on: 'alice', run: sender() },
  ],
  'a datagram too long for the buffer is cut, and the rest is gone': [
    { on: 'bob', run: receiver('0.0.0.0', 5) },
    { on: 'alice', run: sender() },
  ],
  'nobody listens': [{ on: 'alice', run: sender() }],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: local_receiver },
    { on: 'alice', run: sender() },
  ],
  'a connected socket hears nobody else': [
    { on: 'bob', run: receiver('0.0.0.0', 100) },
    { on: 'carol', run: stranger },
    { on: 'alice', run: sender() },
  ],
  'port in use': [
    { on: 'bob', run: receiver('0.0.0.0', 100) },
    { on: 'bob', run: receiver(BOB, 100) },
    { on: 'alice', run: sender() },
  ],
  'port below 1024 as an ordinary user': [{ on: 'bob', user: 'nobody', run: receiver('0.0.0.0', 100, 999) }],
  'port below 1024 as root': [
    { on: 'bob', user: 'root', run: receiver('0.0.0.0', 100, 999) },
    { on: 'alice', run: sender(999) },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
