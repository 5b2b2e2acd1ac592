// How a command ends: its exit status, and the error that carries one with a sentence and what to do about it.

import type { Diagnostic } from '../../world/sim/scenario/diagnostic.ts';

export const ExitStatus = {
  Ok: 0,
  /** An expectation failed; with `diff`, the two differ. */
  Unmet: 1,
  /** Wrong arguments, or a scenario with errors. */
  Usage: 2,
  /** It could not run: a file that cannot be read, a defect. */
  Failed: 3,
  /** The same run gave other bytes. */
  NotDeterministic: 4,
  /** By SIGINT, as shells count: 128 + 2. */
  Interrupted: 130,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** Ends the program with one sentence on stderr. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly status: ExitStatus;
  /** What to do. */
  readonly hint: string | undefined;
  /** What is wrong with a scenario, where that is the reason. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(status: ExitStatus, message: string, hint?: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.status = status;
    this.hint = hint;
    this.diagnostics = diagnostics;
  }
}

export const usageError = (message: string, hint?: string): CliError => new CliError(ExitStatus.Usage, message, hint);
