// By which router an attacker reaches the rest of the world: named, or the one of its network.

import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { Host } from '../../world/host/host.ts';
import type { AttackSite } from '../../world/sim/scenario/registry.ts';

/** Gives the attacker a default route, where there is a router; returns the interface that it uses. */
export function openWayOut({ attacker, world, now }: AttackSite, gateway: Ipv4Address | undefined): NetworkInterface {
  const { network } = attacker;
  const egress = network.interfaces.find(({ ipv4 }) => ipv4 !== undefined) ?? network.interfaces[0];
  if (egress === undefined) throw new RangeError(`${attacker.name} is on no network`);
  const next = gateway ?? routerOn(world.hosts.values(), egress.name);
  if (next !== undefined) {
    network.routes.add(now, { destination: UNSPECIFIED_IPV4, prefixLength: 0, gateway: next, metric: 0, egress });
  }
  return egress;
}

/** The one router of a network; nothing where there are several. */
function routerOn(hosts: Iterable<Host>, name: string): Ipv4Address | undefined {
  const routers = [...hosts].filter(({ network }) => network.isForwarding);
  const addresses = routers.flatMap(({ network }) => {
    return network.interfaces.flatMap((each) => (each.name === name ? (each.ipv4 ?? []) : []));
  });
  return addresses.length === 1 ? addresses[0] : undefined;
}
