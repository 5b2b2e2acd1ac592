// The routing table as `route -n` prints it, all eight columns, and as `ip route` does.

import { formatIpAddress, formatIpv4, type Ipv4Address, networkOf, prefixMask } from '../../wire/address.ts';
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

/** The same as `ip route` prints it. */
export const formatIpRoutes = (routes: readonly Route[]): string => routes.map(formatIpRoute).join('');

function formatIpRoute(route: Route): string {
  const { destination, prefixLength, gateway, metric, egress } = route;
  const prefix = `${formatIpv4(destination)}${prefixLength === 32 ? '' : `/${prefixLength}`}`;
  const words = [prefixLength === 0 ? 'default' : prefix];
  if (!isDirect(route)) words.push('via', formatIpv4(gateway));
  words.push('dev', egress.name);
  if (isDirect(route)) {
    // What the machine entered itself, with the address that it got; other routes on the link were given to it.
    const own = egress.addresses.find(
      ({ address, prefixLength: length }) =>
        typeof address === 'number' && length === prefixLength && networkOf(address, length) === destination,
    );
    if (own !== undefined) words.push('proto', 'kernel');
    words.push('scope', 'link');
    if (own !== undefined) words.push('src', formatIpAddress(own.address));
  }
  if (metric !== 0) words.push('metric', String(metric));
  if (!egress.isUp) words.push('linkdown');
  return `${words.join(' ')}\n`;
}
