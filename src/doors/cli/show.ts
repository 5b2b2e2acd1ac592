// `netarium show FILE TABLE [HOST] [--at TIME]`: a table as it stood at some time, by running until then.

import { ExitStatus } from './exit.ts';
import { flagOption, oneOf, type RawOptions, timeOption } from './options.ts';
import { openSource, rerun } from './source.ts';
import { TABLE_NAMES, tablesOf } from './tables.ts';
import { note, paint, print } from './terminal.ts';

/** @throws CliError, FileError */
export async function show(
  file: string,
  table: string,
  owner: string | undefined,
  options: RawOptions,
): Promise<ExitStatus> {
  const wanted = oneOf(table, TABLE_NAMES, 'table');
  const at = timeOption(options, 'at');
  const simulation = await rerun(await openSource(file), file, at);
  const tables = tablesOf(simulation, wanted, owner);
  if (flagOption(options, 'json')) {
    const shown = tables.map(({ owner: name, rows }) => ({ owner: name, rows }));
    print(
      JSON.stringify({ schema: 'netarium.show/1', table: wanted, atMs: simulation.world.now / 1e6, tables: shown }),
    );
    return ExitStatus.Ok;
  }
  for (const [i, { owner: name, text }] of tables.entries()) {
    if (owner === undefined) print(`${i === 0 ? '' : '\n'}${paint('bold', name)}`);
    print(text);
  }
  if (tables.length === 0) note(`Nobody has a ${wanted} table with anything in it.`);
  return ExitStatus.Ok;
}
