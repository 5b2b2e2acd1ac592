// A small FTP server (RFC 959): commands and replies on one connection, files and lists on others, which the client opens
// to the port that PASV names. Its files are in memory. The client is ftp_client.ts.
//
//   node scripts/run.mjs examples/posix/ftp_server.ts           on machines of a simulated internet; with
//   '../../src/doors/posix/real.ts' as the import               on the loopback of this one

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'
import { client } from './ftp_client.ts';

const { AF_INET, INADDR_ANY, INADDR_LOOPBACK, IPPROTO_TCP, SO_RCVTIMEO, SOCK_STREAM, SOL_SOCKET } = posix;
const { htonl, htons, inet_ntop, ntohs, sockaddr_in, strlen, text } = posix;

const LONGEST_LINE = 512;
const LARGEST_FILE = 1 << 20;
/** How long a data connection is waited for, in microseconds. */
const PATIENCE = 400_000;

/** Files by their whole path; a directory is where files are. */
type Files = Map<string, Uint8Array>;

interface Session {
  readonly process: posix.Posix;
  readonly control_fd: number;
  readonly files: Files;
  user: string;
  isLoggedIn: boolean;
  directory: string;
  /** TYPE A: lines end in CR LF on the wire. */
  isText: boolean;
  /** Waits for the data connection; -1: PASV was not asked. */
  passive_fd: number;
  isOver: boolean;
}

export const server = (address: number, port: number, clients: number, files: Files) =>
  async function server(process: posix.Posix): Promise<void> {
    const { socket, bind, listen, accept, close, puts } = process;
    const server_socket_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    addr.sin_port = htons(port);
    await bind(server_socket_fd, addr);
    await listen(server_socket_fd, 10);
    const sessions: Promise<void>[] = [];
    for (let i = 0; i < clients; i++) {
      const from = sockaddr_in();
      const control_fd = await accept(server_socket_fd, from);
      puts(`client ${i + 1} is at ${inet_ntop(AF_INET, from.sin_addr)}`);
      sessions.push(serve(process, control_fd, files));
    }
    await close(server_socket_fd);
    await Promise.all(sessions);
    puts(`files: ${[...files.keys()].join(' ')}`);
  };

async function serve(process: posix.Posix, control_fd: number, files: Files): Promise<void> {
  const session: Session = {
    process,
    control_fd,
    files,
    user: '',
    isLoggedIn: false,
    directory: '/',
    isText: true,
    passive_fd: -1,
    isOver: false,
  };
  try {
    await reply(session, '220 ready');
    await obey(session);
  } catch (error) {
    process.perror('session', error);
  }
  await forgetPassive(session);
  await process.close(control_fd);
}

// One read is not one line: what has come is kept until a line is whole.
async function obey(session: Session): Promise<void> {
  const { process, control_fd } = session;
  const buffer = new Uint8Array(LONGEST_LINE);
  let pending = '';
  while (!session.isOver) {
    const end = pending.indexOf('\r\n');
    if (end >= 0) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 2);
      await execute(session, line);
      continue;
    }
    if (pending.length > LONGEST_LINE) return reply(session, '500 line too long');
    const n = await process.read(control_fd, buffer, LONGEST_LINE);
    if (n === 0) return;
    pending += text(buffer, n);
  }
}

async function execute(session: Session, line: string): Promise<void> {
  const [, verb = '', argument = ''] = /^(\S*) ?(.*)$/.exec(line) ?? [];
  const command = COMMANDS[verb.toUpperCase()];
  if (command === undefined) return reply(session, '502 not implemented');
  if (!session.isLoggedIn && !['USER', 'PASS', 'QUIT'].includes(verb.toUpperCase())) {
    return reply(session, '530 log in first');
  }
  return command(session, argument);
}

const COMMANDS: Readonly<Record<string, (session: Session, argument: string) => Promise<void>>> = {
  async USER(session, name) {
    session.user = name;
    session.isLoggedIn = false;
    await reply(session, `331 who says that you are ${name}?`);
  },
  async PASS(session, password) {
    session.isLoggedIn = session.user === 'anonymous' || (session.user === 'alice' && password === 'sesame');
    await reply(session, session.isLoggedIn ? '230 welcome' : '530 no');
  },
  async TYPE(session, type) {
    if (!/^[AI]$/i.test(type)) return reply(session, '504 only A and I');
    session.isText = type.toUpperCase() === 'A';
    await reply(session, `200 type is ${type.toUpperCase()}`);
  },
  async PWD(session) {
    await reply(session, `257 "${session.directory}"`);
  },
  async CWD(session, path) {
    const directory = resolve(session, path);
    if (!isDirectory(session.files, directory)) return reply(session, '550 no such directory');
    session.directory = directory;
    await reply(session, `250 now in ${directory}`);
  },
  async PASV(session) {
    const { socket, bind, listen, getsockname, setsockopt } = session.process;
    await forgetPassive(session);
    const addr = sockaddr_in();
    await getsockname(session.control_fd, addr); /* the address at which the client found us */
    addr.sin_port = htons(0); /* choose a port number for me */
    const fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    session.passive_fd = fd;
    await bind(fd, addr);
    await listen(fd, 1);
    await setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 0, tv_usec: PATIENCE });
    await getsockname(fd, addr);
    const port = ntohs(addr.sin_port);
    const numbers = [...inet_ntop(AF_INET, addr.sin_addr).split('.'), port >> 8, port & 0xff].join(',');
    await reply(session, `227 Entering Passive Mode (${numbers})`);
  },
  async LIST(session, path) {
    const directory = resolve(session, path.startsWith('-') ? '' : path);
    if (!isDirectory(session.files, directory)) return reply(session, '550 no such directory');
    const names = namesIn(session.files, directory);
    await withData(session, (fd) => writeAll(session, fd, bytes(names.map((name) => `${name}\r\n`).join(''))));
  },
  async RETR(session, path) {
    const content = session.files.get(resolve(session, path));
    if (content === undefined) return reply(session, '550 no such file');
    const sent = session.isText ? bytes(text(content).replaceAll('\n', '\r\n')) : content;
    await withData(session, (fd) => writeAll(session, fd, sent));
  },
  async STOR(session, path) {
    const whole = resolve(session, path);
    if (path === '' || isDirectory(session.files, whole)) return reply(session, '553 not a name for a file');
    await withData(session, async (fd) => {
      const content = await readAll(session, fd);
      session.files.set(whole, session.isText ? bytes(text(content).replaceAll('\r\n', '\n')) : content);
    });
  },
  async QUIT(session) {
    session.isOver = true;
    await reply(session, '221 bye');
  },
};

/** Takes the data connection, transfers, and closes it: that is the end of the file. */
async function withData(session: Session, transfer: (data_fd: number) => Promise<void>): Promise<void> {
  const { accept, getpeername, close } = session.process;
  if (session.passive_fd === -1) return reply(session, '425 PASV first');
  await reply(session, '150 here it comes');
  const from = sockaddr_in();
  const client = sockaddr_in();
  await getpeername(session.control_fd, client);
  let data_fd = -1;
  try {
    data_fd = await accept(session.passive_fd, from);
    // RFC 2577 §3: somebody else may have been faster than the client
    if (from.sin_addr.s_addr !== client.sin_addr.s_addr) throw new posix.PosixError('EACCES', 'accept');
    await transfer(data_fd);
    await close(data_fd);
    data_fd = -1;
    await reply(session, '226 done');
  } catch (error) {
    if (!(error instanceof posix.PosixError)) throw error;
    await reply(session, `${data_fd === -1 ? 425 : 426} no transfer: ${error.errno}`);
    if (data_fd !== -1) await close(data_fd);
  }
  await forgetPassive(session);
}

async function forgetPassive(session: Session): Promise<void> {
  if (session.passive_fd !== -1) await session.process.close(session.passive_fd);
  session.passive_fd = -1;
}

const reply = ({ process, control_fd }: Session, line: string): Promise<void> =>
  process.write(control_fd, `${line}\r\n`, strlen(line) + 2).then(() => {});

const writeAll = ({ process }: Session, fd: number, content: Uint8Array): Promise<void> =>
  process.write(fd, content, content.length).then(() => {});

/** @throws PosixError EMSGSIZE on a file that is too large to keep */
async function readAll({ process }: Session, fd: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(LARGEST_FILE);
  let length = 0;
  for (let n = -1; n !== 0; length += n) {
    if (length === LARGEST_FILE) throw new posix.PosixError('EMSGSIZE', 'read');
    n = await process.read(fd, buffer.subarray(length), LARGEST_FILE - length);
  }
  return buffer.slice(0, length);
}

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The whole path: `..` goes up, but not above the root. */
function resolve({ directory }: Session, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const within = (directory: string): string => (directory === '/' ? '/' : `${directory}/`);

const isDirectory = (files: Files, path: string): boolean =>
  path === '/' || [...files.keys()].some((file) => file.startsWith(within(path)));

function namesIn(files: Files, directory: string): readonly string[] {
  const below = [...files.keys()].filter((file) => file.startsWith(within(directory)));
  const names = below.map((file) => file.slice(within(directory).length).replace(/\/.*/, '/'));
  return [...new Set(names)].sort();
}

const FILES = (): Files =>
  new Map([
    ['/motd', bytes('Be welcome.\nWipe your feet.\n')],
    ['/poems/spring', bytes('Spring is late this year.\n')],
  ]);

const BOB = 2156872459; /* 128.143.67.11 */
const login = ['USER alice', 'PASS sesame'];

export const machines: posix.Machines = { hosts: { alice: '128.143.67.10', bob: '128.143.67.11' } };

export const scenes: posix.Scenes = {
  'a session': [
    { on: 'bob', run: server(INADDR_ANY, 2121, 1, FILES()) },
    {
      on: 'alice',
      run: client(BOB, 2121, [
        ...login,
        'PWD',
        'LIST',
        'RETR motd',
        'CWD poems',
        'PWD',
        'TYPE I',
        'STOR autumn',
        'LIST',
        'RETR autumn',
        'CWD ..',
        'PWD',
        'QUIT',
      ]),
    },
  ],
  'what it does not do': [
    { on: 'bob', run: server(INADDR_ANY, 2121, 1, FILES()) },
    {
      on: 'alice',
      run: client(BOB, 2121, [
        'LIST',
        'USER alice',
        'PASS guess',
        ...login,
        'RETR nothing',
        'CWD ../../etc',
        'TYPE E',
        'PORT 128,143,67,10,1,2',
        'QUIT',
      ]),
    },
  ],
  'two clients at a time': [
    { on: 'bob', run: server(INADDR_ANY, 2121, 2, FILES()) },
    { on: 'alice', run: client(BOB, 2121, ['USER anonymous', 'PASS alice@', 'LIST', 'QUIT'], 200_000) },
    { on: 'alice', run: client(BOB, 2121, [...login, 'RETR motd', 'QUIT']) },
  ],
  'nobody comes to fetch the data': [
    { on: 'bob', run: server(INADDR_ANY, 2121, 1, FILES()) },
    { on: 'alice', run: client(BOB, 2121, [...login, 'PASV', 'RETR motd without coming', 'QUIT']) },
  ],
  'bound to 127.0.0.1: for the same machine only': [
    { on: 'bob', run: server(INADDR_LOOPBACK, 2121, 1, FILES()) },
    { on: 'alice', run: client(BOB, 2121, login) },
    { on: 'bob', run: client(INADDR_LOOPBACK, 2121, [...login, 'LIST', 'QUIT']) },
  ],
  'port 21 is not for an ordinary user': [{ on: 'bob', user: 'nobody', run: server(INADDR_ANY, 21, 1, FILES()) }],
};

export const play = (): Promise<posix.Played> => posix.play(machines, scenes);
if (process.argv[1] === import.meta.filename) await posix.show(play);
