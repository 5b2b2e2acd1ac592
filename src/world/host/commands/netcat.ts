// `nc`: sends a line over TCP or UDP and prints what comes back.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, milliseconds } from '../../../core/time.ts';
import { type Endpoint, type Program, SocketError } from '../../app/program.ts';
import { parseArguments, secondsOf } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';

export const netcat: Command = {
  name: 'nc',
  usage: '[-u] [-w SECONDS] HOST PORT TEXT',
  summary: 'sends a text over TCP (-u: UDP) and prints the answer',
  *run(context: CommandContext, args): Program<number> {
    const { flags, operands } = parseArguments(args, ['w'], ['u']);
    const [host, port, ...text] = operands;
    if (host === undefined || port === undefined || text.length === 0)
      throw new UsageError('nc takes host, port and text');
    const wait = secondsOf(flags.get('w'), 5000, 'the wait');
    const found = yield* context.system.getAddressInfo(host, port, { family: 4 });
    const data = utf8(text.join(' '));
    return flags.has('u') ? yield* overUdp(context, found, data, wait) : yield* overTcp(context, found, data, wait);
  },
};

function* overUdp(
  { system, terminal, facts }: CommandContext,
  [peer]: readonly Endpoint[],
  data: Uint8Array,
  wait: number,
): Program<number> {
  if (peer === undefined) return 1;
  const socket = system.udp();
  try {
    socket.connect(peer.address, peer.port);
    socket.send(data);
    const answer = yield* socket.receive(after(system.now, milliseconds(wait)));
    if (answer !== undefined) {
      terminal.print(textOf(answer.data));
      return 0;
    }
    facts.error = 'timeout';
    return 1;
  } finally {
    socket.close();
  }
}

function* overTcp(
  { system, terminal }: CommandContext,
  peers: readonly Endpoint[],
  data: Uint8Array,
  wait: number,
): Program<number> {
  const deadline = after(system.now, milliseconds(wait));
  let failure: SocketError | undefined;
  for (const { address, port } of peers) {
    const socket = system.tcp();
    try {
      yield* socket.connect(address, port, deadline);
      yield* socket.write(data);
      socket.shutdown();
      for (;;) {
        const answer = yield* socket.read(undefined, deadline);
        if (answer === undefined) return 0;
        terminal.print(textOf(answer));
      }
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      failure = error; // the next address may do better
    } finally {
      socket.close();
    }
  }
  throw failure ?? new SocketError('ENOTFOUND', 'no address');
}
