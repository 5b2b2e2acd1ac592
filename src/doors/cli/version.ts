// The version of this program, from its package.

import { readFileSync } from 'node:fs';

interface PackageFile {
  readonly version: string;
}

// The same distance from src/doors/cli/ and from dist/doors/cli/.
const file = new URL('../../../package.json', import.meta.url);

export const VERSION: string = (JSON.parse(readFileSync(file, 'utf8')) as PackageFile).version;
export const PROGRAM: string = `netarium ${VERSION}`;
