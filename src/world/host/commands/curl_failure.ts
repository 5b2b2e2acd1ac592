// How `curl` ends where it fails: with its exit code, and the code that expectations know.

export class CurlFailure extends Error {
  override readonly name = 'CurlFailure';
  readonly exitCode: number;
  /** The code that expectations know. */
  readonly error: string;

  constructor(exitCode: number, error: string, message: string) {
    super(message);
    this.exitCode = exitCode;
    this.error = error;
  }
}
