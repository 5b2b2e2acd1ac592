// A UDP socket of a simulated machine, as the calls need it.

import type { Duration } from '../../core/time.ts';
import { UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { SocketError, type UdpSocket } from '../../world/app/program.ts';
import type { MessageSocket, ReceivedMessage } from './machine.ts';
import type { SimulatedMachine } from './simulated_machine.ts';
import { type Endpoint, ipv4EndpointOf } from './socket_address.ts';

export class SimulatedMessageSocket implements MessageSocket {
  private readonly machine: SimulatedMachine;
  private readonly socket: UdpSocket;

  constructor(machine: SimulatedMachine) {
    this.machine = machine;
    this.socket = machine.touch(() => machine.system.udp());
  }

  get local(): Endpoint | undefined {
    return ipv4EndpointOf(this.socket.local);
  }

  get remote(): Endpoint | undefined {
    return ipv4EndpointOf(this.socket.remote);
  }

  async bind({ address, port }: Endpoint): Promise<void> {
    this.machine.touch(() => this.socket.bind(address === UNSPECIFIED_IPV4 ? undefined : address, port));
  }

  async connect({ address, port }: Endpoint): Promise<void> {
    this.machine.touch(() => this.socket.connect(address, port));
  }

  async send(data: Uint8Array, to: Endpoint | undefined): Promise<void> {
    const { machine, socket } = this;
    machine.touch(() => (to === undefined ? socket.send(data) : socket.sendTo(data, to.address, to.port)));
  }

  async receive(timeout: Duration | undefined): Promise<ReceivedMessage> {
    const what = `waits for a message on port ${this.local?.port ?? 0}`;
    const found = await this.machine.operate(what, (_, deadline) => this.socket.receive(deadline), timeout);
    const from = ipv4EndpointOf(found);
    if (found === undefined || from === undefined) throw new SocketError('EAGAIN', 'nothing came in time');
    return { data: found.data, from };
  }

  allowBroadcast(): void {
    this.socket.allowBroadcast();
  }

  close(): void {
    this.machine.touch(() => this.socket.close());
  }
}
