// The commands that every machine knows, and how a command line becomes a program.

import { type Program, SocketError } from '../../app/program.ts';
import type { Host } from '../host.ts';
import type { HostProcess } from '../process.ts';
import { ProcessSystem } from '../process_system.ts';
import { splitCommand } from './arguments.ts';
import { type Command, type CommandFacts, UsageError } from './command.ts';
import { curl } from './curl.ts';
import { dhclient } from './dhclient.ts';
import { dig } from './dig.ts';
import { netcat } from './netcat.ts';
import { ping } from './ping.ts';
import { arp, ip, route, ss } from './tables.ts';
import { traceroute } from './traceroute.ts';

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [arp, curl, dhclient, dig, ip, netcat, ping, route, ss, traceroute].map((command) => [command.name, command]),
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
  const [name = '', ...args] = splitCommand(line);
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
      const outcome = command.run({ system: new ProcessSystem(host, self), host, terminal, facts }, args);
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
