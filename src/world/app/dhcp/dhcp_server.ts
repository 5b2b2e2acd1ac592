// A DHCP server for one network, as a machine (RFC 2131 §4.3).
//
//   messages to port 67 --> handleInput     pollTransmit --> answers with their addresses
//   deadlines --> handleTimeout             pollProbe    --> addresses to ping before they are offered, if asked to
//
// Who has which address is the business of `dhcp_leases.ts`. Not here: sockets, frames, the ping itself; nor more than
// one network: a machine with two has two servers. A relay agent on the network is answered through it.

import { hexOf } from '../../../core/bytes.ts';
import { DropReason, isDrop } from '../../../core/drop_reason.ts';
import type { Journal } from '../../../core/journal.ts';
import {
  type Duration,
  earlier,
  FOREVER,
  fraction,
  type Instant,
  minutes,
  NEVER,
  seconds,
} from '../../../core/time.ts';
import {
  BROADCAST_IPV4,
  BROADCAST_LINK,
  broadcastOf,
  formatIpv4,
  formatLinkAddress,
  type Ipv4Address,
  inPrefix,
  type LinkAddress,
  NO_LINK_ADDRESS,
  prefixMask,
  UNSPECIFIED_IPV4,
} from '../../../wire/address.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, type DhcpMessage, encodeDhcp, parseDhcp } from '../../../wire/dhcp.ts';
import type { DhcpMessageType, DhcpOptions } from '../../../wire/dhcp_options.ts';
import { type DhcpClientIdentity, DhcpLeases, type DhcpReservation, type DhcpServerLease } from './dhcp_leases.ts';

export interface DhcpServerConfig {
  /** For the journal. */
  readonly hostName: string;
  /** Of the interface on which it serves, and its name in messages: the server identifier. */
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  /** The first and the last address to give. */
  readonly first: Ipv4Address;
  readonly last: Ipv4Address;
  /** At least a second; `FOREVER` for leases without end. */
  readonly leaseTime: Duration;
  readonly routers?: readonly Ipv4Address[];
  readonly dnsServers?: readonly Ipv4Address[];
  readonly domainName?: string;
  readonly reservations?: readonly DhcpReservation[];
  /** Refuses clients that it knows nothing of, instead of leaving them to another server (RFC 2131 §4.3.2). */
  readonly isAuthoritative?: boolean;
  /** Asks, by `pollProbe`, that an address be pinged before it is offered. */
  readonly isProbing?: boolean;
  readonly journal?: Journal;
}

export interface DhcpReply {
  /** What goes into a datagram from port 67. */
  readonly payload: Uint8Array;
  readonly destination: Ipv4Address;
  readonly destinationPort: number;
  /** Where the frame goes: everyone, or a client that cannot answer ARP yet; `NO_LINK_ADDRESS`: resolve it. */
  readonly linkAddress: LinkAddress;
}

/** How often each thing happened. */
export interface DhcpServerCounters {
  received: number;
  offers: number;
  acks: number;
  naks: number;
  declines: number;
  releases: number;
  /** A client went without, since there was no address left for it. */
  exhausted: number;
  expired: number;
}

const OFFER_HOLD = seconds(60);
const PROBE_WAIT = seconds(1);
const DECLINE_HOLD = minutes(10);
const MAX_TRANSMITS = 64;
const MAX_PROBING = 64;

export class DhcpServer {
  readonly counters: DhcpServerCounters = {
    received: 0,
    offers: 0,
    acks: 0,
    naks: 0,
    declines: 0,
    releases: 0,
    exhausted: 0,
    expired: 0,
  };
  private readonly config: DhcpServerConfig;
  private readonly leases: DhcpLeases;
  // Further answers are dropped: whoever asked will ask again.
  private readonly transmits: DhcpReply[] = [];
  private readonly probes: Ipv4Address[] = [];
  // The questions that wait for a probe, by the address to be offered; `MAX_PROBING` of them.
  private readonly probing = new Map<Ipv4Address, { readonly message: DhcpMessage; readonly deadline: Instant }>();

  /** @throws RangeError where addresses are not on the server's network, or the range is empty */
  constructor(config: DhcpServerConfig) {
    const { address, prefixLength, first, last, reservations = [], leaseTime } = config;
    for (const given of [first, last, ...reservations.map((reservation) => reservation.address)]) {
      if (!isHost(given, address, prefixLength)) {
        throw new RangeError(`${formatIpv4(given)} cannot be given on ${formatIpv4(address)}/${prefixLength}`);
      }
    }
    if (first >>> 0 > last >>> 0) throw new RangeError('the range of addresses to give is empty');
    if (!(leaseTime >= seconds(1))) throw new RangeError('a lease must last a second at least');
    this.config = config;
    this.leases = new DhcpLeases({ first, last, reservations, excluded: [address] }, config.hostName, config.journal);
  }

  /** Takes the message in `[at, end)` that came to port 67; says why where it is of no use here. */
  handleInput(now: Instant, view: DataView, at: number, end: number): DropReason | undefined {
    const message = parseDhcp(view, at, end);
    if (isDrop(message)) return message;
    if (message.operation !== 'request') return DropReason.UnexpectedMessage;
    const { relayAgent } = message;
    // RFC 2131 §4.3.1: the relay's address tells the network, and this server has no other than its own.
    if (relayAgent !== UNSPECIFIED_IPV4 && !this.isOnNetwork(relayAgent)) return DropReason.NotForUs;
    this.counters.received++;
    this.handleTimeout(now); // a client must not find its address taken by a lease that is over
    switch (message.options.messageType) {
      case 'Discover':
        this.discovered(now, message);
        return undefined;
      case 'Request':
        this.requested(now, message);
        return undefined;
      case 'Decline':
        return this.declined(now, message);
      case 'Release':
        return this.released(now, message);
      case 'Inform':
        this.answer(message, 'Ack', UNSPECIFIED_IPV4, this.parameters()); // §4.3.5: no address, no lease
        return undefined;
      default:
        return DropReason.UnexpectedMessage;
    }
  }

  /** Somebody answered the probe for `address`: it is held back, and its client offered another one. */
  handleProbeAnswer(now: Instant, address: Ipv4Address): void {
    const waiting = this.probing.get(address);
    const lease = this.leases.at(address);
    if (waiting === undefined || lease === undefined) return;
    this.probing.delete(address);
    this.leases.hold(now, lease, DECLINE_HOLD, 'somebody answers at it');
    this.discovered(now, waiting.message);
  }

  handleTimeout(now: Instant): void {
    if (now < this.leases.pollDeadline()) return;
    for (const lease of this.leases.due(now)) this.expire(now, lease);
    this.leases.settle();
  }

  /** Offers that wait for their probe. */
  pollTimeout(): Instant {
    let deadline = NEVER;
    for (const waiting of this.probing.values()) deadline = earlier(deadline, waiting.deadline);
    return deadline;
  }

  /** Leases that end, offers that nobody took, addresses held back. */
  pollBackgroundTimeout(): Instant {
    return this.leases.pollDeadline();
  }

  pollTransmit(_now: Instant): DhcpReply | undefined {
    return this.transmits.shift();
  }

  /** The next address to ping; report an answer by `handleProbeAnswer`. */
  pollProbe(): Ipv4Address | undefined {
    return this.probes.shift();
  }

  /** The table at `now`, in the order of addresses. */
  list(now: Instant): readonly Readonly<DhcpServerLease>[] {
    this.handleTimeout(now);
    return this.leases.list();
  }

  private discovered(now: Instant, message: DhcpMessage): void {
    const who = identityOf(message);
    const known = this.leases.of(who.client);
    if (known?.state === 'probing') return; // its first question waits for the same answer
    const address = this.leases.choose(who, message.options.requestedAddress);
    if (address === undefined) {
      this.counters.exhausted++; // §4.3.1: no address to give, nothing to say
      return;
    }
    const isTheirs = known?.address === address && known.state === 'bound';
    if (this.config.isProbing === true && !isTheirs && this.probing.size < MAX_PROBING) {
      this.leases.enter(now, who, address, 'probing', PROBE_WAIT, 'is being probed');
      this.probing.set(address, { message, deadline: (now + PROBE_WAIT) as Instant });
      this.probes.push(address);
      return;
    }
    this.offer(now, message, who, address, isTheirs);
  }

  private offer(
    now: Instant,
    message: DhcpMessage,
    who: DhcpClientIdentity,
    address: Ipv4Address,
    isTheirs: boolean,
  ): void {
    // Whoever discovers while it holds a lease keeps it until the request.
    if (!isTheirs) this.leases.enter(now, who, address, 'offered', OFFER_HOLD, 'offered to a client');
    this.counters.offers++;
    this.answer(message, 'Offer', address, this.leaseOptions(message));
  }

  // RFC 2131 §4.3.2 tells the client's state from what it fills in.
  private requested(now: Instant, message: DhcpMessage): void {
    const { serverIdentifier, requestedAddress } = message.options;
    const who = identityOf(message);
    const known = this.leases.of(who.client);
    if (serverIdentifier !== undefined) {
      if (serverIdentifier !== this.config.address) {
        // It chose another server: what was offered is free again.
        if (known?.state === 'offered') this.leases.remove(now, known, 'its client chose another server');
        return;
      }
      if (requestedAddress === undefined) return;
      if (this.leases.isAvailable(who, requestedAddress)) this.bind(now, message, who, requestedAddress);
      else this.refuse(message, 'address not available');
      return;
    }
    const isRenewal = message.clientAddress !== UNSPECIFIED_IPV4;
    const address = isRenewal ? message.clientAddress : requestedAddress;
    if (address === undefined) return;
    if (!this.isOnNetwork(address)) {
      this.refuse(message, 'wrong network');
    } else if (known === undefined) {
      // §4.3.2: unless told that there is no other, it leaves strangers to another server
      if (this.config.isAuthoritative === true) this.refuse(message, 'no such lease');
    } else if (known.address !== address || !this.leases.isAvailable(who, address)) {
      this.refuse(message, 'not your address');
    } else {
      this.bind(now, message, who, address);
    }
  }

  private bind(now: Instant, message: DhcpMessage, who: DhcpClientIdentity, address: Ipv4Address): void {
    const isRenewed = this.leases.at(address)?.state === 'bound';
    const before = this.leases.of(who.client);
    if (before !== undefined) this.probing.delete(before.address);
    this.leases.enter(now, who, address, 'bound', this.leaseTime(message), isRenewed ? 'renewed' : 'requested');
    this.counters.acks++;
    this.answer(message, 'Ack', address, this.leaseOptions(message));
  }

  private declined(now: Instant, message: DhcpMessage): DropReason | undefined {
    const { serverIdentifier, requestedAddress } = message.options;
    const lease = this.leases.of(identityOf(message).client);
    if (serverIdentifier !== this.config.address) return DropReason.NotForUs;
    if (lease === undefined || lease.address !== requestedAddress) return DropReason.UnexpectedMessage;
    this.probing.delete(lease.address);
    this.leases.hold(now, lease, DECLINE_HOLD, 'declined: in use by another station'); // §4.3.3
    this.counters.declines++;
    return undefined;
  }

  private released(now: Instant, message: DhcpMessage): DropReason | undefined {
    const lease = this.leases.of(identityOf(message).client);
    if (message.options.serverIdentifier !== this.config.address) return DropReason.NotForUs;
    if (lease?.state !== 'bound' || lease.address !== message.clientAddress) return DropReason.UnexpectedMessage;
    this.leases.end(now, lease, 'released', 'released by its client'); // §4.3.4
    this.counters.releases++;
    return undefined;
  }

  private expire(now: Instant, lease: DhcpServerLease): void {
    const { state, address } = lease;
    if (state === 'bound') {
      this.counters.expired++;
      this.leases.end(now, lease, 'expired', 'not renewed in time');
    } else if (state === 'probing') {
      const waiting = this.probing.get(address);
      this.probing.delete(address);
      if (waiting === undefined) this.leases.remove(now, lease, 'nobody waits for it');
      else this.offer(now, waiting.message, identityOf(waiting.message), address, false);
    } else {
      this.leases.remove(now, lease, state === 'declined' ? 'held back long enough' : 'offered, and not taken');
    }
  }

  private refuse(message: DhcpMessage, why: string): void {
    this.counters.naks++;
    this.answer(message, 'Nak', UNSPECIFIED_IPV4, { message: why });
  }

  private answer(question: DhcpMessage, messageType: DhcpMessageType, address: Ipv4Address, more: DhcpOptions): void {
    if (this.transmits.length === MAX_TRANSMITS) return;
    const { clientIdentifier } = question.options;
    const isNak = messageType === 'Nak';
    const options: DhcpOptions = { messageType, serverIdentifier: this.config.address, ...more };
    const reply: DhcpMessage = {
      operation: 'reply',
      hops: 0,
      transactionId: question.transactionId,
      secondsElapsed: 0,
      // RFC 2131 §4.3.2: a relay must broadcast a refusal, since the client's address is wrong
      isBroadcast: question.isBroadcast || (isNak && question.relayAgent !== UNSPECIFIED_IPV4),
      clientAddress: messageType === 'Ack' ? question.clientAddress : UNSPECIFIED_IPV4, // Table 3
      yourAddress: address,
      nextServer: UNSPECIFIED_IPV4,
      relayAgent: question.relayAgent,
      clientLinkAddress: question.clientLinkAddress,
      serverName: '',
      bootFile: '',
      // RFC 6842 §3: the identifier comes back to whoever sent one
      options: clientIdentifier === undefined ? options : { ...options, clientIdentifier },
    };
    this.transmits.push({ payload: encodeDhcp(reply), ...route(question, isNak, address) });
  }

  private leaseOptions(message: DhcpMessage): DhcpOptions {
    const leaseTime = this.leaseTime(message);
    const options: DhcpOptions = { leaseTime, ...this.parameters() };
    if (leaseTime === FOREVER) return options; // nothing to renew
    return { ...options, renewalTime: fraction(leaseTime, 1 / 2), rebindingTime: fraction(leaseTime, 7 / 8) };
  }

  // §4.3.1: a client may ask for less than it would get.
  private leaseTime({ options: { leaseTime: wish } }: DhcpMessage): Duration {
    const { leaseTime } = this.config;
    return wish !== undefined && wish > 0 && wish < leaseTime ? wish : leaseTime;
  }

  private parameters(): DhcpOptions {
    const { address, prefixLength, routers = [], dnsServers = [], domainName } = this.config;
    return {
      subnetMask: prefixMask(prefixLength) as Ipv4Address,
      broadcastAddress: broadcastOf(address, prefixLength),
      ...(routers.length > 0 ? { routers } : {}),
      ...(dnsServers.length > 0 ? { dnsServers } : {}),
      ...(domainName === undefined ? {} : { domainName }),
    };
  }

  private isOnNetwork(address: Ipv4Address): boolean {
    return inPrefix(address, this.config.address, this.config.prefixLength);
  }
}

// RFC 2131 §4.1: to the relay; to a client that has an address, there; to everyone where it asks for that, or where it is
// refused; or else to the address that it is being given, and to its link address without asking.
function route(question: DhcpMessage, isNak: boolean, address: Ipv4Address): Omit<DhcpReply, 'payload'> {
  const { relayAgent, clientAddress, clientLinkAddress } = question;
  if (relayAgent !== UNSPECIFIED_IPV4) {
    return { destination: relayAgent, destinationPort: DHCP_SERVER_PORT, linkAddress: NO_LINK_ADDRESS };
  }
  if (!isNak && clientAddress !== UNSPECIFIED_IPV4) {
    return { destination: clientAddress, destinationPort: DHCP_CLIENT_PORT, linkAddress: NO_LINK_ADDRESS };
  }
  if (isNak || question.isBroadcast || address === UNSPECIFIED_IPV4) {
    return { destination: BROADCAST_IPV4, destinationPort: DHCP_CLIENT_PORT, linkAddress: BROADCAST_LINK };
  }
  return { destination: address, destinationPort: DHCP_CLIENT_PORT, linkAddress: clientLinkAddress };
}

function identityOf(message: DhcpMessage): DhcpClientIdentity {
  const { clientLinkAddress: linkAddress, options } = message;
  const { clientIdentifier, hostName } = options;
  const client = clientIdentifier === undefined ? formatLinkAddress(linkAddress) : hexOf(clientIdentifier);
  return { client, linkAddress, hostName };
}

/** An address for a station: neither the network's own nor its broadcast. */
const isHost = (address: Ipv4Address, network: Ipv4Address, prefixLength: number): boolean =>
  inPrefix(address, network, prefixLength) &&
  (prefixLength >= 31 ||
    (address !== broadcastOf(network, prefixLength) && (address & ~prefixMask(prefixLength)) !== 0));
