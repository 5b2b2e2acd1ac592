// The routing table as `route -n` prints it, all eight columns.

import { formatIpv4, type Ipv4Address, prefixMask } from '../../wire/address.ts';
import { isDirect, type Route } from './route_table.ts';

const HEADING = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
`;

/** In the order given, with the headings. */
export const formatRoutes = (routes: readonly Route[]): string => HEADING + routes.map(formatLine).join('');

/** U: the interface is up. G: through a gateway. H: to one host. */
export function routeFlags(route: Route): string {
  const up = route.egress.isUp ? 'U' : '';
  return up + (isDirect(route) ? '' : 'G') + (route.prefixLength === 32 ? 'H' : '');
}

function formatLine(route: Route): string {
  const addresses = [route.destination, route.gateway, prefixMask(route.prefixLength) as Ipv4Address]
    .map((address) => formatIpv4(address).padEnd(16))
    .join('');
  // References and uses are no longer counted by kernels, and print as zero.
  const numbers = `${String(route.metric).padEnd(6)} ${'0'.padEnd(2)} ${'0'.padStart(7)}`;
  return `${addresses}${routeFlags(route).padEnd(5)} ${numbers} ${route.egress.name}\n`;
}
