// The tables of one machine as rows for programs, by the same names as their texts in `tables.ts`. What a row does not
// have is null, so that all rows of a table have the same shape.

import { DropReason, dropName, dropText } from '../../core/drop_reason.ts';
import { elapsed, type Instant, NEVER } from '../../core/time.ts';
import type { SwitchEntry } from '../../stack/link/switch.ts';
import { flowText, protocolName } from '../../stack/net/conntrack.ts';
import { natRows } from '../../stack/net/nat_text.ts';
import { isDirect } from '../../stack/net/route_table.ts';
import { formatEndpoint } from '../../stack/transport/socket_table.ts';
import { formatIpAddress, formatIpv4, formatLinkAddress } from '../../wire/address.ts';
import { socketRows } from '../host/commands/tables.ts';
import { DhcpServerAgent } from '../host/dhcp_server_agent.ts';
import type { Host } from '../host/host.ts';

export interface DropRow {
  readonly reason: string;
  readonly count: number;
  readonly meaning: string;
}

export type TableRow = Readonly<Record<string, string | number | boolean | null>>;

/** A table's rows; `undefined` where the machine has no such table. */
export type TableRows = (host: Host, now: Instant) => readonly TableRow[] | undefined;

export const HOST_TABLE_ROWS: ReadonlyMap<string, TableRows> = new Map<string, TableRows>([
  ['arp', arpRows],
  ['routes', routeRows],
  ['addresses', addressRows],
  ['sockets', (host) => socketRows(host).map(socketRow)],
  ['nat', ({ gate }, now) => (gate?.nat === undefined ? undefined : natRows(gate, now).map((row) => ({ ...row })))],
  ['conntrack', conntrackRows],
  ['leases', leaseRows],
  ['tls', (host) => (host.hasTls ? host.tls.table.list().map((row) => ({ ...row })) : undefined)],
  ['certificates', (host) => (host.hasTls ? host.tls.table.listCertificates().map((row) => ({ ...row })) : undefined)],
  ['drops', (host) => dropRows(host).map((row) => ({ ...row }))],
]);

export const switchRow = ({ address, port, age }: SwitchEntry): TableRow => {
  return { linkAddress: formatLinkAddress(address), port, ageMs: age / 1e6 };
};

function arpRows({ network }: Host): readonly TableRow[] {
  return network.interfaces.flatMap(({ name, neighbors }) =>
    neighbors.map(({ address, linkAddress, state }) => {
      const isKnown = state !== 'Incomplete' && state !== 'Failed';
      return {
        address: formatIpv4(address),
        linkAddress: isKnown ? formatLinkAddress(linkAddress) : null,
        state: state.toLowerCase(),
        interface: name,
      };
    }),
  );
}

function routeRows({ network }: Host): readonly TableRow[] {
  return network.routes.list().map((route) => ({
    destination: `${formatIpv4(route.destination)}/${route.prefixLength}`,
    gateway: isDirect(route) ? null : formatIpv4(route.gateway),
    metric: route.metric,
    interface: route.egress.name,
    up: route.egress.isUp,
  }));
}

function addressRows({ network }: Host): readonly TableRow[] {
  return network.interfaces.flatMap(({ name, linkAddress, isUp, mtu, addresses }): TableRow[] => {
    const about = { interface: name, linkAddress: formatLinkAddress(linkAddress), up: isUp, mtu };
    if (addresses.length === 0) return [{ ...about, address: null, prefixLength: null }];
    return addresses.map(({ address, prefixLength }) => {
      return { ...about, address: formatIpAddress(address), prefixLength };
    });
  });
}

function socketRow(row: ReturnType<typeof socketRows>[number]): TableRow {
  const { protocol, state, receiveQueue, sendQueue, owner } = row;
  const local = formatEndpoint(row.localAddress, row.localPort);
  const peer = formatEndpoint(row.remoteAddress, row.remotePort);
  return { protocol, state, receiveQueue, sendQueue, local, peer, program: owner };
}

function conntrackRows({ gate }: Host, now: Instant): readonly TableRow[] | undefined {
  return gate?.conntrack.list(now).map(({ original, reply, state, nat, expiresAt }) => ({
    protocol: protocolName(original.protocol),
    state,
    original: flowText(original),
    reply: flowText(reply),
    nat,
    expiresInMs: milliseconds(now, expiresAt),
  }));
}

function leaseRows(host: Host, now: Instant): readonly TableRow[] | undefined {
  const agents = host.agentsOf(DhcpServerAgent);
  if (agents.length === 0) return undefined;
  return agents.flatMap(({ server }) =>
    server.list(now).map(({ address, linkAddress, state, deadline, hostName }) => ({
      address: formatIpv4(address),
      linkAddress: formatLinkAddress(linkAddress),
      state,
      remainingMs: milliseconds(now, deadline),
      host: hostName ?? null,
    })),
  );
}

export function dropRows({ network, tcp, udp }: Host): readonly DropRow[] {
  return Object.values(DropReason).flatMap((reason) => {
    const count = network.dropCount(reason) + tcp.dropCount(reason) + udp.dropCount(reason);
    return count === 0 ? [] : [{ reason: dropName(reason), count, meaning: dropText(reason) }];
  });
}

/** From now on; null: never. */
const milliseconds = (now: Instant, deadline: Instant): number | null =>
  deadline === NEVER ? null : elapsed(now, deadline) / 1e6;
