// What becomes of a script, and how it is told.

import type { Difference } from './comparison.ts';

export type Verdict =
  | { readonly status: 'passed' }
  | { readonly status: 'skipped'; readonly reason: string; readonly line: number | undefined }
  | ({ readonly status: 'failed' } & Failure);

export interface Failure {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
  /** The packet of the script, where one did not come as it should. */
  readonly expected?: string;
  /** The packet that came instead. */
  readonly actual?: string;
  readonly differences?: readonly Difference[];
  /** What crossed last, the latest at the end. */
  readonly crossed?: readonly string[];
}

/** The script and the machine do not agree. */
export class ScriptFailure extends Error {
  override readonly name = 'ScriptFailure';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** The lines that tell a failure. */
export function failureLines({ reason, expected, actual, differences = [], crossed = [] }: Failure): readonly string[] {
  return [
    reason,
    ...(expected === undefined ? [] : [`  expected  ${expected}`]),
    ...(actual === undefined ? [] : [`  actual    ${actual}`]),
    ...differences.map(({ what, expected: wanted, actual: got }) => `  ${what}: expected ${wanted}, was ${got}`),
    ...(crossed.length === 0 ? [] : ['  what crossed last:', ...crossed.map((line) => `    ${line}`)]),
  ];
}
