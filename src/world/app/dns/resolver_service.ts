// A server that answers from its cache, and finds out what it does not know: the front that the recursive resolver and
// the forwarder share. Clients that ask the same thing while it is being found out share one resolution.

import type { DnsMessage, DnsQuestion } from '../../../wire/dns_message.ts';
import { type DnsName, nameKey } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import type { Process, Program, System } from '../program.ts';
import { MAX_ALIASES } from './answer.ts';
import { agedRecords, DnsCache } from './cache.ts';
import type { ResolutionOutcome } from './resolution.ts';
import { type PendingReply, refusalOfAny, replyTo, type ServiceOptions, serveDns } from './service.ts';

export interface ResolverOptions extends ServiceOptions {
  /** Where it remembers; a cache of its own unless given. */
  readonly cache?: DnsCache;
}

/** Finds out what is not in the cache, and keeps it there. */
export type Resolve = (cache: DnsCache, name: DnsName, type: number) => Program<ResolutionOutcome>;

/** Resolutions at a time; one too many is answered SERVFAIL. */
export const MAX_RESOLUTIONS = 500;

const FAILURE: ResolutionOutcome = { kind: 'failure', reason: 'it was given up' };

/** Serves until it is killed. */
export function* serveResolver(system: System, resolve: Resolve, options: ResolverOptions): Program<void> {
  const cache = options.cache ?? new DnsCache({ host: system.hostName });
  const inFlight = new Map<string, { readonly process: Process; outcome: ResolutionOutcome }>();
  try {
    yield* serveDns(system, answer, options);
  } finally {
    for (const { process } of inFlight.values()) process.kill();
  }

  function answer(query: DnsMessage, question: DnsQuestion): DnsMessage | PendingReply {
    const { name, type } = question;
    if (type === DnsType.ANY) return refusalOfAny(query, question, { isRecursionAvailable: true });
    const known = fromCache(cache, system, name, type);
    if (known !== undefined) return replyWith(query, known);
    // Who does not want recursion gets what is there.
    if (!query.isRecursionDesired) {
      return replyTo(query, { isRecursionAvailable: true, rcode: DnsRcode.Refused });
    }
    const key = `${nameKey(name)} ${type}`;
    let work = inFlight.get(key);
    if (work?.process.isDone) work = undefined;
    if (work === undefined) {
      if (inFlight.size >= MAX_RESOLUTIONS) return replyWith(query, FAILURE);
      work = { process: system.spawn('dns resolution', findOut(key, name, type)), outcome: FAILURE };
      inFlight.set(key, work);
    }
    const waited = work;
    return { process: waited.process, reply: () => replyWith(query, waited.outcome) };
  }

  function* findOut(key: string, name: DnsName, type: number): Program<void> {
    yield system.now; // so that it is known to be in flight before it can be done
    const work = inFlight.get(key);
    try {
      const outcome = yield* resolve(cache, name, type);
      if (outcome.kind === 'failure') cache.storeFailure(system.now, name, type, outcome.reason);
      if (work !== undefined) work.outcome = outcome;
    } finally {
      if (inFlight.get(key) === work) inFlight.delete(key);
    }
  }
}

/** The whole answer from memory, through aliases that are there too; undefined when a piece is missing. */
function fromCache(cache: DnsCache, system: System, asked: DnsName, type: number): ResolutionOutcome | undefined {
  const { now } = system;
  const aliases: DnsRecord[] = [];
  let name = asked;
  while (aliases.length <= MAX_ALIASES) {
    const known = cache.find(now, name, type);
    if (known?.kind === 'records')
      return { kind: 'answer', records: [...aliases, ...agedRecords(known.records, known, now)] };
    if (known?.kind === 'failure') return { kind: 'failure', reason: 'it could not be resolved a moment ago' };
    if (known !== undefined) {
      return { kind: known.kind, aliases, soa: agedRecords([known.soa], known, now)[0] };
    }
    const alias = type === DnsType.CNAME ? undefined : cache.find(now, name, DnsType.CNAME);
    if (alias?.kind !== 'records') return undefined;
    const [record] = agedRecords(alias.records, alias, now);
    if (record?.data.kind !== 'CNAME') return undefined;
    aliases.push(record);
    name = record.data.target;
  }
  return undefined;
}

function replyWith(query: DnsMessage, outcome: ResolutionOutcome): DnsMessage {
  const isRecursionAvailable = true;
  switch (outcome.kind) {
    case 'answer':
      return replyTo(query, { isRecursionAvailable, answers: outcome.records });
    case 'nodata':
    case 'nxdomain': {
      const rcode = outcome.kind === 'nxdomain' ? DnsRcode.NXDomain : DnsRcode.NoError;
      const authorities = outcome.soa === undefined ? [] : [outcome.soa]; // RFC 2308 §6
      return replyTo(query, { isRecursionAvailable, rcode, answers: outcome.aliases, authorities });
    }
    case 'failure':
      return replyTo(query, { isRecursionAvailable, rcode: DnsRcode.ServFail });
    default:
      return outcome satisfies never;
  }
}
