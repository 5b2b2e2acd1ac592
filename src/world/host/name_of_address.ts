// From addresses to names, for those who show where packets come from: names known here, then the DNS. Not here: the way
// from names to addresses (`name_lookup.ts`).

import { seconds } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';
import { reverseName } from '../../wire/dns_name.ts';
import { stubResolve } from '../app/dns/stub.ts';
import type { Program, System } from '../app/program.ts';
import type { Host } from './host.ts';

/** A name is a kindness: nobody waits long for it. */
const TIMEOUT = seconds(2);

export class NameOfAddress {
  private readonly host: Host;
  private readonly found = new Map<IpAddress, string | undefined>();
  // Once nobody answers, nobody is asked again.
  private isSilent = false;

  constructor(host: Host) {
    this.host = host;
  }

  /** Nothing where nobody knows one. */
  *find(system: System, address: IpAddress): Program<string | undefined> {
    for (const [name, known] of this.host.knownNames ?? []) if (known === address) return name;
    if (!this.found.has(address)) this.found.set(address, yield* this.ask(system, address));
    return this.found.get(address);
  }

  private *ask(system: System, address: IpAddress): Program<string | undefined> {
    const servers = this.host.nameServers;
    if (servers.length === 0 || this.isSilent) return undefined;
    const name = reverseName(address);
    const result = yield* stubResolve(system, { servers, name, type: 'PTR', timeout: TIMEOUT, attempts: 1 });
    if (result.kind === 'failed') {
      this.isSilent = result.code !== 'refused';
      return undefined;
    }
    const data = result.records.at(-1)?.data;
    return data?.kind === 'PTR' ? data.target.replace(/(?<=.)\.$/, '') : undefined;
  }
}
