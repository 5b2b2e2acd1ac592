// Client and server together, over a link that carries their messages at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewOf } from '../../../../test/testing/bytes.ts';
import { DropReason, isDrop } from '../../../core/drop_reason.ts';
import { Journal, JournalTable } from '../../../core/journal.ts';
import { Random } from '../../../core/random.ts';
import {
  after,
  type Duration,
  earlier,
  FOREVER,
  formatDuration,
  formatInstant,
  hours,
  type Instant,
  minutes,
  NEVER,
  START,
  seconds,
} from '../../../core/time.ts';
import {
  BROADCAST_IPV4,
  formatIpv4,
  formatLinkAddress,
  type Ipv4Address,
  type LinkAddress,
  NO_LINK_ADDRESS,
  parseIpv4Address,
} from '../../../wire/address.ts';
import { type DhcpMessage, encodeDhcp, formatDhcp, parseDhcp } from '../../../wire/dhcp.ts';
import type { DhcpOptions } from '../../../wire/dhcp_options.ts';
import { DhcpClient, type DhcpClientEnvironment } from './dhcp_client.ts';
import { formatLeases } from './dhcp_leases.ts';
import { type DhcpReply, DhcpServer, type DhcpServerConfig } from './dhcp_server.ts';
import { DHCP_SAMPLES } from './samples.ts';

const ip = (text: string): Ipv4Address => parseIpv4Address(text) ?? assert.fail(text);
const link = (n: number): LinkAddress => (0x0200_0000_0000 + n) as LinkAddress;

const CONFIG: DhcpServerConfig = {
  hostName: 'router',
  address: ip('192.168.1.1'),
  prefixLength: 24,
  first: ip('192.168.1.100'),
  last: ip('192.168.1.102'),
  leaseTime: hours(12),
  routers: [ip('192.168.1.1')],
  dnsServers: [ip('192.168.1.1')],
};

/** Servers and clients on one link without delay. */
class Lan {
  now: Instant = START;
  /** What happened, one line a message or event. */
  readonly log: string[] = [];
  readonly servers: DhcpServer[];
  readonly clients: DhcpClient[] = [];
  /** Clients that are cut off, and whether servers are. */
  readonly cut = new Set<DhcpClient>();
  isServerDown = false;

  constructor(...configs: Partial<DhcpServerConfig>[]) {
    this.servers = configs.map((config) => new DhcpServer({ ...CONFIG, ...config }));
  }

  get server(): DhcpServer {
    return this.servers[0] ?? assert.fail('no server');
  }

  client(n: number, env: Partial<DhcpClientEnvironment> = {}): DhcpClient {
    const random = Random.fromSeed(n);
    const client = new DhcpClient({ random, linkAddress: link(n), hostName: `host-${n}`, ...env });
    this.clients.push(client);
    return client;
  }

  /** A client that has started and been served. */
  started(n: number, env: Partial<DhcpClientEnvironment> = {}): DhcpClient {
    const client = this.client(n, env);
    client.start(this.now);
    this.settle();
    return client;
  }

  /** Carries messages until nobody says anything more. */
  settle(): void {
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = true;
      for (const client of this.clients) {
        for (let sent = client.pollTransmit(this.now); sent !== undefined; sent = client.pollTransmit(this.now)) {
          isQuiet = false;
          this.note(sent.payload, ` (${formatIpv4(sent.source)} > ${formatIpv4(sent.destination)})`);
          for (const server of this.isServerDown || this.cut.has(client) ? [] : this.servers) {
            server.handleInput(this.now, viewOf(sent.payload), 0, sent.payload.length);
          }
        }
        for (let event = client.pollEvent(); event !== undefined; event = client.pollEvent()) {
          const detail = event.kind === 'Deconfigured' ? ` ${event.cause}` : '';
          this.write(`${event.kind} ${formatIpv4(event.address)}${detail}`);
        }
      }
      for (const server of this.servers) {
        for (let reply = server.pollTransmit(this.now); reply !== undefined; reply = server.pollTransmit(this.now)) {
          isQuiet = false;
          this.deliver(reply);
        }
      }
    }
  }

  /** Goes from deadline to deadline; background ones count too. */
  runFor(duration: Duration): void {
    const end = after(this.now, duration);
    for (;;) {
      const next = [...this.clients, ...this.servers]
        .flatMap((machine) => [machine.pollTimeout(), machine.pollBackgroundTimeout()])
        .reduce(earlier, NEVER);
      if (next > end) break;
      this.now = next > this.now ? next : this.now;
      for (const machine of [...this.clients, ...this.servers]) machine.handleTimeout(this.now);
      this.settle();
    }
    this.now = end;
  }

  table(): string {
    return `\n${formatLeases(this.server.list(this.now), this.now)}`;
  }

  private deliver({ payload, destination, linkAddress }: DhcpReply): void {
    const where = linkAddress === NO_LINK_ADDRESS ? 'by ARP' : formatLinkAddress(linkAddress);
    this.note(payload, ` (> ${formatIpv4(destination)} at ${where})`);
    for (const client of this.clients) {
      if (!this.cut.has(client)) client.handleInput(this.now, viewOf(payload), 0, payload.length);
    }
  }

  private note(payload: Uint8Array, addresses: string): void {
    const message = parseDhcp(viewOf(payload), 0, payload.length);
    assert.ok(!isDrop(message));
    const [, type, detail = ''] =
      /DHCP (Discover|Offer|Request|Decline|ACK|NAK|Release|Inform)(.*)/.exec(formatDhcp(message)) ?? [];
    const important = detail.match(/(Requested-IP|MSG) [^,]*/g) ?? [];
    this.write([`${type}${addresses}`, ...important].join(', '));
  }

  private write(line: string): void {
    this.log.push(`${formatInstant(this.now).slice(0, -8).padStart(7)} ${line}`);
  }
}

const addressOf = (client: DhcpClient): string =>
  client.lease === undefined ? client.state.kind : formatIpv4(client.lease.address);

/** A message made by hand, as a client other than ours might send it. */
function ask(server: DhcpServer, options: DhcpOptions, more: Partial<DhcpMessage> = {}): DhcpMessage | undefined {
  const message: DhcpMessage = {
    operation: 'request',
    hops: 0,
    transactionId: 1,
    secondsElapsed: 0,
    isBroadcast: false,
    clientAddress: ip('0.0.0.0'),
    yourAddress: ip('0.0.0.0'),
    nextServer: ip('0.0.0.0'),
    relayAgent: ip('0.0.0.0'),
    clientLinkAddress: link(9),
    serverName: '',
    bootFile: '',
    options,
    ...more,
  };
  const payload = encodeDhcp(message);
  server.handleInput(START, viewOf(payload), 0, payload.length);
  const reply = server.pollTransmit(START);
  if (reply === undefined) return undefined;
  const parsed = parseDhcp(viewOf(reply.payload), 0, reply.payload.length);
  assert.ok(!isDrop(parsed));
  return parsed;
}

const shown = (reply: DhcpMessage | undefined): string =>
  reply === undefined ? 'silence' : `${reply.options.messageType} ${formatIpv4(reply.yourAddress)}`;

test('four messages make a lease, one exchange renews it, one message ends it', () => {
  const lan = new Lan({});
  const client = lan.started(1);
  lan.runFor(hours(7));
  client.release(lan.now);
  lan.settle();
  assert.equal(
    `\n${lan.log.join('\n')}`,
    `
    0.0 Discover (0.0.0.0 > 255.255.255.255)
    0.0 Offer (> 255.255.255.255 at ff:ff:ff:ff:ff:ff)
    0.0 Request (0.0.0.0 > 255.255.255.255), Requested-IP 192.168.1.100
    0.0 ACK (> 255.255.255.255 at ff:ff:ff:ff:ff:ff)
    0.0 Configured 192.168.1.100
21600.0 Request (192.168.1.100 > 192.168.1.1)
21600.0 ACK (> 192.168.1.100 at by ARP)
21600.0 Configured 192.168.1.100
25200.0 Release (192.168.1.100 > 192.168.1.1)
25200.0 Deconfigured 192.168.1.100 released`,
  );
  assert.equal(
    lan.table(),
    `
Address        Link address       State     Remaining  Host
192.168.1.100  02:00:00:00:00:01  released  -          host-1`,
  );
});

test('the client learns what the server knows', () => {
  const lan = new Lan({ domainName: 'home.test' });
  const client = lan.client(1);
  client.start(lan.now);
  lan.settle();
  const { parameters, expiresAt, renewAt } = client.lease ?? assert.fail('no lease');
  assert.deepEqual(parameters, {
    prefixLength: 24,
    routers: [ip('192.168.1.1')],
    dnsServers: [ip('192.168.1.1')],
    domainName: 'home.test',
  });
  assert.deepEqual([expiresAt, renewAt], [after(START, hours(12)), after(START, hours(6))]);
});

test('a lease that cannot be renewed ends on both sides', () => {
  const lan = new Lan({ leaseTime: minutes(10) });
  const client = lan.started(1);
  lan.isServerDown = true;
  lan.runFor(minutes(10));
  assert.match(lan.log.filter((line) => line.includes('Deconfigured')).join(), / 600\.0 Deconfigured .* expired/);
  assert.equal(client.state.kind, 'Selecting');
  assert.match(lan.table(), /expired/);
});

test('clients that vanish: with endless leases the next one starves, with short ones it is served', () => {
  for (const [leaseTime, outcome] of [
    [FOREVER, 'Selecting'],
    [minutes(10), '192.168.1.100'],
  ] as const) {
    const lan = new Lan({ leaseTime });
    for (let n = 1; n <= 3; n++) lan.cut.add(lan.started(n));
    lan.runFor(seconds(1));
    for (const client of lan.clients) client.stop(lan.now);
    const late = lan.started(4);
    assert.equal(late.state.kind, 'Selecting');
    assert.ok(lan.server.counters.exhausted > 0);
    lan.runFor(minutes(20));
    assert.equal(addressOf(late), outcome, formatDuration(leaseTime));
  }
});

test('a client that comes back gets its old address, as long as nobody else needed it', () => {
  const lan = new Lan({});
  const [first, second] = [lan.started(1), lan.started(2)];
  for (const client of [first, second]) client.release(lan.now);
  lan.settle();
  second.start(lan.now);
  lan.settle();
  assert.equal(addressOf(second), '192.168.1.101');
  for (let n = 3; n <= 4; n++) lan.started(n);
  first.start(lan.now);
  lan.settle();
  assert.deepEqual(lan.clients.map(addressOf), ['Selecting', '192.168.1.101', '192.168.1.102', '192.168.1.100']);
});

test('after a restart the lease is asked for again; on another network it is refused', () => {
  const lan = new Lan({});
  const client = lan.started(1);
  client.stop(lan.now);
  client.start(lan.now);
  lan.settle();
  const elsewhere = new Lan({
    address: ip('10.0.0.1'),
    first: ip('10.0.0.50'),
    last: ip('10.0.0.60'),
    routers: [],
  });
  elsewhere.clients.push(client);
  client.start(elsewhere.now);
  elsewhere.settle();
  assert.deepEqual(lan.log.slice(5), [
    '    0.0 Request (0.0.0.0 > 255.255.255.255), Requested-IP 192.168.1.100',
    '    0.0 Deconfigured 192.168.1.100 stopped',
    '    0.0 ACK (> 255.255.255.255 at ff:ff:ff:ff:ff:ff)',
    '    0.0 Configured 192.168.1.100',
  ]);
  assert.deepEqual(elsewhere.log.slice(2, 4), [
    '    0.0 NAK (> 255.255.255.255 at ff:ff:ff:ff:ff:ff), MSG "wrong network"',
    '    0.0 Discover (0.0.0.0 > 255.255.255.255)',
  ]);
  assert.equal(addressOf(client), '10.0.0.50');
});

test('an address in use is declined, held back, and given again later', () => {
  const lan = new Lan({});
  const client = lan.started(1);
  client.handleConflict(lan.now);
  lan.settle();
  lan.runFor(seconds(10));
  assert.equal(addressOf(client), '192.168.1.101');
  assert.match(lan.table(), /192\.168\.1\.100 .* declined +9m50s/);
  lan.runFor(minutes(10));
  assert.equal(addressOf(lan.started(2)), '192.168.1.100');
});

test('with probing a client waits until the address is known to be free', () => {
  const lan = new Lan({});
  const client = lan.started(1, { isProbing: true });
  assert.equal(lan.log.at(-1), '    0.0 Probe 192.168.1.100');
  assert.equal(client.lease, undefined);
  client.handleClear(lan.now);
  lan.settle();
  assert.equal(addressOf(client), '192.168.1.100');
});

test('a server may ping an address before it offers it', () => {
  const lan = new Lan({ isProbing: true });
  const client = lan.started(1);
  const first = lan.server.pollProbe();
  assert.equal(first, ip('192.168.1.100'));
  lan.server.handleProbeAnswer(lan.now, first ?? assert.fail());
  assert.equal(lan.server.pollProbe(), ip('192.168.1.101'));
  assert.equal(lan.server.pollTimeout(), after(START, seconds(1)));
  lan.runFor(seconds(1));
  assert.equal(addressOf(client), '192.168.1.101');
  assert.equal(lan.server.pollTimeout(), NEVER);
});

test('reservations: this address for that client, inside the range or outside, and for nobody else', () => {
  const reservations = [
    { linkAddress: link(2), address: ip('192.168.1.100') },
    { linkAddress: link(3), address: ip('192.168.1.7') },
  ];
  const lan = new Lan({ reservations });
  for (const n of [1, 2, 3]) lan.started(n);
  assert.deepEqual(lan.clients.map(addressOf), ['192.168.1.101', '192.168.1.100', '192.168.1.7']);
});

test('of two servers one is chosen, and the other forgets its offer', () => {
  const lan = new Lan({}, { address: ip('192.168.1.2'), first: ip('192.168.1.200'), last: ip('192.168.1.201') });
  const client = lan.started(1);
  assert.equal(addressOf(client), '192.168.1.100');
  assert.deepEqual(
    lan.servers.map((server) => server.list(lan.now).length),
    [1, 0],
  );
});

test('a world without a server can end: later questions wait in the background', () => {
  const lan = new Lan();
  const client = lan.started(1);
  const asked: string[] = [];
  for (let i = 0; i < 6; i++) {
    const foreground = client.pollTimeout();
    asked.push(foreground === NEVER ? 'background' : 'foreground');
    lan.now = earlier(foreground, client.pollBackgroundTimeout());
    client.handleTimeout(lan.now);
    lan.settle();
  }
  assert.deepEqual(asked, ['foreground', 'foreground', 'foreground', 'foreground', 'background', 'background']);
  assert.equal(lan.log.length, 7);
});

test('the start may be delayed, and waits for answers differ by a second at most', () => {
  const delays = Array.from({ length: 50 }, (_, n) => {
    const client = new Lan().client(n, { hasStartDelay: true });
    client.start(START);
    return client.pollTimeout() / seconds(1);
  });
  assert.ok(Math.min(...delays) >= 1 && Math.max(...delays) <= 10 && new Set(delays).size > 40);
  const waits = Array.from({ length: 50 }, (_, n) => {
    const client = new Lan().client(n);
    client.start(START);
    return client.pollTimeout() / seconds(1);
  });
  assert.ok(Math.min(...waits) >= 3 && Math.max(...waits) <= 5 && new Set(waits).size > 40);
});

test('what a server says to messages of every kind', () => {
  const server = (): DhcpServer => new DhcpServer(CONFIG);
  const mine = { serverIdentifier: CONFIG.address };
  const [hundred, first] = [ip('192.168.1.100'), ip('192.168.1.101')];
  const table: readonly (readonly [string, DhcpOptions, Partial<DhcpMessage>, string])[] = [
    ['discover', { messageType: 'Discover' }, {}, 'Offer 192.168.1.100'],
    ['discover with a wish', { messageType: 'Discover', requestedAddress: first }, {}, 'Offer 192.168.1.101'],
    ['a wish that cannot be', { messageType: 'Discover', requestedAddress: ip('10.0.0.1') }, {}, 'Offer 192.168.1.100'],
    ['the server’s own', { messageType: 'Discover', requestedAddress: CONFIG.address }, {}, 'Offer 192.168.1.100'],
    [
      'request without an offer',
      { messageType: 'Request', ...mine, requestedAddress: hundred },
      {},
      'Ack 192.168.1.100',
    ],
    [
      'request outside of the range',
      { messageType: 'Request', ...mine, requestedAddress: ip('192.168.1.9') },
      {},
      'Nak 0.0.0.0',
    ],
    [
      'another server’s',
      { messageType: 'Request', serverIdentifier: ip('192.168.1.2'), requestedAddress: hundred },
      {},
      'silence',
    ],
    ['reboot, unknown', { messageType: 'Request', requestedAddress: hundred }, {}, 'silence'],
    ['reboot, wrong network', { messageType: 'Request', requestedAddress: ip('10.0.0.9') }, {}, 'Nak 0.0.0.0'],
    ['renewal, unknown', { messageType: 'Request' }, { clientAddress: hundred }, 'silence'],
    ['inform', { messageType: 'Inform' }, { clientAddress: ip('192.168.1.9') }, 'Ack 0.0.0.0'],
    ['release, unknown', { messageType: 'Release', ...mine }, { clientAddress: hundred }, 'silence'],
    ['an offer', { messageType: 'Offer' }, {}, 'silence'],
    ['BOOTP', {}, {}, 'silence'],
    ['a relay of another network', { messageType: 'Discover' }, { relayAgent: ip('10.0.0.1') }, 'silence'],
  ];
  for (const [name, options, more, expected] of table)
    assert.equal(shown(ask(server(), options, more)), expected, name);
  const strict = new DhcpServer({ ...CONFIG, isAuthoritative: true });
  assert.equal(shown(ask(strict, { messageType: 'Request', requestedAddress: hundred })), 'Nak 0.0.0.0');
  const informed = ask(server(), { messageType: 'Inform' }, { clientAddress: ip('192.168.1.9') });
  assert.equal(informed?.options.leaseTime, undefined);
  assert.equal(ask(server(), { messageType: 'Discover', leaseTime: minutes(5) })?.options.leaseTime, minutes(5));
});

test('where an answer goes: to the relay, to the client’s address, to everyone, or straight to its link address', () => {
  const server = new DhcpServer(CONFIG);
  const route = (options: DhcpOptions, more: Partial<DhcpMessage>): string => {
    const payload = encodeDhcp({
      ...(ask(new DhcpServer(CONFIG), { messageType: 'Discover' }) ?? assert.fail()),
      yourAddress: ip('0.0.0.0'),
      operation: 'request',
      options,
      ...more,
    });
    server.handleInput(START, viewOf(payload), 0, payload.length);
    const reply = server.pollTransmit(START) ?? assert.fail('silence');
    return `${formatIpv4(reply.destination)}:${reply.destinationPort} ${formatLinkAddress(reply.linkAddress)}`;
  };
  const discover: DhcpOptions = { messageType: 'Discover' };
  assert.equal(route(discover, {}), '192.168.1.100:68 02:00:00:00:00:09');
  assert.equal(route(discover, { isBroadcast: true }), '255.255.255.255:68 ff:ff:ff:ff:ff:ff');
  assert.equal(route(discover, { relayAgent: ip('192.168.1.5') }), '192.168.1.5:67 00:00:00:00:00:00');
  assert.equal(
    route({ messageType: 'Inform' }, { clientAddress: ip('192.168.1.9') }),
    '192.168.1.9:68 00:00:00:00:00:00',
  );
  assert.equal(
    route({ messageType: 'Request', requestedAddress: ip('10.0.0.9') }, {}),
    '255.255.255.255:68 ff:ff:ff:ff:ff:ff',
  );
});

test('an offer is held for a minute, and then free for others', () => {
  const server = new DhcpServer({ ...CONFIG, last: CONFIG.first });
  assert.equal(shown(ask(server, { messageType: 'Discover' })), 'Offer 192.168.1.100');
  assert.equal(shown(ask(server, { messageType: 'Discover' }, { clientLinkAddress: link(8) })), 'silence');
  server.handleTimeout(after(START, seconds(60)));
  assert.equal(server.list(START).length, 0);
  assert.equal(shown(ask(server, { messageType: 'Discover' }, { clientLinkAddress: link(8) })), 'Offer 192.168.1.100');
});

test('a range that cannot be is refused', () => {
  assert.throws(() => new DhcpServer({ ...CONFIG, last: ip('192.168.1.255') }), RangeError);
  assert.throws(() => new DhcpServer({ ...CONFIG, first: ip('10.0.0.1') }), RangeError);
  assert.throws(() => new DhcpServer({ ...CONFIG, last: ip('192.168.1.99') }), RangeError);
  assert.throws(() => new DhcpServer({ ...CONFIG, leaseTime: 0 as Duration }), RangeError);
});

test('the client takes nothing that it could not use', () => {
  const offered = (change: Partial<DhcpOptions>, more: Partial<DhcpMessage> = {}): string => {
    const client = new Lan().client(1);
    client.start(START);
    const sent = client.pollTransmit(START) ?? assert.fail();
    const question = parseDhcp(viewOf(sent.payload), 0, sent.payload.length);
    assert.ok(!isDrop(question));
    const options: DhcpOptions = {
      messageType: 'Offer',
      serverIdentifier: CONFIG.address,
      leaseTime: hours(1),
      ...change,
    };
    const reply = encodeDhcp({ ...question, operation: 'reply', yourAddress: ip('192.168.1.100'), options, ...more });
    const reason = client.handleInput(START, viewOf(reply), 0, reply.length);
    const name = Object.entries(DropReason).find(([, code]) => code === reason)?.[0];
    return name ?? client.state.kind;
  };
  assert.equal(offered({}), 'Requesting');
  assert.equal(offered({ leaseTime: seconds(0) }), 'BadOption');
  assert.equal(offered({ subnetMask: ip('255.0.255.0') }), 'BadOption');
  assert.equal(offered({}, { yourAddress: ip('0.0.0.0') }), 'BadSource');
  assert.equal(offered({}, { yourAddress: BROADCAST_IPV4 }), 'BadSource');
  assert.equal(offered({}, { yourAddress: ip('127.0.0.1') }), 'BadSource');
  assert.equal(offered({}, { transactionId: 1 }), 'UnexpectedMessage');
  assert.equal(offered({}, { clientLinkAddress: link(2) }), 'NotForUs');
  assert.equal(offered({}, { operation: 'request' }), 'UnexpectedMessage');
});

test('the journal tells the life of a lease', () => {
  const journal = new Journal();
  const lines: string[] = [];
  journal.watch(JournalTable.Lease, ({ time, change, key, cause }) => {
    lines.push(`${formatInstant(time).slice(0, -10)} ${change} ${key}: ${cause}`);
  });
  const lan = new Lan({ journal, leaseTime: minutes(10) });
  const client = lan.started(1);
  lan.runFor(minutes(6));
  client.stop(lan.now);
  lan.runFor(minutes(10));
  assert.deepEqual(lines, [
    '0 added 192.168.1.100: offered to a client',
    '0 changed 192.168.1.100: requested',
    '300 changed 192.168.1.100: renewed',
    '900 changed 192.168.1.100: not renewed in time',
  ]);
});

test('no address is ever in use by two clients, and no row outlives the range', () => {
  const action = fc.record({
    who: fc.nat({ max: 5 }),
    what: fc.constantFrom('start', 'stop', 'release', 'conflict', 'cut', 'wait'),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), fc.boolean(), (actions, isProbing) => {
      const lan = new Lan({ leaseTime: minutes(10), isProbing });
      for (let n = 0; n < 6; n++) lan.client(n);
      for (const { who, what } of actions) {
        const client = lan.clients[who] ?? assert.fail();
        if (what === 'start') client.start(lan.now);
        else if (what === 'stop') client.stop(lan.now);
        else if (what === 'release') client.release(lan.now);
        else if (what === 'conflict') client.handleConflict(lan.now);
        else if (what === 'cut' && !lan.cut.delete(client)) lan.cut.add(client);
        lan.settle();
        lan.runFor(minutes(what === 'wait' ? 4 : 0.1));
        const inUse = lan.clients.filter(({ lease }) => lease !== undefined).map(addressOf);
        assert.equal(new Set(inUse).size, inUse.length, inUse.join());
        assert.ok(lan.server.list(lan.now).length <= 3);
      }
      for (const client of lan.clients) client.stop(lan.now);
      lan.runFor(hours(1));
      assert.deepEqual([lan.server.pollTimeout(), lan.server.pollBackgroundTimeout()], [NEVER, NEVER]);
    }),
  );
});

test('mutated messages never throw, and leave both machines able to go on', () => {
  const lan = new Lan({ isProbing: true });
  const client = lan.client(1);
  client.start(START);
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(fc.constantFrom(...DHCP_SAMPLES), fc.array(change, { maxLength: 4 }), (sample, changes) => {
      const data = sample.slice();
      for (const [at, value] of changes) data[at % data.length] = value;
      client.handleInput(START, viewOf(data), 0, data.length);
      lan.server.handleInput(START, viewOf(data), 0, data.length);
      lan.server.pollTransmit(START);
    }),
    { numRuns: 1000 },
  );
  assert.ok(lan.server.list(START).length <= 3);
});
