// One process: its descriptors and the calls of the sockets API, over whichever machine it runs on.
//
// A call returns what it returns in C; what is -1 and `errno` there is a `PosixError` here. Lengths of addresses are left
// out, and an address that C would fill in is filled in. Not here: what sockets do (machine.ts and those behind it).

import { joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import { type Duration, microseconds, milliseconds, seconds } from '../../core/time.ts';
import {
  type AddressHints,
  addressInfo,
  type addrinfo,
  checkNotFreed,
  hostByName,
  type hostent,
} from './address_info.ts';
import * as constants from './constants.ts';
import { type Description, Descriptors, type Messages, type Stream } from './descriptors.ts';
import type { Machine } from './machine.ts';
import { type Errno, isErrno, PosixError, strerror } from './posix_error.ts';
import { checkFillable, type Endpoint, endpointOf, fill, sockaddr_in } from './socket_address.ts';

const { AF_INET, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM } = constants;
const { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_TRUNC, SHUT_RD, SHUT_RDWR, SHUT_WR } = constants;
const { SO_BROADCAST, SO_RCVTIMEO, SO_REUSEADDR, SOL_SOCKET } = constants;

const ANY: Endpoint = endpointOf({ ...sockaddr_in(), sin_family: AF_INET }, 'bind');

const NOTHING = new Uint8Array(0);
const DEATHS: readonly Errno[] = ['ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** A length of time, as options take it. Zero: without end. */
export interface timeval {
  tv_sec: number;
  tv_usec: number;
}

/** The calls of one process. All that may have to wait return promises. */
export interface Calls {
  socket(domain: number, type: number, protocol: number): Promise<number>;
  bind(fd: number, addr: sockaddr_in): Promise<0>;
  listen(fd: number, backlog: number): Promise<0>;
  accept(fd: number, addr?: sockaddr_in | null): Promise<number>;
  connect(fd: number, addr: sockaddr_in): Promise<0>;
  send(fd: number, data: Uint8Array | string, size: number, flags: number): Promise<number>;
  sendto(fd: number, data: Uint8Array | string, size: number, flags: number, to: sockaddr_in): Promise<number>;
  recv(fd: number, buffer: Uint8Array, size: number, flags: number): Promise<number>;
  recvfrom(fd: number, buffer: Uint8Array, size: number, flags: number, from?: sockaddr_in | null): Promise<number>;
  read(fd: number, buffer: Uint8Array, size: number): Promise<number>;
  write(fd: number, data: Uint8Array | string, size: number): Promise<number>;
  shutdown(fd: number, how: number): Promise<0>;
  close(fd: number): Promise<0>;
  getsockname(fd: number, addr: sockaddr_in): Promise<0>;
  getpeername(fd: number, addr: sockaddr_in): Promise<0>;
  setsockopt(fd: number, level: number, option: number, value: number | timeval): Promise<0>;
  getaddrinfo(node: string | null, service: string | null, hints?: Partial<AddressHints> | null): Promise<addrinfo>;
  gethostbyname(name: string): Promise<hostent>;
  /** Seconds. */
  sleep(count: number): Promise<0>;
  /** Microseconds. */
  usleep(count: number): Promise<0>;
  /** Prints a line. */
  puts(line: string): void;
  /** Prints what went wrong: `perror('connect', error)`. Anything but a PosixError is thrown on. */
  perror(what: string, error: unknown): void;
  /** Ends the process: all its descriptors are closed. */
  exit(): void;
  /** All that was printed, by `puts`, `perror`, and `write` to descriptors 1 and 2. */
  readonly output: string;
}

/** @param onWait called whenever the process is about to accept, receive or sleep */
export function callsOf(machine: Machine, onWait: () => void = () => {}): Calls {
  let isOver = false;
  const checkRunning = (syscall: string): void => {
    if (isOver) throw new PosixError('EBADF', syscall, 'the process has ended');
    machine.checkOpen();
  };
  const descriptors = new Descriptors(checkRunning);
  const printed: Uint8Array[] = [];

  /** Errors of what lies below get the name of the call. */
  async function attempt<Result>(syscall: string, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      throw isErrno(code) ? new PosixError(code, syscall) : error;
    }
  }

  async function bindTo(description: Stream | Messages, local: Endpoint, syscall: string): Promise<void> {
    if (description.kind === 'messages') {
      if (description.socket.local !== undefined) throw new PosixError('EINVAL', syscall);
      return attempt(syscall, () => description.socket.bind(local));
    }
    if (description.state !== 'new') throw new PosixError('EINVAL', syscall);
    await attempt(syscall, () => description.socket.bind(local, description.mayReuse));
    description.state = 'bound';
  }

  async function connectStream(stream: Stream, remote: Endpoint): Promise<void> {
    const { state } = stream;
    if (state === 'connecting') throw new PosixError('EALREADY', 'connect');
    if (state === 'connected' || state === 'listening') throw new PosixError('EISCONN', 'connect');
    stream.state = 'connecting';
    try {
      await attempt('connect', () => stream.socket.connect(remote));
      stream.state = 'connected';
    } catch (error) {
      stream.state = state;
      throw error;
    }
  }

  async function sendAll(
    fd: number,
    data: Uint8Array,
    flags: number,
    to: Endpoint | undefined,
    syscall: string,
  ): Promise<number> {
    const description = descriptors.socket(fd, syscall);
    if ((flags & ~MSG_NOSIGNAL) !== 0) throw new PosixError('EOPNOTSUPP', syscall);
    const { socket } = description;
    if (description.kind === 'stream') {
      if (description.state !== 'connected') throw new PosixError('ENOTCONN', syscall);
      if (to !== undefined) throw new PosixError('EISCONN', syscall);
      if (description.isDead) throw new PosixError('EPIPE', syscall);
      await attempt(syscall, () => description.socket.write(data)).catch((error) => {
        description.isDead ||= isDeath(error);
        throw error;
      });
    } else {
      if (to !== undefined && socket.remote !== undefined) throw new PosixError('EISCONN', syscall);
      if (to === undefined && socket.remote === undefined) throw new PosixError('EDESTADDRREQ', syscall);
      await attempt(syscall, () => description.socket.send(data, to));
    }
    return data.length;
  }

  async function receive(
    fd: number,
    room: Uint8Array,
    flags: number,
    from: sockaddr_in | null,
    syscall: string,
  ): Promise<number> {
    const description = descriptors.socket(fd, syscall);
    const known = description.kind === 'stream' ? MSG_DONTWAIT : MSG_DONTWAIT | MSG_TRUNC;
    if ((flags & ~known) !== 0) throw new PosixError('EOPNOTSUPP', syscall);
    const timeout = flags & MSG_DONTWAIT ? milliseconds(0) : description.receiveTimeout;
    if (description.kind === 'stream') {
      if (description.state !== 'connected') throw new PosixError('ENOTCONN', syscall);
      if (room.length === 0) return 0;
      onWait();
      const data = await attempt(syscall, () => description.socket.read(room.length, timeout)).catch((error) => {
        if (isDeath(error) && description.isDead) return NOTHING;
        description.isDead ||= isDeath(error);
        throw error;
      });
      room.set(data);
      return data.length;
    }
    onWait();
    const message = await attempt(syscall, () => description.socket.receive(timeout));
    room.set(message.data.subarray(0, room.length)); // the rest is gone
    if (from !== null) fill(from, message.from);
    return flags & MSG_TRUNC ? message.data.length : Math.min(message.data.length, room.length);
  }

  function setOption(description: Stream | Messages, level: number, option: number, value: number | timeval): boolean {
    if (level !== SOL_SOCKET) return false;
    if (option === SO_RCVTIMEO) {
      description.receiveTimeout = timeoutOf(value);
      return true;
    }
    if (typeof value !== 'number') throw new PosixError('EINVAL', 'setsockopt');
    const isOn = value !== 0;
    if (option === SO_REUSEADDR && description.kind === 'stream') {
      const { fixedReuse } = description.socket;
      if (fixedReuse !== undefined && fixedReuse !== isOn) return false;
      description.mayReuse = isOn;
      return true;
    }
    if (option === SO_BROADCAST && description.kind === 'messages') {
      if (description.mayBroadcast && !isOn) return false; // what was permitted is not taken back
      if (isOn) description.socket.allowBroadcast();
      description.mayBroadcast = isOn;
      return true;
    }
    return false;
  }

  return {
    async socket(domain, type, protocol) {
      if (domain !== AF_INET) throw new PosixError('EAFNOSUPPORT', 'socket');
      const own = type === SOCK_STREAM ? IPPROTO_TCP : type === SOCK_DGRAM ? IPPROTO_UDP : undefined;
      if (own === undefined) throw new PosixError('ESOCKTNOSUPPORT', 'socket');
      if (protocol !== 0 && protocol !== own) throw new PosixError('EPROTONOSUPPORT', 'socket');
      descriptors.checkRoom('socket');
      const make = async () => (type === SOCK_STREAM ? streamOf(machine) : messagesOf(machine));
      return descriptors.add(await attempt('socket', make), 'socket');
    },

    async bind(fd, addr) {
      const description = descriptors.socket(fd, 'bind');
      checkNotFreed(addr, 'bind');
      await bindTo(description, endpointOf(addr, 'bind'), 'bind');
      return 0;
    },

    async listen(fd, backlog) {
      const stream = descriptors.stream(fd, 'listen');
      if (!Number.isInteger(backlog)) throw new TypeError(`listen takes a whole number as backlog, not ${backlog}`);
      if (stream.state === 'new') await bindTo(stream, ANY, 'listen');
      if (stream.state !== 'bound') throw new PosixError('EINVAL', 'listen');
      await attempt('listen', () => stream.socket.listen(Math.min(Math.max(backlog, 1), constants.SOMAXCONN)));
      stream.state = 'listening';
      return 0;
    },

    async accept(fd, addr = null) {
      const stream = descriptors.stream(fd, 'accept');
      if (stream.state !== 'listening') throw new PosixError('EINVAL', 'accept');
      if (addr !== null) checkFillable(addr, 'accept');
      descriptors.checkRoom('accept');
      onWait();
      const socket = await attempt('accept', () => stream.socket.accept(stream.receiveTimeout));
      if (addr !== null && socket.remote !== undefined) fill(addr, socket.remote);
      return descriptors.add({ ...streamOf(machine, socket), state: 'connected' }, 'accept');
    },

    async connect(fd, addr) {
      const description = descriptors.socket(fd, 'connect');
      checkNotFreed(addr, 'connect');
      const remote = endpointOf(addr, 'connect');
      if (description.kind === 'stream') await connectStream(description, remote);
      else await attempt('connect', () => description.socket.connect(remote));
      return 0;
    },

    async send(fd, data, size, flags) {
      return sendAll(fd, firstBytes(data, size, 'send'), flags, undefined, 'send');
    },

    async sendto(fd, data, size, flags, to) {
      checkNotFreed(to, 'sendto');
      return sendAll(fd, firstBytes(data, size, 'sendto'), flags, endpointOf(to, 'sendto'), 'sendto');
    },

    async recv(fd, buffer, size, flags) {
      return receive(fd, roomIn(buffer, size, 'recv'), flags, null, 'recv');
    },

    async recvfrom(fd, buffer, size, flags, from = null) {
      if (from !== null) checkFillable(from, 'recvfrom');
      return receive(fd, roomIn(buffer, size, 'recvfrom'), flags, from, 'recvfrom');
    },

    async read(fd, buffer, size) {
      const room = roomIn(buffer, size, 'read');
      const description = descriptors.get(fd, 'read');
      if (description.kind !== 'terminal') return receive(fd, room, 0, null, 'read');
      if (!description.isInput) throw new PosixError('EBADF', 'read');
      return 0; // nobody types: standard input is at its end
    },

    async write(fd, data, size) {
      const bytes = firstBytes(data, size, 'write');
      const description = descriptors.get(fd, 'write');
      if (description.kind !== 'terminal') return sendAll(fd, bytes, 0, undefined, 'write');
      if (description.isInput) throw new PosixError('EBADF', 'write');
      printed.push(bytes.slice());
      return bytes.length;
    },

    async shutdown(fd, how) {
      const stream = descriptors.stream(fd, 'shutdown');
      if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) throw new PosixError('EINVAL', 'shutdown');
      if (stream.state !== 'connected') throw new PosixError('ENOTCONN', 'shutdown');
      await attempt('shutdown', async () => {
        if (how !== SHUT_WR) stream.socket.shutdownReading();
        if (how !== SHUT_RD) stream.socket.shutdownWriting();
      });
      return 0;
    },

    async close(fd) {
      const description = descriptors.get(fd, 'close');
      descriptors.remove(fd);
      closeSocket(description);
      return 0;
    },

    async getsockname(fd, addr) {
      const { socket } = descriptors.socket(fd, 'getsockname');
      checkFillable(addr, 'getsockname');
      fill(addr, socket.local ?? ANY);
      return 0;
    },

    async getpeername(fd, addr) {
      const { socket } = descriptors.socket(fd, 'getpeername');
      checkFillable(addr, 'getpeername');
      if (socket.remote === undefined) throw new PosixError('ENOTCONN', 'getpeername');
      fill(addr, socket.remote);
      return 0;
    },

    async setsockopt(fd, level, option, value) {
      const description = descriptors.socket(fd, 'setsockopt');
      if (!setOption(description, level, option, value)) throw new PosixError('ENOPROTOOPT', 'setsockopt');
      return 0;
    },

    async getaddrinfo(node, service, hints = null) {
      checkRunning('getaddrinfo');
      return addressInfo((name) => machine.lookUp(name), node, service, hints);
    },

    async gethostbyname(name) {
      checkRunning('gethostbyname');
      return hostByName((wanted) => machine.lookUp(wanted), name);
    },

    async sleep(count) {
      checkRunning('sleep');
      checkTime(count, 'sleep', 'seconds');
      onWait();
      await machine.sleep(seconds(count));
      return 0;
    },

    async usleep(count) {
      checkRunning('usleep');
      checkTime(count, 'usleep', 'microseconds');
      onWait();
      await machine.sleep(microseconds(count));
      return 0;
    },

    puts(line) {
      printed.push(utf8(`${line}\n`));
    },

    perror(what, error) {
      if (!(error instanceof PosixError)) throw error;
      printed.push(utf8(`${what}: ${strerror(error.errno)}\n`));
    },

    exit() {
      isOver = true;
      for (const description of descriptors.takeAll()) closeSocket(description);
      machine.exit();
    },

    get output() {
      return textOf(joinBytes(printed));
    },
  };
}

const streamOf = (machine: Machine, socket = machine.stream()): Stream => ({
  kind: 'stream',
  socket,
  state: 'new',
  mayReuse: socket.fixedReuse ?? false,
  isDead: false,
  receiveTimeout: undefined,
});

const messagesOf = (machine: Machine): Messages => ({
  kind: 'messages',
  socket: machine.datagram(),
  mayBroadcast: false,
  receiveTimeout: undefined,
});

// What ends a connection is told once, by whichever call comes next.
const isDeath = (error: unknown): boolean => error instanceof PosixError && DEATHS.includes(error.errno);

function closeSocket(description: Description): void {
  if (description.kind !== 'terminal') description.socket.close();
}

function firstBytes(data: unknown, size: number, syscall: string): Uint8Array {
  const bytes = typeof data === 'string' ? utf8(data) : data;
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${syscall} takes a Uint8Array or a text as data`);
  checkSize(size, bytes.length, syscall);
  return bytes.subarray(0, size);
}

function roomIn(buffer: unknown, size: number, syscall: string): Uint8Array {
  if (!(buffer instanceof Uint8Array)) throw new TypeError(`${syscall} takes a Uint8Array as buffer`);
  checkSize(size, buffer.length, syscall);
  return buffer.subarray(0, size);
}

// C would read or write what lies behind the buffer.
function checkSize(size: unknown, length: number, syscall: string): void {
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= length) return;
  throw new RangeError(`${syscall} takes a size from 0 to the ${length} bytes that there are, not ${String(size)}`);
}

function checkTime(count: unknown, syscall: string, unit: string): void {
  if (typeof count !== 'number') throw new TypeError(`${syscall} takes a number of ${unit}, not ${String(count)}`);
  if (count >= 0 && Number.isFinite(count)) return;
  throw new RangeError(`${syscall} takes ${unit} from 0 on, not ${count}`);
}

function timeoutOf(value: number | timeval): Duration | undefined {
  if (typeof value === 'number') throw new PosixError('EINVAL', 'setsockopt');
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`setsockopt takes { tv_sec, tv_usec } for SO_RCVTIMEO, not ${String(value)}`);
  }
  const { tv_sec, tv_usec } = value;
  const isGood =
    Number.isSafeInteger(tv_sec) && tv_sec >= 0 && Number.isInteger(tv_usec) && tv_usec >= 0 && tv_usec < 1e6;
  if (!isGood) throw new PosixError('EINVAL', 'setsockopt');
  const duration = (seconds(tv_sec) + microseconds(tv_usec)) as Duration;
  return duration === 0 ? undefined : duration;
}
