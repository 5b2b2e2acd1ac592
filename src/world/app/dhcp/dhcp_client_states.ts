// The DHCP client of RFC 2131 §4.4 as a pure function: a state and an input give the next state and what to do.
//
//   Init ---> Selecting ---> Requesting ---> Bound ---> Renewing ---> Rebinding ---> Init
//             DISCOVER       REQUEST         an ACK     at T1         at T2          at expiry
//
// A state carries what is known in it and nothing else. Not here: bytes, jitter, INIT-REBOOT, DECLINE, RELEASE.

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
}

export interface DhcpLease {
  readonly address: Ipv4Address;
  readonly server: Ipv4Address;
  /** T1: from here on its own server is asked. */
  readonly renewAt: Instant;
  /** T2: from here on any server is asked. */
  readonly rebindAt: Instant;
  readonly expiresAt: Instant;
}

export type DhcpClientState = Readonly<
  | { kind: 'Init' }
  | { kind: 'Selecting'; xid: number; attempt: number; deadline: Instant }
  | { kind: 'Requesting'; xid: number; attempt: number; deadline: Instant; askedAt: Instant; offer: DhcpOffer }
  | { kind: 'Bound'; lease: DhcpLease }
  | { kind: 'Renewing'; xid: number; deadline: Instant; askedAt: Instant; lease: DhcpLease }
  | { kind: 'Rebinding'; xid: number; deadline: Instant; askedAt: Instant; lease: DhcpLease }
>;

/** `Timeout`: `deadlineOf(state)` has come. In `Init` it starts the client. */
export type DhcpClientInput = Readonly<{ kind: 'Timeout' } | DhcpOffer | DhcpAck | { kind: 'Nak'; xid: number }>;

export type DhcpClientEffect = Readonly<
  | { kind: 'SendDiscover'; xid: number }
  | { kind: 'SendRequest'; xid: number; address: Ipv4Address; server: Ipv4Address }
  | { kind: 'SendRenewal'; xid: number; address: Ipv4Address; to: Ipv4Address | 'broadcast' }
  | { kind: 'Configure'; lease: DhcpLease }
  | { kind: 'Deconfigure'; address: Ipv4Address }
>;

export interface DhcpClientEnv {
  readonly now: Instant;
  /** A fresh 32-bit number, used where a transaction begins. */
  readonly random: number;
}

export interface DhcpClientStep {
  readonly state: DhcpClientState;
  readonly effects: readonly DhcpClientEffect[];
}

const MAX_REQUESTS = 4;
const MIN_RENEWAL_WAIT = seconds(60); // RFC 2131 §4.4.5

/** When `step` is due for a `Timeout`. */
export function deadlineOf(state: DhcpClientState): Instant {
  if (state.kind === 'Init') return NEVER;
  return state.kind === 'Bound' ? state.lease.renewAt : state.deadline;
}

export function step(state: DhcpClientState, input: DhcpClientInput, env: DhcpClientEnv): DhcpClientStep {
  if (input.kind !== 'Timeout' && !isAnswer(state, input.xid)) return { state, effects: [] }; // RFC 2131 §4.4.1
  switch (state.kind) {
    case 'Init':
      return discover(env, 1);
    case 'Selecting':
      if (input.kind === 'Timeout') return discover(env, state.attempt + 1);
      if (input.kind === 'Offer') return request(env, input, env.now, 1); // §4.4.1: the first offer will do
      break;
    case 'Requesting':
      if (input.kind === 'Timeout' && state.attempt === MAX_REQUESTS) return discover(env, 1); // §3.1 step 5
      if (input.kind === 'Timeout') return request(env, state.offer, state.askedAt, state.attempt + 1);
      if (input.kind === 'Ack') return bind(input, state.askedAt);
      if (input.kind === 'Nak') return discover(env, 1); // §3.1 step 5
      break;
    case 'Bound':
      return renew(env, state.lease);
    case 'Renewing':
    case 'Rebinding':
      if (input.kind === 'Timeout') return renew(env, state.lease);
      if (input.kind === 'Ack') return bind(input, state.askedAt);
      if (input.kind === 'Nak') return lose(env, state.lease); // Figure 5: halt network
      break;
    default:
      return state satisfies never;
  }
  return { state, effects: [] };
}

const isAnswer = (state: DhcpClientState, xid: number): boolean => 'xid' in state && state.xid === xid;

function discover(env: DhcpClientEnv, attempt: number): DhcpClientStep {
  const xid = env.random;
  return {
    state: { kind: 'Selecting', xid, attempt, deadline: after(env.now, retryWait(attempt)) },
    effects: [{ kind: 'SendDiscover', xid }],
  };
}

function request(env: DhcpClientEnv, offer: DhcpOffer, askedAt: Instant, attempt: number): DhcpClientStep {
  const { xid, address, server } = offer; // §4.4.1: a request keeps the xid of the offer
  return {
    state: { kind: 'Requesting', xid, attempt, deadline: after(env.now, retryWait(attempt)), askedAt, offer },
    effects: [{ kind: 'SendRequest', xid, address, server }],
  };
}

function bind({ address, server, leaseTime }: DhcpAck, askedAt: Instant): DhcpClientStep {
  const lease: DhcpLease = {
    address,
    server,
    renewAt: after(askedAt, fraction(leaseTime, 1 / 2)), // §4.4.5: T1 and T2 unless the server names others
    rebindAt: after(askedAt, fraction(leaseTime, 7 / 8)),
    expiresAt: after(askedAt, leaseTime), // §4.4.1: counted from the request, not from its answer
  };
  return { state: { kind: 'Bound', lease }, effects: [{ kind: 'Configure', lease }] };
}

// Before T2 its own server is asked, then anyone; each time after half of what remains (§4.4.5).
function renew(env: DhcpClientEnv, lease: DhcpLease): DhcpClientStep {
  const { now, random: xid } = env;
  if (now >= lease.expiresAt) return lose(env, lease);
  const isRenewing = now < lease.rebindAt;
  const limit = isRenewing ? lease.rebindAt : lease.expiresAt;
  const wait = longer(fraction(elapsed(now, limit), 1 / 2), MIN_RENEWAL_WAIT);
  const deadline = earlier(limit, after(now, wait));
  return {
    state: { kind: isRenewing ? 'Renewing' : 'Rebinding', xid, deadline, askedAt: now, lease },
    effects: [{ kind: 'SendRenewal', xid, address: lease.address, to: isRenewing ? lease.server : 'broadcast' }],
  };
}

function lose(env: DhcpClientEnv, lease: DhcpLease): DhcpClientStep {
  const { state, effects } = discover(env, 1);
  return { state, effects: [{ kind: 'Deconfigure', address: lease.address }, ...effects] };
}

// RFC 2131 §4.1: 4 s, 8, 16, 32, and 64 from then on.
const retryWait = (attempt: number): Duration => seconds(2 << Math.min(attempt, 5));
