// A TCP client by manual address: socket, connect, and the address as one number, in network byte order.
//
//   node scripts/run.mjs examples/posix/tcp_client.ts           on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, INADDR_ANY, INADDR_LOOPBACK, IPPROTO_TCP, SOCK_STREAM } = posix;
const { htonl, htons, inet_ntop, sockaddr_in, strlen, text } = posix;

/** Connects to `s_addr` and `sin_port`, both in network byte order, and talks. */
const client = (s_addr: number, sin_port: number) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, connect, getpeername, close, puts, perror } = process;
    const sock_fd = await socket(
      AF_INET /* IPv4 */,
      SOCK_STREAM /* byte-oriented */,
      IPPROTO_TCP,
    ); /* if it fails, an error is thrown */

    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = s_addr; /* htonl(2156872459): 128.143.67.11 */
    addr.sin_port = sin_port; /* htons(80): port 80 */
    puts(`to ${inet_ntop(AF_INET, addr.sin_addr)} port ${posix.ntohs(addr.sin_port)}`);
    try {
      await connect(sock_fd, addr);
      const peer = sockaddr_in();
      await getpeername(sock_fd, peer);
      puts(`connected to ${inet_ntop(AF_INET, peer.sin_addr)}`);
      await DoClientStuff(process, sock_fd); /* read and write from sock_fd */
    } catch (error) {
      perror('connect', error);
    }
    await close(sock_fd);
  };

async function DoClientStuff({ read, write, shutdown, puts }: posix.Posix, sock_fd: number): Promise<void> {
  await write(sock_fd, 'hello, ', strlen('hello, '));
  await write(sock_fd, 'world', strlen('world'));
  await shutdown(sock_fd, posix.SHUT_WR); /* that was all; what comes back is still read */
  const buffer = new Uint8Array(100);
  let answer = '';
  for (let n = await read(sock_fd, buffer, 100); n > 0; n = await read(sock_fd, buffer, 100)) answer += text(buffer, n);
  puts(`read until the end: ${answer}`);
}

/** Takes one connection, reads until the end, `size` bytes at most at a time, and says how many they were. */
const server = (address: number, port: number, size = 100) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, accept, read, write, usleep, close, puts } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    addr.sin_port = htons(port);
    await bind(server_socket_fd, addr);
    await listen(server_socket_fd, 10);
    const socket_fd = await accept(server_socket_fd, null);
    await usleep(300_000); /* until all has come: then it shows what a single read takes */
    const buffer = new Uint8Array(size);
    let bytes = 0;
    for (let n = await read(socket_fd, buffer, size); n > 0; n = await read(socket_fd, buffer, size)) {
      puts(`read ${n} bytes: ${text(buffer, n)}`);
      bytes += n;
    }
    const answer = `these were ${bytes} bytes`;
    await write(socket_fd, answer, strlen(answer));
    await close(socket_fd);
    await close(server_socket_fd);
  };

export const machines: posix.Machines = { hosts: { alice: '128.143.67.10', bob: '128.143.67.11' } };

export const scenes: posix.Scenes = {
  'port 80, which root serves': [
    { on: 'bob', user: 'root', run: server(INADDR_ANY, 80) },
    { on: 'alice', run: client(htonl(2156872459), htons(80)) },
  ],
  'port 80 is not for an ordinary user': [
    { on: 'bob', user: 'nobody', run: server(INADDR_ANY, 80) },
    { on: 'alice', run: client(htonl(2156872459), htons(80)) },
  ],
  'one read is two writes': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client(htonl(2156872459), htons(8080)) },
  ],
  'one read is less than one write': [
    { on: 'bob', run: server(INADDR_ANY, 8080, 5) },
    { on: 'alice', run: client(htonl(2156872459), htons(8080)) },
  ],
  'nobody listens': [{ on: 'alice', run: client(htonl(2156872459), htons(8080)) }],
  'htons forgotten': [{ on: 'alice', run: client(htonl(2156872459), 8080) }],
  'htonl forgotten': [{ on: 'alice', run: client(2156872459, htons(8080)) }],
  'port in use': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client(htonl(2156872459), htons(8080)) },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server(INADDR_LOOPBACK, 8080) },
    { on: 'alice', run: client(htonl(2156872459), htons(8080)) },
    { on: 'bob', run: client(htonl(INADDR_LOOPBACK), htons(8080)) },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
