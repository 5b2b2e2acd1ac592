// The numbers of the DNS and their names (IANA "Domain Name System (DNS) Parameters").

export const DnsType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const DnsClass = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const;

export const DnsOpcode = { Query: 0, Status: 2, Notify: 4, Update: 5 } as const;

/** RFC 1035 §4.1.1, RFC 2136 §2.2; from 16 on with the upper bits in the OPT record (RFC 6891 §6.1.3). */
export const DnsRcode = {
  NoError: 0,
  FormErr: 1,
  ServFail: 2,
  NXDomain: 3,
  NotImp: 4,
  Refused: 5,
  BadVers: 16,
} as const;

const TYPE_NAMES = new Map<number, string>(Object.entries(DnsType).map(([name, code]) => [code, name]));
const TYPE_CODES = new Map<string, number>(Object.entries(DnsType));
const CLASS_NAMES = new Map<number, string>(Object.entries(DnsClass).map(([name, code]) => [code, name]));
const OPCODE_NAMES = new Map<number, string>(
  Object.entries(DnsOpcode).map(([name, code]) => [code, name.toUpperCase()]),
);
const RCODE_NAMES = new Map<number, string>(Object.entries(DnsRcode).map(([name, code]) => [code, name.toUpperCase()]));

/** `A`, `HTTPS`; `TYPE65280` where it has no name here (RFC 3597 §5). */
export const formatDnsType = (type: number): string => TYPE_NAMES.get(type) ?? `TYPE${type}`;

/** What `formatDnsType` prints, in either case; undefined for anything else. */
export const parseDnsType = (text: string): number | undefined =>
  TYPE_CODES.get(text.toUpperCase()) ?? numbered(/^TYPE([0-9]{1,5})$/i.exec(text)?.[1]);

export const formatDnsClass = (code: number): string => CLASS_NAMES.get(code) ?? `CLASS${code}`;

/** `QUERY`, as dig prints it. */
export const formatDnsOpcode = (opcode: number): string => OPCODE_NAMES.get(opcode) ?? `RESERVED${opcode}`;

/** `NXDOMAIN`, as dig prints it. */
export const formatDnsRcode = (rcode: number): string => RCODE_NAMES.get(rcode) ?? `RCODE${rcode}`;

const numbered = (digits: string | undefined): number | undefined =>
  digits !== undefined && Number(digits) <= 0xffff ? Number(digits) : undefined;
