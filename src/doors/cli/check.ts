// `netarium check FILE...`: what is wrong with scenarios, without running them.

import { FileError } from '../io/files.ts';
import { CliError, ExitStatus } from './exit.ts';
import { flagOption, type RawOptions } from './options.ts';
import { AS_WRITTEN, countText, diagnosticObjects, diagnosticsText, load, readScenarioText } from './scenario_file.ts';
import { note, print } from './terminal.ts';

/** All are looked at, whatever is wrong with the first. */
export async function check(files: readonly string[], options: RawOptions): Promise<ExitStatus> {
  let status: ExitStatus = ExitStatus.Ok;
  const found: object[] = [];
  const unreadable: object[] = [];
  for (const file of files) {
    try {
      const loaded = load(await readScenarioText(file), AS_WRITTEN);
      const isGood = loaded.diagnostics.every(({ severity }) => severity === 'warning');
      if (!isGood) status = worse(status, ExitStatus.Usage);
      found.push(...diagnosticObjects(loaded.diagnostics));
      if (flagOption(options, 'json')) continue;
      if (loaded.diagnostics.length > 0) print(diagnosticsText(loaded.diagnostics));
      if (!flagOption(options, 'quiet'))
        note(`${file}: ${isGood ? 'good' : 'cannot run'}${counts(loaded.diagnostics)}`);
    } catch (error) {
      if (!(error instanceof FileError || error instanceof CliError)) throw error;
      const isMissing = error instanceof FileError;
      const message = isMissing ? `${error.message}.` : error.message;
      note(message);
      unreadable.push({ file, message });
      status = worse(status, isMissing ? ExitStatus.Failed : error.status);
    }
  }
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.check/1', diagnostics: found, unreadable }));
  }
  return status;
}

/** Of two files the graver counts. */
const worse = (one: ExitStatus, other: ExitStatus): ExitStatus => (one > other ? one : other);

const counts = (diagnostics: Parameters<typeof countText>[0]): string =>
  diagnostics.length === 0 ? '' : `, ${countText(diagnostics)}`;
