import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ipv4Address } from '../../../wire/address.ts';
import { type PortReservation, PortReservations } from './port_reservations.ts';

const ONE = 1 as Ipv4Address;
const TWO = 2 as Ipv4Address;
const held = (localAddress: Ipv4Address | undefined, isShared = false): PortReservation => ({
  localAddress,
  localPort: 80,
  isShared,
});

test('a port is held on its address, and on any', () => {
  const reservations = new PortReservations();
  const own = held(ONE);
  reservations.add(own);
  assert.equal(reservations.isHeld(ONE, 80, undefined), true);
  assert.equal(reservations.isHeld(undefined, 80, undefined), true);
  assert.equal(reservations.isHeld(TWO, 80, undefined), false);
  assert.equal(reservations.isHeld(ONE, 81, undefined), false);
  assert.equal(reservations.isHeld(ONE, 80, own), false, 'not from its holder');
  reservations.add(held(undefined));
  assert.equal(reservations.isHeld(TWO, 80, undefined), true);
});

test('those that share a port hold it together, and against all others', () => {
  const reservations = new PortReservations();
  const [one, two] = [held(ONE, true), held(ONE, true)];
  reservations.add(one);
  reservations.add(two);
  assert.equal(reservations.isHeld(ONE, 80, one), false);
  assert.equal(reservations.isHeld(ONE, 80, held(ONE)), true);
  reservations.remove(one);
  assert.equal(reservations.isHeld(ONE, 80, undefined), true);
  reservations.remove(two);
  reservations.remove(two);
  assert.equal(reservations.isHeld(ONE, 80, undefined), false);
});
