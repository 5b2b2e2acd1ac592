// A server whose address is set up by getaddrinfo: all that socket and bind need stands in the addrinfo.
//
//   node scripts/run.mjs examples/posix/getaddrinfo_server.ts   on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, AF_INET6, AF_UNSPEC, AI_PASSIVE, IPPROTO_TCP, SOCK_STREAM } = posix;
const { addrinfo, freeaddrinfo, htons, inet_ntop, inet_pton, ntohs, sockaddr_in, strlen, text } = posix;

const MAX_NUM_WAITING = 10;

/** Where the server of a scene listens: told to its client, as a user would tell it. */
let told = 0;

/* example (hostname, portname) = ("127.0.0.1", "443") */
const server = (hostname: string | null, portname: string | null, family = AF_INET) =>
  async function server(process: posix.Posix): Promise<void> {
    const { getaddrinfo, socket, bind, listen, getsockname, accept, write, close, puts } = process;
    const hints = addrinfo(); /* all zeros */
    hints.ai_family = family; /* AF_INET: for IPv4; AF_INET6: for IPv6; AF_UNSPEC: I don't care */
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE; /* hostname could also be null: "use all possible addresses" */

    const server = await getaddrinfo(hostname, portname, hints); /* what goes wrong is thrown */

    const server_socket_fd = await socket(server.ai_family, server.ai_socktype, server.ai_protocol);
    await bind(server_socket_fd, server.ai_addr);
    freeaddrinfo(server);
    await listen(server_socket_fd, MAX_NUM_WAITING);

    const addr = sockaddr_in();
    await getsockname(server_socket_fd, addr);
    told = ntohs(addr.sin_port);
    if (portname === null) puts(`a port was chosen for me, above 1023: ${told > 1023}`);
    else puts(`listening on ${inet_ntop(AF_INET, addr.sin_addr)} port ${told}`);

    const socket_fd = await accept(server_socket_fd, null);
    puts('accepted a connection');
    await write(socket_fd, 'welcome', strlen('welcome'));
    await close(socket_fd);
    await close(server_socket_fd);
  };

const client = (address: string, port?: number) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, connect, read, close, puts } = process;
    const sock_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    inet_pton(AF_INET, address, addr.sin_addr);
    addr.sin_port = htons(port ?? told);
    await connect(sock_fd, addr);
    const buffer = new Uint8Array(100);
    const n = await read(sock_fd, buffer, 100);
    puts(`read ${text(buffer, n)}`);
    await close(sock_fd);
  };

const BOB = '128.143.67.11';
export const machines: posix.Machines = { hosts: { alice: '128.143.67.10', bob: BOB } };

export const scenes: posix.Scenes = {
  'no hostname: use all possible addresses': [
    { on: 'bob', run: server(null, '9999') },
    { on: 'alice', run: client(BOB) },
  ],
  'AF_UNSPEC: I do not care': [
    { on: 'bob', run: server(null, '9999', AF_UNSPEC) },
    { on: 'alice', run: client(BOB) },
  ],
  'no portname: choose a port number for me': [
    { on: 'bob', run: server('0.0.0.0', null) },
    { on: 'alice', run: client(BOB) },
  ],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server('127.0.0.1', '9999') },
    { on: 'alice', run: client(BOB) },
    { on: 'bob', run: client('127.0.0.1') },
  ],
  'port 443 as an ordinary user': [{ on: 'bob', user: 'nobody', run: server('127.0.0.1', '443') }],
  'port 443 as root, by its name': [
    { on: 'bob', user: 'root', run: server(null, 'https') },
    { on: 'alice', run: client(BOB, 443) },
  ],
  'port in use': [
    { on: 'bob', run: server(null, '9999') },
    { on: 'bob', run: server('127.0.0.1', '9999') },
    { on: 'alice', run: client(BOB, 9999) },
  ],
  'nobody listens': [{ on: 'alice', run: client(BOB, 9999) }],
  'AF_INET6, which these machines do not speak': [{ on: 'bob', run: server(null, '9999', AF_INET6) }],
  'a service that nobody knows': [{ on: 'bob', run: server(null, 'tea') }],
  'neither a hostname nor a portname': [{ on: 'bob', run: server(null, null) }],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
