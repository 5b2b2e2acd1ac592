// What a machine has that most machines do not: made with the first of it, so that ten thousand plain ones stay small.

import type { Random } from '../../core/random.ts';
import type { PacketGate } from '../../stack/net/packet_gate.ts';
import type { EchoLayer } from '../../stack/transport/echo_layer.ts';
import type { TcpOptionsOfConnection } from '../../stack/transport/tcp/tcp_settings.ts';
import type { UdpLayer } from '../../stack/transport/udp_layer.ts';
import type { IpAddress } from '../../wire/address.ts';
import type { Endpoint } from '../app/program.ts';
import type { Capacity } from './capacity.ts';
import type { HostAgent } from './host.ts';
import type { HostProcess } from './process.ts';
import type { TlsLayer } from './tls_layer.ts';

export const NO_SERVERS: readonly Endpoint[] = [];

export class HostExtras {
  isPrivileged = true;
  clockSkew = 0;
  nameServers: readonly Endpoint[] = NO_SERVERS;
  knownNames: ReadonlyMap<string, IpAddress> | undefined;
  capacity: Capacity | undefined;
  tcpOptions: Partial<TcpOptionsOfConnection> | undefined;
  gate: PacketGate | undefined;
  udp: UdpLayer | undefined;
  echo: EchoLayer | undefined;
  tls: TlsLayer | undefined;
  programRandom: Random | undefined;
  agents: HostAgent[] | undefined;
  /** What still looks for the machine's address. */
  acquiring: Set<object> | undefined;
  /** Processes that wait until nothing does. */
  waitingForAddress: HostProcess[] | undefined;
  /** Processes whose turn comes after the next one's. */
  behind: HostProcess[] | undefined;
}
