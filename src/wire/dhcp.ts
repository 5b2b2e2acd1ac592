// DHCP messages (RFC 2131 §2): BOOTP's fixed header, a magic cookie, and options.
//
//    0        1        2        3
//   +--------+--------+--------+--------+
//   |   op   | htype  |  hlen  |  hops  |
//   +--------+--------+--------+--------+
//   |          transaction id           |
//   +-----------------+-----------------+
//   |      secs       |B     flags      |   B: the client cannot hear unicast yet
//   +-----------------+-----------------+
//   | ciaddr | yiaddr | siaddr | giaddr |   four bytes each: client, your, next server, relay agent
//   +--------+--------+--------+--------+
//   | chaddr 16 | sname 64 | file 128   |
//   +-----------------------------------+
//   | 63 82 53 63 | options ...         |
//   +-----------------------------------+
//
// Not here: the options (`dhcp_options.ts`), and who says what when.

import { ByteReader, type ByteSpan } from '../core/byte_reader.ts';
import { ByteWriter } from '../core/byte_writer.ts';
import { textOf, utf8 } from '../core/bytes.ts';
import { DropReason, isDrop } from '../core/drop_reason.ts';
import { FOREVER, seconds } from '../core/time.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress, UNSPECIFIED_IPV4 } from './address.ts';
import { DhcpOptionReader, type DhcpOptions, writeDhcpOptions } from './dhcp_options.ts';

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

/** RFC 1542 §2.1: relays and servers may drop what is shorter, so it is padded. */
export const DHCP_MIN_LENGTH = 300;

const FIXED_LENGTH = 236;
const MAGIC_COOKIE = 0x63825363;
const HARDWARE_ETHERNET = 1;
const LINK_ADDRESS_LENGTH = 6;
const LINK_ADDRESS_FIELD = 16;
const SERVER_NAME_FIELD = 64;
const FILE_FIELD = 128;
const BROADCAST_FLAG = 0x8000;

export interface DhcpMessage {
  readonly operation: 'request' | 'reply';
  readonly hops: number;
  /** Chosen by the client, repeated by the server; unsigned. */
  readonly transactionId: number;
  /** Since the client began to acquire or renew, 0 to 65,535. */
  readonly secondsElapsed: number;
  /** The client asks to be answered by broadcast. */
  readonly isBroadcast: boolean;
  /** ciaddr: set by a client that has it and can be reached at it. */
  readonly clientAddress: Ipv4Address;
  /** yiaddr: what the server gives. */
  readonly yourAddress: Ipv4Address;
  /** siaddr */
  readonly nextServer: Ipv4Address;
  /** giaddr: the relay agent through which it came. */
  readonly relayAgent: Ipv4Address;
  /** chaddr */
  readonly clientLinkAddress: LinkAddress;
  /** Empty, too, where the field holds options. */
  readonly serverName: string;
  readonly bootFile: string;
  readonly options: DhcpOptions;
}

/** Reads the message in `[at, end)`. With `spans`, what each of its bytes is gets recorded there. */
export function parseDhcp(view: DataView, at: number, end: number, spans?: ByteSpan[]): DhcpMessage | DropReason {
  if (end - at < FIXED_LENGTH + 4) return DropReason.Truncated;
  const reader = new ByteReader(view, at, end, spans);
  const operation = reader.uint8();
  reader.mark(at, 'operation', operation === 1 ? 'request' : 'reply');
  if (operation !== 1 && operation !== 2) return DropReason.UnknownOperation;
  const isEthernet = reader.uint8() === HARDWARE_ETHERNET && reader.uint8() === LINK_ADDRESS_LENGTH;
  if (!isEthernet) return DropReason.UnsupportedHardware;
  reader.mark(at + 1, 'hardware type and address length', 'Ethernet, 6');
  const hops = readNumber(reader, 'hops', reader.at, reader.uint8());
  const transactionId = readNumber(reader, 'transaction id', reader.at, reader.uint32());
  const secondsElapsed = readNumber(reader, 'seconds elapsed', reader.at, reader.uint16());
  const flags = reader.uint16();
  reader.mark(reader.at - 2, 'flags', (flags & BROADCAST_FLAG) === 0 ? 'none' : 'broadcast');
  const clientAddress = readAddress(reader, 'client address');
  const yourAddress = readAddress(reader, 'your address');
  const nextServer = readAddress(reader, 'next server address');
  const relayAgent = readAddress(reader, 'relay agent address');
  const clientLinkAddress = (reader.uint16() * 0x1_0000_0000 + reader.uint32()) as LinkAddress;
  reader.skip(LINK_ADDRESS_FIELD - LINK_ADDRESS_LENGTH);
  reader.mark(reader.at - LINK_ADDRESS_FIELD, 'client link address', formatLinkAddress(clientLinkAddress));
  const serverNameField = reader.sub(SERVER_NAME_FIELD);
  const fileField = reader.sub(FILE_FIELD);
  if (reader.uint32() !== MAGIC_COOKIE) return DropReason.MissingCookie;
  reader.mark(reader.at - 4, 'magic cookie');

  const optionReader = new DhcpOptionReader();
  if (!optionReader.read(reader)) return DropReason.BadOption;
  const overload = optionReader.overload();
  if (overload === undefined) return DropReason.BadOption;
  // RFC 2131 §4.1: first the options field, then file, then sname
  if (overload.file && !optionReader.read(fileField)) return DropReason.BadOption;
  if (overload.serverName && !optionReader.read(serverNameField)) return DropReason.BadOption;
  const options = optionReader.finish();
  if (isDrop(options)) return options;
  return {
    operation: operation === 1 ? 'request' : 'reply',
    hops,
    transactionId,
    secondsElapsed,
    isBroadcast: (flags & BROADCAST_FLAG) !== 0,
    clientAddress,
    yourAddress,
    nextServer,
    relayAgent,
    clientLinkAddress,
    serverName: overload.serverName ? '' : readText(serverNameField, 'server name'),
    bootFile: overload.file ? '' : readText(fileField, 'boot file'),
    options,
  };
}

/**
 * The whole message, padded to `DHCP_MIN_LENGTH`.
 *
 * @throws RangeError where the server name or the boot file does not fit its field
 */
export function encodeDhcp(message: DhcpMessage): Uint8Array {
  const writer = new ByteWriter(DHCP_MIN_LENGTH);
  writer.uint8(message.operation === 'request' ? 1 : 2);
  writer.uint8(HARDWARE_ETHERNET);
  writer.uint8(LINK_ADDRESS_LENGTH);
  writer.uint8(message.hops);
  writer.uint32(message.transactionId);
  writer.uint16(message.secondsElapsed);
  writer.uint16(message.isBroadcast ? BROADCAST_FLAG : 0);
  writer.uint32(message.clientAddress);
  writer.uint32(message.yourAddress);
  writer.uint32(message.nextServer);
  writer.uint32(message.relayAgent);
  writer.uint16(message.clientLinkAddress / 0x1_0000_0000);
  writer.uint32(message.clientLinkAddress);
  writer.zeros(LINK_ADDRESS_FIELD - LINK_ADDRESS_LENGTH);
  writeText(writer, message.serverName, SERVER_NAME_FIELD, 'server name');
  writeText(writer, message.bootFile, FILE_FIELD, 'boot file');
  writer.uint32(MAGIC_COOKIE);
  writeDhcpOptions(writer, message.options);
  writer.zeros(Math.max(0, DHCP_MIN_LENGTH - writer.length));
  return writer.finish();
}

/**
 * As tcpdump prints it, in one line:
 * `BOOTP/DHCP, Request from 02:00:00:00:00:01, length 300, xid 0x7, DHCP Discover, Hostname "alice"`.
 *
 * @param length bytes of the message as it came; by default, as it would be sent
 */
export function formatDhcp(message: DhcpMessage, length: number = encodeDhcp(message).length): string {
  const { options } = message;
  const address = (name: string, value: Ipv4Address | undefined): string =>
    value === undefined || value === UNSPECIFIED_IPV4 ? '' : `${name} ${formatIpv4(value)}`;
  const addresses = (name: string, values: readonly Ipv4Address[] | undefined): string =>
    values === undefined ? '' : `${name} ${values.map(formatIpv4).join(',')}`;
  const time = (name: string, value: number | undefined): string =>
    value === undefined ? '' : `${name} ${value === FOREVER ? 'infinite' : value / seconds(1)}`;
  const text = (name: string, value: string | undefined): string =>
    value === undefined ? '' : `${name} ${JSON.stringify(value)}`;
  const from = `from ${formatLinkAddress(message.clientLinkAddress)}`;
  return [
    message.operation === 'request' ? `BOOTP/DHCP, Request ${from}` : 'BOOTP/DHCP, Reply',
    `length ${length}`,
    `xid 0x${message.transactionId.toString(16)}`,
    message.secondsElapsed === 0 ? '' : `secs ${message.secondsElapsed}`,
    message.isBroadcast ? 'Flags [Broadcast]' : '',
    address('Client-IP', message.clientAddress),
    address('Your-IP', message.yourAddress),
    address('Gateway-IP', message.relayAgent),
    options.messageType === undefined ? '' : `DHCP ${typeText(options.messageType)}`,
    address('Requested-IP', options.requestedAddress),
    address('Server-ID', options.serverIdentifier),
    time('Lease-Time', options.leaseTime),
    address('Subnet-Mask', options.subnetMask),
    addresses('Default-Gateway', options.routers),
    addresses('Domain-Name-Server', options.dnsServers),
    text('Hostname', options.hostName),
    text('Domain-Name', options.domainName),
    text('MSG', options.message),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

const typeText = (type: string): string => (type === 'Ack' || type === 'Nak' ? type.toUpperCase() : type);

function readNumber(reader: ByteReader, label: string, start: number, value: number): number {
  reader.mark(start, label, String(value));
  return value;
}

function readAddress(reader: ByteReader, label: string): Ipv4Address {
  const address = reader.int32() as Ipv4Address;
  reader.mark(reader.at - 4, label, formatIpv4(address));
  return address;
}

// Up to the first zero, or the whole field.
function readText(field: ByteReader, label: string): string {
  const start = field.at;
  const data = field.bytes(field.remaining);
  const length = data.indexOf(0);
  const text = textOf(length === -1 ? data : data.subarray(0, length));
  field.mark(start, label, text);
  return text;
}

function writeText(writer: ByteWriter, text: string, length: number, label: string): void {
  const data = utf8(text);
  if (data.length > length) throw new RangeError(`the ${label} must fit ${length} bytes, not ${data.length}`);
  writer.bytes(data);
  writer.zeros(length - data.length);
}
