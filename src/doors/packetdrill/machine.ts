// The machine under test: a host of a world of its own, with one interface. What it sends ends up here instead of on a
// cable, and what a script sends is given to it as a frame. Time goes on when it is told to.
//
//   script --> frame --> interface, IP, TCP, sockets of the host
//   script <-- kept here, with its time <-- TCP, IP, interface

import { isDrop } from '../../core/drop_reason.ts';
import { after, type Instant, NEVER, nanoseconds, START } from '../../core/time.ts';
import { DEFAULT_METRIC } from '../../stack/net/route_table.ts';
import type { TcpSettings } from '../../stack/transport/tcp/tcp_settings.ts';
import { type Ipv4Address, type LinkAddress, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { ARP_LENGTH, emitArp, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, emitEthernet, etherType } from '../../wire/ethernet.ts';
import type { Host } from '../../world/host/host.ts';
import { World } from '../../world/sim/world.ts';

const OWN_LINK = 0x0200_0000_0001 as LinkAddress;
const GATEWAY_LINK = 0x0200_0000_0002 as LinkAddress;
const DAY = nanoseconds(86_400e9);

export interface MachineOptions {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly gateway: Ipv4Address;
  readonly mtu: number;
  readonly tcp: TcpSettings;
}

/** An IP packet that the machine has sent. */
export interface SentPacket {
  readonly at: Instant;
  readonly bytes: Uint8Array;
}

export class MachineUnderTest {
  readonly host: Host;
  /** What it has sent and nobody has looked at yet, oldest first. */
  readonly sent: SentPacket[] = [];
  /** Called after everything that has happened to it. */
  onChange: () => void = () => undefined;
  private readonly world: World;
  private readonly interfaceIndex: number;
  private readonly questions: Uint8Array[] = [];

  constructor({ address, prefixLength, gateway, mtu, tcp }: MachineOptions) {
    this.world = new World({ seed: 1, isCapturing: false });
    this.host = this.world.addHost('machine', tcp);
    const { host } = this;
    const cable = host.addInterface('tun0', OWN_LINK);
    this.interfaceIndex = cable.index;
    cable.mtu = mtu;
    cable.transmitter = { transmit: (now, slot) => this.take(now, slot) };
    host.network.setAddresses(START, cable.index, [{ address, prefixLength }]);
    host.network.routes.add(START, {
      destination: UNSPECIFIED_IPV4,
      prefixLength: 0,
      gateway,
      metric: DEFAULT_METRIC,
      egress: cable,
    });
    host.network.learnNeighbor(START, cable.index, gateway, GATEWAY_LINK, 'known from the start');
  }

  /** Hands it an IP packet. */
  deliver(packet: Uint8Array): void {
    this.deliverFrame(packet, ETHERTYPE_IPV4);
    this.settle();
  }

  /** Does something to it at this instant, and lets happen what follows at once. */
  touch<Result>(act: () => Result): Result {
    const result = act();
    this.settle();
    return result;
  }

  get now(): Instant {
    return this.world.now;
  }

  /** When something happens by itself next. */
  get nextTime(): Instant {
    return this.world.nextTime;
  }

  /** Lets the next thing happen, if it does by `limit`; otherwise time goes on to `limit`, and this returns false. */
  step(limit: Instant): boolean {
    if (this.nextTime > limit || this.nextTime === NEVER) {
      if (limit > this.now) this.world.now = limit;
      return false;
    }
    this.world.step();
    this.answerQuestions();
    this.onChange();
    return true;
  }

  /** Lets everything happen that does by `limit`. */
  advance(limit: Instant): void {
    while (this.step(limit));
  }

  /** The most that a script may let time go on. */
  get horizon(): Instant {
    return after(this.now, DAY);
  }

  /** Switches it off. @throws when it has lost track of a packet or a deadline */
  close(): void {
    this.world.close();
  }

  private settle(): void {
    this.host.settle(this.now);
    this.answerQuestions();
    this.onChange();
  }

  private deliverFrame(content: Uint8Array, type: number): void {
    const { arena } = this.world;
    const slot = arena.allocateFrom(content);
    const at = arena.prepend(slot, ETHERNET_HEADER_LENGTH);
    emitEthernet(arena.view, at, OWN_LINK, GATEWAY_LINK, type);
    this.host.receive(this.now, this.interfaceIndex, slot, true);
  }

  private take(at: Instant, slot: number): void {
    const { arena } = this.world;
    const frame = arena.copyOut(slot);
    arena.release(slot);
    const type = etherType(new DataView(frame.buffer), 0);
    const content = frame.subarray(ETHERNET_HEADER_LENGTH);
    if (type === ETHERTYPE_ARP) this.questions.push(content);
    else this.sent.push({ at, bytes: content });
  }

  // Whoever the machine asks for on its link, the gateway answers, at once.
  private answerQuestions(): void {
    for (let question = this.questions.shift(); question !== undefined; question = this.questions.shift()) {
      const asked = parseArp(
        new DataView(question.buffer, question.byteOffset, question.byteLength),
        0,
        question.length,
      );
      if (isDrop(asked) || asked.operation !== 'request' || asked.target === asked.sender) continue;
      const answer = new Uint8Array(ARP_LENGTH);
      emitArp(new DataView(answer.buffer), 0, {
        operation: 'reply',
        senderLink: GATEWAY_LINK,
        sender: asked.target,
        targetLink: OWN_LINK,
        target: asked.sender,
      });
      this.deliverFrame(answer, ETHERTYPE_ARP);
    }
  }
}
