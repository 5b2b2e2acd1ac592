// The DNS in small, on a `ProgramBench`: a root, a top-level domain, a zone, a resolver, a forwarder, a client.

import assert from 'node:assert/strict';
import { viewOf } from '../../src/core/bytes.ts';
import { formatInstant } from '../../src/core/time.ts';
import { type IpAddress, parseIpAddress } from '../../src/wire/address.ts';
import { type DnsMessage, dnsName, formatDnsMessage, parseDns } from '../../src/wire/dns.ts';
import { authoritativeServer } from '../../src/world/app/dns/authoritative.ts';
import { DnsCache } from '../../src/world/app/dns/cache.ts';
import { type ForwarderOptions, forwardingServer } from '../../src/world/app/dns/forwarder.ts';
import { type RecursiveOptions, recursiveServer } from '../../src/world/app/dns/recursive.ts';
import { type StubOptions, type StubResult, stubResolve } from '../../src/world/app/dns/stub.ts';
import { type ZoneRecord, zoneFromRecords } from '../../src/world/app/dns/zone.ts';
import { type BenchMachine, type BenchPacket, ProgramBench } from './program_bench.ts';

export const ip = (text: string): IpAddress => parseIpAddress(text) ?? assert.fail(text);

/** `www 300 A 1.2.3.4`, a line each; the TTL may be left out. */
export const zoneText = (text: string): ZoneRecord[] =>
  text
    .split('\n')
    .map((line) => /^\s*(\S+)\s+(?:([0-9]+)\s+)?(\S+)\s+(.*)$/.exec(line))
    .flatMap((found) => {
      if (found === null) return [];
      const [, name = '', ttl, type = '', data = ''] = found;
      return { name, type, data, ...(ttl === undefined ? {} : { ttl: Number(ttl) }) };
    });

export const ROOT = ip('198.51.100.10');
export const TLD = ip('198.51.100.11');
export const FOO = ip('198.51.100.12');
export const RESOLVER = ip('198.51.100.53');
export const ROUTER = ip('192.168.1.1');
export const ALICE = ip('192.168.1.100');

export const FOO_RECORDS = `
  @      NS    ns
  ns     A     198.51.100.12
  www    A     198.51.100.80
  alias  CNAME www
  out    CNAME www.bar.test.
  round  CNAME about
  about  CNAME round
  short  5 A   198.51.100.81
  long   TXT   "${'x'.repeat(200)}" "${'y'.repeat(200)}" "${'z'.repeat(200)}" "${'x'.repeat(200)}" "${'y'.repeat(200)}" "${'z'.repeat(200)}" "end"
`;

export class DnsWorld {
  readonly bench = new ProgramBench();
  readonly alice: BenchMachine;
  readonly resolver: BenchMachine;
  readonly router: BenchMachine;
  readonly cache = new DnsCache({ host: 'resolver' });
  /** Each message on the wire: `0.010000000 resolver > root udp A? www.foo.test.`. */
  readonly log: string[] = [];
  /** True: the packet is lost. */
  isLost: (packet: BenchPacket, message: DnsMessage | undefined) => boolean = () => false;

  constructor(options: Partial<RecursiveOptions> = {}, forwarder: Partial<ForwarderOptions> = {}) {
    this.bench.watch = (packet) => this.note(packet);
    this.zone(
      'root',
      ROOT,
      '.',
      '@ NS root-ns.\nroot-ns A 198.51.100.10\ntest NS tld-ns.test.\ntld-ns.test A 198.51.100.11\nexample NS ns.example.\nns.example A 198.51.100.14',
    );
    this.zone(
      'tld',
      TLD,
      'test',
      `@ NS tld-ns
       tld-ns A 198.51.100.11
       foo NS ns.foo.test.
       ns.foo A 198.51.100.12
       bar NS ns.foo.test.
       glueless NS helper.example.
       lame NS ns.foo.test.
       lost NS ns.lost
       ns.lost A 198.51.100.99
       circle-a NS ns.circle-b
       circle-b NS ns.circle-a`,
    );
    this.zone('other', ip('198.51.100.14'), 'example', '@ NS ns\nns A 198.51.100.14\nhelper A 198.51.100.12');
    const foo = this.bench.machine('foo', FOO);
    const zones = [
      zoneFromRecords(dnsName('foo.test'), 300, zoneText(FOO_RECORDS)),
      zoneFromRecords(dnsName('bar.test'), 300, zoneText('@ NS ns.foo.test.\nwww A 198.51.100.90')),
      zoneFromRecords(dnsName('glueless.test'), 300, zoneText('@ NS helper.example.\nwww A 198.51.100.91')),
    ];
    foo.spawn('named', authoritativeServer(foo, zones));
    this.resolver = this.bench.machine('resolver', RESOLVER);
    const hints = [{ name: dnsName('root-ns'), addresses: [ROOT] }];
    this.resolver.spawn('resolver', recursiveServer(this.resolver, { hints, cache: this.cache, ...options }));
    this.router = this.bench.machine('router', ROUTER);
    const upstream = [{ address: RESOLVER, port: 53 }];
    this.router.spawn('forwarder', forwardingServer(this.router, { upstream, ...forwarder }));
    this.alice = this.bench.machine('alice', ALICE);
    this.bench.run();
  }

  zone(host: string, address: IpAddress, origin: string, records: string): BenchMachine {
    const machine = this.bench.machine(host, address);
    const zone = zoneFromRecords(dnsName(origin), 3600, zoneText(records));
    machine.spawn('named', authoritativeServer(machine, [zone]));
    return machine;
  }

  ask(name: string, type = 'A', options: Partial<StubOptions> = {}): StubResult {
    const servers = [{ address: RESOLVER, port: 53 }];
    const program = stubResolve(this.alice, { servers, name, type, passesOverFailures: false, ...options });
    return this.bench.result(this.alice, program);
  }

  /** As text: the code, then the data of each answer. */
  answer(name: string, type = 'A', options: Partial<StubOptions> = {}): string {
    const result = this.ask(name, type, options);
    if (result.kind === 'failed') return `${result.code}: ${result.reason}`;
    return formatDnsMessage(result.message, result.length).replace(/^[0-9]+ ?/, '');
  }

  private note(packet: BenchPacket): boolean {
    const { transport, from, to, data } = packet;
    const start = transport === 'tcp' ? 2 : 0;
    const message = parseDns(viewOf(data), start, data.length);
    const sound = typeof message === 'number' ? undefined : message;
    const isLost = this.isLost(packet, sound);
    const name = (address: IpAddress): string => this.bench.machines.get(address)?.hostName ?? 'nobody';
    const text =
      sound === undefined ? 'garbage' : formatDnsMessage(sound, data.length - start).replace(/^[0-9]+ ?/, '');
    const time = formatInstant(this.bench.now).slice(0, -7);
    const note = `${transport === 'tcp' ? ' tcp' : ''}${isLost ? ' lost' : ''}`;
    this.log.push(`${time} ${name(from.address)} > ${name(to.address)}${note}: ${text.slice(0, 90)}`);
    return isLost;
  }
}
