// Runs what shows an item of the lecture, and says for each claim whether it held and what was seen. Runs of the same
// scenario, command or example are shared. Not here: which items there are (entries.ts), and how it is printed.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENTRIES as LADDER } from '../../../adversary/channel/entries.ts';
import { goesAsClaimed } from '../../../adversary/channel/entry.ts';
import { nodeCrypto } from '../../../secure/crypto/node.ts';
import { Simulation } from '../../../world/sim/simulation.ts';
import { attackLines, measuredRun } from '../attack_text.ts';
import { CliError, ExitStatus } from '../exit.ts';
import { type Verdict, verdictsOn } from '../outcome.ts';
import { runToEnd } from '../running.ts';
import { loadRunnable, readScenarioText } from '../scenario_file.ts';
import { PACKAGE_ROOT, SHIPPED_SCENARIOS } from '../shipped.ts';
import {
  type AttackShow,
  type CommandShow,
  commandOf,
  type ExampleShow,
  type Pattern,
  type ScenarioShow,
  type Show,
} from './entry.ts';

/** A claim about what a show does. */
export interface Check {
  readonly name: string;
  readonly isMet: boolean;
  /** What was seen. */
  readonly detail: string;
}

export interface ShowResult {
  readonly command: string;
  readonly checks: readonly Check[];
  /** What it prints; of a scenario, what those of its steps printed that the checks are about. */
  readonly output: readonly string[];
}

interface Played {
  readonly simulation: Simulation;
  readonly verdicts: readonly Verdict[];
}

interface Printed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const played = new Map<string, Promise<Played>>();
const printed = new Map<string, Promise<Printed>>();

/** @throws CliError, FileError where it cannot be run at all */
export function runShow(show: Show): Promise<ShowResult> {
  if ('scenario' in show) return showScenario(show);
  if ('attack' in show) return showAttack(show);
  return 'command' in show ? showCommand(show) : showExample(show);
}

async function showScenario(show: ScenarioShow): Promise<ShowResult> {
  const { scenario, variant, expects } = show;
  const key = `${scenario} ${variant ?? ''}`;
  const play = played.get(key) ?? playScenario(scenario, variant);
  played.set(key, play);
  const { simulation, verdicts } = await play;
  const checks = expects.map((name): Check => {
    const verdict = verdicts.find((each) => each.name === name);
    return verdict ?? { name, isMet: false, detail: 'the scenario expects nothing of this name' };
  });
  // A fault that never struck, or an expectation beside these: then it is not the run that it should be.
  const others = verdicts.filter(({ name, isMet }) => !isMet && !expects.includes(name));
  return { command: commandOf(show), checks: [...checks, ...others], output: stepOutput(simulation, expects) };
}

async function playScenario(name: string, variant: string | undefined): Promise<Played> {
  const source = await readScenarioText(`${SHIPPED_SCENARIOS}${name}.yaml`);
  const scenario = loadRunnable(source, { seed: undefined, variant, set: [] });
  const simulation = new Simulation(scenario, { crypto: nodeCrypto });
  await runToEnd(simulation);
  return { simulation, verdicts: verdictsOn(simulation, simulation.world.isAlive || scenario.until !== undefined) };
}

function stepOutput({ scenario, steps }: Simulation, expects: readonly string[]): readonly string[] {
  const wanted = new Set(
    scenario.expectations.flatMap((each) => (each.kind === 'step' && expects.includes(each.name) ? each.step : [])),
  );
  return steps
    .filter(({ id }) => wanted.has(id))
    .flatMap(({ host, command, output }) => [`${host}$ ${command}`, ...output.map(({ text }) => `  ${text}`)]);
}

// Here and now, as the command would: a process for each would take longer than the attacks.
async function showAttack(show: AttackShow): Promise<ShowResult> {
  const entry = LADDER.find(({ id }) => id === show.attack);
  if (entry === undefined) {
    const unknown = { name: `there is an attack ${show.attack}`, isMet: false, detail: 'there is none' };
    return { command: commandOf(show), checks: [unknown], output: [] };
  }
  const runs = (['vulnerable', 'cured'] as const).map((variant) => measuredRun(entry, variant, 1));
  const checks = runs.map((run): Check => {
    const claim =
      run.variant === 'vulnerable' ? `succeeds against "${entry.rung}"` : `fails against "${entry.curedBy}"`;
    return { name: `the attack ${claim}`, isMet: goesAsClaimed(run), detail: run.evidence };
  });
  return { command: commandOf(show), checks, output: runs.flatMap(attackLines) };
}

async function showCommand(show: CommandShow): Promise<ShowResult> {
  for (const word of show.command) if (word.startsWith('examples/')) exampleAt(word);
  const main = fileURLToPath(new URL(`../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  return showPrinted(show, [main, ...show.command], show.prints, show.status ?? ExitStatus.Ok);
}

async function showExample(show: ExampleShow): Promise<ShowResult> {
  return showPrinted(show, [exampleAt(show.example)], show.prints, ExitStatus.Ok);
}

function exampleAt(example: string): string {
  const path = join(PACKAGE_ROOT, example);
  if (existsSync(path)) return path;
  throw new CliError(ExitStatus.Failed, `${example} is not here.`, 'Examples come with the sources.');
}

async function showPrinted(
  show: Show,
  args: readonly string[],
  prints: readonly Pattern[],
  status: number,
): Promise<ShowResult> {
  const command = commandOf(show);
  const running = printed.get(command) ?? runNode(args);
  printed.set(command, running);
  const ended = await running;
  const text = ended.stdout + ended.stderr;
  const checks = [
    {
      name: `it ends with status ${status}`,
      isMet: ended.status === status,
      detail: ended.status === status ? '' : `it ends with ${ended.status}`,
    },
    ...prints.map((pattern) => checkPrinted(pattern, text)),
  ];
  return { command, checks, output: text.trimEnd().split('\n') };
}

function checkPrinted(pattern: Pattern, text: string): Check {
  const found = typeof pattern === 'string' ? text.includes(pattern) && pattern : pattern.exec(text)?.[0];
  if (found === undefined || found === false)
    return { name: `it prints ${pattern}`, isMet: false, detail: 'it does not' };
  const [line = '', ...more] = found.trim().split('\n');
  return {
    name: `it prints ${line}${more.length === 0 ? '' : ` and ${more.length} more lines`}`,
    isMet: true,
    detail: '',
  };
}

/** Another process, as a person would start it: what it prints is what they would see. */
function runNode(args: readonly string[]): Promise<Printed> {
  const { promise, resolve, reject } = Promise.withResolvers<Printed>();
  const environment = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, args, {
    cwd: PACKAGE_ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.on('error', reject);
  child.on('close', (status) => resolve({ status, stdout, stderr }));
  return promise;
}
