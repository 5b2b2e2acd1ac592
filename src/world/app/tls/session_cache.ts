// What a machine's clients keep of connections, so that the next ones are shorter: by server and name. Not here: whether a server
// still takes a ticket.

import { isFresh, type ResumableSession } from '../../../secure/tls/session.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import type { Endpoint } from '../program.ts';

/** At the bound, the oldest goes. */
const MAX_SESSIONS = 256;

export class TlsSessionCache {
  // From the oldest to the latest.
  private readonly sessions = new Map<string, ResumableSession[]>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  keep(server: Endpoint, session: ResumableSession): void {
    const key = keyOf(server, session.serverName);
    const kept = this.sessions.get(key) ?? [];
    this.sessions.delete(key);
    this.sessions.set(key, [...kept, session]);
    if (++this.count > MAX_SESSIONS) this.dropOldest();
  }

  /**
   * The latest, which is not kept any longer: who used a ticket twice could be recognized by it (RFC 8446 §C.4).
   *
   * @param now milliseconds since 1970
   */
  take(server: Endpoint, serverName: string, now: number): ResumableSession | undefined {
    const key = keyOf(server, serverName);
    const kept = this.sessions.get(key) ?? [];
    const fresh = kept.filter((session) => isFresh(session, now));
    const latest = fresh.pop();
    this.count -= kept.length - fresh.length;
    if (fresh.length === 0) this.sessions.delete(key);
    else this.sessions.set(key, fresh);
    return latest;
  }

  private dropOldest(): void {
    const [oldest] = this.sessions;
    if (oldest === undefined) return;
    const [key, [, ...rest]] = oldest;
    this.count--;
    if (rest.length === 0) this.sessions.delete(key);
    else this.sessions.set(key, rest);
  }
}

const keyOf = ({ address, port }: Endpoint, serverName: string): string =>
  `${formatIpAddress(address)} ${port} ${serverName.toLowerCase()}`;
