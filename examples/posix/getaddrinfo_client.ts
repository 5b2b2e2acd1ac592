// A client that uses addrinfo: getaddrinfo turns names into all that socket and connect need.
//
//   node scripts/run.mjs examples/posix/getaddrinfo_client.ts   on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, AF_INET6, AF_UNSPEC, AI_PASSIVE, IPPROTO_TCP, SOCK_STREAM } = posix;
const { addrinfo, freeaddrinfo, inet_ntop, ntohs, sockaddr_in, strlen, text } = posix;

/* example hostname, portname = "www.foo.test", "443" */
const client = (hostname: string, portname: string, family = AF_UNSPEC) =>
  async function client(process: posix.Posix): Promise<void> {
    const { getaddrinfo, socket, connect, close, puts, perror } = process;
    let server: posix.addrinfo;
    const hints = addrinfo(); /* all zeros */
    hints.ai_family = family; /* AF_UNSPEC: for IPv4 OR IPv6; AF_INET: for IPv4 only */
    hints.ai_socktype = SOCK_STREAM; /* byte-oriented --- TCP */
    try {
      server = await getaddrinfo(hostname, portname, hints);
    } catch (error) {
      return perror(hostname, error);
    }
    puts(`${hostname} is ${inet_ntop(AF_INET, server.ai_addr.sin_addr)} port ${ntohs(server.ai_addr.sin_port)}`);

    const sock_fd = await socket(
      server.ai_family, // AF_INET (IPv4) or AF_INET6 (IPv6) or ...
      server.ai_socktype, // SOCK_STREAM (bytes) or ...
      server.ai_protocol, // IPPROTO_TCP or ...
    );
    try {
      await connect(sock_fd, server.ai_addr);
      freeaddrinfo(server);
      await DoClientStuff(process, sock_fd); /* read and write from sock_fd */
    } catch (error) {
      perror('connect', error);
    }
    await close(sock_fd);
  };

async function DoClientStuff({ read, write, puts }: posix.Posix, sock_fd: number): Promise<void> {
  await write(sock_fd, 'hello', strlen('hello'));
  const buffer = new Uint8Array(100);
  const n = await read(sock_fd, buffer, 100);
  puts(`read ${text(buffer, n)}`);
}

const server = (hostname: string | null, portname: string) =>
  async function server(process: posix.Posix): Promise<void> {
    const { getaddrinfo, socket, bind, listen, accept, read, write, close, puts } = process;
    const hints = { ai_family: AF_INET, ai_socktype: SOCK_STREAM, ai_protocol: IPPROTO_TCP, ai_flags: AI_PASSIVE };
    const info = await getaddrinfo(hostname, portname, hints);
    const server_socket_fd = await socket(info.ai_family, info.ai_socktype, info.ai_protocol);
    await bind(server_socket_fd, info.ai_addr);
    await listen(server_socket_fd, 10);
    const from = sockaddr_in();
    const socket_fd = await accept(server_socket_fd, from);
    const buffer = new Uint8Array(100);
    const n = await read(socket_fd, buffer, 100);
    puts(`${inet_ntop(AF_INET, from.sin_addr)} says ${text(buffer, n)}`);
    await write(socket_fd, buffer, n);
    await close(socket_fd);
    await close(server_socket_fd);
  };

export const machines: posix.Machines = {
  hosts: { alice: '128.143.67.10', bob: '128.143.67.11' },
  names: { 'www.foo.test': '128.143.67.11' },
};

export const scenes: posix.Scenes = {
  'names become an address and a port': [
    { on: 'bob', run: server(null, '8080') },
    { on: 'alice', run: client('www.foo.test', '8080') },
  ],
  'https is port 443, which is for root': [
    { on: 'bob', user: 'root', run: server(null, '443') },
    { on: 'alice', run: client('www.foo.test', 'https') },
  ],
  'port 443 as an ordinary user': [
    { on: 'bob', user: 'nobody', run: server(null, '443') },
    { on: 'alice', run: client('www.foo.test', 'https') },
  ],
  'an address in figures is a name too': [
    { on: 'bob', run: server(null, '8080') },
    { on: 'alice', run: client('128.143.67.11', '8080', AF_INET) },
  ],
  'nobody listens': [{ on: 'alice', run: client('www.foo.test', '8080') }],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server('127.0.0.1', '8080') },
    { on: 'alice', run: client('www.foo.test', '8080') },
    { on: 'bob', run: client('localhost', '8080') },
  ],
  'there is no such name': [{ on: 'alice', run: client('nobody.foo.test', '8080') }],
  'there is no such service': [{ on: 'alice', run: client('www.foo.test', 'tea') }],
  'AF_INET6 alone': [{ on: 'alice', run: client('www.foo.test', '8080', AF_INET6) }],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
