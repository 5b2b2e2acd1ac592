// System calls as scripts write them: which descriptor, with what, and whether what came of it is what was expected.
//
// Not here: what sockets do (sockets.ts), when calls happen and how long they may wait (run_script.ts).

import { after, type Instant, milliseconds, NEVER } from '../../core/time.ts';
import { parseIpv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { Mode } from './comparison.ts';
import type { MachineUnderTest } from './machine.ts';
import { NotSupported } from './problem.ts';
import type { CallSpec, Expression, FieldSpec } from './script.ts';
import { getOption, lingerOf, type OptionValue, setOption } from './socket_options.ts';
import { isConnection, type Outcome, POLL_ERROR, POLL_HANGUP, Socket, type SocketAddress } from './sockets.ts';
import { type Dialect, errnoNumber, numberOf, symbolNamed, wordOf } from './symbols.ts';
import { copyOfSettings, type Tunables } from './tunables.ts';

/** Where calls stand that say `...` for an address. */
export interface DefaultAddresses {
  readonly bind: SocketAddress;
  readonly connect: SocketAddress;
}

/** What a call is being tried for. */
export interface Attempt {
  /** Undefined: it has to wait, and is to be tried again when something has changed. */
  readonly attempt: () => Returned;
  /** It never waits, whatever may come. */
  readonly isNonBlocking: boolean;
  /** When it waits no longer, whether or not anything has changed. */
  readonly deadline?: Instant;
}

/** A result, or what is wrong with something else that the call gives back. */
export type Returned = Outcome | { readonly result: number; readonly errno?: string; readonly wrong: string };

const EINVAL: Outcome = { result: -1, errno: 'EINVAL' };
const EFAULT: Outcome = { result: -1, errno: 'EFAULT' };
const EBADF: Outcome = { result: -1, errno: 'EBADF' };
const ZERO: Outcome = { result: 0 };

export class Calls {
  /** By the numbers that the script has for them. */
  readonly sockets = new Map<number, Socket>();
  /** The one that was made, bound or connected last. */
  latest: Socket | undefined;
  private readonly machine: MachineUnderTest;
  private readonly tunables: Tunables;
  private readonly dialect: Dialect;
  private readonly defaults: DefaultAddresses;
  private readonly mode: Mode;

  constructor(machine: MachineUnderTest, tunables: Tunables, dialect: Dialect, defaults: DefaultAddresses, mode: Mode) {
    this.mode = mode;
    this.machine = machine;
    this.tunables = tunables;
    this.dialect = dialect;
    this.defaults = defaults;
  }

  /** @throws NotSupported on a call, or a form of it, that is not built */
  prepare(call: CallSpec): Attempt {
    const prepared = this.preparedCall(call);
    return typeof prepared === 'function' ? { attempt: prepared, isNonBlocking: true } : prepared;
  }

  private preparedCall(call: CallSpec): Attempt | (() => Returned) {
    const { name, parameters } = call;
    const [first, second, third] = parameters;
    switch (name) {
      case 'socket':
        return this.socket(call);
      case 'bind':
        return this.onSocket(first, (socket) => {
          this.latest = socket;
          return socket.bind(this.address(second, this.defaults.bind));
        });
      case 'listen':
        return this.onSocket(first, (socket) => {
          this.latest = socket;
          return socket.listen(this.number(second));
        });
      case 'accept':
      case 'accept4':
        return this.waiting(first, (socket) => this.accept(socket, call), 0);
      case 'connect':
        return this.connect(call);
      case 'read':
      case 'recv':
      case 'recvfrom':
        if (isNowhere(second)) return () => EFAULT;
        return this.receive(first, this.number(third), name === 'read' ? 0 : this.number(parameters[3]));
      case 'readv':
        return this.receive(first, this.lengthOfVector(second), 0);
      case 'write':
      case 'send':
      case 'sendto':
        if (isNowhere(second)) return () => EFAULT;
        return this.send(first, this.number(third), name === 'write' ? 0 : this.number(parameters[3]));
      case 'writev':
        return this.send(first, this.lengthOfVector(second), 0);
      case 'sendmsg':
        return this.send(first, this.lengthOfMessage(second), this.number(third));
      case 'recvmsg':
        return this.receive(first, this.lengthOfMessage(second), this.number(third));
      case 'close':
        return this.close(first);
      case 'shutdown':
        return this.onSocket(first, (socket) => socket.shutdown(this.number(second)));
      case 'fcntl':
        return this.fcntl(call);
      case 'ioctl':
        return this.ioctl(call);
      case 'setsockopt':
        return this.onSocket(first, (socket) => this.setsockopt(socket, call));
      case 'getsockopt':
        return this.onSocket(first, (socket) => this.getsockopt(socket, call));
      case 'poll':
        return this.poll(call);
      default:
        throw new NotSupported(`the call ${name} is not built`);
    }
  }

  private number(expression: Expression | undefined): number {
    return numberOf(expression, this.dialect);
  }

  private onSocket(descriptor: Expression | undefined, act: (socket: Socket) => Returned): () => Returned {
    const number = this.number(descriptor);
    return () => {
      const socket = this.sockets.get(number);
      return socket === undefined ? EBADF : this.machine.touch(() => act(socket));
    };
  }

  private waiting(descriptor: Expression | undefined, act: (socket: Socket) => Returned, flags: number): Attempt {
    const attempt = this.onSocket(descriptor, act);
    const socket = this.sockets.get(this.number(descriptor));
    const isNonBlocking = socket?.isNonBlocking === true || (flags & symbolNamed('MSG_DONTWAIT', this.dialect)) !== 0;
    return { attempt, isNonBlocking };
  }

  private socket({ parameters, result }: CallSpec): () => Returned {
    const [family, type, protocol] = parameters;
    if (wordOf(family) === 'AF_INET6') throw new NotSupported('TCP over IPv6 is not built');
    const kind = wordOf(type);
    if (kind !== 'SOCK_STREAM') throw new NotSupported(`sockets of the kind ${kind ?? 'given'} are not judged`);
    const named = wordOf(protocol);
    if (named !== undefined && named !== 'IPPROTO_TCP') {
      return () => ({ result: -1, errno: 'EPROTONOSUPPORT' });
    }
    const number = this.number(result);
    return () => {
      if (number < 0) return { result: 3 };
      const socket = new Socket(this.machine, copyOfSettings(this.tunables.sockets));
      return this.open(number, socket);
    };
  }

  private open(number: number, socket: Socket): Returned {
    if (this.sockets.has(number))
      return { result: -1, errno: 'EMFILE', wrong: `the script has a socket ${number} already` };
    this.sockets.set(number, socket);
    this.latest = socket;
    return { result: number };
  }

  private accept(socket: Socket, { result }: CallSpec): Returned {
    const accepted = socket.accept();
    if (!isConnection(accepted)) return accepted;
    const made = new Socket(this.machine, copyOfSettings(socket.settings), accepted);
    const number = this.number(result);
    return number < 0 ? { result: 4 } : this.open(number, made);
  }

  private connect({ parameters }: CallSpec): Attempt {
    const [descriptor, address] = parameters;
    return this.waiting(
      descriptor,
      (socket) => {
        this.latest = socket;
        return socket.connect(this.address(address, this.defaults.connect));
      },
      0,
    );
  }

  private receive(descriptor: Expression | undefined, limit: number, flags: number): Attempt {
    this.checkFlags(flags, ['MSG_PEEK', 'MSG_DONTWAIT', 'MSG_TRUNC', 'MSG_NOSIGNAL']);
    const isPeek = (flags & symbolNamed('MSG_PEEK', this.dialect)) !== 0;
    return this.waiting(descriptor, (socket) => withByteText(socket.receive(limit, isPeek)), flags);
  }

  // A call that waits takes all it was given; one that does not, what there is room for.
  private send(descriptor: Expression | undefined, length: number, flags: number): Attempt {
    this.checkFlags(flags, ['MSG_DONTWAIT', 'MSG_NOSIGNAL']);
    let taken = 0;
    const attempt: Attempt = this.waiting(
      descriptor,
      (socket) => {
        for (;;) {
          const outcome = socket.send(length, taken);
          if (outcome === undefined) return taken > 0 && attempt.isNonBlocking ? { result: taken } : undefined;
          if (outcome.result < 0) return taken > 0 ? { result: taken } : outcome;
          taken += outcome.result;
          if (taken >= length) return { result: taken };
        }
      },
      flags,
    );
    return attempt;
  }

  private checkFlags(flags: number, known: readonly string[]): void {
    const unknown = known.reduce((left, name) => left & ~symbolNamed(name, this.dialect), flags);
    if (unknown !== 0) throw new NotSupported(`the flags 0x${unknown.toString(16)} of a call are not built`);
  }

  private close(descriptor: Expression | undefined): () => Returned {
    const number = this.number(descriptor);
    return this.onSocket(descriptor, (socket) => {
      this.sockets.delete(number);
      socket.close();
      return ZERO;
    });
  }

  private fcntl({ parameters }: CallSpec): () => Returned {
    const [descriptor, command, value] = parameters;
    const nonBlocking = symbolNamed('O_NONBLOCK', this.dialect);
    const readWrite = symbolNamed('O_RDWR', this.dialect);
    return this.onSocket(descriptor, (socket) => {
      switch (wordOf(command)) {
        case 'F_GETFL':
          return { result: readWrite | (socket.isNonBlocking ? nonBlocking : 0) };
        case 'F_SETFL':
          socket.isNonBlocking = (this.number(value) & nonBlocking) !== 0;
          return ZERO;
        default:
          throw new NotSupported(`fcntl with ${wordOf(command) ?? 'a number'} is not built`);
      }
    });
  }

  private ioctl({ parameters }: CallSpec): () => Returned {
    const [descriptor, command, place] = parameters;
    return this.onSocket(descriptor, ({ connection, listener }) => {
      if (connection === undefined && listener !== undefined) return EINVAL;
      let value: number;
      switch (wordOf(command)) {
        case 'SIOCINQ':
        case 'FIONREAD':
          value = connection?.readableBytes ?? 0;
          break;
        case 'SIOCOUTQ':
        case 'TIOCOUTQ':
        case 'FIONWRITE':
          value = connection?.unsentBytes ?? 0;
          break;
        default:
          throw new NotSupported(`ioctl with ${wordOf(command) ?? 'a number'} is not built`);
      }
      return place?.kind === 'ellipsis' ? ZERO : compared(`${this.number(place)}`, `${value}`, 'the number');
    });
  }

  private setsockopt(socket: Socket, { parameters }: CallSpec): Returned {
    const [, level, option, value] = parameters;
    const written = this.optionValue(value);
    const errno = setOption(socket, wordOf(level) ?? '', wordOf(option) ?? '', written);
    return errno === undefined ? ZERO : { result: -1, errno };
  }

  private optionValue(value: Expression | undefined): OptionValue {
    const only = value?.kind === 'list' && value.items.length === 1 ? value.items[0] : value;
    if (only?.kind === 'string') return only.text;
    if (only?.kind !== 'struct') return this.number(value);
    const linger = lingerOf(only.fields, (field) => this.number(field.value));
    if (linger === undefined) throw new NotSupported('this structure is not known as the value of a socket option');
    return linger;
  }

  private getsockopt(socket: Socket, { parameters }: CallSpec): Returned {
    const [, level, option, place] = parameters;
    const name = wordOf(option) ?? '';
    if (name === 'SO_ERROR') return this.pendingError(socket, place);
    const value = getOption(socket, wordOf(level) ?? '', name, this.dialect);
    if (place === undefined || place.kind === 'ellipsis') return ZERO;
    const expected = this.optionValue(place);
    const isBuffer = this.mode === 'semantic' && (name === 'SO_RCVBUF' || name === 'SO_SNDBUF');
    if (isBuffer && typeof value === 'number' && typeof expected === 'number') {
      return atLeast(expected, value, socket, name);
    }
    return compared(valueText(expected), valueText(value), name);
  }

  private pendingError(socket: Socket, place: Expression | undefined): Returned {
    const error = socket.takeError() ?? 'none';
    const [only] = place?.kind === 'list' ? place.items : [];
    if (only === undefined || only.kind === 'ellipsis') return ZERO;
    const expected = only.kind === 'word' ? only.name : this.number(only);
    const isSame = expected === error || expected === (error === 'none' ? 0 : errnoNumber(error, this.dialect));
    return isSame ? ZERO : { result: 0, wrong: `the pending error is ${error}, and not ${expected || 'none'}` };
  }

  // `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 1000)`
  private poll({ parameters }: CallSpec): Attempt {
    const [list, , timeout] = parameters;
    if (list?.kind !== 'list') throw new NotSupported('poll without a list of descriptors is not built');
    const asked = list.items.map((item) => {
      if (item.kind !== 'struct') throw new NotSupported('poll is given something other than structures');
      const field = (name: string): FieldSpec | undefined => item.fields.find((each) => each.name === name);
      const revents = field('revents');
      return {
        descriptor: this.number(field('fd')?.value),
        events: this.number(field('events')?.value),
        revents: revents === undefined ? 0 : this.number(revents.value),
      };
    });
    const timeLimit = this.number(timeout);
    const deadline = timeLimit < 0 ? NEVER : after(this.machine.now, milliseconds(timeLimit));
    const attempt = (): Returned => {
      const ready = asked.map(({ descriptor, events }) => {
        const found = this.sockets.get(descriptor)?.readiness;
        return found === undefined
          ? symbolNamed('POLLNVAL', this.dialect)
          : found & (events | POLL_ERROR | POLL_HANGUP);
      });
      const count = ready.filter((bits) => bits !== 0).length;
      if (count === 0 && this.machine.now < deadline) return undefined;
      const at = asked.findIndex(({ revents }, i) => revents !== ready[i]);
      if (at < 0) return { result: count };
      const wrong = `descriptor ${asked[at]?.descriptor} is ready for 0x${ready[at]?.toString(16)}`;
      return { result: count, wrong };
    };
    return { attempt, isNonBlocking: timeLimit === 0, deadline };
  }

  // Addresses of calls: `...`, or written out.
  private address(expression: Expression | undefined, otherwise: SocketAddress): SocketAddress {
    if (expression?.kind !== 'struct') return otherwise;
    let { address, port } = otherwise;
    for (const { name, value } of expression.fields) {
      if (name === 'sa_family' && wordOf(value) !== 'AF_INET') throw new NotSupported('TCP over IPv6 is not built');
      if (name === 'sin_port') port = this.number(value);
      if (name !== 'sin_addr') continue;
      const [text] = value.kind === 'apply' && value.name === 'inet_addr' ? value.parameters : [];
      const parsed = text?.kind === 'string' ? parseIpv4Address(text.text) : UNSPECIFIED_IPV4;
      if (parsed === undefined) throw new NotSupported('the address of a call is none of IPv4');
      address = parsed;
    }
    return { address, port };
  }

  // `[{..., 1000}, {..., 500}]`
  private lengthOfVector(expression: Expression | undefined): number {
    if (expression?.kind !== 'list') throw new NotSupported('a vector of buffers is no list');
    return expression.items.reduce((length, item) => {
      const last = item.kind === 'struct' ? item.fields.at(-1) : undefined;
      return length + this.number(last?.value);
    }, 0);
  }

  // `{msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}`
  private lengthOfMessage(expression: Expression | undefined): number {
    const fields = expression?.kind === 'struct' ? expression.fields : [];
    if (fields.some(({ name }) => name === 'msg_control')) throw new NotSupported('control messages are not built');
    return this.lengthOfVector(fields.find(({ name }) => name === 'msg_iov')?.value);
  }
}

/** A buffer that is none. */
const isNowhere = (buffer: Expression | undefined): boolean => wordOf(buffer) === 'NULL';

function withByteText(outcome: Outcome): Returned {
  if (outcome?.wrongByte === undefined) return outcome;
  return { result: outcome.result, wrong: `byte ${outcome.wrongByte} of the stream is not the one that was sent` };
}

// How large buffers are no standard says; FreeBSD counts them in whole segments.
function atLeast(expected: number, value: number, { connection }: Socket, name: string): Returned {
  const segment = connection?.mss ?? 1;
  if (Math.ceil(value / segment) * segment >= expected) return ZERO;
  return { result: 0, wrong: `${name} is ${value}, and not at least ${expected}` };
}

function compared(expected: string, value: string, name: string): Returned {
  return expected === value ? ZERO : { result: 0, wrong: `${name} is ${value}, and not ${expected}` };
}

const valueText = (value: OptionValue): string =>
  typeof value === 'object' ? `onoff=${value.onoff}, linger=${value.linger}` : `${value}`;
