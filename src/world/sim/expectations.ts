// Whether what a scenario expects has come true, and if not, what was seen instead.

import { DropReason } from '../../core/drop_reason.ts';
import { formatDuration, type Instant } from '../../core/time.ts';
import { natRows } from '../../stack/net/nat_text.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, inPrefix, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { socketRows } from '../host/commands/tables.ts';
import { DhcpServerAgent } from '../host/dhcp_server_agent.ts';
import type { Host } from '../host/host.ts';
import type { CapturedFrame } from '../view/captured_frame.ts';
import { parseFilter } from '../view/filter.ts';
import { passingFrames } from '../view/packet_list.ts';
import { roundTripsTo } from '../view/round_trips.ts';
import type {
  CountRange,
  Expectation,
  OutputExpectation,
  RowPattern,
  RowsExpectation,
  RowTable,
  TableCheck,
} from './scenario/types.ts';
import { Simulation, type StepResult } from './simulation.ts';

export interface ExpectationResult {
  readonly expectation: Expectation;
  readonly name: string;
  readonly isMet: boolean;
  /** What was seen: `3 packets at core`. Behind a cross, what was expected too. */
  readonly detail: string;
  /** With packets: those that matched, for whoever asks why. */
  readonly frames: readonly CapturedFrame[];
  /** When it was judged. */
  readonly at: Instant;
}

type Verdict = { readonly isMet: boolean; readonly detail: string; readonly frames?: readonly CapturedFrame[] };
type Row = Readonly<Record<string, string>>;

/** Judges what is to hold at this moment of the run: tables. */
export const judgeNow = (simulation: Simulation, expectation: Expectation): ExpectationResult =>
  resultOf(simulation, expectation, verdictOn(simulation, expectation));

/** Judges what is to hold at the end. */
export const judgeAtEnd: typeof judgeNow = judgeNow;

function resultOf(simulation: Simulation, expectation: Expectation, verdict: Verdict): ExpectationResult {
  const { isMet, detail, frames = [] } = verdict;
  return { expectation, name: expectation.name, isMet, detail, frames, at: simulation.world.now };
}

function verdictOn(simulation: Simulation, expectation: Expectation): Verdict {
  switch (expectation.kind) {
    case 'step':
      return judgeStep(simulation, expectation);
    case 'packets':
      return judgePackets(simulation, expectation);
    case 'tables':
      return all(
        expectation.checks.map((check) => judgeTable(simulation, simulation.world.host(expectation.host), check)),
      );
    case 'switch-table': {
      const network = simulation.world.network(expectation.network);
      const rows = (network.switch?.list(simulation.world.now) ?? []).map(({ address, port }) => {
        return { address: formatLinkAddress(address), host: hostAt(simulation, address), port: String(port) };
      });
      return judgeRows(simulation, `switch ${expectation.network}`, rows, expectation.rows);
    }
    case 'fault': {
      const hits = simulation.faults.find(({ fault }) => fault.id === expectation.fault)?.hits ?? 0;
      return counted(hits, expectation.hits, `hits of ${expectation.fault}`);
    }
    case 'secret':
      return judgeSecret(simulation, expectation);
    default:
      return expectation satisfies never;
  }
}

function judgeSecret(
  { built, scenario }: Simulation,
  { secret, readableBy, is }: Extract<Expectation, { kind: 'secret' }>,
): Verdict {
  const { heard = [], learned = [] } = built.attackers.get(readableBy) ?? {};
  const path = scenario.registry?.pathTo(heard, learned, secret);
  const seen =
    path === undefined
      ? `${readableBy} cannot read it in the ${heard.length} frames that it heard`
      : `${readableBy} reads it (${path})`;
  const isMet = (path !== undefined) === is;
  return { isMet, detail: isMet ? seen : `expected that it ${is ? 'can' : 'cannot'} be read; ${seen}` };
}

function judgeStep(simulation: Simulation, expectation: Extract<Expectation, { kind: 'step' }>): Verdict {
  const step = simulation.steps.find(({ id }) => id === expectation.step);
  if (step === undefined) return { isMet: false, detail: `step ${expectation.step} never began` };
  const { status, exitCode, error, takes, output, tls, isResumed, roundTrips } = expectation;
  const verdicts: Verdict[] = [];
  const compare = (what: string, expected: Fact | undefined, seen: Fact | undefined): void => {
    if (expected === undefined) return;
    const isMet = expected === seen;
    verdicts.push({
      isMet,
      detail: isMet ? `${what} ${seen}` : `expected ${what} ${expected}, saw ${seen ?? 'none'}${because(step)}`,
    });
  };
  compare('status', status, step.status);
  compare('exit code', exitCode, step.exitCode);
  compare('error', error, step.error);
  compare('TLS', tls, step.tls);
  compare('resumed', isResumed, step.isResumed);
  if (roundTrips !== undefined) verdicts.push(judgeRoundTrips(simulation, step, roundTrips));
  if (takes !== undefined) {
    const duration = Simulation.duration(step);
    const isMet = step.endedAt !== undefined && duration >= takes.min && duration <= takes.max;
    const wanted = `${formatDuration(takes.min)} to ${formatDuration(takes.max)}`;
    verdicts.push({
      isMet,
      detail: isMet ? `took ${formatDuration(duration)}` : `expected ${wanted}, took ${formatDuration(duration)}`,
    });
  }
  verdicts.push(...judgeOutput(step, output));
  return all(verdicts);
}

type Fact = string | number | boolean;

function judgeRoundTrips({ world }: Simulation, { firstByte }: StepResult, expected: CountRange): Verdict {
  const frames = world.capture?.frames() ?? [];
  if (firstByte === undefined) return { isMet: false, detail: 'no answer came, so that no round trips are counted' };
  const { local, remote, at } = firstByte;
  return counted(roundTripsTo(frames, local, remote, at), expected, 'round trips to the first byte');
}

const because = ({ error, endedAt }: StepResult): string =>
  endedAt === undefined ? ': it never came to an end' : error === undefined ? '' : ` (${error})`;

function judgeOutput(step: StepResult, { contains, lacks, matches }: OutputExpectation): readonly Verdict[] {
  const text = step.output.map((line) => line.text).join('\n');
  const seen = text === '' ? 'nothing was printed' : `it printed ${JSON.stringify(text.slice(0, 400))}`;
  return [
    ...contains.map((part) => told(text.includes(part), `prints "${part}"`, seen)),
    ...lacks.map((part) => told(!text.includes(part), `does not print "${part}"`, seen)),
    ...matches.map((pattern) => told(new RegExp(pattern, 'mu').test(text), `matches /${pattern}/`, seen)),
  ];
}

const told = (isMet: boolean, what: string, seen: string): Verdict => {
  return { isMet, detail: isMet ? what : `expected that it ${what}; ${seen}` };
};

function judgePackets(simulation: Simulation, expectation: Extract<Expectation, { kind: 'packets' }>): Verdict {
  const { network, between, factor } = expectation;
  const seen = (text: string, at: string | undefined): readonly CapturedFrame[] => {
    const filter = parseFilter(text);
    if (typeof filter !== 'function') throw new RangeError(filter.message); // it was read with the file
    return passingFrames(simulation.world.capture?.frames() ?? [], filter).filter(
      (frame) => (at === undefined || frame.network === at) && frame.time >= between.from && frame.time <= between.to,
    );
  };
  const frames = seen(expectation.filter, network);
  const where = network === undefined ? 'packets' : `packets at ${network}`;
  const verdicts = [counted(frames.length, expectation.count, where)];
  if (factor !== undefined) verdicts.push(judgeFactor(frames, seen(factor.filter, factor.network), factor));
  return { ...all(verdicts), frames };
}

function judgeFactor(
  frames: readonly CapturedFrame[],
  others: readonly CapturedFrame[],
  { min, max }: CountRange,
): Verdict {
  const [bytes, over] = [bytesOf(frames), bytesOf(others)];
  const seen = `${bytes} bytes over ${over}`;
  if (over === 0) return { isMet: false, detail: `${seen}: there is nothing to compare with` };
  const factor = bytes / over;
  const isMet = factor >= min && factor <= max;
  const text = `${seen}, ${factor.toFixed(1)} times as many`;
  return { isMet, detail: isMet ? text : `expected ${rangeText(min, max)} times as many, saw ${text}` };
}

const bytesOf = (frames: readonly CapturedFrame[]): number => frames.reduce((sum, { bytes }) => sum + bytes.length, 0);

function counted(seen: number, { min, max }: CountRange, what: string): Verdict {
  const isMet = seen >= min && seen <= max;
  return { isMet, detail: isMet ? `${seen} ${what}` : `expected ${rangeText(min, max)} ${what}, saw ${seen}` };
}

function rangeText(min: number, max: number): string {
  if (min === max) return String(min);
  return max === Number.POSITIVE_INFINITY ? `at least ${min}` : min === 0 ? `at most ${max}` : `${min} to ${max}`;
}

function judgeTable(simulation: Simulation, host: Host, check: TableCheck): Verdict {
  switch (check.table) {
    case 'arp':
      return judgeArp(simulation, host, check);
    case 'routes': {
      const { address, length } = check.prefix;
      const found = host.network.routes
        .list()
        .filter((route) => route.destination === address && route.prefixLength === length)
        .filter(({ gateway }) => check.gateway === undefined || gateway === check.gateway);
      const name = `route ${formatIpv4(address)}/${length}`;
      const isMet = check.isAbsent === (found.length === 0);
      return { isMet, detail: `${found.length === 0 ? 'no ' : ''}${name}${isMet ? '' : ', against expectation'}` };
    }
    case 'addresses': {
      const own = host.network.interfaces.find(({ name }) => name === check.network)?.ipv4;
      const text = own === undefined ? 'no address' : formatIpv4(own);
      const { within } = check;
      const isMet =
        within === undefined ? own === undefined : own !== undefined && inPrefix(own, within.address, within.length);
      const wanted = within === undefined ? 'none' : `${formatIpv4(within.address)}/${within.length}`;
      return {
        isMet,
        detail: isMet ? `${host.name} has ${text}` : `expected ${wanted} on ${check.network}, saw ${text}`,
      };
    }
    case 'drops':
      return counted(dropsOf(host, check.reason), check.count, 'drops');
    default:
      return judgeRows(simulation, check.table, rowsOf(simulation, host, check.table), check.rows);
  }
}

// Frames for other stations are no drops to the network layer, which counts them apart; to a reader they are.
const dropsOf = ({ network, tcp, udp }: Host, reason: DropReason): number =>
  network.dropCount(reason) +
  tcp.dropCount(reason) +
  udp.dropCount(reason) +
  (reason === DropReason.NotForUs ? network.framesForOthers : 0);

function judgeArp(simulation: Simulation, host: Host, check: Extract<TableCheck, { table: 'arp' }>): Verdict {
  const { address, expected } = check;
  const entries = host.network.interfaces.flatMap(({ neighbors }) => neighbors);
  const entry = entries.find((each) => each.address === address);
  const isIncomplete = entry !== undefined && (entry.state === 'Incomplete' || entry.state === 'Failed');
  const link = entry === undefined || isIncomplete ? NO_LINK_ADDRESS : entry.linkAddress;
  const seen =
    entry === undefined ? 'absent' : isIncomplete ? 'incomplete' : hostAt(simulation, link) || formatLinkAddress(link);
  const wanted =
    expected.kind === 'host'
      ? expected.host
      : expected.kind === 'link-address'
        ? formatLinkAddress(expected.linkAddress)
        : expected.kind;
  const isMet = wanted === seen || (expected.kind === 'link-address' && link === expected.linkAddress);
  const name = `${formatIpv4(address)} at ${seen}`;
  return { isMet, detail: isMet ? name : `expected ${formatIpv4(address)} at ${wanted}, saw ${seen}` };
}

/** The name of the machine with that link address; '' where there is none. */
function hostAt({ world }: Simulation, linkAddress: number): string {
  for (const host of world.hosts.values()) {
    if (host.network.interfaces.some((each) => each.linkAddress === linkAddress)) return host.name;
  }
  return '';
}

function rowsOf(simulation: Simulation, host: Host, table: RowTable): readonly Row[] {
  const { now } = simulation.world;
  switch (table) {
    case 'nat':
      return host.gate === undefined ? [] : natRows(host.gate, now).map(textRow);
    case 'conntrack':
      return (host.gate?.conntrack.list(now) ?? []).map(({ original, state }) =>
        textRow({
          protocol: original.protocol,
          source: formatIpv4(original.source),
          'source-port': original.sourcePort,
          destination: formatIpv4(original.destination),
          'destination-port': original.destinationPort,
          state,
        }),
      );
    case 'leases':
      return host.agentsOf(DhcpServerAgent).flatMap(({ server }) =>
        server.list(now).map((lease) =>
          textRow({
            address: formatIpv4(lease.address),
            host: lease.hostName ?? '',
            mac: formatLinkAddress(lease.linkAddress),
            state: lease.state,
          }),
        ),
      );
    case 'dns-cache':
      return simulation.built.dnsCacheRows(host.name, now);
    default:
      return socketRows(host).map((row) =>
        textRow({
          protocol: row.protocol,
          state: row.state,
          port: row.localPort,
          address: row.localAddress === undefined ? '0.0.0.0' : formatIpv4(row.localAddress as Ipv4Address),
          'remote-port': row.remotePort,
          program: row.owner,
        }),
      );
  }
}

const textRow = (row: object): Row =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [dashed(key), String(value)]));

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function judgeRows(simulation: Simulation, name: string, rows: readonly Row[], expected: RowsExpectation): Verdict {
  const matches = (pattern: RowPattern): boolean =>
    rows.some((row) => pattern.every(({ column, text }) => isCell(simulation, row[dashed(column)] ?? '', text)));
  const text = (pattern: RowPattern): string => pattern.map((cell) => `${cell.column} ${cell.text}`).join(', ');
  const seen =
    rows.length === 0 ? 'it is empty' : `it has ${rows.map((row) => Object.values(row).join(' ')).join('; ')}`;
  return all([
    counted(rows.length, expected.count, `rows in ${name}`),
    ...expected.has.map((pattern) => told(matches(pattern), `has a row with ${text(pattern)}`, seen)),
    ...expected.lacks.map((pattern) => told(!matches(pattern), `has no row with ${text(pattern)}`, seen)),
  ]);
}

// A machine's name stands for its addresses.
function isCell({ world }: Simulation, cell: string, wanted: string): boolean {
  if (cell.toLowerCase() === wanted.toLowerCase()) return true;
  const host = world.hosts.get(wanted);
  if (host === undefined) return false;
  const addresses = host.network.interfaces.flatMap(({ addresses: own }) => own.map(({ address }) => address));
  return addresses.some((address) => typeof address === 'number' && cell.split(':')[0] === formatIpv4(address));
}

// All must hold. The detail is of those that do not, or of all.
function all(verdicts: readonly Verdict[]): Verdict {
  const missed = verdicts.filter(({ isMet }) => !isMet);
  const shown = missed.length > 0 ? missed : verdicts;
  return { isMet: missed.length === 0 && verdicts.length > 0, detail: shown.map(({ detail }) => detail).join('; ') };
}
