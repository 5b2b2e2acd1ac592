// `netarium route explain ADDRESS --scenario FILE --host NAME`: how a machine decides where a packet goes next.
//
//   9.9.9.9 AND 255.255.255.0  = 9.9.9.0   is not 10.0.0.0
//   9.9.9.9 AND 0.0.0.0        = 0.0.0.0   is 0.0.0.0       via 10.0.0.1 on lan   <- the longest mask that fits

import { explainRoute, isDirect, type RouteMatch } from '../../stack/net/route_table.ts';
import { formatIpv4, type Ipv4Address, parseIpv4Address, prefixMask } from '../../wire/address.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, oneOf, type RawOptions, textOption, timeOption } from './options.ts';
import { openSource, rerun } from './source.ts';
import { hostNamed } from './tables.ts';
import { paint, print, printLines } from './terminal.ts';

/** @throws CliError, FileError */
export async function route(action: string, address: string, options: RawOptions): Promise<ExitStatus> {
  oneOf(action, ['explain'], 'route command');
  const destination = parseIpv4Address(address);
  if (destination === undefined)
    throw usageError(`${address} is no IPv4 address.`, 'Write four numbers, like 10.0.0.1.');
  const file = textOption(options, 'scenario');
  const name = textOption(options, 'host');
  if (file === undefined || name === undefined) {
    throw usageError('Whose routes?', 'Give --scenario FILE and --host NAME.');
  }
  const simulation = await rerun(await openSource(file), file, timeOption(options, 'at'));
  const host = hostNamed(simulation, name);
  const own = host.network.interfaces.find(({ addresses }) => addresses.some((each) => each.address === destination));
  const matches = own === undefined ? explainRoute(host.network.routes, destination) : [];
  if (flagOption(options, 'json')) {
    const about = { schema: 'netarium.route/1', host: name, address, own: own?.name ?? null };
    print(JSON.stringify({ ...about, routes: matches.map(matchObject) }));
    return ExitStatus.Ok;
  }
  if (own !== undefined) {
    print(`${address} is ${name}'s own address on ${own.name}: no route is asked`);
    return ExitStatus.Ok;
  }
  printLines(matchLines(address, matches));
  const winner = matches.find(({ isWinner }) => isWinner);
  print(verdict(name, address, winner));
  return ExitStatus.Ok;
}

const matchObject = ({ route, masked, isMatch, isWinner }: RouteMatch): object => ({
  destination: formatIpv4(route.destination),
  mask: formatIpv4(prefixMask(route.prefixLength) as Ipv4Address),
  masked: formatIpv4(masked),
  matches: isMatch,
  wins: isWinner,
  gateway: isDirect(route) ? null : formatIpv4(route.gateway),
  interface: route.egress.name,
  metric: route.metric,
});

function matchLines(address: string, matches: readonly RouteMatch[]): readonly string[] {
  const rows = matches.map(({ route, masked, isMatch, isWinner }) => ({
    cells: [
      `${address} AND ${formatIpv4(prefixMask(route.prefixLength) as Ipv4Address)}`,
      `= ${formatIpv4(masked)}`,
      `${isMatch ? 'is' : 'is not'} ${formatIpv4(route.destination)}`,
      `${isDirect(route) ? 'on the link' : `via ${formatIpv4(route.gateway)}`} on ${route.egress.name}, metric ${route.metric}`,
    ],
    isMatch,
    isWinner,
  }));
  const widths = [0, 1, 2, 3].map((i) => Math.max(0, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  return rows.map(({ cells, isMatch, isWinner }) => {
    const line = cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
    if (isWinner) return paint('bold', `${line}  <- wins`);
    return isMatch ? line.trimEnd() : paint('dim', line.trimEnd());
  });
}

function verdict(name: string, address: string, winner: RouteMatch | undefined): string {
  if (winner === undefined) return `no route fits: ${name} tells its program that the network is unreachable`;
  const { route } = winner;
  const next = isDirect(route) ? address : formatIpv4(route.gateway);
  return `/${route.prefixLength} is the longest mask that fits: the next hop is ${next}, over ${route.egress.name}`;
}
