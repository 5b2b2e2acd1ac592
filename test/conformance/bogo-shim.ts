#!/usr/bin/env node
// biome-ignore-all lint/style/useFilenamingConvention: the name that shims go by
// A shim for BoringSSL's test runner (BoGo): a process that connects to it, is the client or the server that the flags describe,
// and says by its exit status how that went. The runner is not part of this repository; docs/conformance.md says what it found.

import { randomFillSync } from 'node:crypto';
import { parseFlags } from './bogo/flags.ts';

/** The runner's word for a test that asks for what there is not. */
const UNIMPLEMENTED = 89;
/** The runner counts what stands behind this line as an error of the process itself. */
const END_OF_ERRORS = '--- DONE ---';

const random = { fill: (out: Uint8Array): void => void randomFillSync(out) };

async function main(args: readonly string[]): Promise<number> {
  // Asked before anything else: whether handshakes can be handed to another process.
  if (args[0] === '-is-handshaker-supported') {
    process.stdout.write('No\n');
    return 0;
  }
  const flags = parseFlags(args);
  if ('unknown' in flags) return UNIMPLEMENTED;
  // Loaded late: most tests are for what this shim does not do, and end above.
  const { performAll } = await import('./bogo/run.ts');
  const problem = await performAll(flags, random);
  if (problem === undefined) return 0;
  if (problem === 'unimplemented') return UNIMPLEMENTED;
  process.stderr.write(`${problem}\n${END_OF_ERRORS}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
