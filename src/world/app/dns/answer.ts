// What an answer section says about a question: the chain of aliases that leads from the name asked for, and the records
// at its end. Records that do not belong to that chain say nothing: who puts them there is guessing, or cheating.

import type { IpAddress } from '../../../wire/address.ts';
import { type DnsName, nameKey, sameName } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsClass, DnsType } from '../../../wire/dns_type.ts';

/** The most aliases that are followed for one question. */
export const MAX_ALIASES = 12;

export interface AnswerChain {
  /** CNAME records, in the order in which they were followed. */
  readonly aliases: readonly DnsRecord[];
  /** The name behind the last alias. */
  readonly end: DnsName;
  /** Records of the type asked for, at the end; none when the answer stops short. */
  readonly records: readonly DnsRecord[];
}

/** Undefined when the aliases go in a circle, or are too many. */
export function followAliases(answers: readonly DnsRecord[], name: DnsName, type: number): AnswerChain | undefined {
  const aliases: DnsRecord[] = [];
  const seen = new Set<string>();
  let end = name;
  for (;;) {
    const here = answers.filter((record) => record.class === DnsClass.IN && sameName(record.name, end));
    const records = here.filter((record) => record.type === type || type === DnsType.ANY);
    if (records.length > 0) return { aliases, end, records };
    const alias = here.find((record) => record.data.kind === 'CNAME');
    if (alias?.data.kind !== 'CNAME') return { aliases, end, records: [] };
    seen.add(nameKey(end));
    if (seen.has(nameKey(alias.data.target)) || aliases.length === MAX_ALIASES) return undefined;
    aliases.push(alias);
    end = alias.data.target;
  }
}

/** Of A and AAAA records, in their order. */
export const addressesOf = (records: readonly DnsRecord[]): IpAddress[] =>
  records.flatMap(({ data }) => (data.kind === 'A' || data.kind === 'AAAA' ? data.address : []));
