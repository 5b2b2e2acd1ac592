// `npm run bench`: what things cost, next to a peer measured in the same run. `-- --json`: one object a line;
// `-- --check`: fails when a figure is far off its limit.

import { nodeCrypto } from '../src/secure/crypto/node.ts';
import { portableCrypto } from '../src/secure/crypto/portable.ts';
import type { World } from '../src/world/sim/world.ts';
import { dnsQueries } from './dns.ts';
import { loopbackBulk } from './loopback.ts';
import { type BenchResult, collectGarbage, cpuSeconds, median, medianCpu, medianCpuInTurn } from './measure.ts';
import { NodeTls } from './node_tls.ts';
import { forNode, OurTls, type TlsSetup } from './tls.ts';
import { buildStar, runBulk } from './worlds.ts';

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const isCheck = args.includes('--check');
const isQuick = args.includes('--quick');
const USAGE = 'npm run bench -- [--json] [--check] [--quick] [NAME]: all figures, or those whose name contains NAME';
const unknown = args.find((arg) => arg.startsWith('-') && !['--json', '--check', '--quick'].includes(arg));
if (unknown !== undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(unknown === '--help' ? 0 : 2);
}
const only = args.find((arg) => !arg.startsWith('--'));
/** How far a figure may be off its limit before `--check` fails: machines differ, and are busy. */
const TOLERANCE = 1.5;

const RUNS = isQuick ? 1 : 5;
const BULK_BYTES = isQuick ? 100e6 : 300e6;

const results: BenchResult[] = [];

function report(result: BenchResult): void {
  results.push(result);
  if (isJson) {
    const { name, ours, peer, ratio, unit } = result;
    process.stdout.write(`${JSON.stringify({ name, ours, peer, ratio, unit })}\n`);
    return;
  }
  const { name, ours, unit, peer, peerName, ratio, limit } = result;
  const beside = peer === undefined ? '' : `   ${peerName} ${peer.toPrecision(3)}, ratio ${ratio?.toPrecision(3)}`;
  const goal = limit === undefined ? '' : `   goal ${result.isMoreBetter ? '>=' : '<='} ${limit}`;
  process.stdout.write(`${name.padEnd(34)} ${ours.toPrecision(4).padStart(9)} ${unit}${beside}${goal}\n`);
}

const wanted = (name: string): boolean => only === undefined || name.includes(only);

/** How much of `amount` a CPU second does, beside node:tls. */
async function reportBeside(
  { name, unit, limit }: { readonly name: string; readonly unit: string; readonly limit: number | undefined },
  amount: number,
  ours: () => void,
  theirs: () => Promise<void>,
): Promise<void> {
  const [our = Number.NaN, their = Number.NaN] = await medianCpuInTurn(Math.min(RUNS, 3), ours, theirs);
  const compared = { peer: amount / their, peerName: 'node:tls', ratio: their / our, isMoreBetter: true };
  report({ name, ours: amount / our, unit, ...compared, ...(limit === undefined ? {} : { limit }) });
}

/** CPU seconds in which each of `count` machines is served once. */
function runStar(count: number): { readonly world: World; readonly seconds: number } {
  const { world, completed } = buildStar(count);
  const start = cpuSeconds();
  while (world.isAlive) world.step();
  const seconds = cpuSeconds() - start;
  if (completed() !== count) throw new Error(`${completed()} of ${count} hosts were served`);
  return { world, seconds };
}

/** Bytes that the world of `count` machines holds on to after one connection of each. */
function starBytes(count: number): number {
  collectGarbage();
  const before = process.memoryUsage();
  const { world } = runStar(count);
  collectGarbage();
  const after = process.memoryUsage();
  if (world.hosts.size === 0) throw new Error('keeps the world alive while it is measured');
  return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
}

if (wanted('tcp-bulk')) {
  const loopback = (await medianCpu(RUNS, () => loopbackBulk(BULK_BYTES))) / (BULK_BYTES / 1e9);
  for (const [name, window, limit] of [
    ['tcp-bulk-cpu-s-per-gb', 256 * 1024, 0.6],
    ['tcp-bulk-16m-cpu-s-per-gb', 16 * 1024 * 1024, undefined],
  ] as const) {
    const ours = (await medianCpu(RUNS, () => void runBulk(BULK_BYTES, window))) / (BULK_BYTES / 1e9);
    const compared = { peer: loopback, peerName: 'node:net over loopback', ratio: ours / loopback };
    report({ name, ours, unit: 'CPU s/GB', ...compared, ...(limit === undefined ? {} : { limit }) });
  }
}

for (const [count, limit] of [
  [1000, undefined],
  [10_000, 30],
] as const) {
  if (!wanted('hosts')) continue;
  runStar(count); // warms up
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((runStar(count).seconds * 1e6) / count);
  report({
    name: `hosts-${count}-us-per-host`,
    ours: median(times),
    unit: 'CPU us/host',
    ...(limit === undefined ? {} : { limit }),
  });
  const memory = count === 10_000 ? { limit: 2048 } : {};
  report({ name: `hosts-${count}-bytes-per-host`, ours: starBytes(count) / count, unit: 'B/host', ...memory });
}

if (wanted('dns')) {
  const QUERIES = isQuick ? 5000 : 30_000;
  const seconds = await medianCpu(RUNS, () => dnsQueries(QUERIES));
  report({ name: 'dns-queries-per-cpu-s', ours: QUERIES / seconds, unit: 'queries/CPU s', isMoreBetter: true });
}

const X25519: TlsSetup = { provider: nodeCrypto, group: 'X25519', chain: 'direct' };

for (const [name, setup, isResumed, limit] of [
  ['tls-handshakes', X25519, false, 1000],
  ['tls-handshakes-intermediate', { ...X25519, chain: 'intermediate' }, false, undefined],
  ['tls-handshakes-mlkem', { ...X25519, group: 'X25519MLKEM768' }, false, undefined],
  ['tls-handshakes-resumed', X25519, true, undefined],
  ['tls-handshakes-portable', { ...X25519, provider: portableCrypto }, false, 120],
] as const) {
  if (!wanted(name)) continue;
  // Some thousands warm up what a compiler compiles late; the first run does.
  const count = isQuick || setup.provider === portableCrypto ? 300 : 2500;
  const [ours, peer] = [new OurTls(setup), new NodeTls(forNode(setup))];
  if (isResumed) ours.prepareSession();
  if (isResumed) await peer.prepareSession();
  await reportBeside(
    { name, unit: 'handshakes/CPU s', limit },
    count,
    () => ours.handshakes(count),
    () => peer.handshakes(count),
  );
}

if (wanted('tls-bulk')) {
  const [ours, peer] = [new OurTls(X25519), new NodeTls(forNode(X25519))];
  await reportBeside(
    { name: 'tls-bulk-mb-per-cpu-s', unit: 'MB/CPU s', limit: 700 },
    BULK_BYTES / 1e6,
    () => ours.bulk(BULK_BYTES, 16_384),
    () => peer.bulk(BULK_BYTES, 16_384),
  );
}

if (isCheck) {
  const missed = results.filter(({ ours, limit, isMoreBetter }) => {
    if (limit === undefined) return false;
    return isMoreBetter ? ours * TOLERANCE < limit : ours > limit * TOLERANCE;
  });
  for (const { name, ours, limit } of missed) process.stderr.write(`${name}: ${ours} is far off ${limit}\n`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}
