// `ping`: asks once an interval, and prints each answer in the interval in which it comes.

import { after, elapsed, type Instant, milliseconds } from '../../../core/time.ts';
import { formatIpAddress, type IpAddress } from '../../../wire/address.ts';
import type { EchoMessage, EchoSocket, Program } from '../../app/program.ts';
import { parseArguments, secondsOf, wholeNumber } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';

const HEADERS = 28;
const DEFAULT_PAYLOAD = 56;
const MAX_PAYLOAD = 65_507;

export const ping: Command = {
  name: 'ping',
  usage: '[-c COUNT] [-i SECONDS] [-s BYTES] [-t TTL] [-W SECONDS] [-M do] HOST',
  summary: 'asks a machine for an echo',
  *run(context: CommandContext, args): Program<number> {
    const { flags, operands } = parseArguments(args, ['c', 'i', 's', 't', 'W', 'M'], ['n']);
    const [target] = operands;
    if (target === undefined || operands.length > 1) throw new UsageError('ping takes one host');
    const options = {
      count: wholeNumber(flags.get('c'), 4, 'the count', 1, 65_535),
      interval: secondsOf(flags.get('i'), 1000, 'the interval'),
      payload: wholeNumber(flags.get('s'), DEFAULT_PAYLOAD, 'the size', 0, MAX_PAYLOAD),
      ttl: wholeNumber(flags.get('t'), 64, 'the time to live', 1, 255),
      wait: secondsOf(flags.get('W'), 1000, 'the wait'),
      dontFragment: flags.get('M') === 'do',
    };
    const { system } = context;
    const [found] = yield* system.getAddressInfo(target, undefined, { family: 4 });
    if (found === undefined) throw new UsageError(`${target} has no address`);
    const socket = system.echo();
    try {
      return yield* exchange(context, socket, found.address, target, options);
    } finally {
      socket.close();
    }
  },
};

interface PingOptions {
  readonly count: number;
  readonly interval: number;
  readonly payload: number;
  readonly ttl: number;
  readonly wait: number;
  readonly dontFragment: boolean;
}

function* exchange(
  { system, terminal, facts }: CommandContext,
  socket: EchoSocket,
  address: IpAddress,
  name: string,
  { count, interval, payload, ttl, wait, dontFragment }: PingOptions,
): Program<number> {
  const sentAt: Instant[] = [];
  const answered = new Set<number>();
  const startedAt = system.now;
  terminal.print(`PING ${name} (${formatIpAddress(address)}) ${payload}(${payload + HEADERS}) bytes of data.`);
  for (let sequence = 1; sequence <= count; sequence++) {
    sentAt[sequence] = system.now;
    socket.send(address, sequence, { ttl, payload, dontFragment });
    const end = after(system.now, milliseconds(sequence === count ? wait : interval));
    for (;;) {
      const message = yield* socket.receive(end);
      if (message === undefined) break;
      const isNew = !answered.has(message.sequence);
      terminal.print(answerLine(message, sentAt[message.sequence], isNew));
      if (message.kind === 'reply') answered.add(message.sequence);
      else facts.error = message.kind;
      if (sequence === count && answered.size === count) break; // nothing is left to wait for
      if (sequence === count && message.kind !== 'reply') break;
    }
  }
  const loss = Math.round((100 * (count - answered.size)) / count);
  const time = Math.round(elapsed(startedAt, system.now) / 1e6);
  terminal.print(`--- ${name} ping statistics ---`);
  terminal.print(`${count} packets transmitted, ${answered.size} received, ${loss}% packet loss, time ${time}ms`);
  if (answered.size === 0 && facts.error === undefined) facts.error = 'timeout';
  return answered.size > 0 ? 0 : 1;
}

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
      return `From ${from} icmp_seq=${message.sequence} Frag needed and DF set`;
    default:
      return `From ${from} icmp_seq=${message.sequence} ${UNREACHABLE[message.code] ?? `unreachable, code ${message.code}`}`;
  }
}

/** Three significant places, as ping shows it. */
export function inMilliseconds(nanoseconds: number): string {
  const value = nanoseconds / 1e6;
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}
