import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import type { ByteSpan } from '../core/byte_reader.ts';
import { DropReason, isDrop } from '../core/drop_reason.ts';
import { FOREVER, hours, seconds } from '../core/time.ts';
import type { Ipv4Address, LinkAddress } from './address.ts';
import { DHCP_MIN_LENGTH, type DhcpMessage, encodeDhcp, formatDhcp, parseDhcp } from './dhcp.ts';
import { DHCP_MESSAGE_TYPES, type DhcpOptions } from './dhcp_options.ts';

const zeros = (count: number): string => '00'.repeat(count);

const HEADER =
  '02 01 06 01' + // reply, Ethernet, six bytes of address, one hop
  'f0 00 00 07' + // transaction id, with the highest bit set
  '00 03 80 00' + // three seconds, broadcast
  '00 00 00 00  c0 a8 01 64  c0 a8 01 05  00 00 00 00' + // client, your, next server, relay agent
  'f2 00 00 00 00 01' + // client link address
  zeros(10) +
  '73 72 76' + // server name "srv"
  zeros(61) +
  '78' + // boot file "x"
  zeros(127) +
  '63 82 53 63'; // magic cookie
const OPTIONS =
  '35 01 05' + // Ack
  '36 04 c0 a8 01 01' + // server identifier
  '33 04 00 00 a8 c0' + // lease time: 12 hours
  '01 04 ff ff ff 00' + // subnet mask
  '03 08 c0 a8 01 01  c0 a8 01 02' + // two routers
  '0c 05 61 6c 69 63 65' + // host name "alice"
  '2b 02 ca fe' + // an option that is not known here
  'ff';
const PACKET_BYTES = bytes(HEADER + OPTIONS + zeros(DHCP_MIN_LENGTH - 240 - 43));

const parse = (data: Uint8Array) => parseDhcp(viewOf(data), 0, data.length);

function valid(data: Uint8Array): DhcpMessage {
  const message = parse(data);
  assert.ok(!isDrop(message));
  return message;
}

/** The options of a message whose bytes behind the cookie are these. */
const withOptions = (options: string): Uint8Array => bytes(HEADER + options);

const MESSAGE: DhcpMessage = {
  operation: 'request',
  hops: 0,
  transactionId: 7,
  secondsElapsed: 0,
  isBroadcast: false,
  clientAddress: 0 as Ipv4Address,
  yourAddress: 0 as Ipv4Address,
  nextServer: 0 as Ipv4Address,
  relayAgent: 0 as Ipv4Address,
  clientLinkAddress: 0x02_00_00_00_00_01 as LinkAddress,
  serverName: '',
  bootFile: '',
  options: { messageType: 'Discover', hostName: 'alice' },
};

test('parse, encode and format', () => {
  assert.equal(PACKET_BYTES.length, DHCP_MIN_LENGTH);
  const message = valid(PACKET_BYTES);
  assert.equal(
    formatDhcp(message),
    'BOOTP/DHCP, Reply, length 300, xid 0xf0000007, secs 3, Flags [Broadcast], Your-IP 192.168.1.100, DHCP ACK, ' +
      'Server-ID 192.168.1.1, Lease-Time 43200, Subnet-Mask 255.255.255.0, ' +
      'Default-Gateway 192.168.1.1,192.168.1.2, Hostname "alice"',
  );
  assert.deepEqual([message.serverName, message.bootFile, message.hops], ['srv', 'x', 1]);
  assert.equal(message.options.leaseTime, hours(12));
  assert.equal(hex(encodeDhcp(message)), hex(PACKET_BYTES));
  assert.equal(
    formatDhcp(MESSAGE),
    'BOOTP/DHCP, Request from 02:00:00:00:00:01, length 300, xid 0x7, DHCP Discover, Hostname "alice"',
  );
});

test('malformed', () => {
  const table: readonly (readonly [at: number, value: number, DropReason])[] = [
    [0, 3, DropReason.UnknownOperation],
    [1, 6, DropReason.UnsupportedHardware],
    [2, 8, DropReason.UnsupportedHardware],
    [236, 0, DropReason.MissingCookie],
    [241, 0, DropReason.BadOption], // message type of length 0
    [242, 9, DropReason.BadOption], // no such message type
    [244, 3, DropReason.BadOption], // server identifier of length 3
    [241, 255, DropReason.BadOption], // an option that runs over the end
  ];
  for (const [at, value, reason] of table) assert.equal(parse(PACKET_BYTES.with(at, value)), reason, `${at}`);
  assert.equal(parse(PACKET_BYTES.subarray(0, 239)), DropReason.Truncated);
  const options: readonly string[] = [
    '03 00',
    '03 05 01 02 03 04 05',
    '39 02 02 3f',
    '3d 01 01',
    '37 00',
    '34 01 04',
    '34 00',
  ];
  for (const option of options) assert.equal(parse(withOptions(`${option} ff`)), DropReason.BadOption, option);
});

test('pads count for nothing, a missing end is forgiven, what is behind it is not read', () => {
  assert.deepEqual(valid(withOptions('00 00 35 01 01')).options, { messageType: 'Discover' });
  assert.deepEqual(valid(withOptions('35 01 01 ff 33 00')).options, { messageType: 'Discover' });
  assert.deepEqual(valid(withOptions('')).options, {});
});

test('pieces of one option are joined, in the options field and in those it borrows', () => {
  assert.equal(valid(withOptions('0c 02 61 6c 35 01 01 0c 03 69 63 65 ff')).options.hostName, 'alice');
  const data = withOptions('34 01 03 0c 01 61 ff'); // overload: both file and server name hold options
  data.set(bytes('0c 01 63 ff'), 44); // in the server name, which comes last
  data.set(bytes('0c 01 62 ff'), 108); // in the boot file
  const message = valid(data);
  assert.equal(message.options.hostName, 'abc');
  assert.deepEqual([message.serverName, message.bootFile], ['', '']);
  assert.equal(parse(data.with(108, 12).with(109, 200)), DropReason.BadOption, 'an option runs over its field');
});

test('a long option goes out in pieces and comes back whole', () => {
  const data = new Uint8Array(600).map((_, i) => i);
  const encoded = encodeDhcp({ ...MESSAGE, options: { unknown: [{ code: 224, data }] } });
  assert.deepEqual(valid(encoded).options, { unknown: [{ code: 224, data }] });
});

test('a lease without end, and one as long as can be told', () => {
  const leaseTime = (time: typeof FOREVER) =>
    valid(encodeDhcp({ ...MESSAGE, options: { leaseTime: time } })).options.leaseTime;
  assert.equal(leaseTime(FOREVER), FOREVER);
  assert.equal(leaseTime(seconds(2 ** 33)), seconds(2 ** 32 - 2));
});

test('a text loses the zeros at its end', () => {
  assert.equal(valid(withOptions('0c 03 61 00 00 ff')).options.hostName, 'a');
});

test('names that do not fit their field are the caller’s mistake', () => {
  assert.throws(() => encodeDhcp({ ...MESSAGE, bootFile: 'x'.repeat(129) }), RangeError);
});

test('every byte is explained once', () => {
  const spans: ByteSpan[] = [];
  parseDhcp(viewOf(PACKET_BYTES), 0, PACKET_BYTES.length, spans);
  const explained = new Uint8Array(PACKET_BYTES.length);
  for (const { start, end } of spans) for (let i = start; i < end; i++) explained[i] = (explained[i] ?? 0) + 1;
  assert.ok(explained.subarray(0, 240 + 43).every((count) => count === 1));
  assert.ok(
    explained.subarray(240 + 43).every((count) => count === 0),
    'the padding is nothing',
  );
  const lines = spans
    .filter(({ start }) => start >= 240)
    .map(({ label, value }) => (value === undefined ? label : `${label}: ${value}`));
  assert.deepEqual(lines, [
    'message type: Ack',
    'server identifier: 192.168.1.1',
    'lease time: 12h',
    'subnet mask: 255.255.255.0',
    'routers: 192.168.1.1, 192.168.1.2',
    'host name: "alice"',
    'option 43: cafe',
    'end of options',
  ]);
});

const address = fc.integer().map((word) => word as Ipv4Address);
const addresses = fc.array(address, { minLength: 1, maxLength: 70 });
const time = fc.oneof(fc.nat().map(seconds), fc.constant(FOREVER));
const name = fc.stringMatching(/^[a-z]{1,20}$/);
const someOptions: fc.Arbitrary<DhcpOptions> = fc.record(
  {
    messageType: fc.constantFrom(...DHCP_MESSAGE_TYPES),
    subnetMask: address,
    routers: addresses,
    dnsServers: addresses,
    hostName: name,
    domainName: name,
    broadcastAddress: address,
    requestedAddress: address,
    leaseTime: time,
    serverIdentifier: address,
    parameterRequestList: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 300 }),
    message: name,
    maximumMessageSize: fc.integer({ min: 576, max: 65_535 }),
    renewalTime: time,
    rebindingTime: time,
    clientIdentifier: fc.uint8Array({ minLength: 2, maxLength: 300 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('what is encoded is parsed again', () => {
  fc.assert(
    fc.property(
      someOptions,
      fc.nat({ max: 0xffff }),
      fc.boolean(),
      address,
      (options, secondsElapsed, isBroadcast, you) => {
        const message: DhcpMessage = { ...MESSAGE, secondsElapsed, isBroadcast, yourAddress: you, options };
        assert.deepEqual(valid(encodeDhcp(message)), message);
      },
    ),
  );
});

test('mutated and random bytes never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }), fc.nat(), (changes, cut) => {
      const data = PACKET_BYTES.slice(0, PACKET_BYTES.length - (cut % 60));
      for (const [at, value] of changes) data[at % data.length] = value;
      const message = parse(data);
      if (!isDrop(message)) assert.ok(formatDhcp(message).length > 0);
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (data) => parse(withOptions(hex(data))) !== undefined));
});
