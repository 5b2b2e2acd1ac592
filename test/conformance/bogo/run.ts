// All connections that one test of the runner asks for: the first, and those that resume it. Not here: one of them (exchange.ts).

import type { RandomSource } from '../../../src/secure/crypto/provider.ts';
import type { TlsClientConfig, TlsServerConfig } from '../../../src/secure/tls/config.ts';
import { acceptTls, connectTls } from '../../../src/secure/tls/connection.ts';
import type { ResumableSession } from '../../../src/secure/tls/session.ts';
import { initialWrite, performExchange } from './exchange.ts';
import type { Flags, ShimFlags } from './flags.ts';
import { clientConfig, serverConfig, Unimplemented } from './settings.ts';

/** An address, since names are sent and addresses are not. */
const NO_NAME = '127.0.0.1';
const START = Date.now();

/** What went wrong; undefined if nothing did. */
export async function performAll(flags: ShimFlags, random: RandomSource): Promise<string | undefined> {
  try {
    const count = flags.initial.number('resume-count') ?? 0;
    if (flags.initial.has('server')) await serveAll(flags, count, random);
    else await connectAll(flags, count, random);
    return undefined;
  } catch (error) {
    if (error instanceof Unimplemented) return 'unimplemented';
    return error instanceof Error && error.name !== 'TypeError' ? error.message : String((error as Error).stack);
  }
}

async function serveAll(flags: ShimFlags, count: number, random: RandomSource): Promise<void> {
  const first = serverConfig(flags.initial, random);
  const { tickets, replayDefence } = first;
  const later: TlsServerConfig = {
    ...serverConfig(flags.resume, random),
    ...(tickets === undefined || flags.resume.has('no-ticket') ? {} : { tickets }),
    ...(replayDefence === undefined ? {} : { replayDefence }),
  };
  for (let index = 0; index <= count; index++) {
    const connection = acceptTls({ config: index === 0 ? first : later, random });
    const of = index === 0 ? flags.initial : flags.resume;
    const now = clockOf(flags.resume, index);
    await performExchange({ connection, flags: of, afterRejection: of, isResumption: index > 0, earlyLength: 0, now });
  }
}

async function connectAll(flags: ShimFlags, count: number, random: RandomSource): Promise<void> {
  const configs: readonly TlsClientConfig[] = [clientConfig(flags.initial), clientConfig(flags.resume)];
  let session: ResumableSession | undefined;
  for (let index = 0; index <= count; index++) {
    const of = index === 0 ? flags.initial : flags.resume;
    const [config = configs[0]] = configs.slice(Math.min(index, 1));
    if (config === undefined) return;
    const now = clockOf(flags.resume, index);
    const earlyData = earlyDataOf(of, session);
    const connection = connectTls({
      config,
      random,
      now,
      serverName: of.text('host-name') ?? NO_NAME,
      ...(session === undefined ? {} : { session }),
      ...(earlyData.length === 0 ? {} : { earlyData }),
    });
    session = await performExchange({
      connection,
      flags: of,
      afterRejection: flags.retry,
      isResumption: index > 0,
      earlyLength: earlyData.length,
      now,
    });
  }
}

function earlyDataOf(flags: Flags, session: ResumableSession | undefined): Uint8Array {
  if (session === undefined || !flags.has('enable-early-data') || !flags.has('shim-writes-first')) {
    return new Uint8Array(0);
  }
  if (flags.has('repeat-shim-initial-write')) throw new Unimplemented('early data in pieces');
  return initialWrite(flags).subarray(0, session.maxEarlyData);
}

/** A clock that stands still, but between connections: those that resume come as many seconds later as the runner says. */
const clockOf = (resume: Flags, index: number): number =>
  START + index * 1000 * (resume.number('resumption-delay') ?? 0);
