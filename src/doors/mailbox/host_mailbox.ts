// A mailbox on a simulated machine: a UDP socket, its pending timeouts, and the program that calls the student's functions.
//
//   frame --> host --> socket --> recvd            the machine's own turn, at the instant of the event
//   deadline --> program --> callback
//
// Datagrams go without a checksum, since damage is to reach the student. Not here: what the medium does to them.

import { utf8 } from '../../core/bytes.ts';
import { after, type Instant, milliseconds } from '../../core/time.ts';
import { DEFAULT_SEND_OPTIONS } from '../../stack/net/network_layer_api.ts';
import type { UdpEndpoint } from '../../stack/transport/udp_socket.ts';
import type { Ipv4Address, LinkAddress } from '../../wire/address.ts';
import type { Program } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { HostProcess } from '../../world/host/process.ts';
import { Waitable } from '../../world/host/waitable.ts';
import type { World } from '../../world/sim/world.ts';
import { IN_THE_PAST, MAX_TIMEOUTS, type Mailbox, type Message, TOO_LONG, TOO_MANY_TIMEOUTS } from './lab.ts';
import type { End, LabEvent } from './lab_event.ts';
import { DELAY, MAX_MESSAGE } from './levels.ts';
import type { MessageMedium } from './medium.ts';
import { Timeouts } from './timeouts.ts';

const PORT = 4000;
/** Timeouts of one mailbox at one instant, after which time is taken to stand still. */
const MAX_AT_ONCE = 10_000;

/** What a mailbox tells the run that it is part of. */
export interface MailboxRun {
  readonly world: World;
  /** Nothing is called any more. */
  readonly isOver: boolean;
  /** The program calls this. Throws where main has ended, and where the run is over and nothing more is to be recorded. */
  admit(verb: string): void;
  /** The program looks at the time. Throws where it has done nothing else for too long. */
  countCall(): void;
  record(event: LabEvent): void;
  /** A function of the student's threw this. */
  fail(error: unknown): void;
  /** A function of the student's returned this: a promise ends the run. @param name the function's, in a sentence */
  checkReturned(returned: unknown, name: string): void;
}

/** Where a mailbox stands, and whom its messages are for. */
export interface Place {
  readonly host: Host;
  readonly interfaceIndex: number;
  readonly peer: Ipv4Address;
  readonly peerLink: LinkAddress;
}

export class HostMailbox extends Waitable implements Mailbox {
  readonly name: End;
  private recipient: Mailbox['recvd'] = () => {};
  private readonly run: MailboxRun;
  private readonly place: Place;
  private readonly medium: MessageMedium;
  private readonly endpoint: UdpEndpoint;
  private readonly process: HostProcess;
  private readonly timeouts = new Timeouts();
  private firedAtOnce = 0;
  private firedAt: Instant = 0 as Instant;

  /** @param medium the one that its own messages cross */
  constructor(run: MailboxRun, name: End, place: Place, medium: MessageMedium) {
    const { host } = place;
    super(host);
    this.run = run;
    this.name = name;
    this.place = place;
    this.medium = medium;
    const { now } = run.world;
    this.endpoint = host.udp.open('mailbox');
    this.endpoint.tag = this;
    this.endpoint.omitsChecksum = true;
    this.endpoint.options = { ...DEFAULT_SEND_OPTIONS, dontFragment: true };
    this.endpoint.bind(now, undefined, PORT);
    this.endpoint.connect(now, place.peer, PORT);
    this.process = host.spawn('mailbox', () => this.program());
    host.settle(now);
  }

  get recvd(): Mailbox['recvd'] {
    return this.recipient;
  }

  /** @throws TypeError on what is no function */
  set recvd(recipient: Mailbox['recvd']) {
    if (typeof recipient !== 'function') {
      const given = recipient === null ? 'null' : typeof recipient;
      throw new TypeError(`recvd is a function: ${this.name}.recvd = (bytes) => { ... }; not ${given}`);
    }
    this.recipient = recipient;
  }

  get now(): number {
    this.run.countCall();
    return this.run.world.now / 1e6;
  }

  /** @throws TypeError on what is neither bytes nor text; Error when main has ended or the run is over */
  send(message: Message): number {
    const bytes = bytesOf(message, 'send');
    this.run.admit('send');
    const { run, medium, host } = this;
    const { now } = run.world;
    medium.latest = undefined;
    this.meetPeer(now);
    const error = this.endpoint.send(now, bytes);
    host.settle(now);
    if (error === 'EMSGSIZE') {
      this.refuse(`send: ${bytes.length} bytes are too long, ${MAX_MESSAGE} are the most`);
      return TOO_LONG;
    }
    const fate = medium.latest as MessageMedium['latest'];
    if (error !== undefined || fate === undefined) throw new Error(`a message was not sent: ${error ?? 'no link'}`);
    const arrivesAt = fate.kind === 'lost' ? undefined : after(after(now, DELAY), fate.extraDelay);
    run.record({ kind: 'message', time: now, from: this.name, bytes, fate, arrivesAt });
    return 0;
  }

  /** @throws TypeError on other arguments; Error when main has ended or the run is over */
  setTimeout(delay: number, callback: () => void): number {
    if (typeof delay !== 'number' || !Number.isFinite(delay) || typeof callback !== 'function') {
      throw new TypeError('setTimeout takes a number of milliseconds, then a function: setTimeout(100, callback)');
    }
    this.run.admit('setTimeout');
    if (delay < 0) {
      this.refuse(`setTimeout: ${-delay} ms ago is in the past`);
      return IN_THE_PAST;
    }
    const id = this.timeouts.add(after(this.run.world.now, milliseconds(delay)), callback);
    if (id === undefined) {
      this.refuse(`setTimeout: ${MAX_TIMEOUTS} are pending, which is the most`);
      return TOO_MANY_TIMEOUTS;
    }
    this.lookAgain();
    return id;
  }

  /** @throws TypeError on what is no number */
  clearTimeout(timeout: number): boolean {
    if (typeof timeout !== 'number') throw new TypeError('clearTimeout takes what setTimeout returned, a number');
    this.run.countCall();
    const wasPending = this.timeouts.remove(timeout);
    if (wasPending) this.lookAgain();
    return wasPending;
  }

  // The machine's side of the loop: whatever the engine's next event brought here is a message or a timeout.
  private *program(): Program<void> {
    while (!this.run.isOver) {
      const { now } = this.host;
      const message = this.endpoint.receive();
      const timeout = message === undefined ? this.timeouts.takeDue(now) : undefined;
      if (typeof message === 'object') this.call(`${this.name}.recvd`, () => this.recvd(message.data));
      else if (timeout !== undefined) {
        this.run.record({ kind: 'timeout', time: now, at: this.name });
        const callback = this.timeStandsStill(now) ? timeStoodStill : timeout.callback;
        this.call(`a callback of ${this.name}.setTimeout`, callback);
      } else {
        this.await();
        yield this.timeouts.next;
      }
    }
  }

  private call(name: string, callback: () => void): void {
    try {
      this.run.checkReturned(callback(), name);
    } catch (error) {
      this.run.fail(error);
    }
  }

  // A callback that sets a timeout of 0 ms, whose callback does the same.
  private timeStandsStill(now: Instant): boolean {
    this.firedAtOnce = now === this.firedAt ? this.firedAtOnce + 1 : 1;
    this.firedAt = now;
    return this.firedAtOnce > MAX_AT_ONCE;
  }

  // The program sleeps until a deadline that is no longer the next one: its event is moved, and nothing is called here.
  private lookAgain(): void {
    const { host, process, timeouts, run } = this;
    if (host.current !== process && !process.isDone) run.world.queue.schedule(process, timeouts.next);
  }

  // No message waits for ARP: a machine forgets its neighbor after a minute of silence, and is told again.
  private meetPeer(now: Instant): void {
    const { host, interfaceIndex, peer, peerLink } = this.place;
    host.network.learnNeighbor(now, interfaceIndex, peer, peerLink, 'at the other end of the cable');
  }

  private refuse(text: string): void {
    this.run.record({ kind: 'refusal', time: this.run.world.now, at: this.name, text });
  }
}

/** A copy. @throws TypeError on what is neither bytes nor text */
export function bytesOf(message: Message, verb: string): Uint8Array {
  if (typeof message === 'string') return utf8(message);
  if (message instanceof Uint8Array) return message.slice();
  throw new TypeError(`${verb} takes bytes, a Uint8Array, or text; not ${message === null ? 'null' : typeof message}`);
}

function timeStoodStill(): never {
  throw new Error('time stands still: a timeout of 0 ms sets the next one, for ever');
}
