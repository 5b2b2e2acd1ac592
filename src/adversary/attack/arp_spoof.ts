// ARP spoofing: the attacker tells each of two machines that it is the other, again and again, and passes on what then comes
// to it, so that both go on talking and nobody notices.
//
//   who-has both? --> their link addresses --> lie to both, every so often, and whenever one asks for the other
//   frame from one for the other --> heard, new link addresses in front --> the other
//
// When it is stopped it tells both the truth. RFC 826 believes the latest word, whoever says it: that is all it takes. Not
// here: doing anything with what is passed on.

import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import { after, type Duration, type Instant, NEVER } from '../../core/time.ts';
import { BROADCAST_LINK, type Ipv4Address, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { ARP_LENGTH, type ArpPacket, emitArp, parseArp } from '../../wire/arp.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  emitEthernet,
  parseEthernet,
  setEthernetDestination,
  setEthernetSource,
} from '../../wire/ethernet.ts';
import { parseIpv4 } from '../../wire/ipv4.ts';
import type { HostAgent } from '../../world/host/host.ts';
import type { FrameListener, PromiscuousHost } from '../../world/sim/promiscuous_host.ts';
import type { RunningAttack } from '../../world/sim/scenario/registry.ts';

export interface ArpSpoofOptions {
  /** Names of the two machines. */
  readonly between: readonly [string, string];
  readonly network: string;
  readonly every: Duration;
}

/** One of the two, as far as it is known. */
interface Victim {
  readonly name: string;
  readonly addressNow: () => Ipv4Address | undefined;
  address: Ipv4Address | undefined;
  link: LinkAddress;
}

export class ArpSpoof implements RunningAttack, FrameListener, HostAgent {
  /** Lies told. */
  deeds = 0;
  /** Frames passed on. */
  passedOn = 0;
  private readonly attacker: PromiscuousHost;
  private readonly port: number;
  private readonly own: LinkAddress;
  private readonly every: Duration;
  private readonly victims: readonly [Victim, Victim];
  private nextRound: Instant = NEVER;

  /** @param addressOf the present address of a machine, by its name */
  constructor(
    attacker: PromiscuousHost,
    options: ArpSpoofOptions,
    addressOf: (name: string) => Ipv4Address | undefined,
  ) {
    const at = attacker.network.interfaces.find(({ name }) => name === options.network);
    if (at === undefined) throw new RangeError(`${attacker.name} is not on ${options.network}`);
    this.attacker = attacker;
    this.port = at.index;
    this.own = at.linkAddress;
    this.every = options.every;
    const victim = (name: string): Victim => {
      return { name, addressNow: () => addressOf(name), address: undefined, link: NO_LINK_ADDRESS };
    };
    this.victims = [victim(options.between[0]), victim(options.between[1])];
  }

  start(now: Instant): void {
    this.attacker.listen(this);
    this.attacker.addAgent(this);
    this.round(now);
    this.attacker.settle(now);
  }

  stop(now: Instant): void {
    this.nextRound = NEVER;
    const [one, other] = this.victims;
    this.tell(now, one, other, other.link);
    this.tell(now, other, one, one.link);
    for (const victim of this.victims) victim.link = NO_LINK_ADDRESS;
  }

  hear(now: Instant, port: number, frame: Uint8Array): boolean {
    if (port !== this.port || this.nextRound === NEVER) return false;
    const view = viewOf(frame);
    const ethernet = parseEthernet(view, 0, view.byteLength);
    if (isDrop(ethernet) || ethernet.source === this.own) return false;
    if (ethernet.etherType === ETHERTYPE_ARP) {
      const arp = parseArp(view, ethernet.headerLength, view.byteLength);
      if (!isDrop(arp)) this.hearArp(now, arp);
      return false;
    }
    if (ethernet.etherType !== ETHERTYPE_IPV4 || ethernet.destination !== this.own) return false;
    const to = this.victims.find(({ link }) => link !== NO_LINK_ADDRESS && link !== ethernet.source);
    const isFromVictim = this.victims.some(({ link }) => link === ethernet.source);
    const packet = parseIpv4(view, ethernet.headerLength, view.byteLength);
    if (to === undefined || !isFromVictim || isDrop(packet)) return false;
    if (this.attacker.network.isLocal(packet.destination)) return false; // meant for the attacker itself
    const passed = frame.slice();
    const passedView = viewOf(passed);
    setEthernetDestination(passedView, 0, to.link);
    setEthernetSource(passedView, 0, this.own);
    this.passedOn++;
    this.attacker.sendFrame(now, this.port, passed);
    return true;
  }

  handleTimeout(now: Instant): void {
    if (now >= this.nextRound) this.round(now);
  }

  poll(): boolean {
    return false;
  }

  pollTimeout(): Instant {
    return NEVER;
  }

  /** It keeps no world alive. */
  pollBackgroundTimeout(): Instant {
    return this.nextRound;
  }

  // An answer says where a victim is; a question of one for the other is answered at once, beside the true answer.
  private hearArp(now: Instant, { operation, sender, senderLink, target }: ArpPacket): void {
    for (const [i, victim] of this.victims.entries()) {
      const other = this.victims[1 - i];
      if (other === undefined || sender !== victim.address) continue;
      const isNew = victim.link === NO_LINK_ADDRESS;
      victim.link = senderLink;
      if (isNew || (operation === 'request' && target === other.address)) this.lie(now);
    }
  }

  private round(now: Instant): void {
    this.nextRound = after(now, this.every);
    for (const victim of this.victims) {
      const address = victim.addressNow();
      if (address !== victim.address) victim.link = NO_LINK_ADDRESS;
      victim.address = address;
      if (address !== undefined && victim.link === NO_LINK_ADDRESS) this.ask(now, address);
    }
    this.lie(now);
  }

  private lie(now: Instant): void {
    const [one, other] = this.victims;
    this.tell(now, one, other, this.own);
    this.tell(now, other, one, this.own);
  }

  // Tells one victim where the other is.
  private tell(now: Instant, victim: Victim, about: Victim, link: LinkAddress): void {
    const { address: target, link: targetLink } = victim;
    const { address: sender } = about;
    const isReady = [victim, about].every((each) => each.link !== NO_LINK_ADDRESS);
    if (!isReady || target === undefined || sender === undefined) return;
    if (link === this.own) this.deeds++;
    this.send(now, targetLink, { operation: 'reply', senderLink: link, sender, targetLink, target });
  }

  private ask(now: Instant, target: Ipv4Address): void {
    const sender = this.attacker.network.interfaces[this.port]?.ipv4;
    if (sender === undefined) return; // it has no address yet: the next round is soon enough
    const question = { senderLink: this.own, sender, targetLink: NO_LINK_ADDRESS, target };
    this.send(now, BROADCAST_LINK, { operation: 'request', ...question });
  }

  private send(now: Instant, to: LinkAddress, packet: ArpPacket): void {
    const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + ARP_LENGTH);
    const view = viewOf(frame);
    emitEthernet(view, 0, to, this.own, ETHERTYPE_ARP);
    emitArp(view, ETHERNET_HEADER_LENGTH, packet);
    this.attacker.sendFrame(now, this.port, frame);
  }
}
