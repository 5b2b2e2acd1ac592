import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { SealedTickets, type TicketContents } from './ticket_keeper.ts';

/** 1 November 2026. */
const NOW = 1_793_491_200_000;
const HOUR = 3_600_000;

const CONTENTS: TicketContents = {
  secret: new Uint8Array(32).fill(3),
  cipherSuite: 'TLS_CHACHA20_POLY1305_SHA256',
  serverName: 'www.example.net',
  alpn: undefined,
  issuedAt: NOW,
  lifetime: 3600,
  ageAdd: 0xfedc_ba98,
  maxEarlyData: 16_384,
  clientCertificates: [Uint8Array.of(1, 2), new Uint8Array(300)],
};

const keeper = (seed = 1, provider: CryptoProvider = nodeCrypto): SealedTickets =>
  new SealedTickets(provider, Random.fromSeed(seed), 3600);

function sealed(tickets: SealedTickets, now = NOW, changes: Partial<TicketContents> = {}): Uint8Array {
  const ticket = tickets.seal({ ...CONTENTS, issuedAt: now, ...changes }, now);
  assert.ok(ticket !== undefined);
  return ticket;
}

test('a ticket that comes back says all that was put into it', () => {
  const contents = fc.record(
    {
      secret: fc.uint8Array({ minLength: 32, maxLength: 48 }),
      cipherSuite: fc.constantFrom('TLS_AES_128_GCM_SHA256' as const, 'TLS_AES_256_GCM_SHA384' as const),
      serverName: fc.option(fc.domain(), { nil: undefined }),
      alpn: fc.option(fc.constantFrom('', 'h2', 'http/1.1'), { nil: undefined }),
      issuedAt: fc.integer({ min: NOW - HOUR + 1, max: NOW }),
      lifetime: fc.constant(3600),
      ageAdd: fc.nat(0xffff_ffff),
      maxEarlyData: fc.nat(0xffff_ffff),
      clientCertificates: fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 3 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(contents, (whole) => {
      const tickets = keeper();
      assert.deepEqual(tickets.open(sealed(tickets, NOW, whole), NOW), whole);
    }),
  );
});

test('the same seed makes the same tickets on both providers, and no two are alike', () => {
  const [one, other] = [keeper(1, nodeCrypto), keeper(1, portableCrypto)];
  const first = sealed(one);
  assert.deepEqual(sealed(other), first);
  assert.notDeepEqual(sealed(one), first);
});

test('a ticket of another server, a changed one and a cut one are none', () => {
  const tickets = keeper();
  const ticket = sealed(tickets);
  assert.equal(keeper(2).open(ticket, NOW), undefined);
  for (let at = 0; at < ticket.length; at += 7) {
    const changed = ticket.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    assert.equal(tickets.open(changed, NOW), undefined);
  }
  for (let length = 0; length < ticket.length; length++) {
    assert.equal(tickets.open(ticket.subarray(0, length), NOW), undefined);
  }
  assert.equal(tickets.open(Uint8Array.of(...ticket, 0), NOW), undefined);
});

test('a ticket holds for its lifetime and no longer, though its key goes in between', () => {
  for (const sealedAfter of [0, 0.5 * HOUR, HOUR - 1]) {
    const tickets = keeper();
    sealed(tickets); // makes the first key
    const ticket = sealed(tickets, NOW + sealedAfter);
    sealed(tickets, NOW + Math.max(sealedAfter, 0.9 * HOUR));
    assert.ok(tickets.open(ticket, NOW + sealedAfter + HOUR - 1) !== undefined);
    assert.equal(tickets.open(ticket, NOW + sealedAfter + HOUR), undefined);
  }
});

test('two lifetimes later its key is gone: not even a ticket that claims to hold for longer can be opened', () => {
  const tickets = keeper();
  const ticket = sealed(tickets, NOW, { lifetime: 100 * 3600 });
  assert.ok(tickets.open(ticket, NOW + 2 * HOUR - 1) !== undefined);
  assert.equal(tickets.open(ticket, NOW + 4 * HOUR), undefined);
  const idle = keeper();
  const other = sealed(idle, NOW, { lifetime: 100 * 3600 });
  assert.equal(idle.open(other, NOW + 2 * HOUR), undefined);
});

test('there is no ticket for a client whose certificates fill a message', () => {
  const tickets = keeper();
  assert.equal(tickets.seal({ ...CONTENTS, clientCertificates: [new Uint8Array(40_000)] }, NOW), undefined);
});

test('a lifetime that RFC 8446 does not allow is refused', () => {
  for (const lifetime of [0, 604_801, 1.5, Number.NaN]) {
    assert.throws(() => new SealedTickets(nodeCrypto, Random.fromSeed(1), lifetime), /from 1 to 604800 seconds/);
  }
});
