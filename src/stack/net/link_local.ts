// An IPv4 address of one's own making, 169.254.x.y, for networks where nobody hands out any (RFC 3927).
//
//   Idle --start--> Waiting --> Probing --three probes, no objection--> Announcing --> Bound
//                      ^           |                                                    |
//                      \-conflict--/<------------ conflict that defence did not end ----/
//
// The candidate is drawn from seeded randomness, or is the one that the machine had last time (RFC 3927 §2.1). Not here:
// when to begin (no DHCP server answers), and giving the address to the interface.

import type { Random } from '../../core/random.ts';
import { after, type Duration, type Instant, NEVER, nanoseconds, seconds } from '../../core/time.ts';
import { type Ipv4Address, type LinkAddress, NO_LINK_ADDRESS, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { ArpPacket } from '../../wire/arp.ts';
import type { NetworkInterface } from './network_interface.ts';

// RFC 3927 §9.
const PROBE_WAIT = seconds(1);
const PROBE_COUNT = 3;
const PROBE_MIN = seconds(1);
const PROBE_MAX = seconds(2);
const ANNOUNCE_WAIT = seconds(2);
const ANNOUNCE_COUNT = 2;
const ANNOUNCE_INTERVAL = seconds(2);
const MAX_CONFLICTS = 10;
const RATE_LIMIT_INTERVAL = seconds(60);
const DEFEND_INTERVAL = seconds(10);

export const LINK_LOCAL_PREFIX_LENGTH = 16;

// RFC 3927 §2.1: the first and the last 256 addresses are reserved.
const FIRST_CANDIDATE = 0xa9fe_0100;
const CANDIDATE_COUNT = 0xfe00;

export type LinkLocalState = 'Idle' | 'Waiting' | 'Probing' | 'Announcing' | 'Bound';

export type LinkLocalEvent = Readonly<
  /** The address may be used from now on. */
  | { kind: 'Acquired'; address: Ipv4Address }
  /** Someone else has it: it must not be used any more. */
  | { kind: 'Lost'; address: Ipv4Address }
  /** A candidate that was never used turned out to be taken. */
  | { kind: 'Refused'; address: Ipv4Address; by: LinkAddress }
  | { kind: 'Defended'; address: Ipv4Address; against: LinkAddress }
>;

export class LinkLocal {
  state: LinkLocalState = 'Idle';
  /** The candidate, and later the address. */
  address: Ipv4Address = UNSPECIFIED_IPV4;
  /** Whose address it is. */
  readonly at: NetworkInterface;
  private readonly random: Random;
  private deadline: Instant = NEVER;
  private sent = 0;
  private conflicts = 0;
  private defendedAt: Instant | undefined;
  private readonly transmits: ArpPacket[] = [];
  private readonly events: LinkLocalEvent[] = [];

  /** @param remembered the address of last time, which is tried first */
  constructor(at: NetworkInterface, random: Random, remembered: Ipv4Address = UNSPECIFIED_IPV4) {
    this.at = at;
    this.random = random;
    this.address = remembered;
  }

  start(now: Instant): void {
    if (this.state !== 'Idle') return;
    if (this.address === UNSPECIFIED_IPV4) this.draw();
    this.enter('Waiting', after(now, this.between(nanoseconds(0), PROBE_WAIT)));
  }

  /** Ends it, for instance because a DHCP server has answered after all. The address is lost if there was one. */
  stop(): void {
    if (this.isInUse) this.events.push({ kind: 'Lost', address: this.address });
    this.enter('Idle', NEVER);
  }

  get isInUse(): boolean {
    return this.state === 'Announcing' || this.state === 'Bound';
  }

  /** Must see every ARP packet on the link. */
  handleInput(now: Instant, packet: ArpPacket): void {
    if (this.state === 'Idle' || packet.senderLink === this.at.linkAddress) return;
    if (this.isInUse) {
      if (packet.sender === this.address) this.defend(now, packet.senderLink);
      return;
    }
    // RFC 3927 §2.2.1: whoever uses it, or asks for it as we do.
    const isProbe =
      packet.operation === 'request' && packet.sender === UNSPECIFIED_IPV4 && packet.target === this.address;
    if (packet.sender !== this.address && !isProbe) return;
    this.events.push({ kind: 'Refused', address: this.address, by: packet.senderLink });
    this.startOver(now);
  }

  handleTimeout(now: Instant): void {
    if (now < this.deadline) return;
    if (this.state === 'Waiting') {
      this.enter('Probing', NEVER);
      this.probe(now);
    } else if (this.state === 'Probing') {
      if (this.sent < PROBE_COUNT) this.probe(now);
      else {
        this.conflicts = 0;
        this.enter('Announcing', NEVER);
        this.events.push({ kind: 'Acquired', address: this.address });
        this.announceNext(now);
      }
    } else if (this.state === 'Announcing') this.announceNext(now);
    else this.deadline = NEVER;
  }

  /** While there is no address yet. */
  pollTimeout(): Instant {
    return this.isInUse ? NEVER : this.deadline;
  }

  /** Announcements of an address that is in use already. */
  pollBackgroundTimeout(): Instant {
    return this.isInUse ? this.deadline : NEVER;
  }

  /** The next packet to broadcast. */
  pollTransmit(): ArpPacket | undefined {
    return this.transmits.shift();
  }

  pollEvent(): LinkLocalEvent | undefined {
    return this.events.shift();
  }

  private probe(now: Instant): void {
    this.sent++;
    this.ask(UNSPECIFIED_IPV4); // RFC 3927 §2.2.1: a sender of zero spoils nobody's cache
    const pause = this.sent < PROBE_COUNT ? this.between(PROBE_MIN, PROBE_MAX) : ANNOUNCE_WAIT;
    this.deadline = after(now, pause);
  }

  private announceNext(now: Instant): void {
    this.sent++;
    this.ask(this.address);
    if (this.sent < ANNOUNCE_COUNT) this.deadline = after(now, ANNOUNCE_INTERVAL);
    else this.enter('Bound', NEVER);
  }

  // RFC 3927 §2.5 (b): once; if the other insists, let it have the address.
  private defend(now: Instant, against: LinkAddress): void {
    if (this.defendedAt !== undefined && now < after(this.defendedAt, DEFEND_INTERVAL)) {
      this.events.push({ kind: 'Lost', address: this.address });
      this.startOver(now);
      return;
    }
    this.defendedAt = now;
    this.ask(this.address);
    this.events.push({ kind: 'Defended', address: this.address, against });
  }

  private startOver(now: Instant): void {
    this.conflicts++;
    this.defendedAt = undefined;
    this.draw();
    // RFC 3927 §2.2.1: a machine that finds everything taken slows down.
    const pause = this.conflicts > MAX_CONFLICTS ? RATE_LIMIT_INTERVAL : this.between(nanoseconds(0), PROBE_WAIT);
    this.enter('Waiting', after(now, pause));
  }

  private draw(): void {
    const before = this.address;
    while (this.address === before) {
      this.address = ((FIRST_CANDIDATE + this.random.below(CANDIDATE_COUNT)) | 0) as Ipv4Address;
    }
  }

  private between(least: Duration, most: Duration): Duration {
    return nanoseconds(least + Math.floor(this.random.nextFraction() * (most - least)));
  }

  private enter(state: LinkLocalState, deadline: Instant): void {
    this.state = state;
    this.deadline = deadline;
    this.sent = 0;
  }

  private ask(sender: Ipv4Address): void {
    const { address: target } = this;
    const senderLink = this.at.linkAddress;
    this.transmits.push({ operation: 'request', senderLink, sender, targetLink: NO_LINK_ADDRESS, target });
  }
}
