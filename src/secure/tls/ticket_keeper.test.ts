import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { SealedTickets, type TicketContents } from './ticket_keeper.ts';

const NOW = 1_772_366_400_123;
const keeper = (label = 'tickets', provider = nodeCrypto) =>
  new SealedTickets({ provider, random: Random.fromSeed(1).fork(label) });

const CONTENTS: TicketContents = {
  secret: new Uint8Array(32).fill(7),
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  serverName: 'www.foo.test',
  alpn: undefined,
  issuedAt: NOW,
  lifetime: 7200,
  ageAdd: 0xffff_fff0,
  maxEarlyData: 16_384,
  clientCertificates: [new Uint8Array(700).fill(1), new Uint8Array(3)],
};

function sealed(tickets: SealedTickets, contents: TicketContents = CONTENTS, now = NOW): Uint8Array {
  const ticket = tickets.seal(contents, now);
  assert.ok(ticket !== undefined);
  return ticket;
}

test('what was sealed is opened again by who sealed it, and by nobody else', () => {
  const own = keeper();
  const ticket = sealed(own);
  assert.deepEqual(own.open(ticket, NOW + 1000), CONTENTS);
  assert.equal(keeper('other').open(ticket, NOW), undefined);
  assert.deepEqual(sealed(keeper('tickets', portableCrypto)), sealed(keeper()));
});

test('a ticket that was changed anywhere, or cut, opens to nothing', () => {
  const own = keeper();
  const ticket = sealed(own);
  for (let at = 0; at < ticket.length; at += 7) {
    const changed = ticket.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(own.open(changed, NOW), undefined, `byte ${at}`);
    assert.equal(own.open(ticket.subarray(0, at), NOW), undefined, `cut at ${at}`);
  }
});

test('a ticket holds for its lifetime, and its key is forgotten after twice that', () => {
  const own = keeper();
  const ticket = sealed(own);
  assert.ok(own.open(ticket, NOW + 7_199_999));
  assert.equal(own.open(ticket, NOW + 7_200_000), undefined);
  const late = sealed(own, { ...CONTENTS, issuedAt: NOW + 7_300_000 }, NOW + 7_300_000);
  assert.notDeepEqual(late.subarray(0, 4), ticket.subarray(0, 4), 'another key');
  const last = sealed(own, { ...CONTENTS, issuedAt: NOW + 7_199_000 }, NOW + 7_301_000);
  assert.ok(own.open(last, NOW + 7_302_000));
});

test('a lifetime that cannot be is refused', () => {
  const make = (lifetime: number) => () =>
    new SealedTickets({ provider: nodeCrypto, random: Random.fromSeed(1), lifetime });
  for (const lifetime of [0, -1, 1.5, Number.NaN, 604_801]) assert.throws(make(lifetime), /lifetime must be/);
});
