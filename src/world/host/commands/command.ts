// What a command is: a program with arguments, a place to print, and facts about its outcome that a test can ask for.

import type { Program, System, Terminal } from '../../app/program.ts';
import type { Host } from '../host.ts';

/** What expectations read, beside the text. */
export interface CommandFacts {
  /** Of the last HTTP response. */
  status?: number;
  /** Why it failed, by its POSIX name or the command's own code. */
  error?: string;
}

export interface CommandContext {
  readonly system: System;
  readonly host: Host;
  readonly terminal: Terminal;
  readonly facts: CommandFacts;
}

export interface Command {
  readonly name: string;
  /** Its arguments: `[-c COUNT] HOST`. */
  readonly usage: string;
  /** What it does, in a phrase. */
  readonly summary: string;
  /** Returns the exit status. @throws UsageError, SocketError */
  run(context: CommandContext, args: readonly string[]): Program<number> | number;
}

/** The arguments make no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Prints a text of several lines. */
export function printText(terminal: Terminal, text: string): void {
  if (text === '') return;
  for (const line of text.replace(/\n$/, '').split('\n')) terminal.print(line);
}
