import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  after,
  type Duration,
  FOREVER,
  formatInstant,
  hours,
  type Instant,
  NEVER,
  START,
  seconds,
} from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import {
  type DhcpAck,
  type DhcpClientEffect,
  type DhcpClientInput,
  type DhcpClientState,
  type DhcpOffer,
  deadlineOf,
  step,
} from './dhcp_client_states.ts';

const ADDRESS = 0x0a000064 as Ipv4Address;
const SERVER = 0x0a000001 as Ipv4Address;
const XID = 7;
const OFFER: DhcpOffer = { kind: 'Offer', xid: XID, address: ADDRESS, server: SERVER };
const ACK: DhcpAck = {
  kind: 'Ack',
  xid: XID,
  address: ADDRESS,
  server: SERVER,
  leaseTime: hours(8),
  renewalTime: undefined,
  rebindingTime: undefined,
  parameters: { prefixLength: 24, routers: [SERVER], dnsServers: [], domainName: undefined },
};
const NAK: DhcpClientInput = { kind: 'Nak', xid: XID, server: SERVER };
const NONE = 0 as Duration;
const START_FRESH: DhcpClientInput = { kind: 'Start', delay: NONE, remembered: undefined };
const START_AGAIN: DhcpClientInput = { kind: 'Start', delay: NONE, remembered: ADDRESS };
const TIMEOUT: DhcpClientInput = { kind: 'Timeout' };
const CONFLICT: DhcpClientInput = { kind: 'Conflict' };
const CLEAR: DhcpClientInput = { kind: 'Clear' };
const RELEASE: DhcpClientInput = { kind: 'Release' };
const STOP: DhcpClientInput = { kind: 'Stop' };
const INIT: DhcpClientState = { kind: 'Init' };

/** A client at a moment, and what it has done so far. Every transaction here has the number `XID`. */
class Life {
  state: DhcpClientState = INIT;
  now: Instant = START;
  readonly log: string[] = [];
  private readonly isProbing: boolean;

  constructor(isProbing = false) {
    this.isProbing = isProbing;
  }

  give(input: DhcpClientInput): this {
    const { state, effects } = step(this.state, input, {
      now: this.now,
      random: XID,
      jitter: NONE,
      isProbing: this.isProbing,
    });
    const did = effects.map(told);
    this.log.push(
      `${formatInstant(this.now).slice(0, -10).padStart(5)}s ${state.kind}${did.length > 0 ? `: ${did.join(', ')}` : ''}`,
    );
    this.state = state;
    return this;
  }

  /** Goes to the next deadline and reports it. */
  wait(): this {
    this.now = deadlineOf(this.state);
    return this.give(TIMEOUT);
  }

  /** Waits until the client is in a state. */
  waitFor(kind: DhcpClientState['kind']): this {
    while (this.state.kind !== kind) this.wait();
    return this;
  }
}

function told(effect: DhcpClientEffect): string {
  if (effect.kind === 'SendRenewal' && effect.to === 'broadcast') return 'SendRenewal to all';
  return effect.kind === 'Deconfigure' ? `Deconfigure (${effect.cause})` : effect.kind;
}

const life = (): Life => new Life().give(START_FRESH);
const STATES: Readonly<Record<DhcpClientState['kind'], () => Life>> = {
  Init: () => new Life(),
  Waiting: () => STATES.Bound().give(CONFLICT),
  Rebooting: () => new Life().give(START_AGAIN),
  Selecting: life,
  Requesting: () => life().give(OFFER),
  Checking: () => new Life(true).give(START_FRESH).give(OFFER).give(ACK),
  Bound: () => life().give(OFFER).give(ACK),
  Renewing: () => STATES.Bound().wait(),
  Rebinding: () => STATES.Bound().waitFor('Rebinding'),
};

test('the life of a lease: taken, renewed, then the server is gone', () => {
  const client = life().give(OFFER).give(ACK).wait().give(ACK).waitFor('Selecting');
  assert.equal(
    `\n${client.log.join('\n')}`,
    `
    0s Selecting: SendDiscover
    0s Requesting: SendRequest
    0s Bound: Configure
14400s Renewing: SendRenewal
14400s Bound: Configure
28800s Renewing: SendRenewal
34200s Renewing: SendRenewal
36900s Renewing: SendRenewal
38250s Renewing: SendRenewal
38925s Renewing: SendRenewal
39262s Renewing: SendRenewal
39431s Renewing: SendRenewal
39515s Renewing: SendRenewal
39575s Renewing: SendRenewal
39600s Rebinding: SendRenewal to all
41400s Rebinding: SendRenewal to all
42300s Rebinding: SendRenewal to all
42750s Rebinding: SendRenewal to all
42975s Rebinding: SendRenewal to all
43087s Rebinding: SendRenewal to all
43147s Rebinding: SendRenewal to all
43200s Selecting: Deconfigure (expired), SendDiscover`,
  );
});

test('no server: discovers after 4, 8, 16, 32 seconds and then each 64', () => {
  const client = life();
  for (let i = 0; i < 6; i++) client.wait();
  assert.deepEqual(
    client.log.map((line) => Number.parseInt(line, 10)),
    [0, 4, 12, 28, 60, 124, 188],
  );
});

test('four requests without an answer start over', () => {
  const client = life().give(OFFER).waitFor('Selecting');
  assert.equal(client.log.filter((line) => line.endsWith('SendRequest')).length, 4);
});

test('a lease counts from its request, not from the answer; one without end is never renewed', () => {
  const client = life().give(OFFER);
  client.now = after(START, seconds(3));
  assert.equal(deadlineOf(client.give(ACK).state), after(START, hours(4)));
  assert.equal(
    deadlineOf(
      life()
        .give(OFFER)
        .give({ ...ACK, leaseTime: FOREVER }).state,
    ),
    NEVER,
  );
});

test('a server’s own T1 and T2 count, where they are in order', () => {
  const lease = (renewalTime: Duration, rebindingTime: Duration) => {
    const { state } = life()
      .give(OFFER)
      .give({ ...ACK, renewalTime, rebindingTime });
    return state.kind === 'Bound' ? [state.lease.renewAt, state.lease.rebindAt].map(formatInstant) : [];
  };
  assert.deepEqual(lease(hours(1), hours(2)), ['3600.000000000', '7200.000000000']);
  assert.deepEqual(lease(hours(2), hours(1)), ['14400.000000000', '25200.000000000']);
  assert.deepEqual(lease(hours(1), hours(9)), ['14400.000000000', '25200.000000000']);
  assert.deepEqual(lease(NONE, hours(2)), ['14400.000000000', '25200.000000000']);
});

test('an address from before is asked for at once; refused or unanswered, any other will do', () => {
  const again = (): Life => new Life().give(START_AGAIN);
  assert.deepEqual(again().give(ACK).log, ['    0s Rebooting: SendReboot', '    0s Bound: Configure']);
  assert.equal(again().give(NAK).log.at(-1), '    0s Selecting: SendDiscover');
  assert.equal(again().waitFor('Selecting').log.at(-1), '   60s Selecting: SendDiscover');
});

test('an address that somebody else has is declined, and the next one asked for ten seconds later', () => {
  assert.deepEqual(STATES.Checking().give(CONFLICT).wait().log.slice(2), [
    '    0s Checking: Probe',
    '    0s Waiting: SendDecline',
    '   10s Selecting: SendDiscover',
  ]);
  assert.deepEqual(STATES.Bound().give(CONFLICT).log.slice(3), ['    0s Waiting: Deconfigure (conflict), SendDecline']);
  assert.equal(STATES.Checking().give(CLEAR).log.at(-1), '    0s Bound: Configure');
  assert.equal(STATES.Checking().wait().log.at(-1), '   10s Bound: Configure', 'who asked may also just not answer');
});

test('a lease can be given back, and a client silenced', () => {
  assert.equal(STATES.Renewing().give(RELEASE).log.at(-1), '14400s Init: SendRelease, Deconfigure (released)');
  assert.equal(STATES.Bound().give(STOP).log.at(-1), '    0s Init: Deconfigure (stopped)');
  assert.equal(STATES.Selecting().give(RELEASE).log.at(-1), '    0s Init');
});

test('failed requests and refusals count on, so that they do not begin with the shortest wait again', () => {
  const client = life().give(OFFER).give(NAK).give(OFFER).give(NAK);
  assert.equal(client.state.kind === 'Selecting' && client.state.discovers, 3);
  assert.equal(deadlineOf(client.state), after(START, seconds(16)));
});

test('an address is configured exactly as often as it is taken back', () => {
  const inputs = [TIMEOUT, OFFER, ACK, NAK, CONFLICT, CLEAR, RELEASE, STOP, START_FRESH, START_AGAIN];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), fc.boolean(), (given, isProbing) => {
      const client = new Life(isProbing);
      for (const input of given) {
        if (input === TIMEOUT && deadlineOf(client.state) !== NEVER) client.now = deadlineOf(client.state);
        client.give(input);
      }
      client.give(STOP);
      let isConfigured = false;
      for (const line of client.log) {
        if (line.includes('Deconfigure')) {
          assert.ok(isConfigured, line);
          isConfigured = false;
        }
        if (line.includes(' Configure')) isConfigured = true;
      }
      assert.equal(isConfigured, false);
    }),
    { numRuns: 500 },
  );
});

test('state by input', () => {
  const inputs: Readonly<Record<string, DhcpClientInput>> = {
    Timeout: TIMEOUT,
    Offer: OFFER,
    Ack: ACK,
    Nak: NAK,
    Conflict: CONFLICT,
    Clear: CLEAR,
    Release: RELEASE,
    'Other xid': { ...ACK, xid: XID + 1 },
    'Other address': { ...ACK, address: SERVER },
    'Other server': { ...ACK, server: ADDRESS },
  };
  const rows = Object.values(STATES).map((reach) => {
    const cells = Object.values(inputs).map((input) => {
      const client = reach();
      const before = client.state;
      return client.give(input).state === before ? '-' : client.state.kind;
    });
    return [reach().state.kind, ...cells]
      .map((cell) => cell.padEnd(14))
      .join('')
      .trimEnd();
  });
  const head = ['', ...Object.keys(inputs)]
    .map((cell) => cell.padEnd(14))
    .join('')
    .trimEnd();
  assert.equal(
    `\n${head}\n${rows.join('\n')}`,
    `
              Timeout       Offer         Ack           Nak           Conflict      Clear         Release       Other xid     Other address Other server
Init          -             -             -             -             -             -             Init          -             -             -
Waiting       Selecting     -             -             -             -             -             Init          -             -             -
Rebooting     Rebooting     -             Bound         Selecting     -             -             Init          -             -             Bound
Selecting     Selecting     Requesting    -             -             -             -             Init          -             -             -
Requesting    Requesting    -             Bound         Selecting     -             -             Init          -             -             -
Checking      Bound         -             -             -             Waiting       Bound         Init          -             -             -
Bound         Renewing      -             -             -             Waiting       -             Init          -             -             -
Renewing      Renewing      -             Bound         Selecting     Waiting       -             Init          -             -             -
Rebinding     Rebinding     -             Bound         Selecting     Waiting       -             Init          -             -             Bound`,
  );
});
