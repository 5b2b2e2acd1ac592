// A TCP server by manual address: socket, bind, listen, accept.
//
//   node scripts/run.mjs examples/posix/tcp_server.ts           on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, INADDR_ANY, INADDR_LOOPBACK, IPPROTO_TCP, SOCK_STREAM } = posix;
const { htonl, htons, inet_ntop, inet_pton, sockaddr_in, strlen, text } = posix;

const BOB = '128.143.67.11';
const BOB_TOO = '128.143.67.12';
const BOB_IN_NUMBERS = 2156872459; /* 128.143.67.11 */
const ALICE_IN_NUMBERS = 2156872458; /* 128.143.67.10 */

/** Greets each of `clients` clients. */
const server = (address: number, port = 9999, clients = 1) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, accept, write, close, puts } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    /* INADDR_ANY: "any address I can use"; or: INADDR_LOOPBACK (127.0.0.1); or: a specific one */
    addr.sin_port = htons(port); /* port number 9999 */

    await bind(server_socket_fd, addr); /* what goes wrong is thrown, and ends the program */
    await listen(server_socket_fd, 10); /* choose the number of unaccepted connections */

    for (let served = 0; served < clients; served++) {
      const from_addr = sockaddr_in();
      const socket_fd = await accept(server_socket_fd, from_addr);
      puts(`accepted a connection from ${inet_ntop(AF_INET, from_addr.sin_addr)}`);
      await write(socket_fd, 'welcome', strlen('welcome'));
      await close(socket_fd);
    }
    await close(server_socket_fd);
  };

/** Takes its time before it accepts: connections wait, unaccepted. */
async function slow_server(process: posix.Posix): Promise<void> {
  const { socket, bind, listen, accept, usleep, close, puts } = process;
  const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  const addr = sockaddr_in();
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_ANY);
  addr.sin_port = htons(9999);
  await bind(server_socket_fd, addr);
  await listen(server_socket_fd, 10);
  await usleep(300_000);
  for (let served = 0; served < 2; served++) {
    const socket_fd = await accept(server_socket_fd, null);
    puts('accepted a connection');
    await close(socket_fd);
  }
  await close(server_socket_fd);
}

/** Tries one address after the other, and reads until the end. */
const client = (addresses: readonly string[], port = 9999) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, connect, read, close, puts, perror } = process;
    for (const address of addresses) {
      const sock_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
      const addr = sockaddr_in();
      addr.sin_family = AF_INET;
      inet_pton(AF_INET, address, addr.sin_addr);
      addr.sin_port = htons(port);
      try {
        await connect(sock_fd, addr);
        puts(`connected to ${address}`);
        const buffer = new Uint8Array(100);
        for (let n = await read(sock_fd, buffer, 100); n > 0; n = await read(sock_fd, buffer, 100)) {
          puts(`read ${text(buffer, n)}`);
        }
      } catch (error) {
        perror(address, error);
      }
      await close(sock_fd);
    }
  };

export const machines: posix.Machines = { hosts: { alice: '128.143.67.10', bob: [BOB, BOB_TOO] } };

export const scenes: posix.Scenes = {
  'INADDR_ANY: connections for any address that bob has': [
    { on: 'bob', run: server(INADDR_ANY, 9999, 2) },
    { on: 'alice', run: client([BOB, BOB_TOO]) },
  ],
  'a specific address': [
    { on: 'bob', run: server(BOB_IN_NUMBERS) },
    { on: 'alice', run: client([BOB_TOO, BOB]) },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server(INADDR_LOOPBACK) },
    { on: 'alice', run: client([BOB, '127.0.0.1']) },
    { on: 'bob', run: client(['127.0.0.1']) },
  ],
  'port in use': [
    { on: 'bob', run: server(INADDR_ANY) },
    { on: 'bob', run: server(INADDR_ANY) },
    { on: 'alice', run: client([BOB]) },
  ],
  'port below 1024 as an ordinary user': [{ on: 'bob', user: 'nobody', run: server(INADDR_ANY, 999) }],
  'port below 1024 as root': [
    { on: 'bob', user: 'root', run: server(INADDR_ANY, 999) },
    { on: 'alice', run: client([BOB], 999) },
  ],
  'an address of another machine': [{ on: 'bob', run: server(ALICE_IN_NUMBERS) }],
  'connections wait until they are accepted': [
    { on: 'bob', run: slow_server },
    { on: 'alice', run: client([BOB]) },
    { on: 'alice', run: client([BOB_TOO]) },
  ],
  'nobody listens': [{ on: 'alice', run: client([BOB]) }],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
