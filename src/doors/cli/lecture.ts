// `netarium lecture [ITEM]`: what the lecture teaches, item by item, with whether it is built; or one item, run before one's
// eyes. It ends with 0 only where the run shows what the item claims.

import { formatColumns } from '../../core/columns.ts';
import { ExitStatus, usageError } from './exit.ts';
import { ENTRIES } from './lecture/entries.ts';
import { commandsOf, type LectureEntry, stateOf } from './lecture/entry.ts';
import { type Check, runShow, type ShowResult } from './lecture/showing.ts';
import { flagOption, type RawOptions } from './options.ts';
import { paint, print, printLines } from './terminal.ts';

/** Lines of what a show printed; the command beside them prints all. */
const MAX_LINES = 40;

/** What `--json` says of an item. `command` is null where it is not built. */
interface ItemObject {
  readonly item: number;
  readonly state: string;
  readonly command: string | null;
}

/** @throws CliError, FileError */
export async function lecture(written: unknown, options: RawOptions): Promise<ExitStatus> {
  const isJson = flagOption(options, 'json');
  if (written === undefined) {
    if (isJson) print(`[\n${ENTRIES.map((entry) => JSON.stringify(itemObject(entry))).join(',\n')}\n]`);
    else list();
    return ExitStatus.Ok;
  }
  const entry = entryOf(String(written));
  const results: ShowResult[] = [];
  for (const show of entry.shows ?? []) results.push(await runShow(show));
  const isShown = stateOf(entry) === 'shown' && results.every(({ checks }) => checks.every(({ isMet }) => isMet));
  if (isJson) {
    const checks = results.flatMap((result) => result.checks.map(checkObject));
    print(JSON.stringify({ ...itemObject(entry), shown: isShown, checks }));
  } else tell(entry, results);
  return isShown ? ExitStatus.Ok : ExitStatus.Unmet;
}

function list(): void {
  const rows = ENTRIES.map((entry) => [String(entry.item).padStart(4), stateOf(entry), entry.title]);
  for (const line of formatColumns(rows).trimEnd().split('\n')) {
    print(line.includes('not built') ? paint('dim', line) : line);
  }
  const shown = ENTRIES.filter((entry) => stateOf(entry) === 'shown').length;
  print(`\n${shown} of ${ENTRIES.length} are shown; netarium lecture ITEM runs one`);
}

function entryOf(text: string): LectureEntry {
  const entry = ENTRIES.find(({ item }) => String(item) === text);
  if (entry !== undefined) return entry;
  throw usageError(`The lecture has no item ${text}.`, 'Items are numbered from 1 to 168, and there is no 8.');
}

function tell(entry: LectureEntry, results: readonly ShowResult[]): void {
  print(`${paint('bold', `${entry.item}. ${entry.title}`)}\n${entry.text}`);
  for (const { command, checks, output } of results) {
    print(`\n${paint('bold', `> ${command}`)}`);
    printLines(output.slice(0, MAX_LINES).map((line) => `  ${line}`));
    if (output.length > MAX_LINES) print(`  ... ${output.length - MAX_LINES} more lines`);
    printLines(checks.map(checkLine));
  }
  if (entry.lookAt !== undefined) print(`\n${paint('bold', 'Look at')} ${entry.lookAt}`);
  if (entry.waitsFor !== undefined) print(`\n${paint('yellow', 'Not built')}: it waits for ${entry.waitsFor}.`);
}

const checkLine = ({ name, isMet, detail }: Check): string =>
  ` ${isMet ? paint('green', '✓') : paint('red', '✗')} ${name}${detail === '' ? '' : `  ${paint('dim', detail)}`}`;

const checkObject = ({ name, isMet, detail }: Check): object => ({ name, met: isMet, detail });

function itemObject(entry: LectureEntry): ItemObject {
  const state = stateOf(entry);
  return { item: entry.item, state, command: state === 'shown' ? commandsOf(entry).join(' && ') : null };
}
