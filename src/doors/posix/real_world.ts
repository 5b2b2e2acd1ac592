// The other world: the same machines and names, played by the sockets of this machine on its loopback.

import { createServer } from 'node:net';
import { type Posix, withCalls } from './posix.ts';
import { callsOf } from './process.ts';
import { RealAddresses } from './real_addresses.ts';
import { RealMachine, type Reservations } from './real_machine.ts';
import {
  type CheckedMachines,
  checkMachines,
  checkUser,
  type Machines,
  type ProcessOptions,
  type User,
  type World,
} from './world.ts';

const PRIVILEGED_PORT = 1023;

export class RealWorld implements World {
  private readonly machines: CheckedMachines;
  private readonly addresses: RealAddresses;
  private readonly reservations: Reservations = new Map();
  private readonly mayBindLowPorts: boolean;
  private readonly running: RealMachine[] = [];
  private isClosed = false;

  private constructor(machines: CheckedMachines, addresses: RealAddresses, mayBindLowPorts: boolean) {
    this.machines = machines;
    this.addresses = addresses;
    this.mayBindLowPorts = mayBindLowPorts;
  }

  /** @throws Error where this system has no addresses in 127.0.0.0/8 but 127.0.0.1, as macOS */
  static async boot(machines: Machines): Promise<RealWorld> {
    const checked = checkMachines(machines);
    const addresses = new RealAddresses(checked);
    const failure = (await failureOf(addresses.first, 0)) ?? (await failureOf(addresses.first, PRIVILEGED_PORT));
    if (failure !== undefined && failure !== 'EACCES') {
      throw new Error(`${addresses.first} cannot be used here: ${failure}. All of 127.0.0.0/8 must be this machine`);
    }
    return new RealWorld(checked, addresses, failure === undefined);
  }

  process(host: string, { user, isServing = false, onWait }: ProcessOptions = {}): Posix {
    if (!this.machines.hosts.has(host)) throw new RangeError(`there is no host "${host}"`);
    const why = user === undefined ? undefined : this.whyNot(user);
    if (why !== undefined) throw new RangeError(why);
    const machine = new RealMachine(
      host,
      this.machines,
      this.addresses,
      this.reservations,
      isServing,
      () => this.isClosed,
    );
    this.running.push(machine);
    return withCalls(callsOf(machine, onWait));
  }

  whyNot(user: User): string | undefined {
    checkUser(user);
    if (user === 'root') return this.mayBindLowPorts ? undefined : 'this process may not bind ports below 1024';
    return this.mayBindLowPorts ? 'this process may bind ports below 1024, as root may: nobody is refused' : undefined;
  }

  async forget(): Promise<void> {} // each world has addresses of its own, and libuv sets SO_REUSEADDR

  pcapng(): undefined {
    return undefined;
  }

  close(): void {
    this.isClosed = true;
    for (const machine of this.running) machine.exit();
  }
}

async function failureOf(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  return promise;
}
