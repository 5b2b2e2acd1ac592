// The commands of scripts, between backquotes: the few that set a machine up or look at it, done on the machine under test.
//
//   sysctl -q net.ipv4.tcp_sack=0; ./defaults.sh      sockstat -4 -P tcp -s | grep -c TIME_WAIT | grep 1
//
// Nothing is ever run outside. What is not known here makes a script one that cannot be judged.

import { milliseconds } from '../../core/time.ts';
import { formatEndpoint } from '../../stack/transport/socket_table.ts';
import { connectionRow } from '../../stack/transport/tcp/socket_rows.ts';
import type { MachineUnderTest } from './machine.ts';
import { NotSupported } from './problem.ts';
import type { Socket } from './sockets.ts';
import { applySysctl } from './sysctl_names.ts';
import type { Tunables } from './tunables.ts';

/** What a command has to work with. */
export interface ShellMachine {
  readonly machine: MachineUnderTest;
  readonly tunables: Tunables;
  /** Those of the script, by their descriptors. */
  readonly sockets: ReadonlyMap<number, Socket>;
}

interface Ended {
  readonly status: number;
  readonly output: readonly string[];
}

const DONE: Ended = { status: 0, output: [] };

/** @returns the status with which the last command ends @throws NotSupported */
export function runCommand(shell: ShellMachine, text: string): number {
  let status = 0;
  for (const line of linesOf(text)) {
    // A command line may go on only if the last one went well, or only if it did not.
    let isWanted = true;
    for (const [, operator = '', command = ''] of line.matchAll(/(^|&&|\|\|)\s*((?:(?!&&|\|\|).)*)/g)) {
      if (operator === '&&') isWanted = status === 0;
      else if (operator === '||') isWanted = status !== 0;
      if (isWanted && command.trim() !== '') status = runPipeline(shell, command);
    }
  }
  return status;
}

const linesOf = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\s*\n/g, ' ')
    .split(/[\n;]/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

function runPipeline(shell: ShellMachine, text: string): number {
  let ended = DONE;
  const commands = text.split('|');
  // Linux's counters, looked at by nobody.
  if (commands.length === 1 && /^nstat( -n)?$/.test(text.trim())) return 0;
  for (const command of commands) {
    const words = wordsOf(command.replaceAll(/(?:\d|&)?>(?:&\d|\s*\S+)/g, ''));
    ended = run(shell, words, ended.output);
  }
  return ended.status;
}

/** Split at blanks, with quotes taken off. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));

function run(shell: ShellMachine, words: readonly string[], input: readonly string[]): Ended {
  const [program = '', ...parameters] = words;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (name === 'sysctl') return sysctl(shell, parameters);
  if (name === 'set_sysctls.py') return sysctl(shell, parameters);
  if (name === 'grep') return grep(parameters, input);
  if (name === 'sockstat') return { status: 0, output: sockstatLines(shell, parameters) };
  if (name === 'defaults.sh') {
    linuxDefaults(shell.tunables);
    return DONE;
  }
  // What scripts put in order for those after them: each script has a machine of its own here.
  if (/^sysctl_restore.*\.sh$/.test(name) || name === 'true' || name === 'sync') return DONE;
  if (name === 'ip' && parameters[0] === 'tcp_metrics') return DONE; // nothing is remembered about hosts
  // How packets wait for the link, and who cuts them: packets leave at once here, as they are.
  if (name === 'tc' || name === 'ethtool') return DONE;
  throw new NotSupported(`the command "${words.join(' ')}" is not known here`);
}

// `-w name=value`, `-q name=value`, `name = value`; or the paths of files and their values.
function sysctl({ tunables }: ShellMachine, parameters: readonly string[]): Ended {
  const settings = parameters.filter((word) => !/^-[a-z]+$/.test(word));
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 0) throw new NotSupported(`"sysctl ${parameters.join(' ')}" sets nothing`);
    applySysctl(tunables, setting.slice(0, at), setting.slice(at + 1));
  }
  return DONE;
}

function grep(parameters: readonly string[], input: readonly string[]): Ended {
  const isCounting = parameters.includes('-c');
  const isInverted = parameters.includes('-v');
  const patterns = parameters.filter((word) => !/^-[a-zA-Z]+$/.test(word));
  const [pattern] = patterns;
  if (pattern === undefined || patterns.length > 1 || !/^[\w:.*^$ -]*$/.test(pattern)) {
    throw new NotSupported(`"grep ${parameters.join(' ')}" is not known here`);
  }
  const form = new RegExp(pattern);
  const found = input.filter((line) => form.test(line) !== isInverted);
  return { status: found.length > 0 ? 0 : 1, output: isCounting ? [`${found.length}`] : found };
}

// Where FreeBSD has other names than `ss`.
const STATES: Readonly<Record<string, string>> = {
  'SYN-RECV': 'SYN_RCVD',
  ESTAB: 'ESTABLISHED',
};

// As FreeBSD lists a machine's sockets, those too that no process has any more, as if they were the script's.
function sockstatLines({ machine, sockets }: ShellMachine, parameters: readonly string[]): readonly string[] {
  const at = parameters.indexOf('-p');
  const port = at < 0 ? undefined : Number(parameters[at + 1]);
  const open = machine.host.tcp
    .list()
    .map((row) => ({ ...row, state: STATES[row.state] ?? row.state.replaceAll('-', '_') }));
  const closed = [...sockets.values()]
    .flatMap(({ connection }) => connection ?? [])
    .filter(({ state }) => state === 'Closed')
    .map((connection) => ({ ...connectionRow(connection), state: 'CLOSED' }));
  return [...open, ...closed]
    .filter(({ localPort, remotePort }) => port === undefined || localPort === port || remotePort === port)
    .map(({ localAddress, localPort, remoteAddress, remotePort, state }) => {
      const local = formatEndpoint(localAddress, localPort);
      return `root packetdril 1 3 tcp4 ${local} ${formatEndpoint(remoteAddress, remotePort)} ${state}`;
    });
}

// What the Linux scripts of packetdrill begin with: as the machines were set on which they were written.
function linuxDefaults(tunables: Tunables): void {
  tunables.tcp.minimumRto = milliseconds(200);
  for (const [name, value] of [
    ['net.ipv4.tcp_rmem', '4096 540000 15728640'],
    ['net.ipv4.tcp_wmem', '4096 262144 4194304'],
    ['net.ipv4.tcp_timestamps', '1'],
    ['net.ipv4.tcp_syn_retries', '5'],
    ['net.ipv4.tcp_sack', '1'],
    ['net.ipv4.tcp_congestion_control', 'cubic'],
    ['net.ipv4.tcp_slow_start_after_idle', '0'],
    ['net.ipv4.tcp_ecn', '0'],
  ] as const) {
    applySysctl(tunables, name, value);
  }
}
