// Where a rung is performed: principals A, B, C (and more, where asked for) on one network, each a machine with a UDP
// socket, and the attacker at its position. A message is a datagram; what the attacker changes or adds is a frame with all
// sums right, sent by its own machine M.
//
//   stage.a.acts(function* (mail) {
//     mail.send('B', 'What is the password?');
//     const answer = yield* mail.receive();
//   });
//
// Time is virtual, and all is determined by the seed. Not here: what rungs are said to give (entry.ts).

import { joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';
import { after, type Duration, type Instant, milliseconds, minutes, NEVER, seconds } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { DEFAULT_QUEUE_BYTES } from '../../stack/link/channel.ts';
import type { FrameRule, Verdict } from '../../stack/link/device.ts';
import { NO_IMPAIRMENTS } from '../../stack/link/impairments.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { Program, UdpSocket } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import { ProcessSystem } from '../../world/host/process_system.ts';
import type { Network } from '../../world/sim/network.ts';
import { World } from '../../world/sim/world.ts';
import { Attacker, type Budget, type Message, type Position } from '../attack/attacker.ts';
import { readDatagramFrame, writeDatagramFrame } from '../attack/datagram_frame.ts';
import { mintSecret, type Secret } from '../attack/secret.ts';
import { type LectureNames, lectureNames } from './names.ts';
import { Transcript } from './transcript.ts';

export const NETWORK = 'wire';
const FIRST_ADDRESS = 0x0a00_0001;
const PORT = 7000;
/** A rung whose principals still talk then goes on for ever. */
const TIME_LIMIT: Duration = minutes(60);
const MAX_EVENTS = 200_000;
/** How long a principal waits for a message unless it says otherwise. */
export const PATIENCE: Duration = seconds(5);

/** A message as its receiver sees it: `from` is what the source address claims. */
export interface Letter {
  readonly from: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** What a principal has of the network, and its memory. */
export interface Mail {
  readonly now: Instant;
  /** The principal's own randomness. */
  readonly random: Random;
  send(to: string, message: Uint8Array | string): void;
  /** The next message; nothing when none comes in time. */
  receive(patience?: Duration): Program<Letter | undefined>;
  sleep(duration: Duration): Program<void>;
  /** Remembers what it believes or has done: by this a rung is judged. */
  note(text: string): void;
}

export interface Principal {
  readonly name: string;
  /** What it noted, the oldest first. */
  readonly notes: readonly string[];
  /** Its disk: what it stored, by name. */
  readonly disk: Map<string, Uint8Array>;
  /** Runs a program as this principal; several run side by side, but letters go to the first that waits. */
  acts(main: (mail: Mail) => Program<void> | void): void;
  /** Whether it noted exactly this. */
  believes(text: string): boolean;
}

export class Stage {
  readonly world: World;
  readonly crypto: CryptoProvider;
  /** `E D MAC PE PD S V hash`, as the lecture writes them. */
  readonly names: LectureNames;
  readonly m: Attacker;
  readonly transcript: Transcript = new Transcript();
  private isRunning = false;
  private readonly network: Network;
  private readonly principals = new Map<string, StagePrincipal>();

  constructor(seed: number, crypto: CryptoProvider, position: Position, budget: Budget) {
    this.world = new World({ seed });
    this.crypto = crypto;
    this.names = lectureNames(crypto, this.world.random.fork('names'));
    this.network = this.world.addNetwork({
      name: NETWORK,
      subnet: { address: (FIRST_ADDRESS - 1) as Ipv4Address, length: 24 },
      medium: 'ethernet',
      conditions: {
        ...NO_IMPAIRMENTS,
        delay: milliseconds(1),
        rate: Number.POSITIVE_INFINITY,
        queueBytes: DEFAULT_QUEUE_BYTES,
      },
      mtu: 9000,
    });
    this.m = new Attacker(position, budget, (message) => this.forge(message));
    for (const name of ['A', 'B', 'C', 'M']) this.principal(name);
    this.network.addRule(this.rule());
  }

  get a(): Principal {
    return this.principal('A');
  }

  get b(): Principal {
    return this.principal('B');
  }

  get c(): Principal {
    return this.principal('C');
  }

  /** M as one who takes part under its own name. */
  get mallory(): Principal {
    return this.principal('M');
  }

  /** The principal of that name; a new one joins the network. */
  principal(name: string): StagePrincipal {
    const found = this.principals.get(name);
    if (found !== undefined) return found;
    const made = new StagePrincipal(this, name, this.join(name));
    for (const other of this.principals.values()) {
      made.meets(other);
      other.meets(made);
    }
    this.principals.set(name, made);
    return made;
  }

  /** A secret that cannot occur by chance. */
  secret(name: string): Secret {
    return mintSecret(this.world.random, name);
  }

  /** Randomness of the entry itself: keys that were agreed on beforehand. */
  random(label: string): Random {
    return this.world.random.fork(`stage ${label}`);
  }

  /** `length` random bytes, the same for the same label: a key that its owners share. */
  key(label: string, length = 32): Uint8Array {
    const key = new Uint8Array(length);
    this.random(`key ${label}`).fill(key);
    return key;
  }

  /** Does `act` at a time: the attacker's own initiative. */
  at(time: Duration, act: () => void): void {
    const { machine } = this.principal('M');
    machine.spawn('initiative', function* (system): Program<void> {
      yield* system.sleep(time);
      act();
    });
    this.settle(machine);
  }

  /** Lets everything happen. @throws Error when it never ends */
  run(): void {
    const { world } = this;
    this.isRunning = true;
    for (const { machine } of this.principals.values()) machine.settle(world.now);
    while (world.isAlive) {
      if (world.nextTime > TIME_LIMIT || world.eventCount > MAX_EVENTS) throw new Error('the principals talk for ever');
      world.step();
    }
    this.m.joinHeard();
  }

  /** Nobody begins before all is set up. */
  settle(machine: Host): void {
    if (this.isRunning) machine.settle(this.world.now);
  }

  nameAt(address: Ipv4Address): string {
    for (const { name, address: own } of this.principals.values()) if (own === address) return name;
    return '?';
  }

  private join(name: string): { machine: Host; at: NetworkInterface; address: Ipv4Address } {
    const { world } = this;
    const machine = world.addHost(name);
    const at = world.connect(machine, this.network);
    const address = (FIRST_ADDRESS + this.principals.size) as Ipv4Address;
    machine.network.setAddresses(world.now, at.index, [{ address, prefixLength: 24 }]);
    return { machine, at, address };
  }

  // Each frame, as its sender puts it on the network: the attacker's own go by.
  private rule(): FrameRule {
    return {
      judge: (now, frame): Verdict => {
        const datagram = readDatagramFrame(frame);
        if (datagram === undefined) return 'pass';
        const from = this.nameAt(datagram.source);
        const to = this.nameAt(datagram.destination);
        const bytes = datagram.payload;
        if (datagram.sourceLink === this.principal('M').link) {
          this.transcript.add(now, from === 'M' ? 'M' : `M(${from})`, to, bytes);
          return 'pass';
        }
        const judgement = this.m.meets({ from, to, bytes, at: now });
        this.transcript.add(now, from, judgement === 'pass' ? to : `M(${to})`, bytes);
        if (judgement === 'pass' || judgement === 'drop') return judgement;
        // One in the place of another is a change; those beside it are the attacker's own.
        const written = judgement instanceof Uint8Array ? [judgement] : judgement;
        const payloads = written.filter((_, i) => i === 0 || this.m.maySendOne());
        for (const payload of payloads) this.transcript.add(now, `M(${from})`, to, payload);
        return { replace: payloads.map((payload) => writeDatagramFrame({ ...datagram, payload })) };
      },
    };
  }

  private forge({ from, to, bytes }: Message): void {
    const sender = this.principal('M');
    const receiver = this.principal(to);
    const frame = writeDatagramFrame({
      sourceLink: sender.link,
      destinationLink: receiver.link,
      source: this.principal(from).address,
      destination: receiver.address,
      sourcePort: PORT,
      destinationPort: PORT,
      payload: bytes,
    });
    sender.at.transmitter?.transmit(this.world.now, this.world.arena.allocateFrom(frame));
  }
}

class StagePrincipal implements Principal {
  readonly name: string;
  readonly notes: string[] = [];
  readonly disk: Map<string, Uint8Array> = new Map();
  readonly machine: Host;
  readonly at: NetworkInterface;
  readonly address: Ipv4Address;
  private readonly stage: Stage;
  private readonly socket: StageSocket;

  constructor(
    stage: Stage,
    name: string,
    { machine, at, address }: { machine: Host; at: NetworkInterface; address: Ipv4Address },
  ) {
    this.stage = stage;
    this.name = name;
    this.machine = machine;
    this.at = at;
    this.address = address;
    this.socket = new StageSocket(machine);
    this.socket.open(); // what comes early waits
  }

  get link(): NetworkInterface['linkAddress'] {
    return this.at.linkAddress;
  }

  /** They know each other's link address: no message waits for ARP. */
  meets(other: StagePrincipal): void {
    this.machine.network.learnNeighbor(
      this.machine.now,
      this.at.index,
      other.address,
      other.link,
      'known from the start',
    );
  }

  acts(main: (mail: Mail) => Program<void> | void): void {
    const { stage, machine, socket, notes, name } = this;
    const random = stage.random(`principal ${name}`);
    machine.spawn(name, function* (system): Program<void> {
      const program = main({
        get now(): Instant {
          return system.now;
        },
        random,
        send(to, message) {
          if (name === 'M' && !stage.m.maySendOne()) return;
          const bytes = typeof message === 'string' ? utf8(message) : message;
          socket.open().sendTo(bytes, stage.principal(to).address, PORT);
        },
        *receive(patience: Duration = PATIENCE): Program<Letter | undefined> {
          const limit = after(system.now, patience);
          const datagram = yield* socket.open().receive(limit === Number.POSITIVE_INFINITY ? NEVER : limit);
          if (datagram === undefined) return undefined;
          const from = stage.nameAt(datagram.address as Ipv4Address);
          return { from, bytes: datagram.data, text: textOf(datagram.data) };
        },
        sleep: (duration) => system.sleep(duration),
        note: (text) => void notes.push(text),
      });
      if (program !== undefined) yield* program;
    });
    stage.settle(machine);
  }

  believes(text: string): boolean {
    return this.notes.includes(text);
  }
}

// One socket a principal, however many programs it runs: held by a program that waits for nothing.
class StageSocket {
  private readonly machine: Host;
  private socket: UdpSocket | undefined;

  constructor(machine: Host) {
    this.machine = machine;
  }

  open(): UdpSocket {
    if (this.socket !== undefined) return this.socket;
    const holder = this.machine.spawn(
      'mailbox',
      function* (): Program<void> {
        for (;;) yield NEVER;
      },
      true,
    );
    const opened = new ProcessSystem(this.machine, holder).udp();
    opened.bind(undefined, PORT);
    this.socket = opened;
    return opened;
  }
}

/** Fields of a message, each with its length in front, so that where one ends is never in doubt. */
export function pack(...fields: readonly (Uint8Array | string)[]): Uint8Array {
  return joinBytes(
    fields.flatMap((field) => {
      const bytes = typeof field === 'string' ? utf8(field) : field;
      return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes];
    }),
  );
}

/** The fields again; nothing unless there are exactly so many, and nothing behind them. */
export function unpack(bytes: Uint8Array, count: number): Uint8Array[] | undefined {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (at + 2 + length > bytes.length) return undefined;
    fields.push(bytes.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at === bytes.length && fields.length === count ? fields : undefined;
}
