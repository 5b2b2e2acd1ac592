// Which part of the house may import which: the floors of docs/architecture.md, read from the import statements of src/.
//
// One ordered list instead of a lint rule for each folder, because a rule sees `../host/host.ts` as it is written and
// not where it leads. Tests are left out: they may look at anything. Not here: what a room may take from `node_modules`.

import { posix } from 'node:path';

/** From the ground up: a room imports from itself and from those before it. */
export const ROOMS: readonly string[] = [
  'core',
  'wire',
  'stack/link',
  'stack/net',
  'stack/transport',
  'secure/crypto',
  'secure/pki',
  'secure/tls',
  'world/app',
  'world/host',
  'world/view',
  'world/sim',
  'adversary',
  'doors',
];

/** The only file below the doors that may import the platform. */
const PLATFORM_CRYPTO = 'secure/crypto/node.ts';

/** What is wrong with the imports of one file; `path` from src/ on, with slashes. */
export function importViolations(path: string, source: string): string[] {
  const room = roomOf(path);
  if (room === -1) return [`${path}: lies in no room; the rooms are ${ROOMS.join(', ')}`];
  const found: string[] = [];
  for (const specifier of importedBy(source)) {
    if (specifier.startsWith('node:')) {
      if (ROOMS[room] === 'doors' || path === PLATFORM_CRYPTO) continue;
      found.push(`${path}: imports ${specifier}; only doors/ and ${PLATFORM_CRYPTO} touch the platform`);
    } else if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      const targetRoom = roomOf(target);
      if (targetRoom === -1) found.push(`${path}: imports ${target}, which lies in no room`);
      else if (targetRoom > room) found.push(`${path}: ${ROOMS[room]} imports ${target}, from the room above it`);
    }
  }
  return found;
}

const roomOf = (path: string): number => ROOMS.findIndex((room) => path.startsWith(`${room}/`));

// Import and export declarations, `import()` and side-effect imports, a declaration of several lines included.
const IMPORT = /(?:^|[;}\s])(?:import|export)\s*(?:[\w*{][^'"`;]*?\bfrom\s*|\(\s*)?['"]([^'"\n]+)['"]/g;
const TYPE_IMPORT = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

function importedBy(source: string): Set<string> {
  const code = source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const found = new Set<string>();
  for (const pattern of [IMPORT, TYPE_IMPORT])
    for (const [, specifier] of code.matchAll(pattern)) found.add(specifier ?? '');
  return found;
}
