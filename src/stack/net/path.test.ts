import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, type Instant, minutes, START, seconds } from '../../core/time.ts';
import { type Ipv4Address, type LinkAddress, parseIpv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { LOOPBACK, NetworkInterface } from './network_interface.ts';
import { Paths } from './path.ts';
import { MAX_PATHS, MIN_PATH_MTU, PathMtuCache } from './path_mtu.ts';
import { RouteTable } from './route_table.ts';
import { TokenBucket } from './token_bucket.ts';

const address = (text: string): Ipv4Address => parseIpv4Address(text) ?? UNSPECIFIED_IPV4;
const at = (count: number): Instant => after(START, seconds(count));

function interfaces(count: number): NetworkInterface[] {
  return Array.from({ length: count }, (_, i) => {
    const made = new NetworkInterface(i, `eth${i}`, i as LinkAddress);
    made.addresses = [{ address: address(`10.0.${i}.1`), prefixLength: 24 }];
    return made;
  });
}

function pathsOf(own: readonly NetworkInterface[]): Paths {
  return new Paths(new RouteTable({ journal: undefined, hostName: 'host' }), [...own]);
}

test('own addresses and broadcasts are told the same with few interfaces and with many', () => {
  for (const count of [2, 20]) {
    const own = pathsOf(interfaces(count));
    assert.equal(own.kindOf(address('10.0.1.1')), 'own', `${count}`);
    assert.equal(own.kindOf(address('10.0.1.255')), 'broadcast');
    assert.equal(own.kindOf(address('10.0.1.7')), 'other');
    assert.equal(own.kindOf(address('127.9.9.9')), 'own');
    assert.equal(own.kindOf(address('255.255.255.255')), 'broadcast');
  }
});

test('a link of two has no broadcast', () => {
  const [one] = interfaces(1);
  assert.ok(one !== undefined);
  one.addresses = [{ address: address('10.0.0.0'), prefixLength: 31 }];
  const own = pathsOf([one]);
  assert.equal(own.kindOf(address('10.0.0.1')), 'other');
});

test('paths are remembered, two at a time, until something changes', () => {
  const [one] = interfaces(1);
  assert.ok(one !== undefined);
  const routes = new RouteTable({ journal: undefined, hostName: 'host' });
  const paths = new Paths(routes, one);
  const route = { prefixLength: 0, gateway: address('10.0.0.254'), metric: 0, egress: one };
  routes.add(START, { ...route, destination: UNSPECIFIED_IPV4 });
  const first = paths.to(address('192.0.2.1'));
  assert.deepEqual([first.kind, first.nextHop], ['unicast', address('10.0.0.254')]);
  const second = paths.to(address('192.0.2.2'));
  assert.equal(paths.to(address('192.0.2.1')), first);
  assert.equal(paths.to(address('192.0.2.2')), second);
  routes.remove(START, { ...route, destination: UNSPECIFIED_IPV4 });
  assert.equal(paths.to(address('192.0.2.1')).kind, 'none');
});

test('a machine with many interfaces remembers the paths of many flows, each right until something changes', () => {
  const own = interfaces(20);
  const routes = new RouteTable({ journal: undefined, hostName: 'router' });
  const paths = new Paths(routes, own);
  for (const [i, egress] of own.entries()) {
    const destination = address(`10.0.${i}.0`);
    routes.add(START, { destination, prefixLength: 24, gateway: UNSPECIFIED_IPV4, metric: 0, egress });
  }
  const far = Array.from({ length: 20 * 50 }, (_, i) => address(`10.0.${i % 20}.${2 + Math.floor(i / 20)}`));
  const rightWay = (): boolean =>
    far.every((to, i) => paths.to(to).egress === own[i % 20] && paths.to(to).nextHop === to);
  assert.ok(rightWay());
  const first = far.slice(0, 10).map((to) => paths.to(to));
  assert.deepEqual(
    far.slice(0, 10).map((to, i) => paths.to(to) === first[i]),
    first.map(() => true),
  );
  routes.add(START, {
    destination: address('10.0.0.2'),
    prefixLength: 32,
    gateway: address('10.0.1.2'),
    metric: 0,
    egress: own[1] ?? LOOPBACK,
  });
  assert.equal(paths.to(address('10.0.0.2')).nextHop, address('10.0.1.2'));
  assert.equal(paths.to(address('10.0.0.3')).nextHop, address('10.0.0.3'));
});

test('the path MTU goes down, not up, and is forgotten after ten minutes', () => {
  const cache = new PathMtuCache();
  const far = address('192.0.2.1');
  assert.equal(cache.learn(at(0), far, 1400, 1500), 1400);
  assert.equal(cache.learn(at(1), far, 1450, 1500), 1400);
  assert.equal(cache.learn(at(2), far, 68, 1400), MIN_PATH_MTU, 'a forged crumb');
  assert.equal(cache.lookup(after(at(2), minutes(9)), far), MIN_PATH_MTU);
  assert.equal(cache.lookup(after(at(2), minutes(10)), far), undefined);
  assert.equal(cache.learn(at(0), far, 0, 1500), 1492, 'a router that does not say');
});

test('the path MTU cache keeps its bound', () => {
  const cache = new PathMtuCache();
  for (let i = 0; i < 2 * MAX_PATHS; i++) cache.learn(at(i / 1000), i as Ipv4Address, 1000, 1500);
  assert.equal(cache.lookup(at(1), 0 as Ipv4Address), undefined);
  assert.equal(cache.lookup(at(1), (2 * MAX_PATHS - 1) as Ipv4Address), 1000);
});

test('a bucket gives its burst, then its rate', () => {
  const bucket = new TokenBucket(START, 1000, 50);
  const take = (now: Instant, count: number): number =>
    Array.from({ length: count }, () => bucket.take(now)).filter(Boolean).length;
  assert.equal(take(START, 100), 50);
  assert.equal(take(at(0.02), 100), 20);
  assert.equal(take(at(100), 100), 50);
  assert.equal(bucket.refused, 180);
});
