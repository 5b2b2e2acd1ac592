// A DHCP client as a machine: the pure steps of `dhcp_client_states.ts` with bytes, jitter and deadlines around them.
//
//   messages, conflicts --> handleInput, handleConflict    pollTransmit --> messages with their addresses
//   deadlines           --> handleTimeout                  pollEvent    --> Configured, Deconfigured, Probe
//
// It uses no socket, since it speaks before its machine has an address: whoever holds it sends from port 68 to port 67,
// from the address it names (0.0.0.0 at first), and hands it what comes to port 68 for any address.
// Not here: setting up the interface, ARP probes, and 169.254/16 for those who never hear an answer.

import { viewOf } from '../../../core/bytes.ts';
import { DropReason, isDrop } from '../../../core/drop_reason.ts';
import type { Random } from '../../../core/random.ts';
import { type Duration, type Instant, milliseconds, NEVER, seconds } from '../../../core/time.ts';
import {
  BROADCAST_IPV4,
  type Ipv4Address,
  isLoopbackIpv4,
  type LinkAddress,
  prefixMask,
  setLinkAddress,
  UNSPECIFIED_IPV4,
} from '../../../wire/address.ts';
import { type DhcpMessage, encodeDhcp, parseDhcp } from '../../../wire/dhcp.ts';
import { DhcpOptionCode, type DhcpOptions } from '../../../wire/dhcp_options.ts';
import {
  type DhcpClientEffect,
  type DhcpClientInput,
  type DhcpClientState,
  type DhcpLease,
  type DhcpLossCause,
  type DhcpParameters,
  deadlineOf,
  isConfigured,
  leaseOf,
  step,
} from './dhcp_client_states.ts';

export interface DhcpClientEnvironment {
  /** This client's own: a fork made for it. */
  readonly random: Random;
  readonly linkAddress: LinkAddress;
  readonly hostName?: string;
  /** Waits 1 to 10 s before the first message (RFC 2131 §4.4.1), which spreads a crowd. Off by default. */
  readonly hasStartDelay?: boolean;
  /** Asks, by the event `Probe`, that an address be checked before it is used. Off by default. */
  readonly isProbing?: boolean;
}

export interface DhcpTransmit {
  /** What goes into a datagram from port 68 to port 67. */
  readonly payload: Uint8Array;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** The frame goes to everyone; otherwise to the next hop of `destination`. */
  readonly viaBroadcast: boolean;
}

export type DhcpClientEvent = Readonly<
  | {
      kind: 'Configured';
      address: Ipv4Address;
      prefixLength: number;
      /** The preferred one of `routers`. */
      router: Ipv4Address | undefined;
      routers: readonly Ipv4Address[];
      dnsServers: readonly Ipv4Address[];
      domainName: string | undefined;
      lease: DhcpLease;
      /** The same address as before, for longer. */
      isRenewal: boolean;
    }
  | { kind: 'Deconfigured'; address: Ipv4Address; cause: DhcpLossCause }
  /** Probe the address on the link, then report by `handleConflict` or `handleClear`. */
  | { kind: 'Probe'; address: Ipv4Address }
>;

/** So many DISCOVERs keep a world alive; those that follow do not. */
export const MAX_FOREGROUND_DISCOVERS = 4;

const REQUESTED_OPTIONS: readonly number[] = [
  DhcpOptionCode.SubnetMask,
  DhcpOptionCode.Router,
  DhcpOptionCode.DomainNameServer,
  DhcpOptionCode.DomainName,
  DhcpOptionCode.BroadcastAddress,
  DhcpOptionCode.LeaseTime,
  DhcpOptionCode.RenewalTime,
  DhcpOptionCode.RebindingTime,
];
const MAXIMUM_MESSAGE_SIZE = 1500;
const HARDWARE_ETHERNET = 1;
const NO_DELAY = 0 as Duration;
const MAX_JITTER_MS = 1000; // RFC 2131 §4.1: up to a second, to either side
const MIN_START_DELAY = seconds(1); // RFC 2131 §4.4.1: one to ten seconds
const START_DELAY_RANGE_MS = 9000;

export class DhcpClient {
  private readonly env: DhcpClientEnvironment;
  private current: DhcpClientState = { kind: 'Init' };
  // The lease to ask for again after a restart.
  private last: DhcpLease | undefined;
  // Both are emptied after each input; one input fills them with two entries at most.
  private readonly transmits: DhcpTransmit[] = [];
  private readonly events: DhcpClientEvent[] = [];

  constructor(env: DhcpClientEnvironment) {
    this.env = env;
  }

  get state(): DhcpClientState {
    return this.current;
  }

  /** What is in use at the moment. */
  get lease(): DhcpLease | undefined {
    return isConfigured(this.current) ? leaseOf(this.current) : undefined;
  }

  /**
   * Begins, or begins again after the link was lost. A lease that should still run is asked for by INIT-REBOOT.
   *
   * @param remembered an address from before this machine's memory begins
   */
  start(now: Instant, remembered?: Ipv4Address): void {
    const kept = this.last !== undefined && this.last.expiresAt > now ? this.last.address : undefined;
    this.take(now, { kind: 'Start', delay: this.startDelay(), remembered: remembered ?? kept });
  }

  /** Falls silent, as when the cable is pulled: the server hears nothing of it. */
  stop(now: Instant): void {
    this.take(now, { kind: 'Stop' });
  }

  /** Gives the lease back. Send what `pollTransmit` has before acting on the event that takes the address away. */
  release(now: Instant): void {
    this.last = undefined;
    this.take(now, { kind: 'Release' });
  }

  /** Takes the message in `[at, end)` that came to port 68; says why where it is of no use here. */
  handleInput(now: Instant, view: DataView, at: number, end: number): DropReason | undefined {
    const message = parseDhcp(view, at, end);
    if (isDrop(message)) return message;
    if (message.operation !== 'reply') return DropReason.UnexpectedMessage;
    if (message.clientLinkAddress !== this.env.linkAddress) return DropReason.NotForUs;
    const input = inputOf(message);
    if (isDrop(input)) return input;
    const before = this.current;
    this.take(now, input);
    return this.current === before ? DropReason.UnexpectedMessage : undefined;
  }

  /** Another station was seen to have our address: it is declined. */
  handleConflict(now: Instant): void {
    this.last = undefined;
    this.take(now, { kind: 'Conflict' });
  }

  /** The probe that was asked for found nobody. */
  handleClear(now: Instant): void {
    this.take(now, { kind: 'Clear' });
  }

  handleTimeout(now: Instant): void {
    if (now >= deadlineOf(this.current)) this.take(now, { kind: 'Timeout' });
  }

  /** While an address is being acquired; after four unanswered DISCOVERs the next ones wait in the background. */
  pollTimeout(): Instant {
    return this.isForeground() ? deadlineOf(this.current) : NEVER;
  }

  /** Renewals, and the DISCOVERs of a client that nobody seems to hear. */
  pollBackgroundTimeout(): Instant {
    return this.isForeground() ? NEVER : deadlineOf(this.current);
  }

  pollTransmit(_now: Instant): DhcpTransmit | undefined {
    return this.transmits.shift();
  }

  pollEvent(): DhcpClientEvent | undefined {
    return this.events.shift();
  }

  private isForeground(): boolean {
    const { current } = this;
    if (isConfigured(current)) return false;
    return !('discovers' in current) || current.discovers <= MAX_FOREGROUND_DISCOVERS;
  }

  private take(now: Instant, input: DhcpClientInput): void {
    const { random, isProbing = false } = this.env;
    const jitter = milliseconds(random.below(2 * MAX_JITTER_MS + 1) - MAX_JITTER_MS);
    const before = this.lease;
    const { state, effects } = step(this.current, input, { now, random: random.nextUint32(), jitter, isProbing });
    this.current = state;
    for (const effect of effects) this.carryOut(effect, before);
  }

  private carryOut(effect: DhcpClientEffect, before: DhcpLease | undefined): void {
    switch (effect.kind) {
      case 'SendDiscover':
        this.send(effect.xid, effect.waited, { messageType: 'Discover' });
        break;
      case 'SendRequest': {
        const { address, server } = effect;
        const options: DhcpOptions = { messageType: 'Request', requestedAddress: address, serverIdentifier: server };
        this.send(effect.xid, effect.waited, options);
        break;
      }
      case 'SendReboot': // RFC 2131 §4.3.2: no server named, no ciaddr
        this.send(effect.xid, NO_DELAY, { messageType: 'Request', requestedAddress: effect.address });
        break;
      case 'SendRenewal': {
        const destination = effect.to === 'broadcast' ? BROADCAST_IPV4 : effect.to;
        this.send(effect.xid, effect.waited, { messageType: 'Request' }, effect.address, destination);
        break;
      }
      case 'SendDecline': {
        const { address, server } = effect;
        const options: DhcpOptions = { messageType: 'Decline', requestedAddress: address, serverIdentifier: server };
        this.send(effect.xid, NO_DELAY, { ...options, message: 'address is in use by another station' });
        break;
      }
      case 'SendRelease': {
        const options: DhcpOptions = { messageType: 'Release', serverIdentifier: effect.server };
        this.send(effect.xid, NO_DELAY, options, effect.address, effect.server);
        break;
      }
      case 'Probe':
        this.events.push(effect);
        break;
      case 'Configure':
        this.last = effect.lease;
        this.events.push(configured(effect.lease, before?.address === effect.lease.address));
        break;
      case 'Deconfigure':
        if (effect.cause !== 'stopped') this.last = undefined;
        this.events.push({ kind: 'Deconfigured', address: effect.address, cause: effect.cause });
        break;
      default:
        effect satisfies never;
    }
  }

  private send(
    xid: number,
    waited: Duration,
    options: DhcpOptions,
    source: Ipv4Address = UNSPECIFIED_IPV4,
    destination: Ipv4Address = BROADCAST_IPV4,
  ): void {
    const message: DhcpMessage = {
      operation: 'request',
      hops: 0,
      transactionId: xid >>> 0,
      secondsElapsed: Math.min(Math.floor(waited / seconds(1)), 0xffff),
      // RFC 2131 §4.1: a machine whose IP layer takes nothing for an address it has not got asks to be told by broadcast.
      isBroadcast: source === UNSPECIFIED_IPV4,
      clientAddress: source,
      yourAddress: UNSPECIFIED_IPV4,
      nextServer: UNSPECIFIED_IPV4,
      relayAgent: UNSPECIFIED_IPV4,
      clientLinkAddress: this.env.linkAddress,
      serverName: '',
      bootFile: '',
      options: { ...this.identity(), ...this.wishes(options), ...options },
    };
    const viaBroadcast = destination === BROADCAST_IPV4;
    this.transmits.push({ payload: encodeDhcp(message), source, destination, viaBroadcast });
  }

  private identity(): DhcpOptions {
    const link = this.env.linkAddress;
    const clientIdentifier = Uint8Array.of(HARDWARE_ETHERNET, 0, 0, 0, 0, 0, 0); // RFC 2132 §9.14
    setLinkAddress(viewOf(clientIdentifier), 1, link);
    return { clientIdentifier };
  }

  // RFC 2131 Table 5: what only those who want a lease say.
  private wishes({ messageType }: DhcpOptions): DhcpOptions {
    if (messageType !== 'Discover' && messageType !== 'Request') return {};
    const { hostName } = this.env;
    const wishes = { parameterRequestList: REQUESTED_OPTIONS, maximumMessageSize: MAXIMUM_MESSAGE_SIZE };
    return hostName === undefined ? wishes : { ...wishes, hostName };
  }

  private startDelay(): Duration {
    if (this.env.hasStartDelay !== true) return NO_DELAY;
    return (MIN_START_DELAY + milliseconds(this.env.random.below(START_DELAY_RANGE_MS))) as Duration;
  }
}

function configured(lease: DhcpLease, isRenewal: boolean): DhcpClientEvent {
  const { prefixLength, routers, dnsServers, domainName } = lease.parameters;
  return {
    kind: 'Configured',
    address: lease.address,
    prefixLength,
    router: routers[0],
    routers,
    dnsServers,
    domainName,
    lease,
    isRenewal,
  };
}

/** What a reply means to the steps; a reason where it offers nothing that a station could use. */
function inputOf(message: DhcpMessage): DhcpClientInput | DropReason {
  const { transactionId: xid, yourAddress: address, options } = message;
  const { messageType, serverIdentifier: server, leaseTime, renewalTime, rebindingTime } = options;
  if (server === undefined) return DropReason.BadOption; // RFC 2131 Table 3: must be there in all three
  if (messageType === 'Nak') return { kind: 'Nak', xid, server };
  if (messageType !== 'Offer' && messageType !== 'Ack') return DropReason.UnexpectedMessage;
  // A lease of no time at all would be renewed without end.
  if (leaseTime === undefined || leaseTime === 0) return DropReason.BadOption;
  if (!isUsable(address)) return DropReason.BadSource;
  const parameters = parametersOf(address, options);
  if (isDrop(parameters)) return parameters;
  if (messageType === 'Offer') return { kind: 'Offer', xid, address, server };
  return { kind: 'Ack', xid, address, server, leaseTime, renewalTime, rebindingTime, parameters };
}

function parametersOf(address: Ipv4Address, options: DhcpOptions): DhcpParameters | DropReason {
  const { subnetMask, routers = [], dnsServers = [], domainName } = options;
  const prefixLength = subnetMask === undefined ? classfulLength(address) : lengthOfMask(subnetMask);
  if (prefixLength === undefined) return DropReason.BadOption;
  return { prefixLength, routers, dnsServers, domainName };
}

/** Nothing where the ones of a mask are not all in front. */
function lengthOfMask(mask: Ipv4Address): number | undefined {
  const length = Math.clz32(~mask);
  return length > 0 && prefixMask(length) === mask ? length : undefined;
}

// RFC 791 §2.3: classes A, B and C, which still decide where a server names no mask.
function classfulLength(address: Ipv4Address): number {
  if (address >>> 31 === 0) return 8;
  return address >>> 30 === 2 ? 16 : 24;
}

const isUsable = (address: Ipv4Address): boolean =>
  address >>> 24 !== 0 &&
  address >>> 28 < 0xe && // neither "this network" nor multicast and beyond
  !isLoopbackIpv4(address);
