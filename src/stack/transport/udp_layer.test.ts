import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import { FakeSender } from '../../../test/testing/fake_sender.ts';
import { Arena } from '../../core/arena.ts';
import { textOf, utf8, viewOf } from '../../core/bytes.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { Journal, JournalTable } from '../../core/journal.ts';
import { Random } from '../../core/random.ts';
import { START } from '../../core/time.ts';
import { BROADCAST_IPV4, type IpAddress, type Ipv4Address, parseIpv4Address } from '../../wire/address.ts';
import { addSums, pseudoSumIpv4, sumBytes } from '../../wire/checksum.ts';
import { emitUdp, parseUdp, setUdpChecksum, UDP_HEADER_LENGTH, UDP_PROTOCOL } from '../../wire/udp.ts';
import type { IcmpError } from '../net/network_layer_api.ts';
import { RECEIVE_QUEUE_BYTES, RECEIVE_QUEUE_COUNT } from './datagram_queue.ts';
import { formatSockets } from './socket_table.ts';
import { UDP_MAX_DATAGRAM, UdpLayer } from './udp_layer.ts';
import { MAX_ERROR_REPORTS, type UdpEndpoint } from './udp_socket.ts';

const ip = (text: string): Ipv4Address => {
  const address = parseIpv4Address(text);
  assert.ok(address !== undefined);
  return address;
};
const ME = ip('10.0.0.1');
const ME_TOO = ip('10.0.0.9');
const PEER = ip('10.0.0.2');
const OTHER = ip('10.0.0.3');
const LOOPBACK = ip('127.0.0.1');
const V6 = '\u2001\u0db8\0\0\0\0\0\u0001' as IpAddress;

/** The datagram from `source` to `destination`, as its transport bytes. */
function datagram(
  source: Ipv4Address,
  sourcePort: number,
  to: Ipv4Address,
  port: number,
  payload: Uint8Array,
): Uint8Array {
  const data = new Uint8Array(UDP_HEADER_LENGTH + payload.length);
  data.set(payload, UDP_HEADER_LENGTH);
  const sum = addSums(pseudoSumIpv4(source, to, UDP_PROTOCOL), sumBytes(viewOf(payload), 0, payload.length));
  emitUdp(viewOf(data), 0, { sourcePort, destinationPort: port, payloadLength: payload.length }, sum);
  return data;
}

class Bench {
  readonly arena = new Arena();
  readonly sender: FakeSender = new FakeSender(this.arena, [ME, ME_TOO]);
  readonly journal = new Journal();
  readonly layer = new UdpLayer({
    arena: this.arena,
    sender: this.sender,
    random: Random.fromSeed(1),
    journal: this.journal,
    hostName: 'a',
  });

  bound(port: number, address?: IpAddress, interfaceIndex?: number): UdpEndpoint {
    const endpoint = this.layer.open('test', interfaceIndex);
    assert.equal(endpoint.bind(START, address, port, true), undefined);
    return endpoint;
  }

  connected(port: number, address: IpAddress = PEER, remotePort = 53): UdpEndpoint {
    const endpoint = this.bound(port);
    assert.equal(endpoint.connect(START, address, remotePort), undefined);
    return endpoint;
  }

  /** Whether a socket took it. */
  deliver(data: Uint8Array, source: IpAddress = PEER, to: IpAddress = ME, interfaceIndex = 0): boolean {
    const slot = this.arena.allocateFrom(data);
    const isTaken = this.layer.receive(START, slot, source, to, interfaceIndex);
    if (!isTaken) this.arena.release(slot);
    return isTaken;
  }

  hear(port: number, text: string, from = PEER, fromPort = 53, to: Ipv4Address = ME, interfaceIndex = 0): boolean {
    return this.deliver(datagram(from, fromPort, to, port, utf8(text)), from, to, interfaceIndex);
  }

  /** An ICMP error about the datagram from our `port` to the peer's `remotePort`. */
  complain(port: number, error: Partial<IcmpError> = {}, remotePort = 53): void {
    const quote = datagram(ME, port, PEER, remotePort, new Uint8Array(0));
    const slot = this.arena.allocateFrom(quote);
    const at = this.arena.start(slot);
    const plain = {
      kind: 'unreachable',
      code: 3,
      from: PEER,
      mtu: 0,
      length: 40,
      source: ME,
      destination: PEER,
    } as const;
    this.layer.icmpError(START, { ...plain, at, end: at + quote.length, ...error });
    this.arena.release(slot);
  }

  finish(...endpoints: UdpEndpoint[]): void {
    for (const endpoint of endpoints) endpoint.close(START);
    assert.equal(this.arena.slotsInUse, 0, 'slots leaked');
    assert.deepEqual(this.layer.list(), []);
  }
}

/** The text of the next datagram, or the error, or nothing. */
function read(endpoint: UdpEndpoint): string | undefined {
  const result = endpoint.receive();
  return typeof result === 'object' ? textOf(result.data) : result;
}

test('a datagram goes out with its header and a checksum that holds', () => {
  const bench = new Bench();
  const socket = bench.bound(50_000);
  assert.equal(socket.sendTo(START, utf8('hello'), PEER, 7), undefined);
  const [packet] = bench.sender.sent;
  assert.ok(packet !== undefined);
  assert.deepEqual([packet.source, packet.destination, packet.protocol], [ME, PEER, UDP_PROTOCOL]);
  assert.equal(hex(packet.bytes), 'c3 50 00 07 00 0d e4 a7 68 65 6c 6c 6f');
  assert.equal(packet.options.dontFragment, false);
  bench.finish(socket);
});

test('what arrives keeps its boundaries, its sender and the address it was sent to', () => {
  const bench = new Bench();
  const socket = bench.bound(7);
  bench.hear(7, 'one');
  bench.hear(7, '', OTHER, 99, ME_TOO, 2);
  assert.deepEqual(socket.receive(), {
    data: utf8('one'),
    source: PEER,
    sourcePort: 53,
    to: ME,
    interfaceIndex: 0,
    length: 3,
    isTruncated: false,
  });
  const second = socket.receive();
  assert.ok(typeof second === 'object');
  assert.deepEqual([second.source, second.sourcePort, second.to, second.interfaceIndex], [OTHER, 99, ME_TOO, 2]);
  assert.equal(second.data.length, 0, 'an empty datagram is one too');
  assert.equal(socket.receive(), undefined);
  bench.finish(socket);
});

test('a reader with too little room loses the rest of that datagram alone', () => {
  const bench = new Bench();
  const socket = bench.bound(7);
  bench.hear(7, 'abcdef');
  bench.hear(7, 'ghi');
  bench.hear(7, 'jkl');
  const buffer = new Uint8Array(4);
  const first = socket.receiveInto(buffer);
  assert.ok(typeof first === 'object');
  assert.deepEqual([textOf(buffer), first.length, first.isTruncated], ['abcd', 4, true]);
  const second = socket.receive(2);
  assert.ok(typeof second === 'object');
  assert.deepEqual([textOf(second.data), second.isTruncated], ['gh', true]);
  assert.equal(read(socket), 'jkl');
  bench.finish(socket);
});

test('bytes behind the stated length belong to nobody', () => {
  const bench = new Bench();
  const socket = bench.bound(7);
  bench.deliver(Uint8Array.of(...datagram(PEER, 1, ME, 7, utf8('abc')), 1, 2, 3));
  assert.equal(read(socket), 'abc');
  bench.finish(socket);
});

test('the most specific socket gets the datagram', () => {
  const bench = new Bench();
  const sockets = {
    connected: bench.bound(53, ME),
    bound: bench.bound(53, ME_TOO),
    local: bench.bound(53, LOOPBACK),
    any: bench.bound(54),
  };
  assert.equal(sockets.connected.connect(START, PEER, 1053), undefined);
  const takes = (port: number, from: Ipv4Address, fromPort: number, to: Ipv4Address): string | undefined => {
    if (!bench.hear(port, 'x', from, fromPort, to)) return undefined;
    const [name, socket] = Object.entries(sockets).find(([, socket]) => socket.waitingCount > 0) ?? [];
    socket?.receive();
    return name;
  };
  assert.equal(takes(53, PEER, 1053, ME), 'connected');
  assert.equal(takes(53, PEER, 1054, ME), undefined, 'a connected socket hears its peer alone');
  assert.equal(takes(53, OTHER, 1053, ME), undefined);
  assert.equal(takes(53, PEER, 1053, ME_TOO), 'bound');
  assert.equal(takes(53, LOOPBACK, 1053, LOOPBACK), 'local');
  assert.equal(takes(53, PEER, 1053, BROADCAST_IPV4), undefined, 'who named an address hears that one');
  assert.equal(takes(54, PEER, 1053, ME), 'any');
  assert.equal(takes(54, PEER, 1053, BROADCAST_IPV4), 'any');
  assert.equal(takes(55, PEER, 1053, ME), undefined);
  assert.equal(bench.layer.counters.noPorts, 4);
  bench.finish(...Object.values(sockets));
});

/** An address or any, and an interface or all. */
type Binding = readonly [address?: IpAddress | undefined, interfaceIndex?: number];

test('two sockets share a port where neither could take what is the other one’s', () => {
  const cases: readonly (readonly [Binding, Binding, boolean])[] = [
    [[ME], [ME], false],
    [[ME], [ME_TOO], true],
    [[ME], [LOOPBACK], true],
    [[undefined], [ME], false],
    [[ME], [undefined], false],
    [[undefined], [undefined], false],
    [[undefined, 0], [undefined, 1], true],
    [[undefined, 0], [undefined, 0], false],
    [[undefined, 0], [undefined], false],
    [[ME, 0], [ME, 1], true],
  ];
  for (const [[address, index], [otherAddress, otherIndex], isShared] of cases) {
    const bench = new Bench();
    const first = bench.bound(53, address, index);
    const second = bench.layer.open('test', otherIndex);
    const outcome = second.bind(START, otherAddress, 53, true);
    assert.equal(outcome, isShared ? undefined : 'EADDRINUSE');
    first.close(START);
    if (!isShared) assert.equal(second.bind(START, otherAddress, 53, true), undefined, 'once it is free, it is free');
    bench.finish(first, second);
  }
});

test('a socket of one interface hears that one', () => {
  const bench = new Bench();
  const sockets = [bench.bound(67, undefined, 0), bench.bound(67, undefined, 1)];
  bench.hear(67, 'zero', PEER, 68, BROADCAST_IPV4, 0);
  bench.hear(67, 'one', PEER, 68, BROADCAST_IPV4, 1);
  assert.equal(bench.hear(67, 'two', PEER, 68, BROADCAST_IPV4, 2), false);
  assert.deepEqual(sockets.map(read), ['zero', 'one']);
  bench.finish(...sockets);
});

test('what bind refuses', () => {
  const bench = new Bench();
  const socket = bench.layer.open('test');
  assert.equal(socket.bind(START, undefined, 53), 'EACCES', 'ports below 1024 are for the privileged');
  assert.equal(socket.bind(START, ip('10.0.0.77'), 5353), 'EADDRNOTAVAIL');
  assert.equal(socket.bind(START, V6, 5353), 'EAFNOSUPPORT');
  assert.throws(() => socket.bind(START, undefined, 65_536), RangeError);
  assert.equal(socket.bind(START, undefined, 1024), undefined);
  assert.equal(socket.bind(START, undefined, 1025), 'EINVAL', 'once is enough');
  bench.finish(socket);
  assert.equal(socket.bind(START, undefined, 1026), 'EBADF');
});

test('0.0.0.0 is any address', () => {
  const bench = new Bench();
  const socket = bench.bound(7, ip('0.0.0.0'));
  assert.equal(bench.hear(7, 'x', PEER, 53, ME_TOO), true);
  bench.finish(socket);
});

test('a socket without a port gets one, which nobody else has, when it is needed', () => {
  const bench = new Bench();
  const sockets = Array.from({ length: 300 }, () => bench.layer.open('test'));
  for (const [i, socket] of sockets.entries()) {
    const outcome = [
      () => socket.bind(START, undefined, 0),
      () => socket.connect(START, PEER, 53),
      () => socket.sendTo(START, utf8('x'), PEER, 53),
    ][i % 3]?.();
    assert.equal(outcome, undefined);
    assert.ok(socket.localPort >= 49_152);
  }
  assert.equal(new Set(sockets.map(({ localPort }) => localPort)).size, 300);
  bench.finish(...sockets);
});

test('connect fixes the peer and sends nothing', () => {
  const bench = new Bench();
  const socket = bench.layer.open('test');
  assert.equal(socket.send(START, utf8('x')), 'EDESTADDRREQ');
  assert.equal(socket.connect(START, PEER, 53), undefined);
  assert.equal(bench.sender.sent.length, 0);
  assert.deepEqual([socket.localAddress, socket.remoteAddress, socket.remotePort], [ME, PEER, 53]);
  assert.equal(socket.send(START, utf8('x')), undefined);
  assert.equal(bench.hear(socket.localPort, 'mine'), true);
  assert.equal(bench.hear(socket.localPort, 'not mine', OTHER), false);
  assert.equal(socket.connect(START, OTHER, 53), undefined, 'and may do so again');
  assert.equal(bench.hear(socket.localPort, 'now mine', OTHER), true);
  bench.finish(socket);
});

test('who asked for an address keeps it, whatever peer it connects to', () => {
  const bench = new Bench();
  const socket = bench.bound(5000, ME_TOO);
  assert.equal(socket.connect(START, PEER, 53), undefined);
  assert.equal(socket.localAddress, ME_TOO);
  assert.equal(socket.send(START, utf8('x')), undefined);
  assert.equal(bench.sender.sent[0]?.source, ME_TOO);
  bench.finish(socket);
});

test('a second connect that leads out by another address finds it taken', () => {
  const bench = new Bench();
  const socket = bench.connected(5000);
  const other = bench.bound(5000, LOOPBACK);
  assert.equal(socket.connect(START, LOOPBACK, 53), 'EADDRINUSE');
  assert.equal(bench.hear(5000, 'as before'), true);
  bench.finish(socket, other);
});

test('what send and connect refuse', () => {
  const bench = new Bench();
  const socket = bench.layer.open('test');
  const data = utf8('x');
  assert.equal(socket.sendTo(START, data, V6, 53), 'EAFNOSUPPORT');
  assert.equal(socket.connect(START, V6, 53), 'EAFNOSUPPORT');
  assert.equal(socket.sendTo(START, data, PEER, 0), 'EINVAL');
  assert.equal(socket.connect(START, PEER, 0), 'EINVAL');
  assert.throws(() => socket.sendTo(START, data, PEER, -1), RangeError);
  assert.equal(socket.sendTo(START, data, BROADCAST_IPV4, 53), 'EACCES');
  assert.equal(socket.connect(START, BROADCAST_IPV4, 53), 'EACCES');
  assert.equal(socket.sendTo(START, new Uint8Array(UDP_MAX_DATAGRAM + 1), PEER, 53), 'EMSGSIZE');
  assert.equal(socket.sendTo(START, new Uint8Array(UDP_MAX_DATAGRAM), PEER, 53), undefined);
  socket.allowBroadcast();
  assert.equal(socket.sendTo(START, data, BROADCAST_IPV4, 53), undefined);
  for (const [outcome, code] of [
    ['no-route', 'ENETUNREACH'],
    ['too-big', 'EMSGSIZE'],
    ['denied', 'EACCES'],
    ['down', 'ENETUNREACH'],
  ] as const) {
    bench.sender.outcome = outcome;
    assert.equal(socket.sendTo(START, data, PEER, 53), code);
  }
  assert.equal(bench.layer.counters.outDatagrams, 2);
  bench.sender.hasRoute = false;
  assert.equal(socket.sendTo(START, data, PEER, 53), 'ENETUNREACH');
  assert.equal(socket.connect(START, PEER, 53), 'ENETUNREACH');
  bench.finish(socket);
  assert.equal(socket.sendTo(START, data, PEER, 53), 'EBADF');
  assert.equal(socket.connect(START, PEER, 53), 'EBADF');
  assert.equal(socket.send(START, data), 'EBADF');
});

test('a socket may leave the checksum out: what is damaged on the way then reaches the reader', () => {
  const bench = new Bench();
  const endpoint = bench.connected(5000);
  endpoint.omitsChecksum = true;
  assert.equal(endpoint.send(START, utf8('abc')), undefined);
  const [packet] = bench.sender.sent;
  assert.ok(packet !== undefined);
  assert.equal(viewOf(packet.bytes).getUint16(6), 0);
  packet.bytes[8] = 0x78;
  const header = parseUdp(viewOf(packet.bytes), 0, packet.bytes.length, pseudoSumIpv4(ME, PEER, UDP_PROTOCOL));
  assert.deepEqual(header, { sourcePort: 5000, destinationPort: 53, payloadLength: 3 });
  bench.finish(endpoint);
});

test('127.0.0.1 reaches this machine alone', () => {
  const bench = new Bench();
  const socket = bench.bound(7, LOOPBACK);
  assert.equal(socket.sendTo(START, utf8('x'), PEER, 7), 'EINVAL');
  assert.equal(socket.sendTo(START, utf8('x'), ME, 7), undefined);
  assert.equal(socket.sendTo(START, utf8('x'), LOOPBACK, 7), undefined);
  bench.finish(socket);
});

test('who serves one interface may send before it has an address', () => {
  const bench = new Bench();
  bench.sender.hasRoute = false;
  const socket = bench.bound(68, undefined, 3);
  socket.allowBroadcast();
  assert.equal(socket.sendTo(START, utf8('discover'), BROADCAST_IPV4, 67), undefined);
  const [packet] = bench.sender.sent;
  assert.deepEqual([packet?.source, packet?.options.interfaceIndex], [0, 3]);
  bench.finish(socket);
});

test('a source may be given for one datagram', () => {
  const bench = new Bench();
  const socket = bench.bound(68);
  assert.equal(socket.sendTo(START, utf8('x'), PEER, 67, ME_TOO), undefined);
  assert.equal(bench.sender.sent[0]?.source, ME_TOO);
  bench.finish(socket);
});

test('malformed datagrams are counted by reason and reach nobody', () => {
  const bench = new Bench();
  const socket = bench.bound(7);
  const good = datagram(PEER, 53, ME, 7, utf8('hello'));
  const wrong = good.slice();
  wrong[8] = 0;
  const unsummed = good.slice();
  setUdpChecksum(viewOf(unsummed), 0, 0);
  for (const data of [bytes(''), good.subarray(0, 7), good.subarray(0, 12), wrong]) {
    assert.equal(bench.deliver(data), true, 'nobody is told');
  }
  assert.equal(bench.deliver(good, OTHER), true, 'the addresses are part of the sum');
  assert.equal(bench.deliver(unsummed), true);
  assert.equal(read(socket), 'hello', 'RFC 768: no checksum, no check');
  assert.equal(read(socket), undefined);
  assert.equal(bench.layer.counters.inErrors, 5);
  assert.equal(bench.layer.dropCount(DropReason.Truncated), 3);
  assert.equal(bench.layer.dropCount(DropReason.BadChecksum), 2);
  assert.equal(bench.deliver(good, V6, V6), true, 'IPv6 is refused, not misread');
  bench.finish(socket);
});

test('a full receive buffer drops what comes, by bytes and by count', () => {
  const bench = new Bench();
  const socket = bench.bound(7);
  const large = 'x'.repeat(1000);
  for (let i = 0; i < 300; i++) bench.hear(7, large);
  assert.equal(socket.waitingBytes, Math.floor(RECEIVE_QUEUE_BYTES / 1000) * 1000);
  assert.equal(socket.drops, 300 - socket.waitingCount);
  assert.equal(bench.layer.counters.receiveBufferErrors, socket.drops);
  while (socket.receive() !== undefined);
  assert.equal(socket.waitingBytes, 0);
  for (let i = 0; i < 2000; i++) bench.hear(7, '');
  assert.equal(socket.waitingCount, RECEIVE_QUEUE_COUNT);
  bench.finish(socket);
});

test('an endpoint with news is named once, whatever happened on it', () => {
  const bench = new Bench();
  const [a, b, c] = [bench.bound(1), bench.connected(2), bench.bound(3)];
  bench.hear(1, 'x');
  bench.hear(1, 'y');
  bench.complain(2);
  bench.hear(3, 'z');
  c.close(START);
  assert.equal(bench.layer.pollReady(), a);
  assert.equal(bench.layer.pollReady(), b);
  assert.equal(bench.layer.pollReady(), undefined, 'who has closed has no news');
  bench.hear(1, 'w');
  assert.equal(bench.layer.pollReady(), a);
  assert.equal(a.isReadable && b.isReadable, true);
  bench.finish(a, b);
});

test('an ICMP error becomes a pending error of the connected socket, once, before its data', () => {
  const bench = new Bench();
  const socket = bench.connected(5000);
  bench.hear(5000, 'data');
  bench.complain(5000);
  assert.deepEqual([read(socket), read(socket), read(socket)], ['ECONNREFUSED', 'data', undefined]);
  bench.complain(5000, { code: 1 });
  assert.equal(socket.send(START, utf8('x')), 'EHOSTUNREACH', 'send reports it too, and sends nothing');
  assert.equal(bench.sender.sent.length, 0);
  assert.equal(socket.send(START, utf8('x')), undefined);
  bench.finish(socket);
});

test('what ICMP errors mean', () => {
  const bench = new Bench();
  const socket = bench.connected(5000);
  const meaning = (kind: IcmpError['kind'], code: number): string => {
    bench.complain(5000, { kind, code });
    return `${kind} ${code}: ${socket.takeError()}`;
  };
  const codes = [0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 99];
  const story = [
    ...codes.map((code) => meaning('unreachable', code)),
    meaning('time-exceeded', 0),
    meaning('parameter-problem', 0),
    meaning('too-big', 4),
  ];
  assert.equal(
    `\n${story.join('\n')}\n`,
    `
unreachable 0: ENETUNREACH
unreachable 1: EHOSTUNREACH
unreachable 2: ECONNREFUSED
unreachable 3: ECONNREFUSED
unreachable 5: EHOSTUNREACH
unreachable 6: ENETUNREACH
unreachable 7: EHOSTUNREACH
unreachable 9: ENETUNREACH
unreachable 10: EHOSTUNREACH
unreachable 11: ENETUNREACH
unreachable 12: EHOSTUNREACH
unreachable 13: EHOSTUNREACH
unreachable 99: EHOSTUNREACH
time-exceeded 0: EHOSTUNREACH
parameter-problem 0: EPROTO
too-big 4: undefined
`,
  );
  socket.options = { ...socket.options, dontFragment: true };
  assert.equal(meaning('too-big', 4), 'too-big 4: EMSGSIZE');
  bench.finish(socket);
});

test('an ICMP error about somebody else’s datagram, or none, reaches nobody', () => {
  const bench = new Bench();
  const connected = bench.connected(5000);
  const unconnected = bench.bound(5001);
  bench.complain(5000, {}, 54);
  bench.complain(5000, { destination: OTHER });
  bench.complain(5000, { source: ME_TOO });
  bench.complain(5001);
  bench.complain(6000);
  bench.complain(5000, { end: 0 });
  assert.equal(bench.layer.pollReady(), undefined);
  bench.finish(connected, unconnected);
});

test('who asks for reports gets ICMP errors in full, connected or not: traceroute', () => {
  const bench = new Bench();
  const socket = bench.bound(5000);
  socket.reportErrors();
  bench.complain(5000, { kind: 'time-exceeded', code: 0, from: OTHER }, 33_434);
  assert.equal(bench.layer.pollReady(), socket);
  assert.equal(socket.receive(), undefined);
  assert.deepEqual(socket.receiveReport(), {
    kind: 'time-exceeded',
    code: 0,
    from: OTHER,
    mtu: 0,
    destination: PEER,
    destinationPort: 33_434,
    receivedAt: START,
  });
  for (let i = 0; i < 1000; i++) bench.complain(5000);
  let count = 0;
  while (socket.receiveReport() !== undefined) count++;
  assert.equal(count, MAX_ERROR_REPORTS);
  bench.finish(socket);
});

test('the table of sockets, and what the journal says of it', () => {
  const bench = new Bench();
  const story: string[] = [];
  bench.journal.watch(JournalTable.Socket, ({ change, key, cause }) => story.push(`${key} ${change}: ${cause}`));
  const dns = bench.layer.open('named');
  dns.bind(START, undefined, 53, true);
  const local = bench.layer.open('stub');
  local.bind(START, LOOPBACK, 5353);
  const client = bench.layer.open('dig');
  client.bind(START, undefined, 40_000);
  client.connect(START, PEER, 53);
  bench.hear(53, 'hello', PEER, 1000);
  assert.equal(
    `\n${formatSockets(bench.layer.list())}`,
    `
Netid  State   Recv-Q  Send-Q  Local Address:Port  Peer Address:Port  Process
udp    UNCONN  5       0       0.0.0.0:53          0.0.0.0:*          named
udp    UNCONN  0       0       127.0.0.1:5353      0.0.0.0:*          stub
udp    ESTAB   0       0       10.0.0.1:40000      10.0.0.2:53        dig
`,
  );
  bench.finish(dns, local, client);
  dns.close(START); // closed already: nothing happens
  assert.deepEqual(story, [
    'udp 0.0.0.0:53 added: bound',
    'udp 127.0.0.1:5353 added: bound',
    'udp 0.0.0.0:40000 added: bound',
    'udp 10.0.0.1:40000 changed: connected',
    'udp 0.0.0.0:53 removed: closed',
    'udp 127.0.0.1:5353 removed: closed',
    'udp 10.0.0.1:40000 removed: closed',
  ]);
});

test('any payload round trip: what one end sends, the other reads', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000, size: 'max' }),
      fc.integer({ min: 1, max: 65_535 }),
      (payload, port) => {
        const bench = new Bench();
        const socket = bench.bound(port);
        assert.equal(socket.sendTo(START, payload, ME, port), undefined);
        const [packet] = bench.sender.sent;
        assert.ok(packet !== undefined);
        bench.deliver(packet.bytes, packet.source, packet.destination);
        const result = socket.receive();
        assert.ok(typeof result === 'object');
        assert.deepEqual(result.data, payload);
        bench.finish(socket);
      },
    ),
  );
});

test('any bytes from the wire: nothing throws, each slot is kept, released or refused exactly once', () => {
  const piece = fc.record({
    data: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 30 }).map((payload) => datagram(PEER, 53, ME, 7, payload)),
    ),
    flip: fc.option(fc.tuple(fc.nat(40), fc.nat(255))),
    isError: fc.boolean(),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40, size: 'max' }), (pieces) => {
      const bench = new Bench();
      const sockets = [bench.bound(7), bench.connected(5000)];
      for (const { data, flip, isError, isRead } of pieces) {
        if (flip !== null && flip[0] < data.length) data[flip[0]] = flip[1];
        if (isError) {
          const slot = bench.arena.allocateFrom(data);
          const at = bench.arena.start(slot);
          const error = {
            kind: 'unreachable',
            code: 3,
            from: PEER,
            mtu: 0,
            length: 40,
            source: ME,
            destination: PEER,
          } as const;
          bench.layer.icmpError(START, { ...error, at, end: at + data.length });
          bench.arena.release(slot);
        } else bench.deliver(data);
        if (isRead) sockets[0]?.receive();
        assert.equal(bench.arena.slotsInUse, sockets[0]?.waitingCount);
      }
      bench.finish(...sockets);
    }),
  );
});

test('sockets come and go: a port is taken exactly while its socket lives', () => {
  const action = fc.record({
    isClose: fc.boolean(),
    port: fc.integer({ min: 2000, max: 2003 }),
    address: fc.constantFrom(undefined, ME, ME_TOO, LOOPBACK),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
      const bench = new Bench();
      const open: UdpEndpoint[] = [];
      for (const { isClose, port, address } of actions) {
        if (isClose) open.shift()?.close(START);
        else {
          const rivals = open.filter(
            (other) =>
              other.localPort === port &&
              (address === undefined || other.localAddress === undefined || other.localAddress === address),
          );
          const endpoint = bench.layer.open('test');
          assert.equal(endpoint.bind(START, address, port), rivals.length > 0 ? 'EADDRINUSE' : undefined);
          if (rivals.length === 0) open.push(endpoint);
        }
        assert.equal(bench.layer.list().length, open.length);
      }
      bench.finish(...open);
    }),
  );
});

test('a machine on which nobody opens a socket has made none of its tables', () => {
  const bench = new Bench();
  assert.equal(bench.hear(7, 'x'), false);
  bench.complain(7);
  assert.deepEqual(bench.layer.list(), []);
  assert.equal(bench.layer.pollReady(), undefined);
  const made = Object.values(bench.layer).filter((value) => value instanceof Map || Array.isArray(value));
  assert.deepEqual(made, []);
});
