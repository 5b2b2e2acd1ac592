// How often a name server gives one network the same answer over UDP. Whoever asks may be somebody else, and an answer that
// nobody asked for is a burden; so what is too much is dropped, and every second time cut down to a truncated one, which is no
// longer than the question. A client that is real then asks over TCP, which nobody can do in another's name.
//
// As in BIND's response rate limiting, by ISC-TN-2012-1, without its windows: a bucket for each network and question.

import type { Instant } from '../../../core/time.ts';
import { TokenBucket } from '../../../stack/net/token_bucket.ts';
import { formatIpAddress, type IpAddress, networkOf } from '../../../wire/address.ts';
import type { DnsMessage } from '../../../wire/dns_message.ts';
import { nameKey } from '../../../wire/dns_name.ts';

export type LimitedAnswer = 'whole' | 'truncated' | 'none';

/** Clients so near to each other are taken for one: an attacker may well use his victim's whole network. */
const PREFIX_LENGTH = 24;
/** At the bound the bucket that was made first goes: its network begins anew with a full one. */
export const MAX_BUCKETS = 10_000;

interface Bucket {
  readonly tokens: TokenBucket;
  isCutNext: boolean;
}

export class ResponseLimit {
  private readonly perSecond: number;
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond answers to one network, and so many at once */
  constructor(perSecond: number) {
    if (!(perSecond >= 1)) throw new RangeError(`perSecond must be 1 or more, not ${perSecond}`);
    this.perSecond = perSecond;
  }

  /** What `client` gets of an answer. */
  judge(now: Instant, client: IpAddress, { rcode, questions: [question] }: DnsMessage): LimitedAnswer {
    const network = typeof client === 'number' ? networkOf(client, PREFIX_LENGTH) : client;
    const asked = question === undefined ? '' : `${nameKey(question.name)} ${question.type}`;
    const key = `${formatIpAddress(network)} ${rcode} ${asked}`;
    const bucket = this.buckets.get(key) ?? this.add(now, key);
    if (bucket.tokens.take(now)) return 'whole';
    bucket.isCutNext = !bucket.isCutNext;
    return bucket.isCutNext ? 'none' : 'truncated';
  }

  private add(now: Instant, key: string): Bucket {
    const [oldest] = this.buckets.keys();
    if (this.buckets.size >= MAX_BUCKETS && oldest !== undefined) this.buckets.delete(oldest);
    const bucket = { tokens: new TokenBucket(now, this.perSecond, this.perSecond), isCutNext: false };
    this.buckets.set(key, bucket);
    return bucket;
  }
}
