// The DHCP client of RFC 2131 §4.4 as a pure function: a state and an input give the next state and what to do.
//
//   Init ---> Selecting ---> Requesting ---> Bound ---> Renewing ---> Rebinding ---> Selecting
//     |       DISCOVER ^     REQUEST         an ACK     at T1         at T2          at expiry
//     |                | NAK, silence          ^
//     +---> Rebooting -+---------------------->+    REQUEST for an address it had before (INIT-REBOOT)
//
// Two more states, met on request or by accident: Checking, between an ACK and Bound, while the link is asked whether
// somebody else has the address; and Waiting, ten seconds after a DECLINE, or before the start.
// A state carries what is known in it and nothing else. Not here: bytes, and where jitter comes from.

import {
  after,
  type Duration,
  earlier,
  elapsed,
  fraction,
  type Instant,
  longer,
  NEVER,
  seconds,
} from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';

/** What a lease brings besides the address. */
export interface DhcpParameters {
  /** 1 to 32. */
  readonly prefixLength: number;
  readonly routers: readonly Ipv4Address[];
  readonly dnsServers: readonly Ipv4Address[];
  readonly domainName: string | undefined;
}

export interface DhcpOffer {
  readonly kind: 'Offer';
  readonly xid: number;
  readonly address: Ipv4Address;
  readonly server: Ipv4Address;
}

export interface DhcpAck {
  readonly kind: 'Ack';
  readonly xid: number;
  readonly address: Ipv4Address;
  readonly server: Ipv4Address;
  readonly leaseTime: Duration;
  /** T1 and T2, where the server names them. */
  readonly renewalTime: Duration | undefined;
  readonly rebindingTime: Duration | undefined;
  readonly parameters: DhcpParameters;
}

export interface DhcpNak {
  readonly kind: 'Nak';
  readonly xid: number;
  readonly server: Ipv4Address;
}

export interface DhcpLease {
  readonly address: Ipv4Address;
  readonly server: Ipv4Address;
  /** T1: from here on its own server is asked. */
  readonly renewAt: Instant;
  /** T2: from here on any server is asked. */
  readonly rebindAt: Instant;
  readonly expiresAt: Instant;
  readonly parameters: DhcpParameters;
}

/** What lasts from the first DISCOVER to the lease. */
interface Acquisition {
  readonly xid: number;
  /** When it began: the field `secs` counts from here. */
  readonly since: Instant;
  /** DISCOVERs sent so far; failed requests do not reset it. */
  readonly discovers: number;
}

export type DhcpClientState = Readonly<
  | { kind: 'Init' }
  | { kind: 'Waiting'; deadline: Instant; discovers: number; remembered: Ipv4Address | undefined }
  | (Acquisition & { kind: 'Selecting'; deadline: Instant })
  | (Acquisition & {
      kind: 'Requesting';
      attempt: number;
      deadline: Instant;
      askedAt: Instant;
      discoveredAt: Instant;
      offer: DhcpOffer;
    })
  | { kind: 'Rebooting'; xid: number; attempt: number; deadline: Instant; askedAt: Instant; address: Ipv4Address }
  | { kind: 'Checking'; deadline: Instant; discovers: number; lease: DhcpLease }
  | { kind: 'Bound'; lease: DhcpLease }
  | { kind: 'Renewing'; xid: number; deadline: Instant; askedAt: Instant; since: Instant; lease: DhcpLease }
  | { kind: 'Rebinding'; xid: number; deadline: Instant; askedAt: Instant; since: Instant; lease: DhcpLease }
>;

/**
 * `Start`: from any state, over again; with the address of an earlier lease, that one is asked for first.
 * `Timeout`: `deadlineOf(state)` has come. `Conflict`: another station has the address. `Clear`: none has.
 */
export type DhcpClientInput = Readonly<
  | { kind: 'Start'; delay: Duration; remembered: Ipv4Address | undefined }
  | { kind: 'Stop' }
  | { kind: 'Release' }
  | { kind: 'Timeout' }
  | { kind: 'Conflict' }
  | { kind: 'Clear' }
  | DhcpOffer
  | DhcpAck
  | DhcpNak
>;

/** Why an address was given up. */
export type DhcpLossCause = 'expired' | 'refused' | 'conflict' | 'released' | 'stopped';

/** `waited`: since the acquisition or renewal began, as the field `secs` will say. */
export type DhcpClientEffect = Readonly<
  | { kind: 'SendDiscover'; xid: number; waited: Duration }
  | { kind: 'SendRequest'; xid: number; waited: Duration; address: Ipv4Address; server: Ipv4Address }
  | { kind: 'SendReboot'; xid: number; address: Ipv4Address }
  | { kind: 'SendRenewal'; xid: number; waited: Duration; address: Ipv4Address; to: Ipv4Address | 'broadcast' }
  | { kind: 'SendDecline'; xid: number; address: Ipv4Address; server: Ipv4Address }
  | { kind: 'SendRelease'; xid: number; address: Ipv4Address; server: Ipv4Address }
  | { kind: 'Probe'; address: Ipv4Address }
  | { kind: 'Configure'; lease: DhcpLease }
  | { kind: 'Deconfigure'; address: Ipv4Address; cause: DhcpLossCause }
>;

export interface DhcpClientEnv {
  readonly now: Instant;
  /** A fresh 32-bit number, used where a transaction begins. */
  readonly random: number;
  /** Added to the next wait for an answer: -1 to 1 s (RFC 2131 §4.1). */
  readonly jitter: Duration;
  /** Whether an address is checked before it is used. */
  readonly isProbing: boolean;
}

export interface DhcpClientStep {
  readonly state: DhcpClientState;
  readonly effects: readonly DhcpClientEffect[];
}

const MAX_REQUESTS = 4;
const MIN_RENEWAL_WAIT = seconds(60); // RFC 2131 §4.4.5
const DECLINE_WAIT = seconds(10); // RFC 2131 §3.1 step 5
const CHECK_WAIT = seconds(10); // RFC 5227 §2.1.1: a probe takes 7 s at most; whoever does it may just not answer

/** When `step` is due for a `Timeout`. */
export function deadlineOf(state: DhcpClientState): Instant {
  if (state.kind === 'Init') return NEVER;
  return state.kind === 'Bound' ? state.lease.renewAt : state.deadline;
}

/** The lease that a client holds in a state, and may use unless it is still `Checking`. */
export const leaseOf = (state: DhcpClientState): DhcpLease | undefined => ('lease' in state ? state.lease : undefined);

/** Whether the address is in use: configured by an effect, and not yet taken back. */
export const isConfigured = (state: DhcpClientState): boolean =>
  state.kind === 'Bound' || state.kind === 'Renewing' || state.kind === 'Rebinding';

export function step(state: DhcpClientState, input: DhcpClientInput, env: DhcpClientEnv): DhcpClientStep {
  if (input.kind === 'Start') return start(state, input.delay, input.remembered, env);
  if (input.kind === 'Stop') return { state: { kind: 'Init' }, effects: deconfigure(state, 'stopped') };
  if (input.kind === 'Release') return release(state, env);
  if ('xid' in input && !isAnswer(state, input)) return { state, effects: [] };
  switch (state.kind) {
    case 'Init':
      break;
    case 'Waiting':
      if (input.kind !== 'Timeout') break;
      if (state.remembered !== undefined) return reboot(env, state.remembered, env.now, 1);
      return discover(env, state.discovers + 1);
    case 'Selecting':
      if (input.kind === 'Timeout') return rediscover(env, state);
      if (input.kind === 'Offer') return request(env, state, input, env.now, env.now, 1); // §4.4.1: the first will do
      break;
    case 'Requesting':
      if (input.kind === 'Timeout' && state.attempt === MAX_REQUESTS) return discover(env, state.discovers + 1); // §3.1 step 5
      if (input.kind === 'Timeout') {
        return request(env, state, state.offer, state.discoveredAt, state.askedAt, state.attempt + 1);
      }
      if (input.kind === 'Ack') return accept(env, input, state.askedAt, state.discovers);
      if (input.kind === 'Nak') return discover(env, state.discovers + 1); // §3.1 step 5
      break;
    case 'Rebooting':
      if (input.kind === 'Timeout' && state.attempt === MAX_REQUESTS) return discover(env, 1);
      if (input.kind === 'Timeout') return reboot(env, state.address, state.askedAt, state.attempt + 1, state.xid);
      if (input.kind === 'Ack') return accept(env, input, state.askedAt, 0);
      if (input.kind === 'Nak') return discover(env, 1); // §3.2 step 3
      break;
    case 'Checking':
      if (input.kind === 'Conflict') return decline(env, state.lease, state.discovers, []);
      if (input.kind === 'Timeout' || input.kind === 'Clear') return bind(state.lease);
      break;
    case 'Bound':
      if (input.kind === 'Conflict') return decline(env, state.lease, 0, deconfigure(state, 'conflict'));
      if (input.kind === 'Timeout') return renew(env, state.lease, env.now);
      break;
    case 'Renewing':
    case 'Rebinding':
      if (input.kind === 'Conflict') return decline(env, state.lease, 0, deconfigure(state, 'conflict'));
      if (input.kind === 'Timeout') return renew(env, state.lease, state.since);
      if (input.kind === 'Ack') return bind(leaseFrom(input, state.askedAt)); // its own address: nothing to check
      if (input.kind === 'Nak') return lose(env, state, 'refused'); // Figure 5: halt network
      break;
    default:
      return state satisfies never;
  }
  return { state, effects: [] };
}

// RFC 2131 §4.4.1: the transaction is ours. Beyond that, the address must be the one that was asked for, and a
// server that was asked by name must be the one that answers.
function isAnswer(state: DhcpClientState, input: DhcpOffer | DhcpAck | DhcpNak): boolean {
  if (!('xid' in state) || state.xid !== input.xid) return false;
  const asked = addressAsked(state);
  if (input.kind === 'Ack' && input.address !== asked?.address) return false;
  return asked?.server === undefined || input.server === asked.server;
}

function addressAsked(state: DhcpClientState): { address: Ipv4Address; server: Ipv4Address | undefined } | undefined {
  if (state.kind === 'Requesting') return state.offer;
  if (state.kind === 'Rebooting') return { address: state.address, server: undefined };
  if (state.kind === 'Renewing') return state.lease;
  return state.kind === 'Rebinding' ? { address: state.lease.address, server: undefined } : undefined;
}

function start(
  state: DhcpClientState,
  delay: Duration,
  remembered: Ipv4Address | undefined,
  env: DhcpClientEnv,
): DhcpClientStep {
  const effects = deconfigure(state, 'stopped');
  if (delay > 0) {
    return { state: { kind: 'Waiting', deadline: after(env.now, delay), discovers: 0, remembered }, effects };
  }
  const next = remembered === undefined ? discover(env, 1) : reboot(env, remembered, env.now, 1);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function release(state: DhcpClientState, env: DhcpClientEnv): DhcpClientStep {
  const lease = leaseOf(state);
  if (lease === undefined) return { state: { kind: 'Init' }, effects: [] };
  const { address, server } = lease;
  return {
    state: { kind: 'Init' }, // §4.4.6: told once, without an answer
    effects: [{ kind: 'SendRelease', xid: env.random, address, server }, ...deconfigure(state, 'released')],
  };
}

const discover = (env: DhcpClientEnv, discovers: number): DhcpClientStep =>
  sendDiscover(env, { xid: env.random, since: env.now, discovers });

// The same transaction, so that an answer to an earlier question still counts on a slow network (§4.1 leaves it open).
const rediscover = (env: DhcpClientEnv, { xid, since, discovers }: Acquisition): DhcpClientStep =>
  sendDiscover(env, { xid, since, discovers: discovers + 1 });

function sendDiscover(env: DhcpClientEnv, acquisition: Acquisition): DhcpClientStep {
  const { xid, since, discovers } = acquisition;
  return {
    state: { kind: 'Selecting', ...acquisition, deadline: after(env.now, retryWait(discovers, env)) },
    effects: [{ kind: 'SendDiscover', xid, waited: elapsed(since, env.now) }],
  };
}

function request(
  env: DhcpClientEnv,
  { since, discovers }: Acquisition,
  offer: DhcpOffer,
  discoveredAt: Instant,
  askedAt: Instant,
  attempt: number,
): DhcpClientStep {
  const { xid, address, server } = offer; // §4.4.1: a request keeps the xid of the offer
  const deadline = after(env.now, retryWait(attempt, env));
  return {
    state: { kind: 'Requesting', xid, since, discovers, attempt, deadline, askedAt, discoveredAt, offer },
    effects: [{ kind: 'SendRequest', xid, waited: elapsed(since, discoveredAt), address, server }],
  };
}

function reboot(
  env: DhcpClientEnv,
  address: Ipv4Address,
  askedAt: Instant,
  attempt: number,
  xid: number = env.random,
): DhcpClientStep {
  return {
    state: { kind: 'Rebooting', xid, attempt, deadline: after(env.now, retryWait(attempt, env)), askedAt, address },
    effects: [{ kind: 'SendReboot', xid, address }],
  };
}

function accept(env: DhcpClientEnv, ack: DhcpAck, askedAt: Instant, discovers: number): DhcpClientStep {
  const lease = leaseFrom(ack, askedAt);
  if (!env.isProbing) return bind(lease);
  return {
    state: { kind: 'Checking', deadline: after(env.now, CHECK_WAIT), discovers, lease },
    effects: [{ kind: 'Probe', address: lease.address }],
  };
}

const bind = (lease: DhcpLease): DhcpClientStep => ({
  state: { kind: 'Bound', lease },
  effects: [{ kind: 'Configure', lease }],
});

function leaseFrom(ack: DhcpAck, askedAt: Instant): DhcpLease {
  const { address, server, leaseTime, parameters } = ack;
  const { renewalTime = fraction(leaseTime, 1 / 2), rebindingTime = fraction(leaseTime, 7 / 8) } = ack;
  // §4.4.5: T1 before T2 before the end; times that are not in this order are as good as none.
  const isOrdered = 0 < renewalTime && renewalTime <= rebindingTime && rebindingTime <= leaseTime;
  return {
    address,
    server,
    renewAt: after(askedAt, isOrdered ? renewalTime : fraction(leaseTime, 1 / 2)),
    rebindAt: after(askedAt, isOrdered ? rebindingTime : fraction(leaseTime, 7 / 8)),
    expiresAt: after(askedAt, leaseTime), // §4.4.1: counted from the request, not from its answer
    parameters,
  };
}

// Before T2 its own server is asked, then anyone; each time after half of what remains (§4.4.5).
function renew(env: DhcpClientEnv, lease: DhcpLease, since: Instant): DhcpClientStep {
  const { now, random: xid } = env;
  if (now >= lease.expiresAt) return lose(env, { kind: 'Bound', lease }, 'expired');
  const isRenewing = now < lease.rebindAt;
  const limit = isRenewing ? lease.rebindAt : lease.expiresAt;
  const wait = longer(fraction(elapsed(now, limit), 1 / 2), MIN_RENEWAL_WAIT);
  const deadline = earlier(limit, after(now, wait));
  const to = isRenewing ? lease.server : 'broadcast';
  return {
    state: { kind: isRenewing ? 'Renewing' : 'Rebinding', xid, deadline, askedAt: now, since, lease },
    effects: [{ kind: 'SendRenewal', xid, waited: elapsed(since, now), address: lease.address, to }],
  };
}

function lose(env: DhcpClientEnv, state: DhcpClientState, cause: DhcpLossCause): DhcpClientStep {
  const next = discover(env, 1);
  return { state: next.state, effects: [...deconfigure(state, cause), ...next.effects] };
}

function decline(
  env: DhcpClientEnv,
  { address, server }: DhcpLease,
  discovers: number,
  effects: readonly DhcpClientEffect[],
): DhcpClientStep {
  return {
    state: { kind: 'Waiting', deadline: after(env.now, DECLINE_WAIT), discovers, remembered: undefined },
    effects: [...effects, { kind: 'SendDecline', xid: env.random, address, server }],
  };
}

function deconfigure(state: DhcpClientState, cause: DhcpLossCause): readonly DhcpClientEffect[] {
  const lease = leaseOf(state);
  if (lease === undefined || !isConfigured(state)) return [];
  return [{ kind: 'Deconfigure', address: lease.address, cause }];
}

// RFC 2131 §4.1: 4 s, 8, 16, 32, and 64 from then on, give or take a second.
const retryWait = (attempt: number, env: DhcpClientEnv): Duration =>
  (seconds(2 << Math.min(attempt, 5)) + env.jitter) as Duration;
