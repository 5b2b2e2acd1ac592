import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ip } from '../../../../test/testing/dns_world.ts';
import { elapsed, type Instant, START, seconds } from '../../../core/time.ts';
import { type DnsMessage, dnsQuery } from '../../../wire/dns_message.ts';
import { dnsName, ROOT_NAME } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { parseDnsData } from '../../../wire/dns_record_text.ts';
import { DnsClass, DnsType, parseDnsType } from '../../../wire/dns_type.ts';
import { DnsCache, DnsTrust } from './cache.ts';
import {
  MAX_DEPTH,
  MAX_LOOKUPS,
  MAX_QUERIES,
  type ResolutionEnv,
  type ResolutionInput,
  type ResolutionState,
  type ResolutionStep,
  startResolution,
  stepResolution,
} from './resolution.ts';

const record = (name: string, type: string, text: string): DnsRecord => {
  const code = parseDnsType(type) ?? assert.fail();
  const data = parseDnsData(code, text, ROOT_NAME) ?? assert.fail();
  return { name: dnsName(name), type: code, class: DnsClass.IN, ttl: 60, data };
};
const NAME = dnsName('www.foo.test');

/** A resolution that is told what to hear. */
class Life {
  now: Instant = START;
  readonly cache = new DnsCache();
  private draws = 0;
  state: ResolutionState;

  constructor(name = NAME, cached: readonly (readonly DnsRecord[])[] = []) {
    for (const set of cached) this.cache.storeRecords(this.now, set, DnsTrust.Referral, '');
    this.state = this.done(startResolution(name, DnsType.A, this.env()));
  }

  env(): ResolutionEnv {
    const hints = [{ name: dnsName('root'), addresses: [ip('192.0.2.1'), ip('192.0.2.2')] }];
    return { now: this.now, random: this.draws++ * 7, cache: this.cache, options: { hints } };
  }

  give(input: ResolutionInput): this {
    if (this.state.kind !== 'Done' && input.kind === 'Timeout') this.now = this.state.asking.deadline;
    this.state = this.done(stepResolution(this.state, input, this.env()));
    return this;
  }

  answer(options: Partial<DnsMessage>): this {
    if (this.state.kind === 'Done') return this;
    const { name, type } = this.state.asking;
    const message = dnsQuery(1, { name, type, class: DnsClass.IN }, { isResponse: true, ...options });
    return this.give({ kind: 'Response', message });
  }

  private done({ state, effects }: ResolutionStep): ResolutionState {
    for (const effect of effects) {
      if (effect.kind === 'StoreRecords') this.cache.storeRecords(this.now, effect.records, effect.trust, effect.cause);
      else this.cache.storeAbsence(this.now, effect.name, effect.type, effect.soa, effect.cause);
    }
    return state;
  }
}

const STATES: Readonly<Record<ResolutionState['kind'], () => Life>> = {
  AwaitingDatagram: () => new Life(),
  AwaitingStream: () => new Life().answer({ isTruncated: true }),
  Done: () => new Life().answer({ isAuthoritative: true, rcode: 3 }),
};

const INPUTS: Readonly<Record<string, (life: Life) => Life>> = {
  answer: (life) => life.answer({ isAuthoritative: true, answers: [record('www.foo.test', 'A', '192.0.2.9')] }),
  absence: (life) => life.answer({ isAuthoritative: true, rcode: 3 }),
  alias: (life) => life.answer({ isAuthoritative: true, answers: [record('www.foo.test', 'CNAME', 'x.bar.')] }),
  referral: (life) =>
    life.answer({
      authorities: [record('test', 'NS', 'ns.test.')],
      additionals: [record('ns.test', 'A', '192.0.2.3')],
    }),
  truncated: (life) => life.answer({ isTruncated: true }),
  refused: (life) => life.answer({ rcode: 5 }),
  timeout: (life) => life.give({ kind: 'Timeout' }),
  unreachable: (life) => life.give({ kind: 'Unreachable' }),
};

test('every state by every input', () => {
  const rows: string[] = [];
  for (const [kind, make] of Object.entries(STATES)) {
    for (const [input, give] of Object.entries(INPUTS)) {
      const { state } = give(make());
      const after =
        state.kind === 'Done'
          ? `Done, ${state.outcome.kind}`
          : `${state.kind} ${state.asking.name} cut ${state.tasks.at(-1)?.cut}`;
      rows.push(`${kind.padEnd(17)}${input.padEnd(12)}${after}`);
    }
  }
  assert.equal(
    `\n${rows.join('\n')}\n`,
    `
AwaitingDatagram answer      Done, answer
AwaitingDatagram absence     Done, nxdomain
AwaitingDatagram alias       AwaitingDatagram x.bar. cut .
AwaitingDatagram referral    AwaitingDatagram www.foo.test. cut test.
AwaitingDatagram truncated   AwaitingStream www.foo.test. cut .
AwaitingDatagram refused     AwaitingDatagram www.foo.test. cut .
AwaitingDatagram timeout     AwaitingDatagram www.foo.test. cut .
AwaitingDatagram unreachable AwaitingDatagram www.foo.test. cut .
AwaitingStream   answer      Done, answer
AwaitingStream   absence     Done, nxdomain
AwaitingStream   alias       AwaitingDatagram x.bar. cut .
AwaitingStream   referral    AwaitingDatagram www.foo.test. cut test.
AwaitingStream   truncated   AwaitingDatagram www.foo.test. cut .
AwaitingStream   refused     AwaitingDatagram www.foo.test. cut .
AwaitingStream   timeout     AwaitingDatagram www.foo.test. cut .
AwaitingStream   unreachable AwaitingDatagram www.foo.test. cut .
Done             answer      Done, nxdomain
Done             absence     Done, nxdomain
Done             alias       Done, nxdomain
Done             referral    Done, nxdomain
Done             truncated   Done, nxdomain
Done             refused     Done, nxdomain
Done             timeout     Done, nxdomain
Done             unreachable Done, nxdomain
`,
  );
});

test('a step changes nothing but what it returns', () => {
  const life = new Life();
  const before = structuredClone(life.state);
  stepResolution(life.state, { kind: 'Unreachable' }, life.env());
  assert.deepEqual(life.state, before);
});

test('a server is never asked at an address that stands for ourselves or for everyone', () => {
  const life = new Life().answer({
    authorities: [record('test', 'NS', 'ns.test.')],
    additionals: ['127.0.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255'].map((text) => record('ns.test', 'A', text)),
  });
  assert.equal(life.state.kind === 'Done' && life.state.outcome.kind, 'failure');
});

test('a tree of servers that are known only by name is not searched for ever', () => {
  // Each zone has 13 servers in 13 other zones, and the cache knows all of these delegations.
  const zone = (level: number, i: number): string => `z${i}.l${level}.test`;
  const sets: DnsRecord[][] = [];
  for (let level = 0; level < 2 * MAX_DEPTH; level++) {
    for (let i = 0; i < 13; i++) {
      sets.push(Array.from({ length: 13 }, (_, k) => record(zone(level, i), 'NS', `ns${i}.${zone(level + 1, k)}.`)));
    }
  }
  const life = new Life(dnsName(`www.${zone(0, 0)}`), sets);
  while (life.state.kind !== 'Done') life.give({ kind: 'Unreachable' });
  assert.ok(life.state.queries <= 3 * MAX_LOOKUPS);
});

test('whatever servers say, it ends: with so many questions, in so much time', () => {
  const name = fc.constantFrom(
    '.',
    'test',
    'foo.test',
    'www.foo.test',
    'ns.foo.test',
    'a.test',
    'b.a.test',
    'c.example',
  );
  const owned = fc.oneof(
    fc.tuple(
      name,
      fc.constantFrom('NS', 'CNAME'),
      name.map((target) => (target === '.' ? '.' : `${target}.`)),
    ),
    fc.tuple(name, fc.constant('A'), fc.constantFrom('192.0.2.4', '192.0.2.5', '127.0.0.1')),
    fc.tuple(name, fc.constant('SOA'), fc.constant('a. b. 1 2 3 4 5')),
  );
  const section = fc.array(
    owned.map(([owner, type, text]) => record(owner, type, text)),
    { maxLength: 4 },
  );
  const message = fc.record({
    isAuthoritative: fc.boolean(),
    isTruncated: fc.nat(5).map((n) => n === 0),
    rcode: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4, 5),
    answers: section,
    authorities: section,
    additionals: section,
  });
  const input = fc.oneof(
    { weight: 8, arbitrary: message },
    { weight: 1, arbitrary: fc.constantFrom('Timeout' as const, 'Unreachable' as const) },
  );
  fc.assert(
    fc.property(fc.array(input, { minLength: 1, maxLength: 20 }), (inputs) => {
      const life = new Life();
      for (let i = 0; life.state.kind !== 'Done'; i++) {
        assert.ok(life.state.tasks.length <= MAX_DEPTH);
        assert.ok(i <= MAX_QUERIES, 'one input for each question');
        const next = inputs[i % inputs.length] ?? assert.fail();
        if (typeof next === 'string') life.give({ kind: next });
        else life.answer(next);
      }
      assert.ok(life.state.queries <= MAX_QUERIES + 1);
      assert.ok(elapsed(START, life.now) <= seconds(10));
    }),
    { numRuns: 1000 },
  );
});
