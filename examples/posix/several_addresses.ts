// Several server addresses, tried in turn: addrinfo is a linked list, and a name can correspond to several addresses.
//
//   redundant copies of a web server; an IPv4 address and an IPv6 address; wired and wireless connection on one machine
//
//   node scripts/run.mjs examples/posix/several_addresses.ts    on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, AF_UNSPEC, INADDR_ANY, IPPROTO_TCP, SOCK_STREAM } = posix;
const { addrinfo, freeaddrinfo, htonl, htons, inet_ntop, inet_pton, sockaddr_in, strlen, text } = posix;

const client = (hostname: string, portname: string) =>
  async function client(process: posix.Posix): Promise<void> {
    const { getaddrinfo, socket, connect, close, puts, perror } = process;
    const hints = addrinfo();
    hints.ai_family = AF_UNSPEC; /* for IPv4 OR IPv6 */
    hints.ai_socktype = SOCK_STREAM; /* byte-oriented --- TCP */
    const server = await getaddrinfo(hostname, portname, hints);

    let sock_fd = -1;
    for (let current: posix.addrinfo | null = server; current !== null; current = current.ai_next) {
      sock_fd = await socket(current.ai_family, current.ai_socktype, current.ai_protocol);
      try {
        if ((await connect(sock_fd, current.ai_addr)) === 0) break;
      } catch (error) {
        perror(inet_ntop(AF_INET, current.ai_addr.sin_addr), error);
      }
      await close(sock_fd); // connect failed
      sock_fd = -1;
    }
    freeaddrinfo(server);
    if (sock_fd === -1) return puts('no address is left');
    await DoClientStuff(process, sock_fd);
    await close(sock_fd);
  };

async function DoClientStuff({ read, getpeername, puts }: posix.Posix, sock_fd: number): Promise<void> {
  const peer = sockaddr_in();
  await getpeername(sock_fd, peer);
  const buffer = new Uint8Array(100);
  const n = await read(sock_fd, buffer, 100);
  puts(`${inet_ntop(AF_INET, peer.sin_addr)} says ${text(buffer, n)}`);
}

/** Without an address: on any that its machine has. */
const server = (greeting: string, port: number, address?: string) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, setsockopt, accept, write, close, perror } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_ANY);
    if (address !== undefined) inet_pton(AF_INET, address, addr.sin_addr);
    addr.sin_port = htons(port);
    await bind(server_socket_fd, addr);
    await listen(server_socket_fd, 10);
    await setsockopt(server_socket_fd, posix.SOL_SOCKET, posix.SO_RCVTIMEO, { tv_sec: 0, tv_usec: 400_000 });
    try {
      const socket_fd = await accept(server_socket_fd, null);
      await write(socket_fd, greeting, strlen(greeting));
      await close(socket_fd);
    } catch (error) {
      perror('accept', error);
    }
    await close(server_socket_fd);
  };

const WIRED = '128.143.67.11';
const WIRELESS = '128.143.67.12';

export const machines: posix.Machines = {
  hosts: { alice: '128.143.67.10', bob: [WIRED, WIRELESS], carol: '128.143.67.13' },
  names: { 'www.foo.test': ['128.143.67.13', WIRED], 'bob.foo.test': [WIRED, WIRELESS] },
};

export const scenes: posix.Scenes = {
  'the first copy does not answer, the second does': [
    { on: 'bob', run: server('I am the copy on bob', 8080) },
    { on: 'alice', run: client('www.foo.test', '8080') },
  ],
  'the first copy answers, and the second is not asked': [
    { on: 'bob', run: server('I am the copy on bob', 8080) },
    { on: 'carol', run: server('I am the copy on carol', 8080) },
    { on: 'alice', run: client('www.foo.test', '8080') },
  ],
  'nobody listens': [{ on: 'alice', run: client('www.foo.test', '8080') }],
  'one machine, wired and wireless, which serves on one of them': [
    { on: 'bob', run: server('I am bob', 8080, WIRELESS) },
    { on: 'alice', run: client('bob.foo.test', '8080') },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'carol', run: server('I am carol, for carol alone', 8080, '127.0.0.1') },
    { on: 'bob', run: server('I am the copy on bob', 8080) },
    { on: 'alice', run: client('www.foo.test', '8080') },
  ],
  'port in use': [
    { on: 'bob', run: server('I am the copy on bob', 8080) },
    { on: 'bob', run: server('I am another', 8080, WIRED) },
    { on: 'alice', run: client('www.foo.test', '8080') },
  ],
  'port below 1024 as an ordinary user': [
    { on: 'carol', user: 'nobody', run: server('I am the copy on carol', 80) },
    { on: 'alice', run: client('www.foo.test', 'http') },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
