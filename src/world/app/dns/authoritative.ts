// An authoritative server: says what its zones say, names those who know more, and asks nobody.

import type { DnsMessage, DnsQuestion } from '../../../wire/dns_message.ts';
import { ancestors, type DnsName, isWithin, nameKey } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import type { Program, System } from '../program.ts';
import { MAX_ALIASES } from './answer.ts';
import { refusalOfAny, replyTo, type ServiceOptions, serveDns } from './service.ts';
import { lookup, type Zone } from './zone.ts';

/** Serves until it is killed. Of two zones with one origin the first counts. */
export function authoritativeServer(
  system: System,
  zones: readonly Zone[],
  options: ServiceOptions = {},
): Program<void> {
  const index = zoneIndex(zones);
  return serveDns(system, (query, question) => answerFrom(index, query, question), options);
}

/** Zones by the `nameKey` of their origins. */
export type ZoneIndex = ReadonlyMap<string, Zone>;

export const zoneIndex = (zones: readonly Zone[]): ZoneIndex =>
  new Map([...zones].reverse().map((zone) => [nameKey(zone.origin), zone]));

/** The answer to a sound query with one question (RFC 1034 §4.3.2). */
export function answerFrom(zones: ZoneIndex, query: DnsMessage, question: DnsQuestion): DnsMessage {
  const first = zoneFor(zones, question.name, question.type);
  if (first === undefined) return replyTo(query, { rcode: DnsRcode.Refused });
  const answers: DnsRecord[] = [];
  let zone: Zone | undefined = first;
  let name = question.name;
  while (zone !== undefined) {
    const found = lookup(zone, name, question.type === DnsType.ANY ? DnsType.HINFO : question.type);
    switch (found.kind) {
      case 'answer':
        if (question.type === DnsType.ANY) break;
        return replyTo(query, { isAuthoritative: true, answers: [...answers, ...found.records] });
      case 'nodata':
        if (question.type === DnsType.ANY) break;
        return replyTo(query, { isAuthoritative: true, answers, authorities: [absence(zone)] });
      case 'nxdomain':
        // RFC 2308 §2.1: the code is about the last name of the chain.
        return replyTo(query, {
          isAuthoritative: true,
          rcode: DnsRcode.NXDomain,
          answers,
          authorities: [absence(zone)],
        });
      case 'delegation':
        // Behind an alias the answer is authoritative as far as it goes (RFC 1034 §4.3.2 step 3a, RFC 1035 §4.1.1 AA).
        if (answers.length > 0) return replyTo(query, { isAuthoritative: true, answers });
        return replyTo(query, { authorities: found.servers, additionals: found.glue });
      case 'alias': {
        answers.push(...found.records);
        name = found.target;
        const isCircle = answers.some((record) => nameKey(record.name) === nameKey(found.target));
        zone = isCircle || answers.length >= MAX_ALIASES ? undefined : zoneFor(zones, name, question.type);
        continue;
      }
      default:
        return found satisfies never;
    }
    return refusalOfAny(query, question, { isAuthoritative: true });
  }
  return replyTo(query, { isAuthoritative: true, answers });
}

// The zone with the longest origin. A DS record belongs to the parent's side (RFC 4035 §3.1.4.1), where we have it.
function zoneFor(zones: ZoneIndex, name: DnsName, type: number): Zone | undefined {
  let own: Zone | undefined;
  for (const at of ancestors(name)) {
    const zone = zones.get(nameKey(at));
    if (zone === undefined) continue;
    if (type !== DnsType.DS || !isWithin(zone.origin, name)) return zone;
    own ??= zone;
  }
  return own;
}

/** RFC 2308 §3: the SOA comes with the time for which absence may be kept. */
function absence(zone: Zone): DnsRecord {
  const { soa } = zone;
  return soa.data.kind === 'SOA' ? { ...soa, ttl: Math.min(soa.ttl, soa.data.minimum) } : soa;
}
