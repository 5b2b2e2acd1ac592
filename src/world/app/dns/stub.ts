// The stub resolver (RFC 1034 §5.3.1): asks the name servers that this machine was told of, one after the other, and lets
// them do the work. The part of a machine that `getaddrinfo` and `dig` stand on.

import { after, type Duration, elapsed, seconds } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { type DnsMessage, type DnsQuestion, dnsQuery, PLAIN_EDNS } from '../../../wire/dns_message.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsClass, DnsRcode, formatDnsRcode, parseDnsType } from '../../../wire/dns_type.ts';
import type { Endpoint, Program, System } from '../program.ts';
import { addressesOf, followAliases } from './answer.ts';
import { type DnsTransport, exchange } from './transport.ts';

/** As in resolv.conf(5). */
const DEFAULT_TIMEOUT = seconds(5);
const DEFAULT_ATTEMPTS = 2;

export interface StubOptions {
  /** Asked in this order. */
  readonly servers: readonly Endpoint[];
  /** Presentation text; always taken as absolute. */
  readonly name: string;
  /** `A`, `MX`, or its number. */
  readonly type: string | number;
  /** For each question; 5 s. */
  readonly timeout?: Duration;
  /** Rounds over the servers; 2. */
  readonly attempts?: number;
  readonly isRecursionDesired?: boolean;
  /** Offers 1,232 bytes over UDP instead of 512. */
  readonly hasEdns?: boolean;
  /** `tcp`: not even tried over UDP. */
  readonly transport?: DnsTransport;
  /** False: a truncated answer is the answer (`dig +ignore`). */
  readonly retriesOverTcp?: boolean;
  /** False: any answer ends it, as dig wants it; otherwise a server that fails is passed over. */
  readonly passesOverFailures?: boolean;
}

export interface StubAnswer {
  readonly kind: 'answered';
  readonly message: DnsMessage;
  /** Bytes of the message. */
  readonly length: number;
  readonly server: Endpoint;
  readonly transport: DnsTransport;
  /** From this question to its answer. */
  readonly elapsed: Duration;
  /** Questions sent in all. */
  readonly queries: number;
  /** Aliases, then the records asked for; empty when there is no such name or no such record. */
  readonly records: readonly DnsRecord[];
  /** Of those, the addresses. */
  readonly addresses: readonly IpAddress[];
}

export interface StubFailure {
  readonly kind: 'failed';
  /** `timeout`: nobody answered. `unreachable`: nobody could. `refused`: who answered would not or could not tell. */
  readonly code: 'timeout' | 'unreachable' | 'refused';
  readonly reason: string;
  /** Since the first question. */
  readonly elapsed: Duration;
  readonly queries: number;
}

export type StubResult = StubAnswer | StubFailure;

/** @throws RangeError when the name or the type is none, or no server is given */
export function* stubResolve(system: System, options: StubOptions): Program<StubResult> {
  const { servers, transport = 'udp', timeout = DEFAULT_TIMEOUT, attempts = DEFAULT_ATTEMPTS } = options;
  if (servers.length === 0) throw new RangeError('a stub resolver needs a server to ask');
  const type = typeof options.type === 'number' ? options.type : parseDnsType(options.type);
  if (type === undefined) throw new RangeError(`"${options.type}" is not a type of DNS record`);
  const name = dnsName(options.name);
  const startedAt = system.now;
  let queries = 0;
  let failure: Pick<StubFailure, 'code' | 'reason'> = { code: 'timeout', reason: 'no server was asked' };
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const server of servers) {
      const queriedAt = system.now;
      const query = queryFor(system, { name, type, class: DnsClass.IN }, options);
      queries++;
      let used = transport;
      let outcome = yield* exchange(system, server, query, used, after(queriedAt, timeout));
      if (
        outcome.kind === 'answered' &&
        outcome.message.isTruncated &&
        used === 'udp' &&
        options.retriesOverTcp !== false
      ) {
        queries++; // RFC 1123 §6.1.3.2
        used = 'tcp';
        outcome = yield* exchange(system, server, query, used, after(system.now, timeout));
      }
      if (outcome.kind === 'timeout') failure = { code: 'timeout', reason: 'no name server answered' };
      else if (outcome.kind === 'unreachable') failure = { code: 'unreachable', reason: outcome.reason };
      else {
        const { message, length } = outcome;
        const chain = followAliases(message.answers, name, type);
        const isConclusive = message.rcode === DnsRcode.NoError || message.rcode === DnsRcode.NXDomain;
        if (options.passesOverFailures === false || (isConclusive && chain !== undefined)) {
          const records = chain === undefined ? [] : [...chain.aliases, ...chain.records];
          const took = elapsed(queriedAt, system.now);
          const addresses = addressesOf(records);
          return {
            kind: 'answered',
            message,
            length,
            server,
            transport: used,
            elapsed: took,
            queries,
            records,
            addresses,
          };
        }
        const status = chain === undefined ? 'aliases in a circle' : formatDnsRcode(message.rcode);
        failure = { code: 'refused', reason: `the name server answered ${status}` };
      }
    }
  }
  return { kind: 'failed', ...failure, elapsed: elapsed(startedAt, system.now), queries };
}

function queryFor(system: System, question: DnsQuestion, options: StubOptions): DnsMessage {
  return dnsQuery(system.random.below(0x1_0000), question, {
    isRecursionDesired: options.isRecursionDesired ?? true,
    ...(options.hasEdns ? { edns: PLAIN_EDNS } : {}),
  });
}
