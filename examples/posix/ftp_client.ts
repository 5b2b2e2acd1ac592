// A small FTP client: sends commands one by one, opens the data connections that LIST, RETR and STOR need, and prints
// what goes to and fro. ftp_server.ts runs it.

import * as posix from '../../src/doors/posix/index.ts'; // elsewhere: 'netarium/posix', 'netarium/posix/real'

const { AF_INET, IPPROTO_TCP, SOCK_STREAM } = posix;
const { htonl, htons, inet_pton, sockaddr_in, strlen, text } = posix;

const STORED = 'Leaves fall.\n';

/** @param pause before each command, in microseconds */
export const client = (address: number, port: number, commands: readonly string[], pause = 0) =>
  async function client(process: posix.Posix): Promise<void> {
    const { socket, connect, usleep, close, perror } = process;
    const fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const addr = sockaddr_in();
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(address);
    addr.sin_port = htons(port);
    try {
      await connect(fd, addr);
      const control = new Control(process, fd);
      await control.reply();
      for (const command of commands) {
        if (pause > 0) await usleep(pause);
        await execute(control, command);
      }
    } catch (error) {
      perror('connect', error);
    }
    await close(fd);
  };

/** The control connection: a line goes, a line comes. */
class Control {
  readonly process: posix.Posix;
  private readonly fd: number;
  private pending = '';

  constructor(process: posix.Posix, fd: number) {
    this.process = process;
    this.fd = fd;
  }

  async ask(command: string): Promise<string> {
    const { write, puts } = this.process;
    puts(`> ${command}`);
    await write(this.fd, `${command}\r\n`, strlen(command) + 2);
    return this.reply();
  }

  /** One read is not one line. */
  async reply(): Promise<string> {
    const { read, puts } = this.process;
    const buffer = new Uint8Array(100);
    while (!this.pending.includes('\r\n')) {
      const n = await read(this.fd, buffer, 100);
      if (n === 0) return '';
      this.pending += text(buffer, n);
    }
    const [line = ''] = this.pending.split('\r\n');
    this.pending = this.pending.slice(line.length + 2);
    puts(`< ${line.replace(/ \(.*\)$/, '')}`); /* which port PASV names is chance */
    return line;
  }
}

async function execute(control: Control, command: string): Promise<void> {
  const [verb = ''] = command.split(' ');
  if (command.endsWith(' without coming')) {
    await control.ask(command.replace(' without coming', ''));
    await control.reply();
  } else if (['LIST', 'RETR', 'STOR'].includes(verb)) await transfer(control, verb, command);
  else await control.ask(command);
}

async function transfer(control: Control, verb: string, command: string): Promise<void> {
  const { socket, connect, read, write, close, puts } = control.process;
  const [, host = '', high = '', low = ''] = /\((\d+,\d+,\d+,\d+),(\d+),(\d+)\)/.exec(await control.ask('PASV')) ?? [];
  if (host === '') return;
  const addr = sockaddr_in();
  addr.sin_family = AF_INET;
  inet_pton(AF_INET, host.replaceAll(',', '.'), addr.sin_addr);
  addr.sin_port = htons(256 * Number(high) + Number(low));
  const data_fd = await socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  await connect(data_fd, addr);
  const answer = await control.ask(command);
  if (answer.startsWith('150')) {
    if (verb === 'STOR') await write(data_fd, STORED, strlen(STORED));
    else {
      const buffer = new Uint8Array(100);
      let content = '';
      for (let n = await read(data_fd, buffer, 100); n > 0; n = await read(data_fd, buffer, 100)) {
        content += text(buffer, n);
      }
      for (const line of content.split(/\r?\n/).slice(0, -1)) puts(`  ${line}`);
    }
  }
  await close(data_fd);
  if (answer.startsWith('150')) await control.reply();
}
