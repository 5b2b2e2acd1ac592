// One machine of an internet: commands as in its shell, programs and sockets of one's own, and its tables.

import { after, type Duration, NEVER, seconds } from '../../core/time.ts';
import type { NatRow } from '../../stack/net/nat_text.ts';
import { natRows } from '../../stack/net/nat_text.ts';
import type { Program, System } from '../../world/app/program.ts';
import { type CommandRun, runCommand } from '../../world/host/commands/all.ts';
import { arpText, interfaceText, routeText } from '../../world/host/commands/tables.ts';
import type { Host } from '../../world/host/host.ts';
import type { HostProcess } from '../../world/host/process.ts';
import { ProcessSystem } from '../../world/host/process_system.ts';
import { checkFunction, checkName, checkPort } from './arguments.ts';
import type { Pump } from './pump.ts';
import { Connection, connectToAny, DatagramSocket, Listener, type SocketHome, touch } from './sockets.ts';

/** How long a command waits for its machine's address. */
export const READY_LIMIT: Duration = seconds(30);

/** What a command left behind. */
export interface CommandResult {
  readonly exitCode: number;
  /** What it printed, its lines joined. */
  readonly output: string;
  /** Of the last HTTP response. */
  readonly status: number | undefined;
  /** Why it failed, by its POSIX name or the command's own: `ECONNREFUSED`, `expired-certificate`. */
  readonly error: string | undefined;
  /** Of the last connection over TLS: its version, `1.3`. */
  readonly tls: string | undefined;
}

export class InternetHost {
  /** The machine itself: for whoever needs what the door does not offer. */
  readonly machine: Host;
  /** What moves time: for the doors beside this one. */
  readonly pump: Pump;
  private owner: HostProcess | undefined;

  /** Use `Internet.host`. */
  constructor(machine: Host, pump: Pump) {
    this.machine = machine;
    this.pump = pump;
  }

  get name(): string {
    return this.machine.name;
  }

  /**
   * Runs a command as in the machine's shell: `run('curl http://10.0.0.2/')`. That it fails is its exit code and output;
   * the promise is rejected only where it never ends.
   */
  async run(command: string): Promise<CommandResult> {
    checkName(command, 'a command');
    const { machine } = this;
    const run = await this.pump.operate(machine, `${this.name}: ${command}`, function* (system): Program<CommandRun> {
      yield* machine.whenReady(after(system.now, READY_LIMIT));
      const started = runCommand(machine, command);
      try {
        yield* system.join(started.process);
      } finally {
        started.process.kill();
      }
      return started;
    });
    const { status, error, tls } = run.facts;
    return { exitCode: run.exitCode ?? 1, output: run.output.join('\n'), status, error, tls };
  }

  /**
   * Runs a program of one's own: a generator over the machine's sockets. What it returns or throws is the outcome.
   *
   *   await alice.program(function* (system) { yield* system.sleep(seconds(1)); return system.now; })
   */
  async program<Result>(main: (system: System) => Program<Result>): Promise<Result> {
    checkFunction(main, 'a program');
    return this.pump.operate(this.machine, `a program on ${this.name}`, main);
  }

  /**
   * A TCP connection to an address or a name.
   *
   * @throws SocketError `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, `ENETUNREACH`, `ENOTFOUND`
   */
  async connect(port: number, address: string): Promise<Connection> {
    checkPort(port);
    checkName(address, 'an address or a name');
    const home = this.home();
    const what = `${this.name} connects to ${address}:${port}`;
    const socket = await this.pump.operate(this.machine, what, (system) =>
      connectToAny(system, home.owner, address, port),
    );
    return new Connection(home, socket, false);
  }

  /**
   * Takes TCP connections; `handler` is called with each. Port 0: one is chosen. A handler's waiting keeps no time moving:
   * it serves those who do wait.
   *
   * @throws SocketError `EADDRINUSE`, `EACCES`
   */
  listen(port: number, handler: (connection: Connection) => unknown): Listener {
    checkPort(port, 0);
    checkFunction(handler, 'a handler');
    const home = this.home();
    const listener = touch(home, () => home.owner.listen(undefined, port));
    return new Listener(home, listener, handler);
  }

  /**
   * A UDP socket on a port; without one, the system chooses.
   *
   * @throws SocketError `EADDRINUSE`, `EACCES`
   */
  udp(port = 0): DatagramSocket {
    checkPort(port, 0);
    const home = this.home();
    const socket = touch(home, () => home.owner.udp());
    touch(home, () => socket.bind(undefined, port));
    return new DatagramSocket(home, socket);
  }

  /** The neighbor table, as `arp -an` prints it. */
  get arp(): string {
    return arpText(this.machine);
  }

  /** The routing table, as `route -n` prints it. */
  get routes(): string {
    return routeText(this.machine);
  }

  /** The interfaces and their addresses, as `ip addr` prints them. */
  get interfaces(): string {
    return interfaceText(this.machine);
  }

  /** The sessions that this machine translates, one row each; none where it is no NAT. */
  get nat(): readonly NatRow[] {
    const { gate } = this.machine;
    return gate === undefined ? [] : natRows(gate, this.pump.now);
  }

  // A program that does nothing but own the sockets of this door, until the machine is switched off.
  private home(): SocketHome {
    this.pump.assertRunning();
    const { machine, pump } = this;
    if (this.owner === undefined || this.owner.isDone) {
      const sleep = function* (): Program<void> {
        for (;;) yield NEVER;
      };
      this.owner = machine.spawn('program', sleep, true);
    }
    return { machine, pump, owner: new ProcessSystem(machine, this.owner) };
  }
}
