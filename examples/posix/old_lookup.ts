// The old look-up: gethostbyname knows addresses alone, and of one family.
//
//   node scripts/run.mjs examples/posix/old_lookup.ts           on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, INADDR_ANY, INADDR_LOOPBACK, IPPROTO_TCP, SOCK_STREAM } = posix;
const { htonl, htons, inet_ntop, sockaddr_in, strlen, text } = posix;

/* example hostname, portnum = "www.foo.test", 443 */
const client = (hostname: string, portnum: number) =>
  async function client(process: posix.Posix): Promise<void> {
    const { gethostbyname, socket, connect, read, close, puts, perror } = process;
    let server_ip: posix.hostent;
    try {
      server_ip = await gethostbyname(hostname);
    } catch (error) {
      return perror(hostname, error);
    }
    for (const in_addr of server_ip.h_addr_list) puts(`${server_ip.h_name} is ${inet_ntop(AF_INET, in_addr)}`);

    const [first] = server_ip.h_addr_list;
    if (first === undefined) return;
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr = first;
    addr.sin_port = htons(portnum);
    const sock_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    try {
      await connect(sock_fd, addr);
      const buffer = new Uint8Array(100);
      const n = await read(sock_fd, buffer, 100);
      puts(`read ${text(buffer, n)}`);
    } catch (error) {
      perror('connect', error);
    }
    await close(sock_fd);
  };

const server = (address: number, port: number) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, accept, write, close } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    addr.sin_port = htons(port);
    await bind(server_socket_fd, addr);
    await listen(server_socket_fd, 10);
    const socket_fd = await accept(server_socket_fd, null);
    await write(socket_fd, 'welcome', strlen('welcome'));
    await close(socket_fd);
    await close(server_socket_fd);
  };

export const machines: posix.Machines = {
  hosts: { alice: '128.143.67.10', bob: '128.143.67.11' },
  names: { 'www.foo.test': '128.143.67.11', 'two.foo.test': ['128.143.67.10', '128.143.67.11'] },
};

export const scenes: posix.Scenes = {
  'a name becomes an address': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client('www.foo.test', 8080) },
  ],
  'there is no such name': [{ on: 'alice', run: client('nobody.foo.test', 8080) }],
  'an address in figures is a name too': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client('128.143.67.11', 8080) },
  ],
  'it takes the first address, though the second would have answered': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client('two.foo.test', 8080) },
    { on: 'alice', run: client('www.foo.test', 8080) },
  ],
  'nobody listens': [{ on: 'alice', run: client('www.foo.test', 8080) }],
  '127.0.0.1 seen from elsewhere': [
    { on: 'bob', run: server(INADDR_LOOPBACK, 8080) },
    { on: 'alice', run: client('www.foo.test', 8080) },
    { on: 'bob', run: client('localhost', 8080) },
  ],
  'port in use': [
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'bob', run: server(INADDR_ANY, 8080) },
    { on: 'alice', run: client('www.foo.test', 8080) },
  ],
  'port below 1024 as an ordinary user': [
    { on: 'bob', user: 'nobody', run: server(INADDR_ANY, 443) },
    { on: 'alice', run: client('www.foo.test', 443) },
  ],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
