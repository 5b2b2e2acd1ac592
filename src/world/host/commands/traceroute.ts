// `traceroute`: asks with a time to live of 1, 2, 3 ..., and each router on the way gives itself away by its complaint.
// Routers are shown by name and address, as far as somebody knows their names. It asks by ICMP echo, as with -I.

import { after, elapsed, type Instant, milliseconds } from '../../../core/time.ts';
import { formatIpAddress, type IpAddress } from '../../../wire/address.ts';
import { type EchoMessage, type EchoSocket, type Program, SocketError } from '../../app/program.ts';
import { NameOfAddress } from '../name_of_address.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';

/** IP and ICMP header, and the data of an echo that does not say how much. */
const PACKET_BYTES = 20 + 8 + 56;

interface TracerouteOptions {
  readonly target: string;
  readonly hops: number;
  readonly queries: number;
  /** Milliseconds. */
  readonly wait: number;
  readonly isNumeric: boolean;
}

export const traceroute: Command = {
  name: 'traceroute',
  usage: '[-n] [-I] [-m HOPS] [-q QUERIES] [-w SECONDS] HOST',
  summary: 'the routers on the way to a machine; -n: without names',
  read(args) {
    const parsed = parseArguments(args, ['m', 'q', 'w'], ['n', 'I']);
    const options: TracerouteOptions = {
      target: parsed.onlyOperand('traceroute takes one host'),
      hops: parsed.wholeNumber('m', 30, 'the number of hops', 1, 255),
      queries: parsed.wholeNumber('q', 3, 'the number of queries', 1, 10),
      wait: parsed.milliseconds('w', 5000, 'the wait'),
      isNumeric: parsed.has('n'),
    };
    return (context) => run(context, options);
  },
};

function* run(context: CommandContext, options: TracerouteOptions): Program<number> {
  const { system, host, terminal, facts } = context;
  const { target, hops } = options;
  const [found] = yield* system.getAddressInfo(target, undefined, { family: 4 });
  if (found === undefined) throw new SocketError('ENOTFOUND', `${target} has no address`);
  const where = formatIpAddress(found.address);
  terminal.print(`traceroute to ${target} (${where}), ${hops} hops max, ${PACKET_BYTES} byte packets`);
  const socket = system.echo();
  const names = options.isNumeric ? undefined : new NameOfAddress(host);
  try {
    for (let ttl = 1; ttl <= hops; ttl++) {
      const answers = yield* askAll(context, socket, found.address, ttl, options);
      let line = `${String(ttl).padStart(2)} `;
      let last: IpAddress | undefined;
      for (const answer of answers) {
        if (answer === undefined) {
          line += ' *';
          continue;
        }
        const { from, kind } = answer.message;
        if (from !== last) line += ` ${yield* placeOf(context, names, from)}`;
        last = from;
        line += `  ${(answer.took / 1e6).toFixed(3)} ms${kind === 'unreachable' ? markOf(answer.message.code) : ''}`;
      }
      terminal.print(line);
      if (answers.some((answer) => answer !== undefined && answer.message.kind !== 'time-exceeded')) return 0;
    }
    facts.error = 'too-many-hops';
    return 1;
  } finally {
    socket.close();
  }
}

interface Answer {
  readonly message: EchoMessage;
  /** Nanoseconds. */
  readonly took: number;
}

function* askAll(
  { system }: CommandContext,
  socket: EchoSocket,
  address: IpAddress,
  ttl: number,
  { queries, wait }: TracerouteOptions,
): Program<readonly (Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  for (let query = 1; query <= queries; query++) {
    const sentAt = system.now;
    const sequence = (ttl - 1) * queries + query;
    socket.send(address, sequence, { ttl });
    const message = yield* answerTo(socket, sequence, after(sentAt, milliseconds(wait)));
    answers.push(message === undefined ? undefined : { message, took: elapsed(sentAt, message.receivedAt) });
  }
  return answers;
}

function* answerTo(socket: EchoSocket, sequence: number, deadline: Instant): Program<EchoMessage | undefined> {
  for (;;) {
    const message = yield* socket.receive(deadline);
    if (message === undefined || message.sequence === sequence) return message;
  }
}

/** `gateway (10.0.0.1)`; the address twice where it has no name. */
function* placeOf({ system }: CommandContext, names: NameOfAddress | undefined, address: IpAddress): Program<string> {
  const text = formatIpAddress(address);
  if (names === undefined) return text;
  return `${(yield* names.find(system, address)) ?? text} (${text})`;
}

const MARKS: Readonly<Record<number, string>> = { 0: '!N', 1: '!H', 2: '!P', 4: '!F', 13: '!X' };

/** What a router says about why it goes no further. */
const markOf = (code: number): string => ` ${MARKS[code] ?? `!<${code}>`}`;
