// The tables of one machine as text, by their names. The words are those of its own commands (`arp -an`, `route -n`, ...).

import type { Instant } from '../../core/time.ts';
import { formatNatTable, natRows } from '../../stack/net/nat_text.ts';
import { formatSockets } from '../../stack/transport/socket_table.ts';
import { formatLeases } from '../app/dhcp/dhcp_leases.ts';
import { arpText, interfaceText, routeText, socketRows } from '../host/commands/tables.ts';
import { DhcpServerAgent } from '../host/dhcp_server_agent.ts';
import type { Host } from '../host/host.ts';

/** A table's text; `undefined` where the machine has no such table: no NAT, no DHCP server. */
export type TableText = (host: Host, now: Instant) => string | undefined;

export const HOST_TABLES: ReadonlyMap<string, TableText> = new Map<string, TableText>([
  ['arp', arpText],
  ['routes', routeText],
  ['addresses', interfaceText],
  ['sockets', (host) => formatSockets(socketRows(host))],
  ['nat', ({ gate }, now) => (gate === undefined ? undefined : formatNatTable(natRows(gate, now)))],
  ['leases', leaseText],
]);

function leaseText(host: Host, now: Instant): string | undefined {
  const agents = host.agentsOf(DhcpServerAgent);
  if (agents.length === 0) return undefined;
  return agents.map(({ server }) => formatLeases(server.list(now), now)).join('');
}
