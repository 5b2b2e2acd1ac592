// What can be wrong with a script before it is run: it is not written in the language, or it asks for something that this
// machine does not have.

/** A place in a script where reading stopped; `line` counts from 1. */
export class ScriptSyntaxError extends Error {
  override readonly name = 'ScriptSyntaxError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A script that cannot be judged here, with the reason: it is skipped, which is neither passed nor failed. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported';
  readonly line: number | undefined;

  constructor(reason: string, line?: number) {
    super(reason);
    this.line = line;
  }
}
