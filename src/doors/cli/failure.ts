// Why a command did not do what it was asked for, told once: on stderr for people, and with `--json` as an object on stdout.

import type { CliError } from './exit.ts';
import { diagnosticObjects } from './scenario_file.ts';
import { note, paintNote, print } from './terminal.ts';

export function noteFailure({ message, hint }: CliError): void {
  note(`${paintNote('red', 'error')}  ${message}${hint === undefined ? '' : `\n       ${hint}`}`);
}

/** In the place of what the command would have printed. */
export function printFailure({ status, message, hint, diagnostics }: CliError): void {
  const object = { schema: 'netarium.error/1', status, message, hint: hint ?? null };
  print(JSON.stringify({ ...object, diagnostics: diagnosticObjects(diagnostics) }));
}
