// The script files that paths name: a file itself, and of a directory all that end in `.pkt`, however deep.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../io/files.ts';

const ENDING = '.pkt';

/** In the order of the paths, and of the names in each directory. @throws FileError */
export async function scriptFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) found.push(...(await filesAt(path)));
  return found;
}

async function filesAt(path: string): Promise<readonly string[]> {
  try {
    const about = await stat(path);
    if (!about.isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => name.endsWith(ENDING))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw new FileError('read', path, error);
  }
}
