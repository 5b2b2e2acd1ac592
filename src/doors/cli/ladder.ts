// `netarium ladder FILE [FILTER]`: the packets as arrows between machines.

import { formatLadder } from '../../world/view/ladder.ts';
import { ExitStatus } from './exit.ts';
import { filterArgument, type RawOptions, wantsSecrets } from './options.ts';
import { framesFrom, openSource } from './source.ts';
import { note, printLines } from './terminal.ts';

/** @throws CliError, FileError */
export async function ladder(file: string, filterText: string | undefined, options: RawOptions): Promise<ExitStatus> {
  const filter = filterArgument(filterText);
  const { frames, stations, secrets } = await framesFrom(await openSource(file), file);
  const lines = formatLadder(frames, filter, stations, wantsSecrets(options) ? secrets : undefined);
  printLines(lines);
  if (lines.length === 0) note(`None of the ${frames.length} packets passes the filter.`);
  return ExitStatus.Ok;
}
