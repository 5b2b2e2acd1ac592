// The recursive resolver: walks the tree from the root for its clients, and remembers what it saw on the way.

import type { Instant } from '../../../core/time.ts';
import { DNS_PORT, dnsQuery, PLAIN_EDNS } from '../../../wire/dns_message.ts';
import { type DnsName, ROOT_NAME } from '../../../wire/dns_name.ts';
import { DnsClass, DnsType } from '../../../wire/dns_type.ts';
import type { Program, System } from '../program.ts';
import { DnsCache } from './cache.ts';
import {
  type ResolutionEffect,
  type ResolutionEnv,
  type ResolutionInput,
  type ResolutionOptions,
  type ResolutionOutcome,
  startResolution,
  stepResolution,
} from './resolution.ts';
import { type ResolverOptions, serveResolver } from './resolver_service.ts';
import { type ExchangeOptions, exchange } from './transport.ts';

export interface RecursiveOptions extends ResolutionOptions, ResolverOptions, ExchangeOptions {
  /** Asks a root server for the root's servers first (RFC 9609); off, so that the first question walks alone. */
  readonly primes?: boolean;
}

/** Serves until it is killed. @throws RangeError without hints */
export function* recursiveServer(system: System, options: RecursiveOptions): Program<void> {
  if (!options.hints.some((hint) => hint.addresses.length > 0)) {
    throw new RangeError('a recursive resolver needs the address of a root server');
  }
  const cache = options.cache ?? new DnsCache({ host: system.hostName });
  if (options.primes) yield* resolveIteratively(system, cache, options, ROOT_NAME, DnsType.NS);
  yield* serveResolver(system, (known, name, type) => resolveIteratively(system, known, options, name, type), {
    ...options,
    cache,
  });
}

/** One resolution, carried out: what the machine wants asked is asked, what it wants kept is kept. */
export function* resolveIteratively(
  system: System,
  cache: DnsCache,
  options: ResolutionOptions & ExchangeOptions,
  name: DnsName,
  type: number,
): Program<ResolutionOutcome> {
  const env = (): ResolutionEnv => ({ now: system.now, random: system.random.nextUint32(), cache, options });
  let { state, effects } = startResolution(name, type, env());
  for (;;) {
    for (const effect of effects) keep(cache, system.now, effect);
    if (state.kind === 'Done') return state.outcome;
    const { asking, kind } = state;
    const query = dnsQuery(
      system.random.below(0x1_0000),
      { name: asking.name, type: asking.type, class: DnsClass.IN },
      { isRecursionDesired: false, ...(asking.hasEdns ? { edns: PLAIN_EDNS } : {}) },
    );
    const server = { address: asking.server, port: DNS_PORT };
    const transport = kind === 'AwaitingDatagram' ? 'udp' : 'tcp';
    const heard = yield* exchange(system, server, query, transport, asking.deadline, options);
    const input: ResolutionInput =
      heard.kind === 'answered'
        ? { kind: 'Response', message: heard.message }
        : { kind: heard.kind === 'timeout' ? 'Timeout' : 'Unreachable' };
    ({ state, effects } = stepResolution(state, input, env()));
  }
}

function keep(cache: DnsCache, now: Instant, effect: ResolutionEffect): void {
  if (effect.kind === 'StoreRecords') cache.storeRecords(now, effect.records, effect.trust, effect.cause);
  else cache.storeAbsence(now, effect.name, effect.type, effect.soa, effect.cause);
}
