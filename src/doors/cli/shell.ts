// `netarium shell SCENARIO`: a prompt on all machines at once. The name of a machine comes first, and stands for its
// address further on: `alice ping -c 2 bob`. The scenario's own timeline does not happen; time passes while commands run.

import { createInterface } from 'node:readline/promises';
import { after, type Duration, FOREVER, formatDuration, seconds } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { COMMANDS, type CommandRun, runCommand } from '../../world/host/commands/all.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import { parseDuration, UNIT_FORMS } from '../../world/sim/scenario/units.ts';
import { Simulation } from '../../world/sim/simulation.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';
import { type RawOptions, seedOption, sentence, textOption } from './options.ts';
import { runToEnd } from './running.ts';
import { loadRunnable, readScenarioText } from './scenario_file.ts';
import { TABLE_NAMES, tablesOf } from './tables.ts';
import { note, paint, paintNote, print } from './terminal.ts';

/** Virtual time after which a command is interrupted, as by Ctrl-C. */
const COMMAND_LIMIT: Duration = seconds(60);
/** How long machines may take to find their addresses before the first prompt. */
const BOOT_LIMIT: Duration = seconds(30);
const INTERRUPTED = 130;

const WORDS: readonly string[] = ['run', 'tables', 'hosts', 'help', 'exit'];

/** The exit status of the last command. @throws CliError, FileError */
export async function shell(file: string, options: RawOptions): Promise<number> {
  const choice = { seed: seedOption(options), variant: textOption(options, 'variant'), set: [] };
  const scenario = loadRunnable(await readScenarioText(file), choice);
  const simulation = new Simulation(
    { ...scenario, timeline: [], expectations: [], until: undefined },
    { crypto: nodeCrypto },
  );
  await runToEnd(simulation, after(simulation.world.now, BOOT_LIMIT));
  const session = new Session(simulation);
  const command = textOption(options, 'command');
  return command === undefined ? prompt(session) : session.perform(command);
}

async function prompt(session: Session): Promise<number> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, completer: session.complete });
  const isPerson = process.stdin.isTTY === true;
  if (isPerson) note(`${session.hostNames.join(', ')}; "help" says what there is to say`);
  let status = 0;
  let isInterrupted = false;
  terminal.on('SIGINT', () => {
    isInterrupted = true;
    terminal.close();
  });
  try {
    terminal.setPrompt(isPerson ? '> ' : '');
    terminal.prompt();
    for await (const line of terminal) {
      if (line.trim() === 'exit') break;
      try {
        status = session.perform(line);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        note(`${paintNote('red', error.message)}${error.hint === undefined ? '' : ` ${error.hint}`}`);
        status = error.status;
      }
      terminal.setPrompt(isPerson ? `${formatDuration(session.now)} > ` : '');
      terminal.prompt();
    }
  } finally {
    terminal.close();
  }
  return isInterrupted ? ExitStatus.Interrupted : status;
}

class Session {
  readonly hostNames: readonly string[];
  private readonly simulation: Simulation;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.hostNames = [...simulation.world.hosts.keys()];
  }

  get now(): Duration {
    return this.simulation.world.now as number as Duration;
  }

  /** One line; its exit status. @throws CliError */
  perform(line: string): number {
    const [first = '', ...rest] = line.trim().split(/\s+/);
    if (first === '' || first.startsWith('#')) return ExitStatus.Ok;
    if (this.hostNames.includes(first)) return this.command(first, line.trim().slice(first.length).trim());
    switch (first) {
      case 'run':
        return this.pass(rest[0] ?? '');
      case 'tables':
        return this.tables(rest);
      case 'hosts':
        print(this.hostNames.map((name) => `${name}  ${this.addressesOf(name).join(' ')}`.trimEnd()).join('\n'));
        return ExitStatus.Ok;
      case 'help':
        print(HELP);
        return ExitStatus.Ok;
      default: {
        const known = [...this.hostNames, ...WORDS];
        throw usageError(
          `There is no host "${first}".`,
          sentence(suggestFrom(first, known) ?? `known: ${known.join(', ')}`),
        );
      }
    }
  }

  /** For the prompt's tab key. */
  readonly complete = (line: string): [string[], string] => {
    const words = line.split(/\s+/);
    const last = words.at(-1) ?? '';
    const candidates =
      words.length === 1
        ? [...this.hostNames, ...WORDS]
        : words.length === 2 && words[0] !== 'tables'
          ? [...COMMANDS.keys()]
          : [...this.hostNames, ...TABLE_NAMES];
    return [candidates.filter((candidate) => candidate.startsWith(last)).map((candidate) => `${candidate} `), last];
  };

  private command(hostName: string, written: string): number {
    if (written === '') throw usageError(`What shall ${hostName} do?`, `It knows ${[...COMMANDS.keys()].join(', ')}.`);
    const { world } = this.simulation;
    const host = world.host(hostName);
    if (host.isDown) throw usageError(`${hostName} is switched off.`);
    const run: CommandRun = runCommand(host, this.withAddresses(written), (text) => print(`${text}\n`));
    host.settle(world.now);
    const deadline = after(world.now, COMMAND_LIMIT);
    while (!run.process.isDone && world.nextTime <= deadline && world.step());
    if (run.process.isDone) return run.exitCode ?? ExitStatus.Ok;
    run.process.kill();
    world.runUntil(deadline);
    host.settle(world.now);
    note(`interrupted after ${formatDuration(COMMAND_LIMIT)} of virtual time`);
    return INTERRUPTED;
  }

  /** `ping bob` is `ping 10.0.0.2`, where a whole word names a machine that has an address. */
  private withAddresses(written: string): string {
    const [command = '', ...parts] = written.split(/(?<=\s)|(?=\s)/);
    return command + parts.map((part) => this.addressesOf(part)[0] ?? part).join('');
  }

  private addressesOf(name: string): readonly string[] {
    const interfaces = this.simulation.world.hosts.get(name)?.network.interfaces ?? [];
    return interfaces.flatMap(({ ipv4 }) => (ipv4 === undefined ? [] : [formatIpv4(ipv4)]));
  }

  private pass(text: string): number {
    const duration = parseDuration(text);
    if (duration === undefined || duration === FOREVER) {
      throw usageError(`"${text}" is no span of time.`, sentence(UNIT_FORMS.duration.replace(', or forever', '')));
    }
    const { world } = this.simulation;
    world.runUntil(after(world.now, duration));
    return ExitStatus.Ok;
  }

  private tables([first, second]: readonly string[]): number {
    const isTable = first !== undefined && TABLE_NAMES.includes(first);
    const known = [...TABLE_NAMES, ...this.hostNames];
    if (first !== undefined && !known.includes(first)) {
      const hint = suggestFrom(first, known) ?? `known: ${known.join(', ')}`;
      throw usageError(`There is no table and no host "${first}".`, sentence(hint));
    }
    const owner = isTable ? second : first;
    const wanted = isTable ? [first] : ['addresses', 'arp', 'routes'];
    for (const table of wanted) {
      for (const { owner: name, text } of tablesOf(this.simulation, table, owner)) {
        print(`${paint('bold', `${name} ${table}`)}\n${text}`);
      }
    }
    return ExitStatus.Ok;
  }
}

const HELP = `HOST COMMAND ...        a command on a machine: ${[...COMMANDS.keys()].join(', ')}
                        a machine's name further on stands for its address: alice ping -c 2 bob
tables [TABLE] [HOST]   ${TABLE_NAMES.join(', ')}
run TIME                lets time pass: run 5s
hosts                   machines and their addresses
exit                    ends`;
