// What a command is: a program with arguments, a place to print, and facts about its outcome that a test can ask for.
//
//   words --read--> a program with its options --run--> output, facts, exit status
//
// Reading them alone says whether a command line makes sense: nothing has happened yet.

import type { Instant } from '../../../core/time.ts';
import type { Endpoint, Program, System, Terminal } from '../../app/program.ts';
import type { Host } from '../host.ts';

/** What expectations read, beside the text. */
export interface CommandFacts {
  /** Of the last HTTP response. */
  status?: number;
  /** Why it failed, by its POSIX name or the command's own code. */
  error?: string;
  /** Version of TLS, of the last connection over which it was spoken. */
  tls?: string;
  /** Whether that connection went on from an earlier one. */
  isResumed?: boolean;
  /** Of the connection that was opened last. */
  firstByte?: FirstByte;
}

/** When the first byte of what was asked for came, and over which connection. */
export interface FirstByte {
  readonly at: Instant;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export interface CommandContext {
  readonly system: System;
  readonly host: Host;
  readonly terminal: Terminal;
  readonly facts: CommandFacts;
}

/** Returns the exit status. @throws UsageError, SocketError */
export type CommandProgram = (context: CommandContext) => Program<number> | number;

export interface Command {
  readonly name: string;
  /** Its arguments: `[-c COUNT] HOST`. */
  readonly usage: string;
  /** What it does, in a phrase. */
  readonly summary: string;
  /** @throws UsageError on arguments that make no sense, whatever the machine */
  read(args: readonly string[]): CommandProgram;
}

/** Where a command line makes no sense. */
export interface UsageProblem {
  /** Which argument, from 0; without one, the command as a whole. */
  readonly place?: number | undefined;
  /** What was written, and what might have been meant. */
  readonly written?: string;
  readonly known?: readonly string[];
}

/** The arguments make no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly problem: UsageProblem;

  constructor(message: string, problem: UsageProblem = {}) {
    super(message);
    this.problem = problem;
  }
}

/** Prints a text of several lines. */
export function printText(terminal: Terminal, text: string): void {
  if (text === '') return;
  for (const line of text.replace(/\n$/, '').split('\n')) terminal.print(line);
}
