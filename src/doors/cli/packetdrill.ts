// `netarium packetdrill PATH...`: scripts of packetdrill, run on a machine of ours.

import { textOf } from '../../core/bytes.ts';
import { readBytes } from '../io/files.ts';
import { MODES } from '../packetdrill/comparison.ts';
import { runScript } from '../packetdrill/run_script.ts';
import { scriptFiles } from '../packetdrill/script_files.ts';
import { failureLines, type Verdict } from '../packetdrill/verdict.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';
import { flagOption, listOption, oneOf, type RawOptions, textOption } from './options.ts';
import { paint, print } from './terminal.ts';

interface Judged {
  readonly file: string;
  readonly verdict: Verdict;
}

/** Ends with 0 where no script fails, with 1 where one does. @throws CliError, FileError */
export async function packetdrill(paths: readonly string[], options: RawOptions): Promise<ExitStatus> {
  const mode = oneOf(textOption(options, 'mode') ?? 'semantic', MODES, 'mode');
  const symbols = symbolsOf(listOption(options, 'define'));
  const isJson = flagOption(options, 'json');
  const files = await scriptFiles(paths);
  if (files.length === 0) {
    throw new CliError(ExitStatus.Failed, `There is no script in ${paths.join(', ')}.`, 'Scripts end in .pkt.');
  }
  const judged: Judged[] = [];
  for (const file of files) {
    const verdict = runScript(textOf(await readBytes(file)), { mode, symbols });
    judged.push({ file, verdict });
    if (!isJson) tell({ file, verdict }, flagOption(options, 'quiet'));
  }
  const [passed, failed, skipped] = [count(judged, 'passed'), count(judged, 'failed'), count(judged, 'skipped')];
  if (isJson) {
    const scripts = judged.map(({ file, verdict }) => ({ file, ...verdict }));
    print(JSON.stringify({ schema: 'netarium.packetdrill/1', mode, passed, failed, skipped, scripts }));
  } else print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? ExitStatus.Ok : ExitStatus.Unmet;
}

const count = (judged: readonly Judged[], status: Verdict['status']): number =>
  judged.filter(({ verdict }) => verdict.status === status).length;

function symbolsOf(written: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    written.map((text) => {
      const [, name, , value = ''] = /^([A-Za-z_]\w*)(=(.*))?$/.exec(text) ?? [];
      if (name === undefined) throw usageError(`--define ${text} defines nothing.`, 'Write --define NAME=VALUE.');
      return [name, value];
    }),
  );
}

function tell({ file, verdict }: Judged, isQuiet: boolean): void {
  if (verdict.status === 'failed') {
    const [reason = '', ...rest] = failureLines(verdict);
    print([`${paint('red', 'failed')}   ${file}:${verdict.line}: ${reason}`, ...rest].join('\n'));
  } else if (!isQuiet) {
    print(verdict.status === 'passed' ? `${paint('green', 'passed')}   ${file}` : skippedText(file, verdict));
  }
}

const skippedText = (file: string, { reason, line }: Extract<Verdict, { readonly status: 'skipped' }>): string =>
  `${paint('yellow', 'skipped')}  ${file}${line === undefined ? '' : `:${line}`}: ${reason}`;
