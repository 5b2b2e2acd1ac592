// `netarium mailbox FILE`: a student's program at a level of the lab, on many seeds or on one.

import { basename, join } from 'node:path';
import { hexOf } from '../../core/bytes.ts';
import { checkWritable, writeWhole } from '../io/files.ts';
import type { Main } from '../mailbox/lab.ts';
import type { LabEvent } from '../mailbox/lab_event.ts';
import { LEVELS, levelOf } from '../mailbox/levels.ts';
import { type Outcome, mailbox as runMailbox } from '../mailbox/run.ts';
import { ExitStatus, usageError } from './exit.ts';
import { countOption, flagOption, MAX_SEEDS, type RawOptions, seedOption, textOption } from './options.ts';
import { loadProgram, withoutExit } from './student_program.ts';
import { note, paint, print, printLines } from './terminal.ts';

const HINT = 'Write: export function main(lab: Lab): void { ... }, as in docs/mailbox.md.';
/** Seeds that a program is tried with. */
const TRIED_SEEDS = 100;
/** Rows of a ladder that are shown; `--json` has all of it. */
const SHOWN_ROWS = 40;

/** @throws CliError, FileError */
export async function mailbox(file: string, options: RawOptions): Promise<ExitStatus> {
  if (file === 'ladder') return (await import('./mailbox_ladder.ts')).mailboxLadder(options);
  const level = countOption(options, 'level', LEVELS.length) ?? 1;
  const chosen = seedOption(options);
  const count = countOption(options, 'seeds', MAX_SEEDS);
  if (chosen !== undefined && count !== undefined)
    throw usageError('--seed is one, and --seeds are many: give one of them.');
  const directory = textOption(options, 'out');
  if (directory !== undefined) await checkWritable(directory);
  const main = await loadProgram<Main>(file, 'main', HINT);
  const seeds = chosen === undefined ? (count ?? TRIED_SEEDS) : 1;
  const outcomes = withoutExit(() => tried(main, level, chosen ?? 1, seeds));
  const shown = outcomes.failed ?? outcomes.first;
  const pcapng = directory === undefined ? undefined : join(directory, `${stemOf(file)}.${level}.${shown.seed}.pcapng`);
  if (pcapng !== undefined) await writeWhole([{ path: pcapng, data: shown.pcapng() }]);
  if (flagOption(options, 'json')) print(JSON.stringify(transferObject(file, shown, outcomes.count, pcapng)));
  else tell(file, shown, outcomes.count, pcapng);
  return shown.isExact ? ExitStatus.Ok : ExitStatus.Unmet;
}

interface Tried {
  readonly first: Outcome;
  /** The first one that is not exact; no seed is tried after it. */
  readonly failed: Outcome | undefined;
  readonly count: number;
}

function tried(main: Main, level: number, firstSeed: number, count: number): Tried {
  const first = runMailbox({ level, seed: firstSeed }, main);
  if (!first.isExact) return { first, failed: first, count: 1 };
  for (let i = 1; i < count; i++) {
    const outcome = runMailbox({ level, seed: firstSeed + i }, main);
    if (!outcome.isExact) return { first, failed: outcome, count: i + 1 };
  }
  return { first, failed: undefined, count };
}

function tell(file: string, outcome: Outcome, count: number, pcapng: string | undefined): void {
  const { level, seed, isExact, problem, error, letters } = outcome;
  const { name } = levelOf(level);
  const head = `${paint('bold', basename(file))} · level ${level}, ${name}`;
  if (isExact) {
    const seeds = count === 1 ? `with seed ${seed}` : `with each of ${count} seeds`;
    print(`${head} · ${paint('green', 'exact')}: all ${letters.length} letters arrived ${seeds}`);
  } else {
    const before = count === 1 ? '' : `, after ${count - 1} that went well`;
    print(`${head} · seed ${seed}${before} · ${paint('red', 'failed')}: ${problem}`);
    printLines(['', outcome.ladder(SHOWN_ROWS), '']);
    if (error instanceof Error && typeof error.stack === 'string') note(error.stack);
    note(`again: netarium mailbox ${file} --level ${level} --seed ${seed}`);
  }
  if (pcapng !== undefined) print(`packets ${pcapng}`);
}

const stemOf = (file: string): string => basename(file).replace(/\.[cm]?[jt]s$/, '');

function transferObject(file: string, outcome: Outcome, seeds: number, pcapng: string | undefined): object {
  const { level, seed, isExact, problem, letters, deliveredCount, deliveredAt, endedAt, digest, events } = outcome;
  return {
    schema: 'netarium.mailbox/1',
    file,
    level,
    seeds,
    seed,
    exact: isExact,
    problem: problem ?? null,
    letters: letters.length,
    delivered: deliveredCount,
    deliveredMs: deliveredAt,
    endMs: endedAt,
    digest,
    events: events.map(eventObject),
    files: { pcapng: pcapng ?? null },
  };
}

function eventObject(event: LabEvent): object {
  const start = { kind: event.kind, ms: event.time / 1e6 };
  switch (event.kind) {
    case 'message': {
      const { from, bytes, fate, arrivesAt } = event;
      const arrivesMs = arrivesAt === undefined ? null : arrivesAt / 1e6;
      const lateMs = fate.extraDelay / 1e6;
      return {
        ...start,
        from,
        bytes: hexOf(bytes),
        fate: fate.kind,
        damagedByte: fate.damagedByte ?? null,
        arrivesMs,
        lateMs,
      };
    }
    case 'letter':
      return { ...start, number: event.number, problem: event.problem ?? null };
    case 'timeout':
      return { ...start, at: event.at };
    case 'refusal':
      return { ...start, at: event.at, text: event.text };
    default:
      return event satisfies never;
  }
}
