// Echo client and server: what is written comes back. And what comes of taking one read for one write.
//
//   node scripts/run.mjs examples/posix/echo.ts                 on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, INADDR_ANY, INADDR_LOOPBACK, IPPROTO_TCP, SHUT_WR, SOCK_STREAM, STDOUT_FILENO } = posix;
const { htonl, htons, sockaddr_in, strlen } = posix;

const BOB = 2156872459; /* 128.143.67.11 */

async function client_for_connection(
  { write, read, usleep, puts }: posix.Posix,
  socket_fd: number,
  input: readonly string[],
  MAX_SIZE: number,
  patience: number,
): Promise<void> {
  const recv_buf = new Uint8Array(MAX_SIZE);
  for (const send_buf of input) {
    /* prompt_for_input(send_buf, MAX_SIZE) */
    let n = await write(socket_fd, send_buf, strlen(send_buf));
    if (n !== strlen(send_buf)) puts(`only ${n} bytes were written`);
    if (patience > 0) await usleep(patience);
    n = await read(socket_fd, recv_buf, MAX_SIZE);
    if (n <= 0) return puts('end of file'); // an error is thrown
    await write(STDOUT_FILENO, recv_buf, n);
    puts('');
  }
}

async function server_for_connection(
  { read, write, puts }: posix.Posix,
  socket_fd: number,
  MAX_SIZE: number,
): Promise<void> {
  const request_buf = new Uint8Array(MAX_SIZE);
  while (true) {
    const read_count = await read(socket_fd, request_buf, MAX_SIZE);
    if (read_count <= 0) return; // EOF; an error is thrown
    const write_count = await write(socket_fd, request_buf, read_count);
    puts(`echoed ${write_count} bytes`);
    if (read_count !== write_count) puts(`only ${write_count} bytes were written`);
  }
}

const client = (s_addr: number, port: number, input: readonly string[], MAX_SIZE = 100, patience = 0) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, connect, close } = process;
    const sock_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(s_addr);
    addr.sin_port = htons(port);
    await connect(sock_fd, addr);
    await client_for_connection(process, sock_fd, input, MAX_SIZE, patience);
    await close(sock_fd);
  };

const server = (address: number, port: number, MAX_SIZE = 100) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, accept, close, puts } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    addr.sin_port = htons(port);
    await bind(server_socket_fd, addr);
    await listen(server_socket_fd, 10);
    const socket_fd = await accept(server_socket_fd, null);
    await server_for_connection(process, socket_fd, MAX_SIZE);
    puts('that was all');
    await close(socket_fd);
    await close(server_socket_fd);
  };

/** Says goodbye before it was asked anything. */
async function rude_server(process: posix.Posix): Promise<void> {
  const { socket, bind, listen, accept, shutdown, read, close, puts } = process;
  const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  const addr = sockaddr_in();
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_ANY);
  addr.sin_port = htons(9999);
  await bind(server_socket_fd, addr);
  await listen(server_socket_fd, 10);
  const socket_fd = await accept(server_socket_fd, null);
  await shutdown(socket_fd, SHUT_WR);
  const n = await read(socket_fd, new Uint8Array(100), 100);
  puts(`read ${n} bytes, and answers nothing`);
  await close(socket_fd);
  await close(server_socket_fd);
}

export const machines: posix.Machines = { hosts: { alice: '128.143.67.10', bob: '128.143.67.11' } };

export const scenes: posix.Scenes = {
  'two lines there and back': [
    { on: 'bob', run: server(INADDR_ANY, 9999) },
    { on: 'alice', run: client(BOB, 9999, ['hello, world', 'bye']) },
  ],
  'one read is less than one write: the second answer is more of the first': [
    { on: 'bob', run: server(INADDR_ANY, 9999) },
    { on: 'alice', run: client(BOB, 9999, ['hello, world', 'bye'], 5, 300_000) },
  ],
  'one read is more than one write: the server answered in three': [
    { on: 'bob', run: server(INADDR_ANY, 9999, 5) },
    { on: 'alice', run: client(BOB, 9999, ['hello, world', 'bye'], 100, 300_000) },
  ],
  'the server has gone: end of file': [
    { on: 'bob', run: rude_server },
    { on: 'alice', run: client(BOB, 9999, ['is anybody there?'], 100, 300_000) },
  ],
  'nobody listens': [{ on: 'alice', run: client(BOB, 9999, ['hello, world']) }],
  'port in use': [
    { on: 'bob', run: server(INADDR_ANY, 9999) },
    { on: 'bob', run: server(INADDR_ANY, 9999) },
    { on: 'alice', run: client(BOB, 9999, ['hello, world']) },
  ],
  'port 7, which is that of echo, as an ordinary user': [
    { on: 'bob', user: 'nobody', run: server(INADDR_ANY, 7) },
    { on: 'alice', run: client(BOB, 7, ['hello, world']) },
  ],
  'port 7 as root': [
    { on: 'bob', user: 'root', run: server(INADDR_ANY, 7) },
    { on: 'alice', run: client(BOB, 7, ['hello, world']) },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server(INADDR_LOOPBACK, 9999) },
    { on: 'alice', run: client(BOB, 9999, ['hello, world']) },
    { on: 'bob', run: client(INADDR_LOOPBACK, 9999, ['hello, world']) },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
