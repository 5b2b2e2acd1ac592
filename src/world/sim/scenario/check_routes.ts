// Whether a machine with fixed addresses has a route to every network it could be expected to reach: those behind the
// routers of its networks, and behind theirs. What a NAT hides cannot be reached by a route, so none is asked for.
//
//   host -- lan -- router -- core -- router(NAT outside) -- home
//                            visible                        hidden
//
// A host that writes `routes: {}` means to have none. Who asks a DHCP server is told its routes.

import { formatPrefix, inPrefix } from '../../../wire/address.ts';
import type { Directory } from './read_networks.ts';
import type { Reading } from './reading.ts';
import type { HostDefinition } from './types.ts';

export function checkRoutes(
  reading: Reading,
  directory: Directory,
  hosts: readonly HostDefinition[],
  withoutAdvice: ReadonlySet<string>,
): void {
  const routers = hosts.filter((host) => host.kind === 'router');
  for (const host of hosts) {
    if (withoutAdvice.has(host.name) || host.interfaces.some((entry) => entry.addressing.kind !== 'static')) continue;
    const own = host.interfaces.map((entry) => entry.network);
    const missing = visibleFrom(own, host, routers).find(
      (name) => !own.includes(name) && !hasRoute(directory, host, name),
    );
    const network = directory.networks.get(missing ?? '');
    if (network === undefined) continue;
    const gateway = routers.find(
      (router) => router !== host && router.interfaces.some((entry) => own.includes(entry.network)),
    );
    const entry = gateway?.interfaces.find((one) => own.includes(one.network));
    const via = entry?.addressing.kind === 'static' ? gateway?.name : 'GATEWAY';
    const message = `${host.name} has no route to ${network.name} (${formatPrefix(network.subnet)})`;
    const suggestion = `add routes: { default: ${via} }, or routes: {} if that is meant`;
    reading.problem(reading.placeOf(host), 'no-route', message, suggestion);
  }
}

function visibleFrom(start: readonly string[], self: HostDefinition, routers: readonly HostDefinition[]): string[] {
  const found = [...start];
  // Grows while it is walked: every network once.
  for (const network of found) {
    for (const router of routers) {
      if (router === self || !router.interfaces.some((entry) => entry.network === network)) continue;
      if (router.nat?.outside === network) continue;
      for (const entry of router.interfaces) if (!found.includes(entry.network)) found.push(entry.network);
    }
  }
  return found;
}

function hasRoute(directory: Directory, host: HostDefinition, name: string): boolean {
  const subnet = directory.networks.get(name)?.subnet;
  return (
    subnet === undefined ||
    host.routes.some(
      ({ prefix }) => prefix.length <= subnet.length && inPrefix(subnet.address, prefix.address, prefix.length),
    )
  );
}
