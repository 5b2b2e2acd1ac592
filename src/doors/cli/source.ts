// What commands look into: a scenario that is run for it, a trace that is run again, or a capture file. Which of them a
// file is, its content says.

import { textOf } from '../../core/bytes.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import { LINKTYPE_ETHERNET } from '../../wire/pcapng.ts';
import { readCapture } from '../../wire/pcapng_reader.ts';
import { Simulation } from '../../world/sim/simulation.ts';
import { isTraceProblem, isTraceText, parseTrace, type Trace } from '../../world/sim/trace.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { type Stations, stationsInFrames, stationsOfHosts } from '../../world/view/stations.ts';
import { readBytes } from '../io/files.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';
import { timeOf } from './options.ts';
import { runToEnd } from './running.ts';
import { AS_WRITTEN, isCaptureFile, loadRunnable, type ScenarioChoice, type ScenarioText } from './scenario_file.ts';
import { note } from './terminal.ts';

export type Source =
  | { readonly kind: 'scenario'; readonly scenario: ScenarioText; readonly choice: ScenarioChoice }
  | { readonly kind: 'trace'; readonly trace: Trace; readonly scenario: ScenarioText; readonly choice: ScenarioChoice }
  | { readonly kind: 'capture'; readonly frames: readonly CapturedFrame[]; readonly keyLog: string };

/** @throws FileError, CliError */
export async function openSource(path: string): Promise<Source> {
  const bytes = await readBytes(path);
  if (isCaptureFile(bytes)) return captureOf(path, bytes);
  const text = textOf(bytes);
  if (!isTraceText(text)) return { kind: 'scenario', scenario: { fileName: path, text }, choice: AS_WRITTEN };
  const trace = parseTrace(text);
  if (isTraceProblem(trace)) throw usageError(`${path}: ${trace.problem}`, 'Write a new one with netarium run.');
  return { kind: 'trace', trace, ...scenarioOfTrace(trace) };
}

function scenarioOfTrace({ scenario, seed, variant, set }: Trace): { scenario: ScenarioText; choice: ScenarioChoice } {
  return { scenario, choice: { seed, variant: variant ?? undefined, set } };
}

/** What has been run is stopped there by its trace; `NEVER` where it ran to its end. */
export const limitOf = (source: Source): Instant =>
  source.kind === 'trace' && source.trace.until !== null
    ? timeOf(source.trace.until, 'the until of this trace')
    : NEVER;

/** Runs what can be run, up to a time or to where it was stopped. @throws CliError */
export async function rerun(source: Source, path: string, limit: Instant = limitOf(source)): Promise<Simulation> {
  if (source.kind === 'capture') {
    throw usageError(`${path} is a capture: it holds packets, and no machines.`, 'Give a scenario or a trace.');
  }
  const simulation = new Simulation(loadRunnable(source.scenario, source.choice), { crypto: nodeCrypto });
  await runToEnd(simulation, limit);
  return simulation;
}

export interface SourceFrames {
  readonly frames: readonly CapturedFrame[];
  readonly stations: Stations;
  /** By which TLS can be read: what the ends gave away. */
  readonly secrets: TlsSecrets;
}

export async function framesFrom(source: Source, path: string): Promise<SourceFrames> {
  if (source.kind === 'capture') {
    const { frames, keyLog } = source;
    return { frames, stations: stationsInFrames(frames), secrets: secretsIn(keyLog, nodeCrypto) };
  }
  const { world } = await rerun(source, path);
  const frames = world.capture?.frames() ?? [];
  const secrets = secretsIn(world.capture?.keyLog() ?? '', nodeCrypto);
  return { frames, stations: stationsOfHosts(world.hosts.values()), secrets };
}

// Times count from the first packet, as tshark shows them.
function captureOf(path: string, bytes: Uint8Array): Extract<Source, { kind: 'capture' }> {
  const { packets, interfaces, tlsSecrets, problem } = readCapture(bytes);
  if (problem !== undefined) {
    if (packets.length === 0) throw new CliError(ExitStatus.Usage, `${path}: ${problem}`);
    note(`${path}: ${problem} Shown is what comes before.`);
  }
  const first = packets[0];
  const frames: CapturedFrame[] = [];
  for (const { interfaceNumber, seconds, nanoseconds, data, comments } of packets) {
    const from = interfaces[interfaceNumber];
    if (from?.linkType !== LINKTYPE_ETHERNET) continue;
    const time = (seconds - (first?.seconds ?? 0)) * 1e9 + nanoseconds - (first?.nanoseconds ?? 0);
    const network = from.name ?? `if${interfaceNumber}`;
    const comment = comments.length === 0 ? {} : { comment: comments.join('; ') };
    frames.push({ number: frames.length + 1, time: time as Instant, network, bytes: data, ...comment });
  }
  const others = packets.length - frames.length;
  if (others > 0) note(`${path}: ${others} packets are left out, since they are not Ethernet.`);
  return { kind: 'capture', frames, keyLog: tlsSecrets.join('\n') };
}
