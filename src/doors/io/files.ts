// Files, read whole and written so that nobody ever sees half of one.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file cannot be read or written; the message is a sentence that names it. */
export class FileError extends Error {
  override readonly name = 'FileError';
  /** As the system names it: `ENOENT`. */
  readonly code: string;

  constructor(verb: 'read' | 'written', path: string, cause: unknown) {
    const code = codeOf(cause);
    super(`${path} cannot be ${verb}: ${REASONS[code] ?? code}`, { cause });
    this.code = code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EEXIST: 'a part of its path is no directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

export interface NewFile {
  readonly path: string;
  readonly data: Uint8Array | string;
  /** Whether it is for the user's own eyes. */
  readonly isSecret?: boolean;
}

/** @throws FileError */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FileError('read', path, error);
  }
}

/**
 * Writes files with the directories above them. Each gets its name once all are whole: whoever reads one meanwhile, or
 * finds it after a crash, has the old one, and a failure leaves none of them behind.
 *
 * @throws FileError
 */
export async function writeWhole(files: readonly NewFile[]): Promise<void> {
  const written: { readonly temporary: string; readonly path: string }[] = [];
  let current = '';
  try {
    for (const { path, data, isSecret } of files) {
      current = path;
      const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
      await makeDirectory(dirname(path));
      if (await isDirectory(path)) throw Object.assign(new Error(path), { code: 'EISDIR' });
      written.push({ temporary, path });
      await writeFile(temporary, data, isSecret === true ? { mode: 0o600 } : {});
    }
    for (const { temporary, path } of written) {
      current = path;
      await rename(temporary, path);
    }
  } catch (error) {
    for (const { temporary } of written) await rm(temporary, { force: true }).catch(() => undefined);
    throw new FileError('written', current, error);
  }
}

/** Makes nothing. @throws FileError when files cannot be written there: to be asked before the work is done */
export async function checkWritable(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  const parent = dirname(directory);
  if (found === undefined && parent !== directory) return checkWritable(parent);
  try {
    if (!found?.isDirectory()) throw Object.assign(new Error(directory), { code: 'ENOTDIR' });
    await access(directory, constants.W_OK);
  } catch (error) {
    throw new FileError('written', directory, error);
  }
}

// Level by level: Node's own recursive form spins for ever below a directory that denies its children exist (/proc).
async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeDirectory(parent);
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isDirectory(path))) throw error; // somebody else may have made it meanwhile
  });
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
