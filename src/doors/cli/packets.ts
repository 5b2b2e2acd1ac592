// `netarium packets FILE [FILTER]`: a list of packets, as lines, as objects or with their bytes.

import { formatPacketLines, hexDump, packetLines, packetObjects } from '../../world/view/packet_list.ts';
import { ExitStatus } from './exit.ts';
import { filterArgument, flagOption, oneOf, type RawOptions, textOption, wantsSecrets } from './options.ts';
import { framesFrom, openSource } from './source.ts';
import { note, printLines } from './terminal.ts';

const FORMATS = ['line', 'json', 'hex'] as const;

/** @throws CliError, FileError */
export async function packets(file: string, filterText: string | undefined, options: RawOptions): Promise<ExitStatus> {
  const filter = filterArgument(filterText);
  const wanted = flagOption(options, 'json') ? 'json' : (textOption(options, 'output') ?? 'line');
  const format = oneOf(wanted, FORMATS, 'output format');
  const { frames, secrets: known } = await framesFrom(await openSource(file), file);
  const secrets = wantsSecrets(options) ? known : undefined;
  if (format === 'json') {
    printLines(packetObjects(frames, filter, secrets).map((packet) => JSON.stringify(packet)));
    return ExitStatus.Ok;
  }
  const lines = packetLines(frames, filter, secrets);
  const texts = formatPacketLines(lines);
  if (format === 'line') printLines(texts);
  else
    printLines(lines.flatMap(({ frame }, i) => [texts[i] ?? '', ...hexDump(frame.bytes).map((row) => `  ${row}`), '']));
  if (lines.length === 0) note(`None of the ${frames.length} packets passes the filter.`);
  return ExitStatus.Ok;
}
