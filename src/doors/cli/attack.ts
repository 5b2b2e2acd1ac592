// `netarium attack list|run|explain|matrix`: the ladder of channels, each attack performed when it is asked for.

import { join } from 'node:path';
import { ENTRIES } from '../../adversary/channel/entries.ts';
import { type Entry, type EntryRun, goesAsClaimed, PROPERTIES, type Variant } from '../../adversary/channel/entry.ts';
import { attackMatrix, propertyTable, verdictOn } from '../../adversary/channel/matrix.ts';
import { formatColumns } from '../../core/columns.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { pcapngOf } from '../../world/sim/capture.ts';
import { nearest } from '../../world/sim/scenario/suggestion.ts';
import { checkWritable, type NewFile, writeWhole } from '../io/files.ts';
import { attackLines, type MeasuredRun, measuredRun } from './attack_text.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, oneOf, type RawOptions, seedOption, textOption } from './options.ts';
import { paint, print, printLines } from './terminal.ts';
import { PROGRAM } from './version.ts';

const ACTIONS = ['list', 'run', 'explain', 'matrix'] as const;
const VARIANTS: readonly Variant[] = ['vulnerable', 'cured'];

/** What each takes beside `--json`. */
const OPTIONS: Readonly<Record<(typeof ACTIONS)[number], readonly string[]>> = {
  list: [],
  run: ['variant', 'seed', 'out'],
  explain: [],
  matrix: ['seed'],
};

/** @throws CliError, FileError */
export async function attack(written: string, id: string | undefined, options: RawOptions): Promise<ExitStatus> {
  const isJson = flagOption(options, 'json');
  const action = oneOf(written, ACTIONS, 'action of attack');
  for (const name of ['variant', 'seed', 'out']) {
    if (options[name] === undefined || OPTIONS[action].includes(name)) continue;
    throw usageError(`attack ${action} has no --${name}.`);
  }
  if (id !== undefined && (action === 'list' || action === 'matrix')) {
    throw usageError(`attack ${action} is about all attacks, not about ${id}.`, 'run and explain take one.');
  }
  switch (action) {
    case 'list':
      return list(isJson);
    case 'run':
      return run(entryOf(id), options, isJson);
    case 'explain':
      return explain(entryOf(id), isJson);
    default:
      return matrix(seedOption(options) ?? 1, isJson);
  }
}

function list(isJson: boolean): ExitStatus {
  if (isJson) print(JSON.stringify(ENTRIES.map(described)));
  else {
    const rows = ENTRIES.map(({ id, rung, breaks, position }) => [id, position, rung, breaks]);
    print(formatColumns([['attack', 'position', 'against', 'breaks'], ...rows]));
  }
  return ExitStatus.Ok;
}

// Ends with 0 when each variant went as the entry claims: the attack succeeds, and fails against the cure.
async function run(entry: Entry, options: RawOptions, isJson: boolean): Promise<ExitStatus> {
  const seed = seedOption(options) ?? 1;
  const variants = variantsOf(options);
  const directory = textOption(options, 'out');
  if (directory !== undefined) await checkWritable(directory);
  const runs = variants.map((variant) => measuredRun(entry, variant, seed));
  const paths = runs.flatMap(({ variant }) =>
    directory === undefined ? [] : [join(directory, `${entry.id}.${variant}.${seed}.pcapng`)],
  );
  await writeWhole(runs.flatMap((each, i) => fileOf(each, paths[i])));
  if (isJson) {
    const objects = runs.map((each, i) => ({ ...told(each), files: { pcapng: paths[i] ?? null } }));
    print(JSON.stringify({ schema: 'netarium.attack/1', ...described(entry), seed, runs: objects }));
  } else {
    for (const each of runs) printLines([...attackLines(each), '']);
    printLines(paths.map((path) => `packets ${path}`));
  }
  return runs.every(goesAsClaimed) ? ExitStatus.Ok : ExitStatus.Unmet;
}

function fileOf({ frames }: EntryRun, path: string | undefined): readonly NewFile[] {
  const networks = [...new Set(frames.map(({ network }) => network))];
  const start = { seconds: 0, nanoseconds: 0 };
  return path === undefined ? [] : [{ path, data: pcapngOf(frames, networks, start, PROGRAM) }];
}

function explain(entry: Entry, isJson: boolean): ExitStatus {
  if (isJson) print(JSON.stringify(described(entry)));
  else {
    printLines([
      paint('bold', entry.id),
      '',
      `claim:     ${entry.claim}`,
      `attacker:  ${entry.position}${budgetText(entry)}`,
      `breaks:    ${entry.breaks}`,
      '',
      ...entry.explanation,
      '',
      `cure:      ${entry.cure} (${entry.curedBy})`,
      `see it:    netarium attack run ${entry.id}`,
    ]);
  }
  return ExitStatus.Ok;
}

function budgetText({ budget }: Entry): string {
  const { messages, computations } = budget;
  const parts = [
    ...(messages === undefined ? [] : [`${messages} messages`]),
    ...(computations === undefined ? [] : [`${computations} computations`]),
  ];
  return parts.length === 0 ? ', sends and tries nothing' : `, at most ${parts.join(' and ')}`;
}

function matrix(seed: number, isJson: boolean): ExitStatus {
  const rows = attackMatrix(ENTRIES, nodeCrypto, seed);
  if (isJson) {
    const properties = (row: (typeof rows)[number]): object =>
      Object.fromEntries(PROPERTIES.map((property) => [property, verdictOn(row, property) ?? null]));
    const shown = rows.map((row) => ({ rung: row.rung, properties: properties(row), attacks: row.trials }));
    print(JSON.stringify({ schema: 'netarium.attack.matrix/1', seed, rows: shown }));
  } else {
    print(formatColumns(propertyTable(rows)));
    print('');
    for (const { rung, trials } of rows) {
      const fates = trials.map((trial) => `${trial.attack} ${trial.succeeded ? 'succeeds' : 'fails'}`);
      print(`${rung}: ${fates.join(', ')}`);
    }
  }
  return ExitStatus.Ok;
}

/** @throws CliError */
function entryOf(id: string | undefined): Entry {
  const ids = ENTRIES.map((entry) => entry.id);
  if (id === undefined) throw usageError('Which attack?', 'netarium attack list names them.');
  const found = ENTRIES.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const near = nearest(id, ids);
  const hint = near === undefined ? 'netarium attack list names them.' : `Did you mean "${near}"?`;
  throw usageError(`There is no attack "${id}".`, hint);
}

function variantsOf(options: RawOptions): readonly Variant[] {
  const text = textOption(options, 'variant');
  return text === undefined ? VARIANTS : [oneOf(text, VARIANTS, 'variant')];
}

const described = ({ perform: _perform, ...entry }: Entry): object => entry;

// The same each time for the same seed: what it took is left out.
const told = ({ entry: _entry, cpuSeconds: _cpu, frames, ...run }: MeasuredRun): object => ({
  ...run,
  packets: frames.length,
});
