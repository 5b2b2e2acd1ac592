// `netarium explain FILE NUMBER`: what each byte of a packet means.
//
//   000e  45                       version and header length: version 4, 20 bytes
//         01                       content type: ApplicationData                       no place: it was under protection

import { hexOf } from '../../core/bytes.ts';
import { CaptureExplainer, type ExplainedPart } from '../../world/view/explanation.ts';
import { formatPacketLines, packetLines } from '../../world/view/packet_list.ts';
import { writtenText } from './argument_vector.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, type RawOptions, wantsSecrets } from './options.ts';
import { framesFrom, openSource } from './source.ts';
import { paint, print, printLines } from './terminal.ts';

const BYTES_PER_ROW = 8;
/** Of one field; `--json` and `packets -o hex` have all its bytes. */
const MAX_ROWS = 6;

/** @throws CliError, FileError */
export async function explain(file: string, number: unknown, options: RawOptions): Promise<ExitStatus> {
  const { frames, secrets: known } = await framesFrom(await openSource(file), file);
  const secrets = wantsSecrets(options) ? known : undefined;
  const text = writtenText(number);
  const frame = /^\d+$/.test(text) ? frames[Number(text) - 1] : undefined;
  if (frame === undefined) {
    throw usageError(
      `There is no packet ${text} in ${file}.`,
      frames.length === 0
        ? 'It has none.'
        : `They are numbered from 1 to ${frames.length}, as netarium packets lists them.`,
    );
  }
  const parts = new CaptureExplainer(frames, secrets).explain(frame);
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.explain/1', number: frame.number, parts: parts.map(partObject) }));
    return ExitStatus.Ok;
  }
  printLines(formatPacketLines(packetLines(frames, (dissection) => dissection.frame === frame, secrets)));
  for (const part of parts) {
    print(`\n${paint('bold', part.title)}`);
    printLines(partLines(part));
  }
  return ExitStatus.Ok;
}

const partObject = ({ title, at, bytes, explanation }: ExplainedPart): object => ({
  title,
  at: at ?? null,
  fields: explanation.map(({ start, end, label, value }) => ({
    at: start,
    bytes: hexOf(bytes.subarray(start, end)),
    label,
    value: value ?? null,
  })),
});

function partLines({ at, bytes, explanation }: ExplainedPart): string[] {
  return explanation.flatMap(({ start, end, label, value }) => {
    const text = value === undefined ? label : `${label}: ${value}`;
    const length = end - start;
    const rows: string[] = [];
    for (let row = start; row < end && rows.length < MAX_ROWS; row += BYTES_PER_ROW) {
      const offset = at === undefined ? '' : (at + row).toString(16).padStart(4, '0');
      const hex = spaced(bytes.subarray(row, Math.min(row + BYTES_PER_ROW, end)));
      rows.push(
        `  ${offset.padStart(4)}  ${hex.padEnd(3 * BYTES_PER_ROW)}  ${rows.length === 0 ? text : ''}`.trimEnd(),
      );
    }
    const rest = length - MAX_ROWS * BYTES_PER_ROW;
    return rest > 0 ? [...rows, `        ... ${rest} more`] : rows;
  });
}

const spaced = (bytes: Uint8Array): string => hexOf(bytes).replace(/(..)(?=.)/g, '$1 ');
