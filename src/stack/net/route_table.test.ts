import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Journal, JournalTable } from '../../core/journal.ts';
import { START } from '../../core/time.ts';
import {
  formatIpv4,
  type Ipv4Address,
  inPrefix,
  type LinkAddress,
  parseIpv4Address,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import { formatInterfaces } from './interface_text.ts';
import { NetworkInterface } from './network_interface.ts';
import { explainRoute, type Route, RouteTable } from './route_table.ts';
import { formatRoutes } from './route_text.ts';

const address = (text: string): Ipv4Address => parseIpv4Address(text) ?? UNSPECIFIED_IPV4;
const cable = (name = 'enp0s31f6', index = 0): NetworkInterface =>
  new NetworkInterface(index, name, 0x3ce1_a118_bd5f as LinkAddress);
const route = (text: string, gateway: string, metric: number, egress: NetworkInterface): Route => {
  const [front = '', bits] = text.split('/');
  return { destination: address(front), prefixLength: Number(bits), gateway: address(gateway), metric, egress };
};
const tableOf = (...routes: Route[]): RouteTable => {
  const table = new RouteTable({ journal: undefined, hostName: 'desktop' });
  for (const each of routes) table.add(START, each);
  return table;
};

/** The table of a desktop on a university's network. */
const desktop = (egress: NetworkInterface): RouteTable =>
  tableOf(
    route('169.254.0.0/16', '0.0.0.0', 1000, egress),
    route('128.143.67.0/24', '0.0.0.0', 100, egress),
    route('0.0.0.0/0', '128.143.67.1', 100, egress),
  );

test('the table as route -n prints it', () => {
  assert.equal(
    formatRoutes(desktop(cable()).list()),
    `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         128.143.67.1    0.0.0.0         UG    100    0        0 enp0s31f6
128.143.67.0    0.0.0.0         255.255.255.0   U     100    0        0 enp0s31f6
169.254.0.0     0.0.0.0         255.255.0.0     U     1000   0        0 enp0s31f6
`,
  );
  assert.match(formatRoutes([route('10.0.0.9/32', '10.0.0.1', 0, cable('eth0'))]), / UGH {3}0 {6}0 {8}0 eth0\n$/);
});

test('each line of an explanation shows destination AND mask, and which line won', () => {
  const lines = explainRoute(desktop(cable()), address('128.143.67.140')).map(
    ({ route: { destination }, masked, isMatch, isWinner }) =>
      `${formatIpv4(masked)} == ${formatIpv4(destination)} ${isMatch} ${isWinner}`,
  );
  assert.deepEqual(lines, [
    '0.0.0.0 == 0.0.0.0 true false',
    '128.143.67.0 == 128.143.67.0 true true',
    '128.143.0.0 == 169.254.0.0 false false',
  ]);
});

test('the longest prefix wins, then the lowest metric; interfaces that are down do not count', () => {
  const [one, two] = [cable('eth0', 0), cable('eth1', 1)];
  const table = tableOf(
    route('10.0.0.0/8', '192.0.2.1', 0, one),
    route('10.1.0.0/16', '192.0.2.2', 900, one),
    route('10.1.0.0/16', '192.0.2.3', 100, two),
  );
  const gateway = (text: string): string => formatIpv4(table.lookup(address(text))?.gateway ?? UNSPECIFIED_IPV4);
  assert.equal(gateway('10.1.2.3'), '192.0.2.3');
  assert.equal(gateway('10.2.2.3'), '192.0.2.1');
  assert.equal(gateway('11.2.2.3'), '0.0.0.0');
  two.isUp = false;
  assert.equal(gateway('10.1.2.3'), '192.0.2.2');
});

test('adding twice and removing what is not there change nothing', () => {
  const egress = cable();
  const table = desktop(egress);
  const { generation } = table;
  assert.equal(table.add(START, route('128.143.67.140/24', '0.0.0.0', 100, egress)), false);
  assert.equal(table.remove(START, route('128.143.67.0/24', '0.0.0.0', 7, egress)), false);
  assert.equal(table.generation, generation);
  assert.equal(table.remove(START, route('128.143.67.0/24', '0.0.0.0', 100, egress)), true);
  assert.notEqual(table.generation, generation);
  assert.throws(() => table.add(START, route('0.0.0.0/33', '0.0.0.0', 0, egress)), RangeError);
});

test('changes are told to the journal', () => {
  const journal = new Journal();
  const told: string[] = [];
  journal.watch(JournalTable.Route, ({ change, key, cause, host }) => told.push(`${host} ${change} ${key}: ${cause}`));
  const table = new RouteTable({ journal, hostName: 'desktop' });
  const entry = route('0.0.0.0/0', '10.0.0.1', 100, cable());
  table.add(START, entry, 'DHCP lease');
  table.remove(START, entry, 'lease expired');
  assert.deepEqual(told, ['desktop added 0.0.0.0/0: DHCP lease', 'desktop removed 0.0.0.0/0: lease expired']);
});

test('a large table finds what looking at each route finds', () => {
  const egress = cable();
  const entry = fc.record({
    destination: fc.integer({ min: 0, max: 255 }).map((n) => ((10 << 24) | (n << 16) | (n << 4)) as Ipv4Address),
    prefixLength: fc.integer({ min: 6, max: 32 }),
    gateway: fc.nat(3).map((n) => n as Ipv4Address),
    metric: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), fc.array(fc.nat(255), { minLength: 1 }), (entries, hosts) => {
      const table = tableOf(...entries.map((each) => ({ ...each, egress })));
      for (const n of hosts) {
        const destination = ((10 << 24) | (n << 16) | (n << 4)) as Ipv4Address;
        const fits = table.list().filter((each) => inPrefix(destination, each.destination, each.prefixLength));
        const best = fits.sort((a, b) => b.prefixLength - a.prefixLength || a.metric - b.metric)[0];
        const found = table.lookup(destination);
        assert.equal(found?.prefixLength, best?.prefixLength);
        assert.equal(found?.metric, best?.metric);
      }
    }),
  );
});

test('interfaces as ip addr prints them', () => {
  const [one, two] = [cable('eth0', 0), cable('eth1', 1)];
  one.addresses = [{ address: address('10.0.2.15'), prefixLength: 24 }];
  two.addresses = [{ address: address('169.254.7.7'), prefixLength: 16 }];
  two.isUp = false;
  assert.equal(
    formatInterfaces([one, two]),
    `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000
    link/ether 3c:e1:a1:18:bd:5f brd ff:ff:ff:ff:ff:ff
    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0
       valid_lft forever preferred_lft forever
3: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo_fast state DOWN group default qlen 1000
    link/ether 3c:e1:a1:18:bd:5f brd ff:ff:ff:ff:ff:ff
    inet 169.254.7.7/16 brd 169.254.255.255 scope link eth1
       valid_lft forever preferred_lft forever
`,
  );
});
