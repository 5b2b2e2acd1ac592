// What the answer of an authoritative server means for the question at hand (RFC 1034 §5.3.3 step 4), as far as that
// server may be believed: it speaks for the zone it was asked about, and for what lies below (its bailiwick). The rest
// is not looked at, or a server for evil.test could speak about bank.test.

import type { IpAddress } from '../../../wire/address.ts';
import { BROADCAST_IPV4, isLoopbackIpv4, isMulticastIpv4, UNSPECIFIED_IPV4 } from '../../../wire/address.ts';
import type { DnsMessage } from '../../../wire/dns_message.ts';
import { type DnsName, isWithin, nameKey, ROOT_NAME, sameName } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsClass, DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import { followAliases } from './answer.ts';

export interface Glue {
  readonly name: DnsName;
  readonly addresses: readonly IpAddress[];
}

export type ResponseMeaning = Readonly<
  /** What was asked for, behind aliases or not. */
  | { kind: 'answer'; aliases: readonly DnsRecord[]; records: readonly DnsRecord[] }
  /** Another name stands for it; who knows that one, is to be found out. */
  | { kind: 'alias'; aliases: readonly DnsRecord[]; target: DnsName }
  /** There is none: `end` does not exist, or has no such type. Without a SOA this cannot be kept. */
  | { kind: 'absence'; isName: boolean; aliases: readonly DnsRecord[]; end: DnsName; soa: DnsRecord | undefined }
  /** Others know. */
  | { kind: 'referral'; cut: DnsName; servers: readonly DnsRecord[]; glueRecords: readonly DnsRecord[] }
  /** Of no use: `reason` says why. */
  | { kind: 'useless'; reason: string }
>;

/** @param cut the zone that the server was asked about */
export function meaningOf(
  message: DnsMessage,
  cut: DnsName,
  name: DnsName,
  type: number,
  acceptsOutOfBailiwick: boolean,
): ResponseMeaning {
  if (message.rcode !== DnsRcode.NoError && message.rcode !== DnsRcode.NXDomain) {
    return { kind: 'useless', reason: `it answered with code ${message.rcode}` };
  }
  const isBelieved = (record: DnsRecord): boolean =>
    record.class === DnsClass.IN && (acceptsOutOfBailiwick || isWithin(record.name, cut));
  const authorities = message.authorities.filter(isBelieved);
  if (message.isAuthoritative) return fromAuthority(message, message.answers.filter(isBelieved), authorities);
  const servers = delegationIn(authorities, cut, name);
  const [first] = servers;
  if (first === undefined) return { kind: 'useless', reason: 'it does not speak for the zone' }; // a lame delegation
  const glueRecords = message.additionals.filter(
    (record) =>
      isBelieved(record) && servers.some(({ data }) => data.kind === 'NS' && sameName(data.target, record.name)),
  );
  return { kind: 'referral', cut: first.name, servers, glueRecords };

  function fromAuthority(
    { rcode }: DnsMessage,
    answers: readonly DnsRecord[],
    authority: readonly DnsRecord[],
  ): ResponseMeaning {
    const chain = followAliases(answers, name, type);
    if (chain === undefined) return { kind: 'useless', reason: 'its aliases go in a circle' };
    const { aliases, end, records } = chain;
    if (records.length > 0) return { kind: 'answer', aliases, records };
    const soa = authority.find((record) => record.type === DnsType.SOA && isWithin(end, record.name));
    // About the end of a chain that leaves the bailiwick the server has nothing to say.
    const isAbsent = aliases.length === 0 || (isWithin(end, cut) && (soa !== undefined || rcode === DnsRcode.NXDomain));
    if (isAbsent) return { kind: 'absence', isName: rcode === DnsRcode.NXDomain, aliases, end, soa };
    return { kind: 'alias', aliases, target: end };
  }
}

/** Addresses by server, in the order of the NS records; a server without glue has none. */
export function serversOf(servers: readonly DnsRecord[], glueRecords: readonly DnsRecord[]): Glue[] {
  return servers.flatMap(({ data }) => {
    if (data.kind !== 'NS') return [];
    const own = glueRecords.filter((record) => sameName(record.name, data.target));
    return { name: data.target, addresses: own.flatMap(({ data: glue }) => ('address' in glue ? glue.address : [])) };
  });
}

/** Whether a server could have this address: asking ourselves, or everyone, helps nobody but an attacker. */
export const canBeServer = (address: IpAddress): boolean =>
  typeof address !== 'number' ||
  (address !== UNSPECIFIED_IPV4 && address !== BROADCAST_IPV4 && !isLoopbackIpv4(address) && !isMulticastIpv4(address));

// NS records of one zone, nearer to the name than the one that was asked: only downward leads anywhere.
function delegationIn(authorities: readonly DnsRecord[], cut: DnsName, name: DnsName): DnsRecord[] {
  const isNearer = (record: DnsRecord): boolean =>
    record.data.kind === 'NS' &&
    isWithin(name, record.name) &&
    isWithin(record.name, cut) &&
    !sameName(record.name, cut) &&
    record.name !== ROOT_NAME;
  const first = authorities.find(isNearer);
  if (first === undefined) return [];
  return authorities.filter((record) => isNearer(record) && nameKey(record.name) === nameKey(first.name));
}
