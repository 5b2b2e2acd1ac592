import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, FOREVER, formatInstant, hours, type Instant, NEVER, START, seconds } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import {
  type DhcpAck,
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
const ACK: DhcpAck = { kind: 'Ack', xid: XID, address: ADDRESS, server: SERVER, leaseTime: hours(8) };
const NAK: DhcpClientInput = { kind: 'Nak', xid: XID };
const TIMEOUT: DhcpClientInput = { kind: 'Timeout' };
const INIT: DhcpClientState = { kind: 'Init' };

/** A client at a moment, and what it has done so far. Every transaction here has the number `XID`. */
class Life {
  state: DhcpClientState = INIT;
  now: Instant = START;
  readonly log: string[] = [];

  give(input: DhcpClientInput): this {
    const { state, effects } = step(this.state, input, { now: this.now, random: XID });
    const did = effects.map((effect) =>
      effect.kind === 'SendRenewal' && effect.to === 'broadcast' ? 'SendRenewal to all' : effect.kind,
    );
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

const life = (): Life => new Life().give(TIMEOUT);
const STATES: Readonly<Record<DhcpClientState['kind'], () => Life>> = {
  Init: () => new Life(),
  Selecting: life,
  Requesting: () => life().give(OFFER),
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
43200s Selecting: Deconfigure, SendDiscover`,
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

test('state by input', () => {
  const inputs: Readonly<Record<string, DhcpClientInput>> = {
    Timeout: TIMEOUT,
    Offer: OFFER,
    Ack: ACK,
    Nak: NAK,
    'Ack of another': { ...ACK, xid: XID + 1 },
  };
  const rows = Object.values(STATES).map((reach) => {
    const cells = Object.values(inputs).map((input) => {
      const client = reach();
      const before = client.state;
      return client.give(input).state === before ? '-' : client.state.kind;
    });
    return [reach().state.kind, ...cells]
      .map((cell) => cell.padEnd(12))
      .join('')
      .trimEnd();
  });
  const head = ['', ...Object.keys(inputs)]
    .map((cell) => cell.padEnd(12))
    .join('')
    .trimEnd();
  assert.equal(
    `\n${head}\n${rows.join('\n')}`,
    `
            Timeout     Offer       Ack         Nak         Ack of another
Init        Selecting   -           -           -           -
Selecting   Selecting   Requesting  -           -           -
Requesting  Requesting  -           Bound       Selecting   -
Bound       Renewing    -           -           -           -
Renewing    Renewing    -           Bound       Selecting   -
Rebinding   Rebinding   -           Bound       Selecting   -`,
  );
});
