// The forwarder of a home router: takes its clients' questions to a resolver further up, and remembers the answers.

import { after, type Duration, seconds } from '../../../core/time.ts';
import { type DnsMessage, dnsQuery, isReferral, PLAIN_EDNS } from '../../../wire/dns_message.ts';
import { type DnsName, isWithin } from '../../../wire/dns_name.ts';
import { DnsClass, DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import type { Endpoint, Program, System } from '../program.ts';
import { followAliases } from './answer.ts';
import { type DnsCache, DnsTrust, recordSets } from './cache.ts';
import type { ResolutionOutcome } from './resolution.ts';
import { type ResolverOptions, serveResolver } from './resolver_service.ts';
import { type ExchangeOptions, exchange } from './transport.ts';

export interface ForwarderOptions extends ResolverOptions, ExchangeOptions {
  /** Asked in this order: the next when one fails or is silent. */
  readonly upstream: readonly Endpoint[];
  /** For each question; 2 s. */
  readonly timeout?: Duration;
  /** Rounds over the upstream servers; 2. */
  readonly attempts?: number;
}

const DEFAULT_TIMEOUT = seconds(2); // two rounds end before a stub's 5 s
const DEFAULT_ATTEMPTS = 2;

/** Serves until it is killed. @throws RangeError without upstream servers */
export function* forwardingServer(system: System, options: ForwarderOptions): Program<void> {
  if (options.upstream.length === 0) throw new RangeError('a forwarder needs a server to forward to');
  yield* serveResolver(system, (cache, name, type) => askUpstream(system, cache, options, name, type), options);
}

function* askUpstream(
  system: System,
  cache: DnsCache,
  options: ForwarderOptions,
  name: DnsName,
  type: number,
): Program<ResolutionOutcome> {
  const { upstream, timeout = DEFAULT_TIMEOUT, attempts = DEFAULT_ATTEMPTS } = options;
  let reason = 'no upstream server answered';
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const server of upstream) {
      const query = dnsQuery(system.random.below(0x1_0000), { name, type, class: DnsClass.IN }, { edns: PLAIN_EDNS });
      let heard = yield* exchange(system, server, query, 'udp', after(system.now, timeout), options);
      if (heard.kind === 'answered' && heard.message.isTruncated) {
        heard = yield* exchange(system, server, query, 'tcp', after(system.now, timeout), options);
      }
      if (heard.kind !== 'answered') continue;
      const outcome = outcomeOf(heard.message, cache, system, name, type);
      if (outcome.kind !== 'failure') return outcome;
      reason = outcome.reason;
    }
  }
  return { kind: 'failure', reason };
}

// Upstream is believed about everything, but only what belongs to the question is taken.
function outcomeOf(
  message: DnsMessage,
  cache: DnsCache,
  system: System,
  name: DnsName,
  type: number,
): ResolutionOutcome {
  if (message.rcode !== DnsRcode.NoError && message.rcode !== DnsRcode.NXDomain) {
    return { kind: 'failure', reason: `upstream answered with code ${message.rcode}` };
  }
  if (isReferral(message)) return { kind: 'failure', reason: 'upstream does not recurse' };
  const chain = followAliases(message.answers, name, type);
  if (chain === undefined) return { kind: 'failure', reason: 'its aliases go in a circle' };
  const { aliases, end, records } = chain;
  const { now } = system;
  for (const set of recordSets([...aliases, ...records])) {
    cache.storeRecords(now, set, DnsTrust.Answer, 'answered by upstream');
  }
  if (records.length > 0) return { kind: 'answer', records: [...aliases, ...records] };
  const isName = message.rcode === DnsRcode.NXDomain;
  const soa = message.authorities.find((record) => record.type === DnsType.SOA && isWithin(end, record.name));
  if (soa !== undefined) cache.storeAbsence(now, end, isName ? undefined : type, soa, 'denied by upstream');
  return { kind: isName ? 'nxdomain' : 'nodata', aliases, soa };
}
