// Other programs' TLS, to be talked to over loopback: openssl, curl and gnutls, each started once for one connection.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/doors/cli/main.ts', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const isInstalled = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args).status === 0;

/** Something to say once the program has said something. */
export type Line = readonly [awaited: RegExp, said: string];

/** Runs it to its end, in a directory. @param input all at once, or line by line in answer to what it prints */
export async function run(
  directory: string,
  input: string | readonly Line[],
  program: string,
  ...args: readonly string[]
): Promise<Ended> {
  const child = spawn(program, args, { cwd: directory, timeout: 20_000 });
  const lines = typeof input === 'string' ? [] : [...input];
  let [stdout, stderr] = ['', ''];
  const answer = (): void => {
    while (lines[0]?.[0].test(stdout + stderr)) child.stdin.write(lines.shift()?.[1] ?? '');
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    answer();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    answer();
  });
  const ended = once(child, 'close');
  child.stdin.on('error', () => undefined); // it may have ended before it read all
  if (typeof input === 'string') child.stdin.end(input);
  const [status] = await ended;
  return { status, stdout, stderr };
}

export const netarium = (directory: string, input: string, ...args: readonly string[]): Promise<Ended> =>
  run(directory, input, process.execPath, MAIN, 'tls', ...args);

/** A server that has said that it listens. */
export interface Listening {
  readonly port: string;
  stop(): void;
}

/** @param ready what it says once it listens; the port is its first group, or `port` */
export async function listening(
  directory: string,
  ready: RegExp,
  port: string,
  program: string,
  ...args: readonly string[]
): Promise<Listening> {
  // Some of them end with their input.
  const child: ChildProcess = spawn(program, args, { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  const found = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const match = ready.exec(line);
        if (match !== null) resolve(match[1] ?? port);
      });
    }
    child.on('exit', (status) => reject(new Error(`${program} ended with ${status}: ${said.join('\n')}`)));
    child.on('error', reject);
  });
  return { port: await found, stop: () => child.kill('SIGKILL') };
}

export const serve = (directory: string, ...args: readonly string[]): Promise<Listening> =>
  listening(directory, /^TLS 1\.3 on .*:(\d+)$/, '', process.execPath, MAIN, 'tls', 'serve', '--port', '0', ...args);
