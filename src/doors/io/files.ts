// Files, read whole and written so that nobody ever sees half of one.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/** @throws FileError */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FileError('read', path, error);
  }
}

/**
 * Writes a file with the directories above it. It gets its name when it is whole: whoever reads it meanwhile, or finds it
 * after a crash, has the old one.
 *
 * @throws FileError
 */
export async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new FileError('written', path, error);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
