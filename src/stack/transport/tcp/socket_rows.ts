// Connections and listeners as rows of the socket table, with the names of `ss`.

import type { SocketRow } from '../socket_table.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpListenerEndpoint } from './tcp_listener.ts';
import type { TcpState } from './tcp_state.ts';
import type { TimeWaitEntry } from './time_wait.ts';

const STATE_NAMES: Readonly<Record<TcpState, string>> = {
  Closed: 'UNCONN',
  Listen: 'LISTEN',
  SynSent: 'SYN-SENT',
  SynReceived: 'SYN-RECV',
  Established: 'ESTAB',
  FinWait1: 'FIN-WAIT-1',
  FinWait2: 'FIN-WAIT-2',
  CloseWait: 'CLOSE-WAIT',
  Closing: 'CLOSING',
  LastAck: 'LAST-ACK',
  TimeWait: 'TIME-WAIT',
};

export const listenerRow = (listener: TcpListenerEndpoint): SocketRow => ({
  protocol: 'tcp',
  state: STATE_NAMES.Listen,
  receiveQueue: listener.waitingCount,
  sendQueue: listener.backlog,
  localAddress: listener.localAddress,
  localPort: listener.localPort,
  remoteAddress: undefined,
  remotePort: 0,
  owner: listener.owner,
});

export const connectionRow = (entry: TcpConnection | TimeWaitEntry): SocketRow => ({
  protocol: 'tcp',
  state: STATE_NAMES[entry.state],
  receiveQueue: 'readableBytes' in entry ? entry.readableBytes : 0,
  sendQueue: 'unsentBytes' in entry ? entry.unsentBytes : 0,
  localAddress: entry.localAddress,
  localPort: entry.localPort,
  remoteAddress: entry.remoteAddress,
  remotePort: entry.remotePort,
  owner: 'owner' in entry ? entry.owner : '',
});
