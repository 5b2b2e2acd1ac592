// The NAT table in the columns of the lecture, one row a session.

import { formatColumns } from '../../core/columns.ts';
import type { Instant } from '../../core/time.ts';
import { formatIpv4 } from '../../wire/address.ts';
import type { ConntrackEntry } from './conntrack.ts';
import { protocolName } from './conntrack.ts';
import type { PacketGate } from './packet_gate.ts';

export interface NatRow {
  readonly protocol: string;
  readonly remote: string;
  readonly outsidePort: number;
  readonly insideAddress: string;
  readonly insidePort: number;
  readonly state: string;
}

/** The sessions that are translated, in the order in which they began. */
export function natRows(gate: PacketGate, now: Instant): readonly NatRow[] {
  return gate.conntrack
    .list(now)
    .filter(({ nat }) => nat !== 'none')
    .map((entry) => rowOf(entry));
}

function rowOf({ original, reply, nat, state }: Readonly<ConntrackEntry>): NatRow {
  const isOutbound = nat !== 'destination';
  const remote = isOutbound
    ? `${formatIpv4(original.destination)}:${original.destinationPort}`
    : `${formatIpv4(original.source)}:${original.sourcePort}`;
  return {
    protocol: protocolName(original.protocol),
    remote,
    outsidePort: isOutbound ? reply.destinationPort : original.destinationPort,
    insideAddress: formatIpv4(isOutbound ? original.source : reply.source),
    insidePort: isOutbound ? original.sourcePort : reply.sourcePort,
    state,
  };
}

const HEADINGS = ['remote host + port', 'outside local port number', 'inside IP', 'inside port number'] as const;

/** The slide's four columns. */
export const formatNatTable = (rows: readonly NatRow[]): string =>
  formatColumns([
    HEADINGS,
    ...rows.map((row) => [row.remote, String(row.outsidePort), row.insideAddress, String(row.insidePort)]),
  ]);
