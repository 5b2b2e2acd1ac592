// `netarium run FILE`: boots the scenario, tells what happened, judges it, and leaves the capture and the trace.

import { join } from 'node:path';
import { type Duration, formatDuration, type Instant, NEVER } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { pcapngOf } from '../../world/sim/capture.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import { Simulation, type StepResult } from '../../world/sim/simulation.ts';
import { formatTrace, TRACE_FORMAT } from '../../world/sim/trace.ts';
import { checkWritable, writeWhole } from '../io/files.ts';
import { CliError, ExitStatus } from './exit.ts';
import {
  flagOption,
  listOption,
  type RawOptions,
  seedOption,
  textOption,
  timeOption,
  wantsSecrets,
} from './options.ts';
import { type Verdict, verdictsOn } from './outcome.ts';
import { runToEnd } from './running.ts';
import { loadRunnable, readScenarioText, type ScenarioChoice, type ScenarioText } from './scenario_file.ts';
import { storyLines, verdictLines } from './story_text.ts';
import { note, paint, print, printLines } from './terminal.ts';
import { PROGRAM } from './version.ts';

const DEFAULT_DIRECTORY = '.netarium';

/** What `--json` prints. A new field is allowed; one that goes or changes its meaning makes it `netarium.run/2`. */
interface RunObject {
  readonly schema: 'netarium.run/1';
  readonly scenario: string;
  readonly seed: number;
  readonly virtualMs: number;
  readonly packets: number;
  readonly digest: string;
  readonly steps: readonly object[];
  readonly expect: readonly object[];
  readonly files: Files;
}

interface Files {
  readonly pcapng: string;
  readonly trace: string;
}

/** @throws CliError, FileError */
export async function run(file: string, options: RawOptions): Promise<ExitStatus> {
  const choice: ScenarioChoice = {
    seed: seedOption(options),
    variant: textOption(options, 'variant'),
    set: listOption(options, 'set'),
  };
  const limit = timeOption(options, 'until') ?? NEVER;
  const source = await readScenarioText(file);
  const scenario = loadRunnable(source, choice);
  await checkWritable(directoryOf(options));
  const simulation = new Simulation(scenario, { crypto: nodeCrypto });
  await runToEnd(simulation, limit);
  const { world } = simulation;
  const verdicts = verdictsOn(simulation, world.isAlive || limit !== NEVER || scenario.until !== undefined);
  const files = await writeFiles(simulation, source, choice, options);
  for (const { host, program, error } of world.failures) note(`${host}: ${program} failed: ${messageOf(error)}`);
  if (flagOption(options, 'json')) print(JSON.stringify(runObject(simulation, verdicts, files)));
  else tell(simulation, verdicts, files, flagOption(options, 'quiet'));
  return verdicts.every(({ isMet }) => isMet) ? ExitStatus.Ok : ExitStatus.Unmet;
}

async function writeFiles(
  { world, scenario }: Simulation,
  source: ScenarioText,
  { variant, set }: ScenarioChoice,
  options: RawOptions,
): Promise<Files> {
  const { capture } = world;
  if (capture === undefined) throw new CliError(ExitStatus.Failed, 'This run has no capture.');
  const stem = [scenario.name, ...(variant === undefined ? [] : [variant]), scenario.seed].join('.');
  const path = join(directoryOf(options), stem.replace(/[^\w.-]+/g, '-'));
  const files = { pcapng: `${path}.pcapng`, trace: `${path}.trace.json` };
  const networks = scenario.networks.map(({ name }) => name);
  const trace = formatTrace({
    format: TRACE_FORMAT,
    program: PROGRAM,
    scenario: source,
    seed: scenario.seed,
    variant: variant ?? null,
    set,
    until: textOption(options, 'until') ?? null,
    digest: capture.digest(),
    packets: capture.length,
  });
  const secrets = wantsSecrets(options) ? capture.tlsSecrets() : [];
  const packets = pcapngOf(capture.frames(), networks, scenario.start, PROGRAM, secrets);
  await writeWhole([
    { path: files.pcapng, data: packets },
    { path: files.trace, data: trace },
  ]);
  return files;
}

const directoryOf = (options: RawOptions): string => textOption(options, 'out') ?? DEFAULT_DIRECTORY;

function runObject({ world, scenario, steps }: Simulation, verdicts: readonly Verdict[], files: Files): RunObject {
  return {
    schema: 'netarium.run/1',
    scenario: scenario.name,
    seed: scenario.seed,
    virtualMs: world.now / 1e6,
    packets: world.capture?.length ?? 0,
    digest: world.capture?.digest() ?? '',
    steps: steps.map(stepObject),
    expect: verdicts.map(({ name, isMet, detail, frames }) => {
      return { name, met: isMet, detail, packets: frames.map(({ number }) => number) };
    }),
    files,
  };
}

// What is not known is null: every step has the same shape.
const stepObject = ({
  id,
  host,
  command,
  startedAt,
  endedAt,
  exitCode,
  status,
  error,
  tls,
  isResumed,
  output,
}: StepResult): object => ({
  id,
  host,
  command,
  startMs: startedAt / 1e6,
  endMs: endedAt === undefined ? null : endedAt / 1e6,
  exitCode: exitCode ?? null,
  status: status ?? null,
  error: error ?? null,
  tls: tls ?? null,
  resumed: isResumed ?? null,
  output: output.map(({ text }) => text),
});

function tell(simulation: Simulation, verdicts: readonly Verdict[], files: Files, isQuiet: boolean): void {
  const { world, scenario } = simulation;
  if (!isQuiet) {
    printLines([headLine(scenario, world.now, world.capture?.length ?? 0), '']);
    const story = storyLines(simulation);
    if (story.length > 0) printLines([...story, '']);
  }
  const lines = verdictLines(verdicts.filter(({ isMet }) => !isQuiet || !isMet));
  if (lines.length > 0) printLines([...lines, '']);
  const met = verdicts.filter(({ isMet }) => isMet).length;
  const counts = verdicts.length === 0 ? 'nothing was expected' : `${met} met, ${verdicts.length - met} unmet`;
  print(`${counts}   trace ${files.trace}   packets ${files.pcapng}`);
  if (met < verdicts.length) note(`look closer: netarium ladder ${files.trace}`);
}

function headLine({ name, hosts, networks, seed, variant }: Scenario, now: Instant, packets: number): string {
  const parts = [
    paint('bold', name),
    ...(variant === undefined ? [] : [`variant ${variant}`]),
    counted(hosts.length, 'host'),
    counted(networks.length, 'network'),
    `seed ${seed}`,
    `${counted(packets, 'packet')} in virtual ${formatDuration(now as number as Duration)}`,
  ];
  return parts.join(' · ');
}

const counted = (count: number, name: string): string => `${count} ${name}${count === 1 ? '' : 's'}`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
