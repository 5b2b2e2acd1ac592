// UDP sockets on IPv4: each message goes to an address of its own, and tells where it came from.
//
//   node scripts/run.mjs examples/posix/udp_unconnected.ts      on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, SO_RCVTIMEO, SOCK_DGRAM, SOL_SOCKET } = posix;
const { htons, inet_ntop, inet_pton, ntohs, sockaddr_in, text } = posix;

const ALICE = '128.143.67.10';
const BOB = '128.143.67.11';

function ipv4(address: string, port: number): posix.sockaddr_in {
  const addr = sockaddr_in();
  addr.sin_family = AF_INET;
  inet_pton(AF_INET, address, addr.sin_addr);
  addr.sin_port = htons(port);
  return addr;
}

/** Takes one message into a buffer of `buffer_size`, and answers whoever sent it. */
const server = (my_address: string, port: number, buffer_size = 100) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, setsockopt, recvfrom, sendto, close, puts, perror } = process;
    const fd = await socket(AF_INET, SOCK_DGRAM, 0);
    const my_addr = ipv4(my_address, port);
    await bind(fd, my_addr);
    await setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 0, tv_usec: 500_000 });

    const from_addr = sockaddr_in();
    const buffer = new Uint8Array(buffer_size);
    try {
      /* receive a message + learn where it came from */
      const bytes_recvd = await recvfrom(fd, buffer, buffer_size, 0, from_addr);
      const from = `${inet_ntop(AF_INET, from_addr.sin_addr)} port ${ntohs(from_addr.sin_port)}`;
      puts(`${bytes_recvd} bytes from ${from}: ${text(buffer, bytes_recvd)}`);
      await sendto(fd, buffer, bytes_recvd, 0 /* flags */, from_addr);
    } catch (error) {
      perror('recvfrom', error);
    }
    await close(fd);
  };

/** Sends a message to bob, and waits for the answer, but not for ever. */
const client = (port: number, data: string | Uint8Array) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, bind, setsockopt, sendto, recvfrom, close, puts, perror } = process;
    const fd = await socket(AF_INET, SOCK_DGRAM, 0);
    await bind(fd, ipv4(ALICE, 9998));
    await setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 0, tv_usec: 500_000 });

    const to_addr = ipv4(BOB, port);
    try {
      /* send a message to specific address */
      const bytes_sent = await sendto(fd, data, data.length, 0 /* flags */, to_addr);
      puts(`sent ${bytes_sent} bytes`);
    } catch (error) {
      perror('sendto', error);
    }
    const buffer = new Uint8Array(100);
    const from_addr = sockaddr_in();
    try {
      const bytes_recvd = await recvfrom(fd, buffer, 100, 0, from_addr);
      puts(`${inet_ntop(AF_INET, from_addr.sin_addr)} answers: ${text(buffer, bytes_recvd)}`);
    } catch (error) {
      perror('recvfrom', error);
    }
    await close(fd);
  };

export const machines: posix.Machines = { hosts: { alice: ALICE, bob: BOB } };

export const scenes: posix.Scenes = {
  'there and back': [
    { on: 'bob', run: server('0.0.0.0', 9999) },
    { on: 'alice', run: client(9999, 'hello, world') },
  ],
  'a datagram too long for the buffer is cut': [
    { on: 'bob', run: server('0.0.0.0', 9999, 5) },
    { on: 'alice', run: client(9999, 'hello, world') },
  ],
  'a datagram too long for any packet': [{ on: 'alice', run: client(9999, new Uint8Array(65_508)) }],
  'nobody listens: a socket that is not connected is not told': [{ on: 'alice', run: client(9999, 'hello, world') }],
  'port in use': [
    { on: 'bob', run: server('0.0.0.0', 9999) },
    { on: 'bob', run: server('0.0.0.0', 9999) },
    { on: 'alice', run: client(9999, 'hello, world') },
  ],
  'port below 1024 as an ordinary user': [{ on: 'bob', user: 'nobody', run: server('0.0.0.0', 999) }],
  'port below 1024 as root': [
    { on: 'bob', user: 'root', run: server('0.0.0.0', 999) },
    { on: 'alice', run: client(999, 'hello, world') },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server('127.0.0.1', 9999) },
    { on: 'alice', run: client(9999, 'hello, world') },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
