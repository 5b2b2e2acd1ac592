// `traceroute`: asks with a time to live of 1, 2, 3 ..., and each router on the way gives itself away by its complaint.

import { after, elapsed, type Instant, milliseconds } from '../../../core/time.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import type { EchoMessage, Program } from '../../app/program.ts';
import { parseArguments, secondsOf, wholeNumber } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';
import { inMilliseconds } from './ping.ts';

export const traceroute: Command = {
  name: 'traceroute',
  usage: '[-m HOPS] [-q QUERIES] [-w SECONDS] HOST',
  summary: 'the routers on the way to a machine',
  *run({ system, terminal, facts }: CommandContext, args): Program<number> {
    const { flags, operands } = parseArguments(args, ['m', 'q', 'w'], ['n', 'I']);
    const [target] = operands;
    if (target === undefined || operands.length > 1) throw new UsageError('traceroute takes one host');
    const hops = wholeNumber(flags.get('m'), 30, 'the number of hops', 1, 255);
    const queries = wholeNumber(flags.get('q'), 3, 'the number of queries', 1, 10);
    const wait = secondsOf(flags.get('w'), 5000, 'the wait');
    const [found] = yield* system.getAddressInfo(target, undefined, { family: 4 });
    if (found === undefined) throw new UsageError(`${target} has no address`);
    terminal.print(`traceroute to ${target} (${formatIpAddress(found.address)}), ${hops} hops max`);
    const socket = system.echo();
    try {
      for (let ttl = 1, sequence = 0; ttl <= hops; ttl++) {
        let line = `${String(ttl).padStart(2)} `;
        let from = '';
        let isThere = false;
        for (let query = 0; query < queries; query++) {
          const sentAt = system.now;
          socket.send(found.address, ++sequence, { ttl });
          const answer = yield* answerTo(socket.receive.bind(socket), sequence, after(sentAt, milliseconds(wait)));
          if (answer === undefined) {
            line += ' *';
            continue;
          }
          const name = formatIpAddress(answer.from);
          if (name !== from) line += ` ${name} `;
          from = name;
          line += ` ${inMilliseconds(elapsed(sentAt, answer.receivedAt))} ms`;
          if (answer.kind === 'unreachable') line += ' !H';
          if (answer.kind !== 'time-exceeded') isThere = true;
        }
        terminal.print(line);
        if (isThere) return 0;
      }
      facts.error = 'too-many-hops';
      return 1;
    } finally {
      socket.close();
    }
  },
};

function* answerTo(
  receive: (deadline: Instant) => Program<EchoMessage | undefined>,
  sequence: number,
  deadline: Instant,
): Program<EchoMessage | undefined> {
  for (;;) {
    const message = yield* receive(deadline);
    if (message === undefined || message.sequence === sequence) return message;
  }
}
