// What `import ... from 'netarium'` gives.

export type { Datagram, Endpoint, Program, System, TcpListener, TcpSocket, UdpSocket } from '../../world/app/program.ts';
export { SocketError } from '../../world/app/program.ts';
export type { CapturedFrame } from '../../world/view/captured_frame.ts';
export { type CommandResult, Internet, InternetHost, type ScenarioObject } from './internet.ts';
export { DeadlockError } from './pump.ts';
