// `netarium replay TRACE`: runs it again and compares the digests.

import { CliError, ExitStatus, usageError } from './exit.ts';
import { noteFailure } from './failure.ts';
import { flagOption, type RawOptions } from './options.ts';
import { openSource, rerun } from './source.ts';
import { print } from './terminal.ts';
import { PROGRAM } from './version.ts';

/** @throws CliError, FileError */
export async function replay(file: string, options: RawOptions): Promise<ExitStatus> {
  const source = await openSource(file);
  if (source.kind !== 'trace') throw usageError(`${file} is no trace.`, 'Write one with netarium run.');
  const { trace } = source;
  const { world } = await rerun(source, file);
  const digest = world.capture?.digest() ?? '';
  const packets = world.capture?.length ?? 0;
  const isSame = digest === trace.digest;
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.replay/1', same: isSame, digest, expected: trace.digest, packets }));
  } else if (isSame) print(`same: ${packets} packets, digest ${digest}`);
  if (isSame) return ExitStatus.Ok;
  const hint =
    trace.program === PROGRAM
      ? 'Was the trace changed by hand? If not, this is a defect of netarium: please report it with the trace.'
      : `It was written by ${trace.program}, and this is ${PROGRAM}: run the scenario again.`;
  const failure = new CliError(
    ExitStatus.NotDeterministic,
    `${file} came out differently: ${packets} packets with digest ${digest}, not ${trace.packets} with ${trace.digest}.`,
    hint,
  );
  noteFailure(failure); // not thrown: with --json, the object has been printed
  return failure.status;
}
