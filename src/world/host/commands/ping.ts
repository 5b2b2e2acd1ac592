// `ping`: asks once an interval, and prints each answer in the interval in which it comes. Its words and the times that it
// waits are those of iputils.

import { after, elapsed, type Instant, milliseconds } from '../../../core/time.ts';
import { formatIpAddress, type IpAddress } from '../../../wire/address.ts';
import { type EchoMessage, type EchoSocket, type Program, SocketError } from '../../app/program.ts';
import { parseArguments } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';

const HEADERS = 28;
const DEFAULT_PAYLOAD = 56;
const MAX_PAYLOAD = 65_507;
const DEFAULT_COUNT = 4;
/** Milliseconds for which the last answer is waited for where none has come yet. */
const LINGER = 10_000;
/** What -M takes: may the packet be cut? */
const FRAGMENTATION = ['do', 'want', 'dont'];

interface PingOptions {
  readonly name: string;
  readonly count: number;
  /** Milliseconds, as all times here. */
  readonly interval: number;
  readonly payload: number;
  readonly ttl: number;
  readonly linger: number;
  readonly dontFragment: boolean;
}

export const ping: Command = {
  name: 'ping',
  usage: '[-c COUNT] [-i SECONDS] [-s BYTES] [-t TTL] [-W SECONDS] [-M do|want|dont] [-n] HOST',
  summary: 'asks a machine for an echo',
  read(args) {
    const parsed = parseArguments(args, ['c', 'i', 's', 't', 'W', 'M'], ['n']);
    const hint = parsed.flag('M');
    if (hint !== undefined && !FRAGMENTATION.includes(hint.value)) {
      const problem = { place: hint.place, written: hint.value, known: FRAGMENTATION };
      throw new UsageError(`-M takes ${FRAGMENTATION.join(', ')}, not ${hint.value}`, problem);
    }
    const options: PingOptions = {
      name: parsed.onlyOperand('ping takes one host'),
      count: parsed.wholeNumber('c', DEFAULT_COUNT, 'the count', 1, 65_535),
      interval: parsed.milliseconds('i', 1000, 'the interval'),
      payload: parsed.wholeNumber('s', DEFAULT_PAYLOAD, 'the size', 0, MAX_PAYLOAD),
      ttl: parsed.wholeNumber('t', 64, 'the time to live', 1, 255),
      linger: parsed.milliseconds('W', LINGER, 'the wait'),
      dontFragment: hint?.value === 'do',
    };
    return (context) => run(context, options);
  },
};

function* run(context: CommandContext, options: PingOptions): Program<number> {
  const { system } = context;
  const [found] = yield* system.getAddressInfo(options.name, undefined, { family: 4 });
  if (found === undefined) throw new SocketError('ENOTFOUND', `${options.name} has no address`);
  const socket = system.echo();
  try {
    return yield* new Pinging(context, socket, found.address, options).toTheEnd();
  } finally {
    socket.close();
  }
}

class Pinging {
  private readonly context: CommandContext;
  private readonly socket: EchoSocket;
  private readonly address: IpAddress;
  private readonly options: PingOptions;
  // By sequence number.
  private readonly sentAt: Instant[] = [];
  private readonly answered = new Set<number>();
  /** Nanoseconds of each first answer. */
  private readonly times: number[] = [];
  private sent = 0;
  private errors = 0;
  private duplicates = 0;
  /** The most that were under way when something came back. */
  private pipe = 0;

  constructor(context: CommandContext, socket: EchoSocket, address: IpAddress, options: PingOptions) {
    this.context = context;
    this.socket = socket;
    this.address = address;
    this.options = options;
  }

  *toTheEnd(): Program<number> {
    const { count, interval, name, payload } = this.options;
    const { terminal, facts, system } = this.context;
    terminal.print(`PING ${name} (${formatIpAddress(this.address)}) ${payload}(${payload + HEADERS}) bytes of data.`);
    while (this.sent < count) {
      this.ask();
      const wait = this.sent < count ? interval : this.lastWait();
      yield* this.listen(after(system.now, milliseconds(wait)));
    }
    for (const line of this.statistics()) terminal.print(line);
    if (this.answered.size === 0) facts.error ??= 'timeout';
    return this.answered.size > 0 ? 0 : 1;
  }

  private ask(): void {
    const { system, terminal, facts } = this.context;
    const { ttl, payload, dontFragment } = this.options;
    const sequence = ++this.sent;
    this.sentAt[sequence] = system.now;
    try {
      this.socket.send(this.address, sequence, { ttl, payload, dontFragment });
    } catch (error) {
      // Too long for its own interface: that may change while it goes on, when a router tells of a smaller path.
      if (!(error instanceof SocketError) || error.code !== 'EMSGSIZE') throw error;
      terminal.print('ping: sendmsg: Message too long');
      facts.error = error.code;
      this.errors++;
    }
  }

  // With answers so far, twice the longest time; without, as long as somebody has patience for.
  private lastWait(): number {
    const longest = Math.max(...this.times, 0) / 1e6;
    return this.times.length === 0 ? this.options.linger : Math.max(2 * longest, this.options.interval);
  }

  private *listen(deadline: Instant): Program<void> {
    const { count } = this.options;
    for (;;) {
      if (this.sent === count && this.answered.size + this.errors >= count) return; // nothing is left to wait for
      const message = yield* this.socket.receive(deadline);
      if (message === undefined) return;
      this.hear(message);
    }
  }

  private hear(message: EchoMessage): void {
    const { terminal, facts } = this.context;
    const sentAt = this.sentAt[message.sequence];
    const isNew = !this.answered.has(message.sequence);
    this.pipe = Math.max(this.pipe, this.sent - message.sequence + 1);
    if (message.kind !== 'reply') {
      this.errors++;
      facts.error = message.kind;
    } else if (isNew) {
      this.answered.add(message.sequence);
      if (sentAt !== undefined) this.times.push(elapsed(sentAt, message.receivedAt));
    } else this.duplicates++;
    terminal.print(answerLine(message, sentAt, isNew));
  }

  private statistics(): readonly string[] {
    const { sent, answered, errors, duplicates, times } = this;
    const loss = Number(((100 * (sent - answered.size)) / sent).toPrecision(6));
    const last = elapsed(this.sentAt[1] as Instant, this.sentAt[sent] as Instant);
    const counts = [
      `${sent} packets transmitted`,
      `${answered.size} received`,
      ...(duplicates > 0 ? [`+${duplicates} duplicates`] : []),
      ...(errors > 0 ? [`+${errors} errors`] : []),
      `${loss}% packet loss`,
      `time ${Math.round(last / 1e6)}ms`,
    ];
    const rest = [
      ...(times.length > 0 ? [`rtt min/avg/max/mdev = ${spread(times).map(inMicroseconds).join('/')} ms`] : []),
      ...(this.pipe > 1 ? [`pipe ${this.pipe}`] : []),
    ];
    return [
      '',
      `--- ${this.options.name} ping statistics ---`,
      counts.join(', '),
      ...(rest.length > 0 ? [rest.join(', ')] : []),
    ];
  }
}

/** The least, the mean, the most, and the standard deviation. */
function spread(times: readonly number[]): readonly number[] {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length;
  return [Math.min(...times), mean, Math.max(...times), Math.sqrt(variance)];
}

const inMicroseconds = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(3);

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'Destination Net Unreachable',
  1: 'Destination Host Unreachable',
  2: 'Destination Protocol Unreachable',
  3: 'Destination Port Unreachable',
  4: 'Frag needed and DF set',
  13: 'Packet filtered',
};

function answerLine(message: EchoMessage, sentAt: Instant | undefined, isNew: boolean): string {
  const from = formatIpAddress(message.from);
  switch (message.kind) {
    case 'reply': {
      const time = sentAt === undefined ? '' : ` time=${inMilliseconds(elapsed(sentAt, message.receivedAt))} ms`;
      const again = isNew ? '' : ' (DUP!)';
      return `${message.length} bytes from ${from}: icmp_seq=${message.sequence} ttl=${message.ttl}${time}${again}`;
    }
    case 'time-exceeded':
      return `From ${from} icmp_seq=${message.sequence} Time to live exceeded`;
    case 'too-big':
      return `From ${from} icmp_seq=${message.sequence} Frag needed and DF set (mtu = ${message.mtu})`;
    default:
      return `From ${from} icmp_seq=${message.sequence} ${UNREACHABLE[message.code] ?? `unreachable, code ${message.code}`}`;
  }
}

/** Three significant places, as ping shows it. */
function inMilliseconds(nanoseconds: number): string {
  const value = nanoseconds / 1e6;
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}
