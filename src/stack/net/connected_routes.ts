// What follows from the addresses of an interface alone: routes to the networks on its link.

import {
  BROADCAST_IPV4,
  formatIpv4,
  isLinkLocalIpv4,
  isMulticastIpv4,
  networkOf,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import type { InterfaceAddress, NetworkInterface } from './network_interface.ts';
import { DEFAULT_METRIC, LINK_LOCAL_METRIC, type Route } from './route_table.ts';

/** @throws RangeError on an address that no single machine can have */
export function checkAddress({ address, prefixLength }: InterfaceAddress): void {
  if (typeof address !== 'number') return;
  const canBeOwn =
    address !== UNSPECIFIED_IPV4 && address !== BROADCAST_IPV4 && !isMulticastIpv4(address) && prefixLength >= 0;
  if (!canBeOwn || prefixLength > 32) {
    throw new RangeError(`${formatIpv4(address)}/${prefixLength} cannot be the address of an interface`);
  }
}

export function connectedRoutes(egress: NetworkInterface): Route[] {
  const routes: Route[] = [];
  for (const { address, prefixLength } of egress.addresses) {
    if (typeof address !== 'number' || prefixLength === 32) continue;
    const metric = isLinkLocalIpv4(address) ? LINK_LOCAL_METRIC : DEFAULT_METRIC;
    const destination = networkOf(address, prefixLength);
    routes.push({ destination, prefixLength, gateway: UNSPECIFIED_IPV4, metric, egress });
  }
  return routes;
}
