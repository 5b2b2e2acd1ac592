// The commands that every machine knows, and how a command line becomes a program.

import { type Program, SocketError } from '../../app/program.ts';
import type { Host } from '../host.ts';
import type { HostProcess } from '../process.ts';
import { ProcessSystem } from '../process_system.ts';
import { type Command, type CommandFacts, UsageError } from './command.ts';
import { commandWords } from './command_words.ts';
import { curl } from './curl.ts';
import { dhclient } from './dhclient.ts';
import { dig } from './dig.ts';
import { ip } from './ip.ts';
import { netcat } from './netcat.ts';
import { openssl } from './openssl.ts';
import { ping } from './ping.ts';
import { arp, route, ss } from './tables.ts';
import { traceroute } from './traceroute.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [arp, curl, dhclient, dig, ip, netcat, openssl, ping, route, ss, traceroute].map((command) => [
    command.name,
    command,
  ]),
);

/** Exit status of a command whose arguments make no sense, and of one that there is not. */
const USAGE_STATUS = 2;
const UNKNOWN_STATUS = 127;

export interface CommandRun {
  readonly process: HostProcess;
  /** What it printed so far. */
  readonly output: string[];
  readonly facts: CommandFacts;
  /** Once the process is done. */
  exitCode: number | undefined;
}

/**
 * Runs a command line on a machine. Whatever goes wrong is said in its output and its exit code.
 *
 * @param onLine told of each line as it is printed
 */
export function runCommand(host: Host, line: string, onLine?: (line: string) => void): CommandRun {
  const output: string[] = [];
  const facts: CommandFacts = {};
  const terminal = {
    print: (text: string): void => {
      output.push(text);
      onLine?.(text);
    },
  };
  const [name = '', ...args] = commandWords(line).map(({ text }) => text);
  const process = host.spawn(name, (_system, self) => main(self));
  const run: CommandRun = { process, output, facts, exitCode: undefined };
  return run;

  function* main(self: HostProcess): Program<void> {
    run.exitCode = yield* perform(self);
  }

  function* perform(self: HostProcess): Program<number> {
    const command = COMMANDS.get(name);
    if (command === undefined) {
      terminal.print(`${name}: command not found; there are ${[...COMMANDS.keys()].join(', ')}`);
      facts.error = 'unknown-command';
      return UNKNOWN_STATUS;
    }
    try {
      const outcome = command.read(args)({ system: new ProcessSystem(host, self), host, terminal, facts });
      return typeof outcome === 'number' ? outcome : yield* outcome;
    } catch (error) {
      if (error instanceof UsageError) {
        terminal.print(`${name}: ${error.message}`);
        terminal.print(`usage: ${name} ${command.usage}`);
        facts.error = 'usage';
        return USAGE_STATUS;
      }
      if (!(error instanceof SocketError)) throw error;
      facts.error = error.code;
      terminal.print(`${name}: ${error.message}`);
      return 1;
    }
  }
}

/** What is wrong with a command line, whatever the machine. */
export interface CommandProblem {
  /** Where, in UTF-16 units from the beginning of the line. */
  readonly index: number;
  readonly message: string;
  readonly written: string;
  /** What might have been meant instead of what was written. */
  readonly known: readonly string[];
  readonly usage: string | undefined;
}

/** Without running it; nothing where it makes sense. */
export function commandProblem(line: string): CommandProblem | undefined {
  const [first, ...rest] = commandWords(line);
  if (first === undefined)
    return { index: 0, message: 'the command is empty', written: '', known: [], usage: undefined };
  const { text: name, start } = first;
  const command = COMMANDS.get(name);
  if (command === undefined) {
    const known = [...COMMANDS.keys()];
    return { index: start, message: `unknown command "${name}"`, written: name, known, usage: undefined };
  }
  try {
    command.read(rest.map(({ text }) => text));
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { place, written = '', known = [] } = error.problem;
    const index = (place === undefined ? undefined : rest[place]?.start) ?? start;
    return { index, message: `${name}: ${error.message}`, written, known, usage: `${name} ${command.usage}` };
  }
}
