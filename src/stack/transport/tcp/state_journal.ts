// The changes of a connection's state as entries of the journal. Made only while somebody watches.

import { type JournalChange, type JournalEntry, JournalTable } from '../../../core/journal.ts';
import type { Instant } from '../../../core/time.ts';
import { formatIpAddress, type IpAddress } from '../../../wire/address.ts';
import type { TableEntry } from './connection_table.ts';
import type { TcpState } from './tcp_state.ts';

export function stateEntry(
  time: Instant,
  host: string,
  entry: TableEntry,
  change: JournalChange,
  state: TcpState,
  cause: string,
): JournalEntry {
  const local = formatEndpoint(entry.localAddress, entry.localPort);
  const remote = formatEndpoint(entry.remoteAddress, entry.remotePort);
  return {
    table: JournalTable.Tcp,
    time,
    host,
    change,
    key: `tcp ${local} ${remote}`,
    cause,
    row: { state, local, remote },
  };
}

const formatEndpoint = (address: IpAddress, port: number): string =>
  `${typeof address === 'number' ? formatIpAddress(address) : `[${formatIpAddress(address)}]`}:${port}`;
