// The tables of one machine as text, by their names. The words are those of its own commands (`arp -an`, `route -n`, ...).

import type { Instant } from '../../core/time.ts';
import { flowText, protocolName } from '../../stack/net/conntrack.ts';
import { formatNatTable, natRows } from '../../stack/net/nat_text.ts';
import { formatSockets } from '../../stack/transport/socket_table.ts';
import { formatLeases } from '../app/dhcp/dhcp_leases.ts';
import { arpText, interfaceText, routeText, socketRows } from '../host/commands/tables.ts';
import { DhcpServerAgent } from '../host/dhcp_server_agent.ts';
import type { Host } from '../host/host.ts';
import { formatCertificateRows, formatTlsRows } from '../host/tls_text.ts';
import { dropRows } from './table_rows.ts';

/** A table's text; `undefined` where the machine has no such table: no NAT, no DHCP server. */
export type TableText = (host: Host, now: Instant) => string | undefined;

export const HOST_TABLES: ReadonlyMap<string, TableText> = new Map<string, TableText>([
  ['arp', arpText],
  ['routes', routeText],
  ['addresses', interfaceText],
  ['sockets', (host) => formatSockets(socketRows(host))],
  ['nat', ({ gate }, now) => (gate?.nat === undefined ? undefined : formatNatTable(natRows(gate, now)))],
  ['conntrack', conntrackText],
  ['leases', leaseText],
  ['tls', (host) => (host.hasTls ? formatTlsRows(host.tls.table.list()) : undefined)],
  ['certificates', (host) => (host.hasTls ? formatCertificateRows(host.tls.table.listCertificates()) : undefined)],
  ['drops', dropsText],
]);

function leaseText(host: Host, now: Instant): string | undefined {
  const agents = host.agentsOf(DhcpServerAgent);
  if (agents.length === 0) return undefined;
  return agents.map(({ server }) => formatLeases(server.list(now), now)).join('');
}

function conntrackText({ gate }: Host, now: Instant): string | undefined {
  if (gate === undefined) return undefined;
  const entries = gate.conntrack.list(now);
  return entries
    .map(({ original, reply, state }) => {
      return `${protocolName(original.protocol).padEnd(4)} ${state.padEnd(11)} ${flowText(original)}   answers ${flowText(reply)}\n`;
    })
    .join('');
}

function dropsText(host: Host): string {
  return dropRows(host)
    .map(({ reason, count, meaning }) => `${String(count).padStart(7)}  ${reason.padEnd(22)} ${meaning}\n`)
    .join('');
}
