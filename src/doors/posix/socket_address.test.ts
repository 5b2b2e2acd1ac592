import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htonl, htons } from './byte_order.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from './constants.ts';
import { PosixError } from './posix_error.ts';
import { endpointOf, endpointText, fill, inet_ntop, inet_pton, sockaddr_in } from './socket_address.ts';

test('an IPv4 address goes from text to a number in network order, and back', () => {
  const address = { s_addr: 0 };
  assert.equal(inet_pton(AF_INET, '128.143.67.11', address), 1);
  assert.equal(address.s_addr, htonl(2156872459));
  assert.equal(inet_ntop(AF_INET, address), '128.143.67.11');
});

test('an IPv6 address goes from text to 16 bytes, and back in its one canonical form', () => {
  const address = { s6_addr: new Uint8Array(16) };
  assert.equal(inet_pton(AF_INET6, '2001:DB8:0:0:0:0:0:1', address), 1);
  assert.deepEqual([...address.s6_addr], [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal(inet_ntop(AF_INET6, address), '2001:db8::1');
  inet_pton(AF_INET6, '::ffff:10.0.0.1', address);
  assert.equal(inet_ntop(AF_INET6, address), '::ffff:10.0.0.1');
});

test('text that is no address gives 0 and changes nothing', () => {
  for (const text of ['128.143.67', '128.143.67.256', '01.2.3.4', 'www.foo.test', '', ' 1.2.3.4']) {
    const address = { s_addr: 7 };
    assert.deepEqual([inet_pton(AF_INET, text, address), address.s_addr], [0, 7], text);
  }
  const six = { s6_addr: new Uint8Array([7]) };
  assert.deepEqual([inet_pton(AF_INET6, '::1::', six), six.s6_addr.length], [0, 1]);
});

test('families other than these two are not known', () => {
  const isRefused = (error: unknown) => error instanceof PosixError && error.errno === 'EAFNOSUPPORT';
  assert.throws(() => inet_pton(AF_UNSPEC, '1.2.3.4', { s_addr: 0 }), isRefused);
  assert.throws(() => inet_ntop(1, { s_addr: 0 }), isRefused);
  assert.throws(() => inet_ntop(AF_INET6, { s6_addr: new Uint8Array(4) }), /16 bytes for AF_INET6/);
});

test('an address is read from network order, and filled in the same way', () => {
  const addr = sockaddr_in();
  assert.deepEqual(addr, { sin_family: 0, sin_port: 0, sin_addr: { s_addr: 0 } });
  Object.assign(addr, { sin_family: AF_INET, sin_port: htons(80), sin_addr: { s_addr: htonl(2156872459) } });
  const endpoint = endpointOf(addr, 'connect');
  assert.equal(endpointText(endpoint), '128.143.67.11:80');
  const other = sockaddr_in();
  fill(other, endpoint);
  assert.deepEqual(other, addr);
});

test('what is no address is refused with a sentence', () => {
  assert.throws(() => endpointOf('10.0.0.1', 'bind'), /^TypeError: bind takes an address: \{ sin_family: AF_INET/);
  assert.throws(() => endpointOf(sockaddr_in(), 'bind'), { errno: 'EAFNOSUPPORT' });
});
