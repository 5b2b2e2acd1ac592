// `netarium mailbox ladder`: the ladder of reliability as a table of rungs by faults, each cell from many runs.

import { FAULTS } from '../mailbox/ladder/fault.ts';
import { brokenClaims, DEFAULT_SEEDS, type Row, reliabilityTable } from '../mailbox/ladder/table.ts';
import { formatReliabilityTable, mendingLines } from '../mailbox/ladder/table_text.ts';
import { ExitStatus, usageError } from './exit.ts';
import { countOption, flagOption, MAX_SEEDS, type RawOptions } from './options.ts';
import { note, print, printLines } from './terminal.ts';

/** @throws CliError */
export function mailboxLadder(options: RawOptions): ExitStatus {
  for (const name of ['level', 'seed', 'out']) {
    if (options[name] !== undefined) throw usageError(`The ladder has no --${name}.`, 'It takes --seeds and --json.');
  }
  const seeds = countOption(options, 'seeds', MAX_SEEDS) ?? DEFAULT_SEEDS;
  const rows = reliabilityTable(seeds);
  const broken = brokenClaims(rows);
  if (flagOption(options, 'json')) print(JSON.stringify(ladderObject(rows, seeds, broken)));
  else {
    printLines([formatReliabilityTable(rows), ...mendingLines(rows)]);
    for (const claim of broken) note(`${claim}.`);
  }
  return broken.length === 0 ? ExitStatus.Ok : ExitStatus.Unmet;
}

function ladderObject(rows: readonly Row[], seeds: number, broken: readonly string[]): object {
  return {
    schema: 'netarium.mailbox.ladder/1',
    seeds,
    faults: FAULTS.map(({ name, text }) => ({ name, text })),
    rungs: rows.map(({ rung, cells }, i) => ({
      name: rung.name,
      brokenBy: rung.brokenBy ?? null,
      mendedBy: rows[i + 1]?.rung.name ?? null,
      cells: cells.map(({ fault, exact, survives, isClaimed, medianMs }) => {
        return { fault, exact, share: exact / seeds, survives, claimed: isClaimed, medianMs: medianMs ?? null };
      }),
    })),
    brokenClaims: broken,
  };
}
