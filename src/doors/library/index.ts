// What `import ... from 'netarium'` gives.

export type { Secret } from '../../adversary/attack/secret.ts';
export { hours, milliseconds, minutes, seconds } from '../../core/time.ts';
export { formatIpAddress, parseIpAddress } from '../../wire/address.ts';
export type {
  Datagram,
  Endpoint,
  Program,
  SocketErrorCode,
  System,
  TcpListener,
  TcpSocket,
  UdpSocket,
} from '../../world/app/program.ts';
export { SocketError } from '../../world/app/program.ts';
export { ScenarioBuilder, ScenarioError } from '../../world/sim/scenario/builder.ts';
export type { Diagnostic } from '../../world/sim/scenario/diagnostic.ts';
export type { Eavesdropper } from './eavesdropper.ts';
export { type BootOptions, Internet, type Packet, type ScenarioObject, type Verdict } from './internet.ts';
export type { CommandResult, InternetHost } from './internet_host.ts';
export { DeadlockError } from './pump.ts';
export type { Connection, DatagramSocket, Listener, ReceivedDatagram, SocketAddress } from './sockets.ts';
