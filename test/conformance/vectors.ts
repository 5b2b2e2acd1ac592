// Reads the vectors that lie beside it. Not here: what they are held against.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** `path` from vectors/ on, without `.json.gz`. */
export function readVectors(path: string): unknown {
  const file = join(import.meta.dirname, 'vectors', `${path}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString());
}
