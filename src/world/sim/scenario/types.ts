// A scenario as the simulator reads it: every unit parsed, every default filled in, every name of a host that stands for
// an address replaced by that address. `loadScenario` makes it from a file, `ScenarioBuilder` from TypeScript.
//
//   Scenario -- networks -- interfaces of hosts -- services, zones
//          \-- timeline (what happens) -- faults (what goes wrong) -- expectations (what must be seen)
//
// Lists keep the order of the file. Not here: how anything is simulated, and the text of the file.

import type { DropReason } from '../../../core/drop_reason.ts';
import type { Duration, Instant } from '../../../core/time.ts';
import type { CipherSuiteName } from '../../../secure/tls/cipher_suite.ts';
import type { ClientCertificatePolicy } from '../../../secure/tls/config.ts';
import type { GroupName } from '../../../secure/tls/named_group.ts';
import type { TcpOptionsOfConnection, TcpSettings } from '../../../stack/transport/tcp/tcp_settings.ts';
import type { Ipv4Address, Ipv4Prefix, LinkAddress } from '../../../wire/address.ts';
import type { AuthorityDefinition, CertificateDefinition } from './pki_types.ts';
import type { AttackKind, Registry } from './registry.ts';

export interface Scenario {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  /** 0 to 2^53 - 1. */
  readonly seed: number;
  readonly start: WallClock;
  /** When the run is stopped at the latest; `undefined`: when nothing is left to happen. */
  readonly until: Instant | undefined;
  readonly networks: readonly NetworkDefinition[];
  readonly hosts: readonly HostDefinition[];
  readonly zones: readonly ZoneDefinition[];
  readonly authorities: readonly AuthorityDefinition[];
  readonly certificates: readonly CertificateDefinition[];
  readonly attackers: readonly AttackerDefinition[];
  /** In the order of the file; `at` need not rise. */
  readonly timeline: readonly Step[];
  readonly faults: readonly Fault[];
  /** The variant's own list, where the chosen variant has one. */
  readonly expectations: readonly Expectation[];
  /** The variant that was applied. */
  readonly variant: string | undefined;
  readonly variants: readonly VariantSummary[];
  /** Of the floors above, by which it was read. */
  readonly registry: Registry | undefined;
}

/** Time of day in UTC at the world's first instant. */
export interface WallClock {
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

/** Where in its file something was written; lines and columns count from 1. Zero for what a program built. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Both ends belong to it. */
export interface Ipv4Range {
  readonly first: Ipv4Address;
  readonly last: Ipv4Address;
}

// --- Networks

/** `ethernet`: a learning switch; `wifi`: everyone hears every frame; `cable`: two ends and nothing between. */
export type Medium = 'ethernet' | 'wifi' | 'cable';

export interface NetworkDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  /** Its host bits are zero, as in every prefix of a scenario. */
  readonly subnet: Ipv4Prefix;
  readonly medium: Medium;
  readonly conditions: LinkConditions;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  /** How long a switch remembers at which port it saw an address; only `ethernet` uses it. */
  readonly ageing: Duration;
  /** Hosts whose ARP is believed, where the switch or access point inspects ARP. */
  readonly arpInspection: { readonly trusted: readonly string[] } | undefined;
}

/** How a network treats the frames that cross it from one host to another. */
export interface LinkConditions {
  /** From one host's interface to another's, without transmission and queueing. */
  readonly delay: Duration;
  /** Extra delay, uniform from 0 to this; the order stays. */
  readonly jitter: Duration;
  /** Bits a second; `Infinity`: transmission takes no time. */
  readonly rate: number;
  /** Bytes that may wait for the transmitter. */
  readonly queueBytes: number;
  /** Probabilities, 0 to 1. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** How much later a reordered frame comes. */
  readonly reorderDelay: Duration;
  readonly corrupt: number;
  readonly corruptKind: 'wire' | 'beyond-fcs';
}

// --- Hosts

export interface HostDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  /** A router forwards packets that are not for itself. */
  readonly kind: 'host' | 'router';
  readonly interfaces: readonly InterfaceDefinition[];
  readonly routes: readonly RouteDefinition[];
  /** Resolvers that the file fixes; empty: those that DHCP names. */
  readonly nameservers: readonly Ipv4Address[];
  /** When the machine is switched on. */
  readonly bootAt: Instant;
  /** What its clock shows minus the true time. */
  readonly clockSkew: Duration;
  /** Whether its user may listen on ports below 1024. Services of the file always may. */
  readonly isPrivileged: boolean;
  readonly capacity: CapacityDefinition;
  readonly tcp: TcpDefinition;
  readonly nat: NatDefinition | undefined;
  /** One a network that it serves. */
  readonly dhcpServers: readonly DhcpServerDefinition[];
  readonly dns: DnsDefinition | undefined;
  readonly firewall: FirewallDefinition | undefined;
  readonly services: readonly ServiceDefinition[];
  /** Authorities whose certificates it believes. */
  readonly trust: readonly string[];
  /** Certificates whose keys it holds, beside those of its services. */
  readonly certificates: readonly string[];
}

export type Addressing =
  | { readonly kind: 'static'; readonly address: Ipv4Address }
  | { readonly kind: 'dhcp' }
  /** 169.254/16, chosen by the host itself (RFC 3927). */
  | { readonly kind: 'link-local' };

export interface InterfaceDefinition {
  readonly network: string;
  readonly position: SourcePosition;
  readonly addressing: Addressing;
  /** Further addresses beside the first. */
  readonly moreAddresses: readonly Ipv4Address[];
  /** `undefined`: derived from the seed and the names. */
  readonly linkAddress: LinkAddress | undefined;
}

export interface RouteDefinition {
  /** 0.0.0.0/0 for the default route. */
  readonly prefix: Ipv4Prefix;
  /** `undefined`: the destination is on the link itself. */
  readonly gateway: Ipv4Address | undefined;
  /** The network over whose interface it leaves. */
  readonly network: string;
  readonly metric: number;
  readonly position: SourcePosition;
}

/** Limits of a machine; `Infinity` and 0 where the file says nothing: it is never overloaded. */
export interface CapacityDefinition {
  /** Requests that are served at once. */
  readonly workers: number;
  /** Time that one request occupies a worker. */
  readonly serviceTime: Duration;
  /** Bytes for connections and requests. */
  readonly memory: number;
  /** Requests that may wait for a worker. */
  readonly queue: number;
}

/** Only what the file says; the rest is the stack's own default. */
export interface TcpDefinition {
  readonly settings: Partial<TcpSettings>;
  readonly connection: Partial<TcpOptionsOfConnection>;
}

/** RFC 4787 §4.1 and §5. */
export type NatBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export interface NatDefinition {
  /** Networks whose hosts it hides. */
  readonly inside: readonly string[];
  readonly outside: string;
  readonly mapping: NatBehaviour;
  readonly filtering: NatBehaviour;
  /** Ports that it may take outside, both ends included. */
  readonly ports: { readonly first: number; readonly last: number };
  /** Idle times after which an entry goes. */
  readonly timeouts: {
    readonly udp: Duration;
    readonly tcpEstablished: Duration;
    readonly tcpTransitory: Duration;
    readonly icmp: Duration;
  };
}

export interface DhcpServerDefinition {
  readonly network: string;
  readonly range: Ipv4Range;
  /** `FOREVER`: an endless lease. */
  readonly lease: Duration;
  readonly dns: readonly Ipv4Address[];
  /** The gateway it announces: given, or the router's own address; `undefined`: none is announced. */
  readonly router: Ipv4Address | undefined;
  readonly domain: string | undefined;
  readonly reservations: readonly DhcpReservation[];
}

export interface DhcpReservation {
  readonly client: { readonly host: string } | { readonly linkAddress: LinkAddress };
  readonly address: Ipv4Address;
}

export type DnsDefinition = {
  /** Equal answers a second to one network; `undefined`: as many as it asks for. */
  readonly answersPerSecond: number | undefined;
} & (
  | { readonly mode: 'forwarder'; readonly upstream: readonly Ipv4Address[] }
  | { readonly mode: 'recursive'; readonly hints: readonly NameServerReference[] }
  /** It serves the zones whose `primary` it is. */
  | { readonly mode: 'authoritative' }
);

export interface NameServerReference {
  readonly host: string;
  readonly address: Ipv4Address;
}

export type FirewallPolicy = 'accept' | 'drop' | 'reject';

export interface FirewallDefinition {
  readonly policy: {
    readonly input: FirewallPolicy;
    readonly forward: FirewallPolicy;
    readonly output: FirewallPolicy;
  };
  /** In their order; the language is the firewall's own. */
  readonly rules: readonly string[];
}

// --- Services

export interface ServiceBase {
  /** For `service stop`: its kind, or the name the file gives; unique on its host. */
  readonly name: string;
  readonly port: number;
  /** The one address it listens on; `undefined`: all. */
  readonly address: Ipv4Address | undefined;
  /** Sources that it serves; `undefined`: everyone. */
  readonly allow: readonly Ipv4Prefix[] | undefined;
  /** Connections that wait to be accepted; `undefined`: the stack's default. */
  readonly backlog: number | undefined;
  readonly position: SourcePosition;
}

export type SimpleServiceKind = 'echo-tcp' | 'echo-udp' | 'discard-tcp' | 'discard-udp';

export interface HttpSite {
  /** By path, in the file's order. */
  readonly pages: readonly HttpPage[];
}

export interface HttpServiceDefinition extends ServiceBase, HttpSite {
  readonly kind: 'http';
  /** Virtual hosts; what none of them answers to is served by the service's own pages. */
  readonly virtualHosts: readonly (HttpSite & { readonly host: string })[];
  /** A server that looks at the path alone. */
  readonly ignoresHost: boolean;
  /** Time that one request takes. */
  readonly work: Duration;
  /** How long an idle connection stays open; 0: closed after each answer. */
  readonly keepAlive: Duration;
}

export interface HttpsServiceDefinition extends Omit<HttpServiceDefinition, 'kind'> {
  readonly kind: 'https';
  readonly tls: TlsServiceDefinition;
}

/** What a server over TLS shows and takes; lists are in order of preference, and `undefined` is TLS's own default. */
export interface TlsServiceDefinition {
  readonly certificate: string;
  /** Of virtual hosts with their own, by host. */
  readonly certificates: ReadonlyMap<string, string>;
  readonly alpn: readonly string[];
  readonly cipherSuites: readonly CipherSuiteName[] | undefined;
  readonly groups: readonly GroupName[] | undefined;
  readonly clientCertificates: ClientCertificatePolicy;
  /** Authorities. */
  readonly clientTrust: readonly string[];
  /** After each handshake; 0: no resumption. */
  readonly tickets: number;
  readonly ticketLifetime: Duration;
  /** Bytes. */
  readonly maxEarlyData: number;
  readonly hasReplayDefence: boolean;
}

export interface SimpleServiceDefinition extends ServiceBase {
  readonly kind: SimpleServiceKind;
}

export type ServiceDefinition = HttpServiceDefinition | HttpsServiceDefinition | SimpleServiceDefinition;

export interface HttpPage {
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body:
    | { readonly kind: 'text'; readonly text: string }
    /** That many bytes, made up from the seed. */
    | { readonly kind: 'filler'; readonly length: number };
  /** Sent in chunks, without a stated length (RFC 9112 §7.1). */
  readonly isChunked: boolean;
}

// --- Names

/** Domain names are absolute, in lower case, without the last dot; the root is the empty text. */
export interface ZoneDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  readonly primary: NameServerReference;
  readonly ttl: Duration;
  /** How long "there is no such name" may be remembered (RFC 2308 §5). */
  readonly negativeTtl: Duration;
  readonly delegations: readonly { readonly child: string; readonly server: NameServerReference }[];
  readonly records: readonly RecordDefinition[];
}

export interface RecordDefinition {
  readonly owner: string;
  readonly ttl: Duration;
  readonly data: RecordData;
  readonly position: SourcePosition;
}

export type RecordData =
  | { readonly type: 'A'; readonly address: Ipv4Address }
  /** As text, until IPv6 is built. */
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string };

export type RecordType = RecordData['type'];

// --- Attackers

/** A machine whose interfaces hear everything that reaches them, and that does what steps tell it. */
export interface AttackerDefinition {
  readonly name: string;
  readonly position: SourcePosition;
  readonly interfaces: readonly InterfaceDefinition[];
  /** Authorities and certificates whose keys it holds. */
  readonly knows: readonly string[];
}

// --- What happens

interface StepBase {
  readonly at: Instant;
  /** Unique; `step-1`, `step-2`... by place where the file gives none. */
  readonly id: string;
  /** A question to answer before the step runs. */
  readonly ask: string | undefined;
  readonly position: SourcePosition;
}

/** `crash`: power lost, nothing said, off. `restart`: boots anew. `shutdown`: programs end, leases are given back, off.
 * `vanish`: leaves all its networks without a word, keeps its state. `return`: is back on them. */
export type HostAction = 'crash' | 'restart' | 'shutdown' | 'vanish' | 'return';

export type Step = StepBase &
  (
    | {
        readonly kind: 'run';
        readonly host: string;
        readonly command: string;
        /** After which the command is interrupted; `FOREVER`: never. */
        readonly interruptAfter: Duration;
      }
    | { readonly kind: 'host'; readonly host: string; readonly action: HostAction }
    | { readonly kind: 'interface'; readonly host: string; readonly network: string; readonly isUp: boolean }
    | { readonly kind: 'service'; readonly host: string; readonly service: string; readonly isRunning: boolean }
    | { readonly kind: 'network'; readonly network: string; readonly isUp: boolean }
    | {
        readonly kind: 'conditions';
        readonly network: string;
        /** Only what changes. */
        readonly change: Partial<LinkConditions>;
        /** After which the old conditions return; `FOREVER`: they do not. */
        readonly lasts: Duration;
      }
    | {
        readonly kind: 'attack';
        readonly attacker: string;
        readonly attack: AttackKind;
        /** As its kind has read them. */
        readonly options: unknown;
        /** May come to nothing. */
        readonly isOptional: boolean;
      }
    /** `undefined`: all that the attacker has under way. */
    | { readonly kind: 'stop-attack'; readonly attacker: string; readonly attack: string | undefined }
  );

export type FaultKind = 'drop' | 'delay' | 'corrupt' | 'duplicate';

/** Something that goes wrong with particular packets. A fault that never hit anything fails the run. */
export interface Fault {
  /** Unique; `fault-1`, `fault-2`... by place where the file gives none. */
  readonly id: string;
  readonly kind: FaultKind;
  /** Which packets, in the packet filter's language. */
  readonly filter: string;
  /** `undefined`: on every network. */
  readonly network: string | undefined;
  /** The first match that is hit, counted from 1. */
  readonly nth: number;
  /** How many matches are hit from there on; may be `Infinity`. */
  readonly times: number;
  /** With `delay`. */
  readonly by: Duration;
  /** With `corrupt`. */
  readonly corruptKind: 'wire' | 'beyond-fcs';
  readonly from: Instant;
  readonly until: Instant;
  /** May go without a hit. */
  readonly isOptional: boolean;
  readonly position: SourcePosition;
}

// --- What must be seen

interface ExpectationBase {
  readonly name: string;
  readonly position: SourcePosition;
}

/** Both ends belong to it. */
export interface CountRange {
  readonly min: number;
  readonly max: number;
}

export interface FactorExpectation extends CountRange {
  /** Of the others. */
  readonly filter: string;
  readonly network: string | undefined;
}

export interface OutputExpectation {
  readonly contains: readonly string[];
  readonly lacks: readonly string[];
  /** Regular expressions, JavaScript's with flags `mu`; known to compile. */
  readonly matches: readonly string[];
}

export type Expectation = ExpectationBase &
  (
    | {
        readonly kind: 'step';
        readonly step: string;
        /** Of the last HTTP answer. */
        readonly status: number | undefined;
        readonly exitCode: number | undefined;
        /** A program's error by its code: `ECONNREFUSED`, `untrusted-certificate`. */
        readonly error: string | undefined;
        readonly output: OutputExpectation;
        readonly takes: { readonly min: Duration; readonly max: Duration } | undefined;
        /** Version, of the last connection over TLS. */
        readonly tls: string | undefined;
        readonly isResumed: boolean | undefined;
        /** Until the first byte of the answer, of the last connection. */
        readonly roundTrips: CountRange | undefined;
      }
    | {
        readonly kind: 'packets';
        readonly filter: string;
        /** `undefined`: on all networks together. */
        readonly network: string | undefined;
        readonly count: CountRange;
        /** How many bytes there are of them for each byte of others. */
        readonly factor: FactorExpectation | undefined;
        readonly between: { readonly from: Instant; readonly to: Instant };
      }
    | {
        readonly kind: 'tables';
        readonly host: string;
        /** `undefined`: at the end of the run. */
        readonly at: Instant | undefined;
        /** All must hold; at least one. */
        readonly checks: readonly TableCheck[];
      }
    | {
        readonly kind: 'switch-table';
        readonly network: string;
        readonly at: Instant | undefined;
        readonly rows: RowsExpectation;
      }
    | { readonly kind: 'fault'; readonly fault: string; readonly hits: CountRange }
    | {
        readonly kind: 'secret';
        readonly secret: string;
        readonly readableBy: string;
        readonly is: boolean;
      }
  );

/** The tables whose rows the file describes by column. */
export type RowTable = 'nat' | 'conntrack' | 'leases' | 'dns-cache' | 'sockets';

export type TableCheck =
  | { readonly table: 'arp'; readonly address: Ipv4Address; readonly expected: ArpExpectation }
  /** `gateway` undefined: the prefix is on the link; `isAbsent`: no such route. */
  | {
      readonly table: 'routes';
      readonly prefix: Ipv4Prefix;
      readonly gateway: Ipv4Address | undefined;
      readonly isAbsent: boolean;
    }
  /** The host's address on a network lies in the prefix (length 32: is it); `undefined`: it has none. */
  | { readonly table: 'addresses'; readonly network: string; readonly within: Ipv4Prefix | undefined }
  | { readonly table: 'drops'; readonly reason: DropReason; readonly count: CountRange }
  | { readonly table: RowTable; readonly rows: RowsExpectation };

export type ArpExpectation =
  /** The link address of that host (or attacker) on the same network. */
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'link-address'; readonly linkAddress: LinkAddress }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'absent' };

/** A row matches when every named column shows that text; a host's name also stands for its addresses. */
export type RowPattern = readonly { readonly column: string; readonly text: string }[];

export interface RowsExpectation {
  readonly count: CountRange;
  /** Each matches at least one row. */
  readonly has: readonly RowPattern[];
  /** None matches any row. */
  readonly lacks: readonly RowPattern[];
}

export interface VariantSummary {
  readonly name: string;
  readonly description: string;
}
