// `nc`: sends a line over TCP or UDP and prints what comes back.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, milliseconds } from '../../../core/time.ts';
import { type Endpoint, type Program, SocketError } from '../../app/program.ts';
import { SERVICE_PORTS } from '../name_lookup.ts';
import { parseArguments } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';

interface NetcatOptions {
  readonly host: string;
  readonly port: string;
  readonly data: Uint8Array;
  /** Milliseconds. */
  readonly wait: number;
}

export const netcat: Command = {
  name: 'nc',
  usage: '[-u] [-w SECONDS] HOST PORT TEXT',
  summary: 'sends a text over TCP (-u: UDP) and prints the answer',
  read(args) {
    const parsed = parseArguments(args, ['w'], ['u']);
    const [host, port, ...text] = parsed.operands;
    if (host === undefined || port === undefined || text.length === 0)
      throw new UsageError('nc takes host, port and text');
    const isPort = /^\d+$/.test(port.text)
      ? Number(port.text) > 0 && Number(port.text) <= 65_535
      : SERVICE_PORTS.has(port.text);
    if (!isPort) {
      const problem = { place: port.place, written: port.text, known: [...SERVICE_PORTS.keys()] };
      throw new UsageError(`${port.text} is no port from 1 to 65535 and no known service`, problem);
    }
    const data = utf8(text.map((word) => word.text).join(' '));
    const options = { host: host.text, port: port.text, data, wait: parsed.milliseconds('w', 5000, 'the wait') };
    return (context) => (parsed.has('u') ? overUdp(context, options) : overTcp(context, options));
  },
};

function* overUdp(
  { system, terminal, facts }: CommandContext,
  { host, port, data, wait }: NetcatOptions,
): Program<number> {
  const [peer] = yield* system.getAddressInfo(host, port, { family: 4 });
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

function* overTcp({ system, terminal }: CommandContext, { host, port, data, wait }: NetcatOptions): Program<number> {
  const peers: readonly Endpoint[] = yield* system.getAddressInfo(host, port, { family: 4 });
  const deadline = after(system.now, milliseconds(wait));
  let failure: SocketError | undefined;
  for (const peer of peers) {
    const socket = system.tcp();
    try {
      yield* socket.connect(peer.address, peer.port, deadline);
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
