// Calls the command line as a person does: another process, with its own directory.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const MAIN: string = fileURLToPath(new URL('../../src/doors/cli/main.ts', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Room {
  readonly directory: string;
  write(name: string, data: string | Uint8Array): void;
  netarium(...args: readonly string[]): Promise<Ended>;
  /** With these in the environment; otherwise NO_COLOR is set. */
  netariumIn(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended>;
  netariumReading(input: string, ...args: readonly string[]): Promise<Ended>;
}

/** An empty directory that goes with its test. */
export function room(context: TestContext): Room {
  const directory = mkdtempSync(join(tmpdir(), 'netarium-cli-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const call = (
    input: string,
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Ended> => {
    const { promise, resolve, reject } = Promise.withResolvers<Ended>();
    const environment = { ...process.env, NO_COLOR: '1', ...more };
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: directory, env: environment });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    child.stdin.end(input);
    return promise;
  };
  return {
    directory,
    write: (name, data) => writeFileSync(join(directory, name), data),
    netarium: (...args) => call('', args),
    netariumIn: (environment, ...args) => call('', args, environment),
    netariumReading: (input, ...args) => call(input, args),
  };
}
