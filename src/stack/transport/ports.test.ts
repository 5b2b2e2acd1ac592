import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random.ts';
import type { IpAddress } from '../../wire/address.ts';
import { EphemeralPorts, MAX_PORT, MIN_EPHEMERAL_PORT } from './ports.ts';

const LOCAL = 0x0a000001 as IpAddress;
const A = 0x0a000002 as IpAddress;
const V6 = '\u2001\u0db8\0\0\0\0\0\u0001' as IpAddress;
const COUNT = MAX_PORT - MIN_EPHEMERAL_PORT + 1;
const all = (): boolean => true;

const isDynamic = (port: number | undefined): boolean =>
  port !== undefined && port >= MIN_EPHEMERAL_PORT && port <= MAX_PORT;

test('ports lie in the dynamic range', () => {
  const ports = new EphemeralPorts({ random: new Random([1, 2, 3, 4]) }, 'ports');
  for (let i = 0; i < 1000; i++) {
    assert.ok(isDynamic(ports.forAnyone(all)));
    assert.ok(isDynamic(ports.forPeer(LOCAL, A, i, all)));
    assert.ok(isDynamic(ports.forPeer(V6, V6, i, all)));
  }
});

test('to one peer they follow each other; what others get says nothing about them', () => {
  const ports = new EphemeralPorts({ random: new Random([1, 2, 3, 4]) }, 'ports');
  const first = ports.forPeer(LOCAL, A, 80, all) ?? 0;
  const expected = first === MAX_PORT ? MIN_EPHEMERAL_PORT : first + 1;
  assert.equal(ports.forPeer(LOCAL, A, 80, all), expected);
  const others = new Set(Array.from({ length: 100 }, (_, i) => ports.forPeer(LOCAL, A, 1000 + i, all)));
  assert.ok(others.size > 90);
});

test('a peer gets no port again soon because others came between', () => {
  const ports = new EphemeralPorts({ random: new Random([1, 2, 3, 4]) }, 'ports');
  const given = [ports.forPeer(LOCAL, A, 80, all), ports.forPeer(LOCAL, A, 80, all)];
  for (let i = 0; i < 20; i++) {
    ports.forPeer(LOCAL, A, 1000 + i, all);
    given.push(ports.forPeer(LOCAL, A, 80, all));
  }
  assert.equal(new Set(given).size, given.length);
});

test('for anyone they are drawn anew each time', () => {
  const ports = new EphemeralPorts({ random: new Random([1, 2, 3, 4]) }, 'ports');
  const drawn = Array.from({ length: 1000 }, () => ports.forAnyone(all) ?? 0);
  const steps = new Set(drawn.slice(1).map((port, i) => port - (drawn[i] ?? 0)));
  assert.ok(steps.size > 900, 'the last port does not give away the next');
  const mean = drawn.reduce((sum, port) => sum + port, 0) / drawn.length;
  assert.ok(Math.abs(mean - (MIN_EPHEMERAL_PORT + COUNT / 2)) < COUNT / 20);
});

test('another secret, other ports; the same secret, the same ports', () => {
  const draw = (word: number): (number | undefined)[] => {
    const ports = new EphemeralPorts({ random: new Random([word, 2, 3, 4]) }, 'ports');
    return [ports.forAnyone(all), ports.forPeer(LOCAL, A, 80, all)];
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(9));
});

test('the one free port is found, and where none is free, nothing', () => {
  const ports = new EphemeralPorts({ random: new Random([1, 2, 3, 4]) }, 'ports');
  for (const free of [MIN_EPHEMERAL_PORT, 50_000, MAX_PORT]) {
    assert.equal(
      ports.forAnyone((port) => port === free),
      free,
    );
    assert.equal(
      ports.forPeer(LOCAL, A, 80, (port) => port === free),
      free,
    );
  }
  assert.equal(
    ports.forAnyone(() => false),
    undefined,
  );
  assert.equal(
    ports.forPeer(LOCAL, A, 80, () => false),
    undefined,
  );
});
