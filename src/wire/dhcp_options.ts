// DHCP options (RFC 2132): code, length, data, one behind another, in the options field and, when option 52 says so, in
// two borrowed fields of the fixed header. Pieces of one option are joined before they are read (RFC 3396).
//
//   +------+--------+--------- - - -+------+--------+--- - - -+-----+
//   | code | length | data          | code | length | data    | 255 |
//   +------+--------+--------- - - -+------+--------+--- - - -+-----+
//
// Not here: the fixed header (`dhcp.ts`), and what client and server make of the values.

import type { ByteReader } from '../core/byte_reader.ts';
import type { ByteWriter } from '../core/byte_writer.ts';
import { hexOf, joinBytes, textOf, utf8 } from '../core/bytes.ts';
import { DropReason } from '../core/drop_reason.ts';
import { type Duration, FOREVER, formatDuration, seconds } from '../core/time.ts';
import { formatIpv4, type Ipv4Address } from './address.ts';

export const DhcpOptionCode = {
  Pad: 0,
  SubnetMask: 1,
  Router: 3,
  DomainNameServer: 6,
  HostName: 12,
  DomainName: 15,
  BroadcastAddress: 28,
  RequestedAddress: 50,
  LeaseTime: 51,
  Overload: 52,
  MessageType: 53,
  ServerIdentifier: 54,
  ParameterRequestList: 55,
  Message: 56,
  MaximumMessageSize: 57,
  RenewalTime: 58,
  RebindingTime: 59,
  ClientIdentifier: 61,
  End: 255,
} as const;

/** In the order of their numbers on the wire, 1 to 8 (RFC 2132 §9.6). */
export const DHCP_MESSAGE_TYPES = [
  'Discover',
  'Offer',
  'Request',
  'Decline',
  'Ack',
  'Nak',
  'Release',
  'Inform',
] as const;
export type DhcpMessageType = (typeof DHCP_MESSAGE_TYPES)[number];

export interface DhcpUnknownOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** Each option is absent, or well-formed. */
export interface DhcpOptions {
  /** Absent in a message of BOOTP, DHCP's ancestor. */
  readonly messageType?: DhcpMessageType;
  readonly subnetMask?: Ipv4Address;
  /** The preferred one first; never empty. */
  readonly routers?: readonly Ipv4Address[];
  readonly dnsServers?: readonly Ipv4Address[];
  readonly hostName?: string;
  readonly domainName?: string;
  readonly broadcastAddress?: Ipv4Address;
  readonly requestedAddress?: Ipv4Address;
  /** Whole seconds, or `FOREVER`. */
  readonly leaseTime?: Duration;
  readonly serverIdentifier?: Ipv4Address;
  /** Codes of the options that the client would like. */
  readonly parameterRequestList?: readonly number[];
  /** Why, in a refusal; for people. */
  readonly message?: string;
  /** Bytes of the largest message that the sender takes, at least 576. */
  readonly maximumMessageSize?: number;
  /** T1, from the start of the lease. */
  readonly renewalTime?: Duration;
  /** T2, from the start of the lease. */
  readonly rebindingTime?: Duration;
  /** Opaque; by custom the hardware type and the link address. */
  readonly clientIdentifier?: Uint8Array;
  /** Options that are not named here, in the order of their first appearance. */
  readonly unknown?: readonly DhcpUnknownOption[];
}

/** Which fields of the fixed header hold options too (RFC 2132 §9.3). */
export interface DhcpOverload {
  readonly file: boolean;
  readonly serverName: boolean;
}

const MAX_OPTION_LENGTH = 255;
const ENDLESS = 0xffff_ffff; // RFC 2131 §3.3: the time that means infinity
const MIN_MESSAGE_SIZE = 576; // RFC 2132 §9.10

/** What may stand in the data of an option: `read` gives nothing where the length or the value is wrong. */
interface DhcpValueKind<Value> {
  read(data: Uint8Array): Value | undefined;
  write(value: Value): Uint8Array;
  show(value: Value): string;
}

const ADDRESS: DhcpValueKind<Ipv4Address> = {
  read: (data) => (data.length === 4 ? (wordAt(data, 0) as Ipv4Address) : undefined),
  write: (address) => wordBytes(address),
  show: formatIpv4,
};

const ADDRESSES: DhcpValueKind<readonly Ipv4Address[]> = {
  read(data) {
    if (data.length === 0 || data.length % 4 !== 0) return undefined;
    return Array.from({ length: data.length / 4 }, (_, i) => wordAt(data, 4 * i) as Ipv4Address);
  },
  write: (addresses) => joinBytes(addresses.map(wordBytes)),
  show: (addresses) => addresses.map(formatIpv4).join(', '),
};

const TIME: DhcpValueKind<Duration> = {
  read(data) {
    if (data.length !== 4) return undefined;
    const count = wordAt(data, 0) >>> 0;
    return count === ENDLESS ? FOREVER : seconds(count);
  },
  write: (time) => wordBytes(time === FOREVER ? ENDLESS : Math.min(Math.floor(time / seconds(1)), ENDLESS - 1)),
  show: formatDuration,
};

const TEXT: DhcpValueKind<string> = {
  read(data) {
    // RFC 2132 §2: whoever reads a text must be ready to take zeros off its end.
    let length = data.length;
    while (length > 0 && data[length - 1] === 0) length--;
    return data.length === 0 ? undefined : textOf(data.subarray(0, length));
  },
  write: utf8,
  show: (text) => JSON.stringify(text),
};

const MESSAGE_TYPE: DhcpValueKind<DhcpMessageType> = {
  read: (data) => (data.length === 1 ? DHCP_MESSAGE_TYPES[(data[0] ?? 0) - 1] : undefined),
  write: (type) => Uint8Array.of(DHCP_MESSAGE_TYPES.indexOf(type) + 1),
  show: (type) => type,
};

const CODES: DhcpValueKind<readonly number[]> = {
  read: (data) => (data.length === 0 ? undefined : [...data]),
  write: (codes) => Uint8Array.from(codes),
  show: (codes) => codes.join(', '),
};

const MESSAGE_SIZE: DhcpValueKind<number> = {
  read(data) {
    const size = (data[0] ?? 0) * 256 + (data[1] ?? 0);
    return data.length === 2 && size >= MIN_MESSAGE_SIZE ? size : undefined;
  },
  write: (size) => Uint8Array.of(size >>> 8, size),
  show: String,
};

const IDENTIFIER: DhcpValueKind<Uint8Array> = {
  read: (data) => (data.length < 2 ? undefined : data), // RFC 2132 §9.14: at least two bytes
  write: (data) => data,
  show: hexOf,
};

type KnownName = Exclude<keyof DhcpOptions, 'unknown'>;
type KnownValue<Name extends KnownName> = NonNullable<DhcpOptions[Name]>;

interface DhcpOptionFormat<Value> {
  readonly code: number;
  readonly label: string;
  readonly kind: DhcpValueKind<Value>;
}

// In the order in which they are written: the type first, so that whoever looks at the bytes sees at once what they
// are, and the mask before the routers (RFC 2132 §3.3).
const FORMATS: { readonly [Name in KnownName]: DhcpOptionFormat<KnownValue<Name>> } = {
  messageType: { code: DhcpOptionCode.MessageType, label: 'message type', kind: MESSAGE_TYPE },
  clientIdentifier: { code: DhcpOptionCode.ClientIdentifier, label: 'client identifier', kind: IDENTIFIER },
  requestedAddress: { code: DhcpOptionCode.RequestedAddress, label: 'requested address', kind: ADDRESS },
  serverIdentifier: { code: DhcpOptionCode.ServerIdentifier, label: 'server identifier', kind: ADDRESS },
  leaseTime: { code: DhcpOptionCode.LeaseTime, label: 'lease time', kind: TIME },
  renewalTime: { code: DhcpOptionCode.RenewalTime, label: 'renewal time T1', kind: TIME },
  rebindingTime: { code: DhcpOptionCode.RebindingTime, label: 'rebinding time T2', kind: TIME },
  subnetMask: { code: DhcpOptionCode.SubnetMask, label: 'subnet mask', kind: ADDRESS },
  routers: { code: DhcpOptionCode.Router, label: 'routers', kind: ADDRESSES },
  dnsServers: { code: DhcpOptionCode.DomainNameServer, label: 'name servers', kind: ADDRESSES },
  hostName: { code: DhcpOptionCode.HostName, label: 'host name', kind: TEXT },
  domainName: { code: DhcpOptionCode.DomainName, label: 'domain name', kind: TEXT },
  broadcastAddress: { code: DhcpOptionCode.BroadcastAddress, label: 'broadcast address', kind: ADDRESS },
  maximumMessageSize: { code: DhcpOptionCode.MaximumMessageSize, label: 'maximum message size', kind: MESSAGE_SIZE },
  parameterRequestList: { code: DhcpOptionCode.ParameterRequestList, label: 'parameter request list', kind: CODES },
  message: { code: DhcpOptionCode.Message, label: 'message', kind: TEXT },
};

const KNOWN_NAMES = Object.keys(FORMATS) as readonly KnownName[];
const NAME_OF_CODE = new Map<number, KnownName>(KNOWN_NAMES.map((name) => [FORMATS[name].code, name]));

type Draft = { -readonly [Name in keyof DhcpOptions]: DhcpOptions[Name] };

/** Gathers the data of each option from the fields in which its pieces lie. */
export class DhcpOptionReader {
  private readonly pieces = new Map<number, Uint8Array[]>();

  /** Reads the options of one field; its end ends them as well as the end option. False: one runs over it. */
  read(reader: ByteReader): boolean {
    while (reader.remaining > 0) {
      const start = reader.at;
      const code = reader.uint8();
      if (code === DhcpOptionCode.Pad) continue;
      if (code === DhcpOptionCode.End) {
        reader.mark(start, 'end of options');
        return true;
      }
      const data = reader.bytes(reader.uint8());
      if (reader.isTruncated) return false;
      if (reader.spans !== undefined) reader.mark(start, ...explain(code, data));
      const pieces = this.pieces.get(code);
      if (pieces === undefined) this.pieces.set(code, [data]);
      else pieces.push(data); // RFC 3396 §5: in the order in which they are met
    }
    return true;
  }

  /** Which of the borrowed fields are to be read next; nothing where the option itself is wrong. */
  overload(): DhcpOverload | undefined {
    const pieces = this.pieces.get(DhcpOptionCode.Overload);
    if (pieces === undefined) return { file: false, serverName: false };
    const data = joinBytes(pieces);
    const bits = data[0] ?? 0;
    if (data.length !== 1 || bits < 1 || bits > 3) return undefined;
    return { file: (bits & 1) !== 0, serverName: (bits & 2) !== 0 };
  }

  /** What they say. One known option of a wrong length or value spoils the message. */
  finish(): DhcpOptions | DropReason {
    const options: Draft = {};
    const unknown: DhcpUnknownOption[] = [];
    for (const [code, pieces] of this.pieces) {
      if (code === DhcpOptionCode.Overload) continue;
      const data = joinBytes(pieces);
      const name = NAME_OF_CODE.get(code);
      if (name === undefined) unknown.push({ code, data });
      else if (!readOption(options, name, data)) return DropReason.BadOption;
    }
    if (unknown.length > 0) options.unknown = unknown;
    return options;
  }
}

/** Writes all options and the end option. */
export function writeDhcpOptions(writer: ByteWriter, options: DhcpOptions): void {
  for (const name of KNOWN_NAMES) writeKnown(writer, options, name);
  for (const { code, data } of options.unknown ?? []) writePieces(writer, code, data);
  writer.uint8(DhcpOptionCode.End);
}

function readOption<Name extends KnownName>(options: Draft, name: Name, data: Uint8Array): boolean {
  const value = FORMATS[name].kind.read(data);
  if (value === undefined) return false;
  options[name] = value;
  return true;
}

function writeKnown<Name extends KnownName>(writer: ByteWriter, options: DhcpOptions, name: Name): void {
  const value = options[name];
  if (value !== undefined) writePieces(writer, FORMATS[name].code, FORMATS[name].kind.write(value));
}

// RFC 3396 §6: what is longer than 255 bytes goes in pieces of the same code.
function writePieces(writer: ByteWriter, code: number, data: Uint8Array): void {
  let at = 0;
  do {
    const piece = data.subarray(at, at + MAX_OPTION_LENGTH);
    writer.uint8(code);
    writer.uint8(piece.length);
    writer.bytes(piece);
    at += MAX_OPTION_LENGTH;
  } while (at < data.length);
}

function explain(code: number, data: Uint8Array): [label: string, value: string] {
  const name = NAME_OF_CODE.get(code);
  if (name === undefined) return [`option ${code}`, hexOf(data)];
  return [FORMATS[name].label, showValue(name, data)];
}

function showValue<Name extends KnownName>(name: Name, data: Uint8Array): string {
  const { kind } = FORMATS[name];
  const value = kind.read(data);
  return value === undefined ? hexOf(data) : kind.show(value);
}

const wordAt = (data: Uint8Array, at: number): number =>
  ((data[at] ?? 0) << 24) | ((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0);

const wordBytes = (word: number): Uint8Array => Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
