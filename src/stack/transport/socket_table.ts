// Sockets as `ss -tuan` shows them, whatever their protocol.

import { formatColumns } from '../../core/columns.ts';
import { formatIpAddress, type IpAddress } from '../../wire/address.ts';

export interface SocketRow {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** As `ss` says it: `UNCONN`, `LISTEN`, `ESTAB`, `TIME-WAIT` ... */
  readonly state: string;
  /** Bytes that wait to be read; for a listener, connections that wait to be accepted. */
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** No address: any. */
  readonly localAddress: IpAddress | undefined;
  readonly localPort: number;
  readonly remoteAddress: IpAddress | undefined;
  readonly remotePort: number;
  /** Who opened it: the program's name. */
  readonly owner: string;
}

/** A header and one line a socket, in the order of `compareSockets`. */
export function formatSockets(rows: readonly SocketRow[]): string {
  const cells = [...rows]
    .sort(compareSockets)
    .map((row) => [
      row.protocol,
      row.state,
      String(row.receiveQueue),
      String(row.sendQueue),
      formatEndpoint(row.localAddress, row.localPort),
      formatEndpoint(row.remoteAddress, row.remotePort),
      row.owner,
    ]);
  return formatColumns([
    ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process'],
    ...cells,
  ]);
}

/** `10.0.0.1:53`; port 0 is any: `0.0.0.0:*`. */
export const formatEndpoint = (address: IpAddress | undefined, port: number): string =>
  `${address === undefined ? '0.0.0.0' : textOf(address)}:${port === 0 ? '*' : port}`;

/** A total order: protocol, local port, then everything else that tells two sockets apart. */
export const compareSockets = (a: SocketRow, b: SocketRow): number =>
  compare(a.protocol, b.protocol) ||
  a.localPort - b.localPort ||
  compareAddresses(a.localAddress, b.localAddress) ||
  compareAddresses(a.remoteAddress, b.remoteAddress) ||
  a.remotePort - b.remotePort ||
  compare(a.owner, b.owner);

// "Any" first, then IPv4 by number, then IPv6.
function compareAddresses(a: IpAddress | undefined, b: IpAddress | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return (a >>> 0) - (b >>> 0);
  if (typeof a === 'string' && typeof b === 'string') return compare(a, b);
  return kindOf(a) - kindOf(b);
}

const kindOf = (address: IpAddress | undefined): number =>
  address === undefined ? 0 : typeof address === 'number' ? 1 : 2;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// RFC 5952 §6: brackets keep the port apart.
const textOf = (address: IpAddress): string =>
  typeof address === 'number' ? formatIpAddress(address) : `[${formatIpAddress(address)}]`;
