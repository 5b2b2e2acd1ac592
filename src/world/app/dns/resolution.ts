// One resolution as a pure function (RFC 1034 §5.3.3): from the servers known to be nearest to the name, down one referral
// after the other, to the server that knows.
//
//                     +-----------------+ truncated  +----------------+
//   start: the cache, | AwaitingDatagram| ---------> | AwaitingStream |       Done: an answer, an absence,
//   then ask -------> +-----------------+            +----------------+ ----> or a failure
//                        |        ^ referral, alias, next server, server's address
//                        +--------+
//
// A task is a question on its way; when a server is known only by name, its address becomes a task on top. Everything an
// attacker could stretch has a bound: questions sent, tasks on each other, aliases, servers, and time.
// Not here: sockets, ids and ports (`transport.ts`), the cache's own rules, clients.

import { after, type Duration, earlier, type Instant, milliseconds, seconds } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { DnsMessage } from '../../../wire/dns_message.ts';
import { ancestors, type DnsName, isWithin, parentName, ROOT_NAME, sameName } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import { addressesOf, MAX_ALIASES } from './answer.ts';
import { agedRecords, type DnsCache, DnsTrust, recordSets } from './cache.ts';
import { canBeServer, type Glue, meaningOf, serversOf } from './response.ts';

/** Questions sent for one resolution, all in all. */
export const MAX_QUERIES = 50;
/** Tasks on top of each other. */
export const MAX_DEPTH = 8;
/** Addresses of servers looked up, or a referral to many names would multiply the work (NXNSAttack, 2020). */
export const MAX_LOOKUPS = 20;
/** Servers of a zone that are looked at, and addresses of each. */
export const MAX_SERVERS = 13;
export const MAX_ADDRESSES = 4;

const ROUNDS = 3; // questions to one address
const FIRST_TIMEOUT = milliseconds(800); // doubled with each round
const STREAM_TIMEOUT = seconds(3);
const TIME_LIMIT = seconds(10);

/** A server and where it is: a root hint, or what a referral says. */
export type ServerHint = Glue;

export interface ResolutionOptions {
  /** The servers of the root. */
  readonly hints: readonly ServerHint[];
  /** Believes whatever any server says about anything, and keeps it: how caches were poisoned before RFC 2181. */
  readonly acceptsOutOfBailiwick?: boolean;
  /** Asks servers over IPv6 too. */
  readonly usesIpv6?: boolean;
}

export interface Asking {
  readonly server: IpAddress;
  readonly name: DnsName;
  readonly type: number;
  readonly hasEdns: boolean;
  readonly deadline: Instant;
}

interface Server extends Glue {
  /** Its address was looked for: no second time. */
  readonly isLookedUp: boolean;
}

interface Try {
  readonly address: IpAddress;
  readonly count: number;
  /** It answered, and not with anything useful. */
  readonly isUseless: boolean;
  readonly hasEdns: boolean;
}

interface Task {
  readonly name: DnsName;
  readonly type: number;
  /** Followed so far, from the name first asked for to `name`. */
  readonly aliases: readonly DnsRecord[];
  /** The zone whose servers are asked. */
  readonly cut: DnsName;
  readonly servers: readonly Server[];
  readonly tries: readonly Try[];
}

interface Progress {
  /** The question itself first, what is needed for it behind. */
  readonly tasks: readonly Task[];
  readonly queries: number;
  readonly lookups: number;
  readonly expiresAt: Instant;
  readonly asking: Asking;
}

export type ResolutionState = Readonly<
  | ({ kind: 'AwaitingDatagram' } & Progress)
  | ({ kind: 'AwaitingStream' } & Progress)
  | { kind: 'Done'; outcome: ResolutionOutcome; queries: number }
>;

export type ResolutionOutcome = Readonly<
  | { kind: 'answer'; records: readonly DnsRecord[] }
  | { kind: 'nodata' | 'nxdomain'; aliases: readonly DnsRecord[]; soa: DnsRecord | undefined }
  | { kind: 'failure'; reason: string }
>;

/** `Response`: id, question and source have been checked. */
export type ResolutionInput = Readonly<
  { kind: 'Response'; message: DnsMessage } | { kind: 'Timeout' } | { kind: 'Unreachable' }
>;

export type ResolutionEffect = Readonly<
  | { kind: 'StoreRecords'; records: readonly DnsRecord[]; trust: DnsTrust; cause: string }
  /** Without a type: the whole name. */
  | { kind: 'StoreAbsence'; name: DnsName; type: number | undefined; soa: DnsRecord; cause: string }
>;

export interface ResolutionEnv {
  readonly now: Instant;
  /** A fresh 32-bit number: which of several servers is asked. */
  readonly random: number;
  readonly cache: Pick<DnsCache, 'find' | 'findHint'>;
  readonly options: ResolutionOptions;
}

export interface ResolutionStep {
  readonly state: ResolutionState;
  readonly effects: readonly ResolutionEffect[];
}

export function startResolution(name: DnsName, type: number, env: ResolutionEnv): ResolutionStep {
  const work = new Work(env, [], 0, 0, after(env.now, TIME_LIMIT));
  work.tasks.push({ name, type, aliases: [], cut: ROOT_NAME, servers: [], tries: [] });
  return { state: work.begin(), effects: work.effects };
}

export function stepResolution(state: ResolutionState, input: ResolutionInput, env: ResolutionEnv): ResolutionStep {
  if (state.kind === 'Done') return { state, effects: [] };
  const work = new Work(env, state.tasks, state.queries, state.lookups, state.expiresAt);
  const next = ((): ResolutionState => {
    switch (input.kind) {
      case 'Timeout':
        return work.ask(); // a later round may find it, with more patience
      case 'Unreachable':
        work.giveUpOn(state.asking.server);
        return work.ask();
      case 'Response':
        if (input.message.isTruncated && state.kind === 'AwaitingDatagram') return work.askOverTcp(state.asking);
        return work.judge(state.asking, input.message);
      default:
        return input satisfies never;
    }
  })();
  return { state: next, effects: work.effects };
}

// One step while it is made: what it changes is its own.
class Work {
  readonly effects: ResolutionEffect[] = [];
  readonly tasks: Task[];
  private queries: number;
  private lookups: number;
  private readonly env: ResolutionEnv;
  private readonly expiresAt: Instant;

  constructor(env: ResolutionEnv, tasks: readonly Task[], queries: number, lookups: number, expiresAt: Instant) {
    this.env = env;
    this.tasks = [...tasks];
    this.queries = queries;
    this.lookups = lookups;
    this.expiresAt = expiresAt;
  }

  /** Steps 1 and 2: what is known about the task on top, and who may know more. */
  begin(): ResolutionState {
    const { now, cache } = this.env;
    for (;;) {
      const { name, type } = this.top;
      const known = cache.find(now, name, type);
      if (known?.kind === 'records') return this.complete(agedRecords(known.records, known, now));
      if (known?.kind === 'failure') return this.fail('it could not be resolved a moment ago');
      if (known !== undefined) return this.absent(known.kind, agedRecords([known.soa], known, now)[0]);
      const alias = type === DnsType.CNAME ? undefined : cache.find(now, name, DnsType.CNAME);
      if (alias?.kind !== 'records') break;
      if (!this.follow(agedRecords(alias.records, alias, now))) return this.fail('its aliases go in a circle');
    }
    this.setTop({ ...this.top, ...this.nearestServers(), tries: [] });
    return this.ask();
  }

  /** Step 3: the next server of the task on top. */
  ask(): ResolutionState {
    const { now, random } = this.env;
    for (;;) {
      if (now >= this.expiresAt) return this.finish({ kind: 'failure', reason: 'it took too long' });
      if (this.queries >= MAX_QUERIES) return this.finish({ kind: 'failure', reason: 'it took too many questions' });
      const task = this.top;
      const tries = addressesToTry(task, this.env.options);
      const least = Math.min(...tries.map((each) => each.count));
      const unknown = least === 0 ? undefined : task.servers.find((server) => needsLookup(server, task.cut));
      if (unknown !== undefined) {
        const looked = task.servers.map((server) => (server === unknown ? { ...server, isLookedUp: true } : server));
        this.setTop({ ...task, servers: looked });
        const lookup: Task = {
          name: unknown.name,
          type: DnsType.A,
          aliases: [],
          cut: ROOT_NAME,
          servers: [],
          tries: [],
        };
        const isCircle = this.tasks.some((other) => sameName(other.name, lookup.name) && other.type === lookup.type);
        if (isCircle || this.tasks.length >= MAX_DEPTH || this.lookups >= MAX_LOOKUPS) continue;
        this.lookups++;
        this.tasks.push(lookup);
        return this.begin();
      }
      if (!(least < ROUNDS)) return this.fail('no server gave an answer');
      const next = tries.filter((each) => each.count === least);
      const chosen = next[random % next.length];
      if (chosen === undefined) return this.fail('no server gave an answer');
      this.setTry({ ...chosen, count: chosen.count + 1 });
      const timeout = (FIRST_TIMEOUT * (1 << chosen.count)) as Duration;
      return this.await('AwaitingDatagram', chosen.address, chosen.hasEdns, timeout);
    }
  }

  /** The same question to the same server, where there is room for the whole answer. */
  askOverTcp(asking: Asking): ResolutionState {
    return this.await('AwaitingStream', asking.server, asking.hasEdns, STREAM_TIMEOUT);
  }

  giveUpOn(address: IpAddress): void {
    const tried = this.top.tries.find((each) => each.address === address);
    if (tried !== undefined) this.setTry({ ...tried, isUseless: true });
  }

  /** Step 4. */
  judge(asking: Asking, message: DnsMessage): ResolutionState {
    const isUnderstood = message.rcode !== DnsRcode.FormErr && message.rcode !== DnsRcode.NotImp;
    const tried = this.top.tries.find((each) => each.address === asking.server);
    if (!isUnderstood && asking.hasEdns && tried !== undefined) {
      this.setTry({ ...tried, hasEdns: false, count: 0 }); // RFC 6891 §6.2.2: it may be older than EDNS
      return this.ask();
    }
    const { name, type, cut } = this.top;
    const acceptsAll = this.env.options.acceptsOutOfBailiwick === true;
    if (acceptsAll) this.keep([...message.answers, ...message.additionals], DnsTrust.Answer, 'taken as it came');
    const meaning = meaningOf(message, cut, name, type, acceptsAll);
    switch (meaning.kind) {
      case 'answer':
        this.keep([...meaning.aliases, ...meaning.records], DnsTrust.Answer, `answered for ${cut}`);
        return this.follow(meaning.aliases) ? this.complete(meaning.records) : this.fail('its aliases go in a circle');
      case 'alias':
        this.keep(meaning.aliases, DnsTrust.Answer, `answered for ${cut}`);
        return this.follow(meaning.aliases) ? this.begin() : this.fail('its aliases go in a circle');
      case 'absence': {
        const { isName, end, soa, aliases } = meaning;
        this.keep(aliases, DnsTrust.Answer, `answered for ${cut}`);
        const absentType = isName ? undefined : type;
        const cause = `denied by ${cut}`;
        if (soa !== undefined) this.effects.push({ kind: 'StoreAbsence', name: end, type: absentType, soa, cause });
        if (!this.follow(aliases)) return this.fail('its aliases go in a circle');
        return this.absent(isName ? 'nxdomain' : 'nodata', soa);
      }
      case 'referral': {
        this.keep([...meaning.servers, ...meaning.glueRecords], DnsTrust.Referral, `referral from ${cut}`);
        const servers = serversOf(meaning.servers, meaning.glueRecords);
        this.setTop({ ...this.top, cut: meaning.cut, servers: this.withKnownAddresses(servers), tries: [] });
        return this.ask();
      }
      case 'useless':
        this.giveUpOn(asking.server);
        return this.ask();
      default:
        return meaning satisfies never;
    }
  }

  private get top(): Task {
    const task = this.tasks.at(-1);
    if (task === undefined) throw new Error('broken invariant: a resolution has a task');
    return task;
  }

  private setTop(task: Task): void {
    this.tasks[this.tasks.length - 1] = task;
  }

  private setTry(changed: Try): void {
    const others = this.top.tries.filter((each) => each.address !== changed.address);
    this.setTop({ ...this.top, tries: [...others, changed] });
  }

  private await(
    kind: 'AwaitingDatagram' | 'AwaitingStream',
    server: IpAddress,
    hasEdns: boolean,
    timeout: Duration,
  ): ResolutionState {
    this.queries++;
    const { name, type } = this.top;
    const deadline = earlier(after(this.env.now, timeout), this.expiresAt);
    const { tasks, queries, lookups, expiresAt } = this;
    return { kind, tasks, queries, lookups, expiresAt, asking: { server, name, type, hasEdns, deadline } };
  }

  // Goes on under the name that the aliases lead to. False: round in a circle, or too far.
  private follow(aliases: readonly DnsRecord[]): boolean {
    for (const alias of aliases) {
      if (alias.data.kind !== 'CNAME') continue;
      const { target } = alias.data;
      const all = [...this.top.aliases, alias];
      if (all.length > MAX_ALIASES || all.some((earlierOne) => sameName(earlierOne.name, target))) return false;
      this.setTop({ ...this.top, name: target, aliases: all });
    }
    return true;
  }

  private complete(records: readonly DnsRecord[]): ResolutionState {
    const { aliases } = this.top;
    if (this.tasks.length === 1) return this.finish({ kind: 'answer', records: [...aliases, ...records] });
    const task = this.tasks.pop();
    // The task below waits for the address of this server: by the name first asked for.
    const name = aliases[0]?.name ?? task?.name ?? ROOT_NAME;
    const addresses = addressesOf(records).filter(canBeServer).slice(0, MAX_ADDRESSES);
    const servers = this.top.servers.map((each) => (sameName(each.name, name) ? { ...each, addresses } : each));
    this.setTop({ ...this.top, servers });
    return this.ask();
  }

  private absent(kind: 'nodata' | 'nxdomain', soa: DnsRecord | undefined): ResolutionState {
    if (this.tasks.length === 1) return this.finish({ kind, aliases: this.top.aliases, soa });
    return this.fail('the server has no address');
  }

  private fail(reason: string): ResolutionState {
    if (this.tasks.length === 1) return this.finish({ kind: 'failure', reason });
    this.tasks.pop();
    return this.ask();
  }

  private finish(outcome: ResolutionOutcome): ResolutionState {
    return { kind: 'Done', outcome, queries: this.queries };
  }

  private keep(records: readonly DnsRecord[], trust: DnsTrust, cause: string): void {
    for (const set of recordSets(records)) this.effects.push({ kind: 'StoreRecords', records: set, trust, cause });
  }

  // Step 2: of all zones above the name whose servers are known, the nearest. Who delegates knows the DS.
  private nearestServers(): Pick<Task, 'cut' | 'servers'> {
    const { now, cache, options } = this.env;
    const { name, type } = this.top;
    for (const cut of ancestors(type === DnsType.DS ? parentName(name) : name)) {
      const servers = this.withKnownAddresses(serversOf(cache.findHint(now, cut, DnsType.NS), []));
      const isUsable = servers.some((server) => server.addresses.length > 0 || needsLookup(server, cut));
      if (isUsable) return { cut, servers };
    }
    return { cut: ROOT_NAME, servers: options.hints.map((hint) => ({ ...hint, isLookedUp: true })) };
  }

  private withKnownAddresses(servers: readonly Glue[]): Server[] {
    const { now, cache, options } = this.env;
    return servers.slice(0, MAX_SERVERS).map(({ name, addresses }) => {
      const known = addresses.length > 0 ? addresses : addressesOf(cache.findHint(now, name, DnsType.A));
      const usable = known.filter((each) => canBeServer(each) && (options.usesIpv6 || typeof each === 'number'));
      return { name, addresses: usable.slice(0, MAX_ADDRESSES), isLookedUp: false };
    });
  }
}

// A server inside its own zone cannot be looked up: that question would lead back to it.
const needsLookup = (server: Server, cut: DnsName): boolean =>
  !server.isLookedUp && server.addresses.length === 0 && !isWithin(server.name, cut);

function addressesToTry(task: Task, options: ResolutionOptions): Try[] {
  const tries: Try[] = [];
  for (const address of task.servers.flatMap((server) => server.addresses)) {
    if (tries.some((each) => each.address === address)) continue;
    if (!options.usesIpv6 && typeof address !== 'number') continue;
    const known = task.tries.find((each) => each.address === address);
    tries.push(known ?? { address, count: 0, isUseless: false, hasEdns: true });
  }
  return tries.filter((each) => !each.isUseless);
}
