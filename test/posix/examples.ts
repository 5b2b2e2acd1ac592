// The programs of examples/posix, as they stand and as they are with one import changed.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Machines, Played, Scenes } from '../../src/doors/posix/index.ts';

const root = dirname(dirname(import.meta.dirname));
export const FOLDER: string = join(root, 'examples/posix');
const REAL = pathToFileURL(join(root, 'src/doors/posix/real.ts')).href;

/** The slides' nine programs. */
export const PROGRAMS = [
  'udp_connected',
  'udp_unconnected',
  'tcp_server',
  'tcp_client',
  'echo',
  'getaddrinfo_server',
  'getaddrinfo_client',
  'several_addresses',
  'old_lookup',
] as const;

export const EXAMPLES: readonly string[] = [...PROGRAMS, 'ftp_server'];

export interface Example {
  readonly machines: Machines;
  readonly scenes: Scenes;
  play(): Promise<Played>;
}

export const load = (name: string, folder: string = FOLDER): Promise<Example> =>
  import(pathToFileURL(join(folder, `${name}.ts`)).href);

/** Writes all programs to a folder of their own, with the one import changed that says whose sockets they use. */
export function withRealSockets(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'netarium-posix-'));
  for (const file of readdirSync(FOLDER)) {
    const source = readFileSync(join(FOLDER, file), 'utf8');
    const changed = source.replace(/(?<=^import \* as posix from )'[^']+'/m, `'${REAL}'`);
    if (changed === source) throw new Error(`${basename(file)} does not import posix`);
    writeFileSync(join(folder, file), changed);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
