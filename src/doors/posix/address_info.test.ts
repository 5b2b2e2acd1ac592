import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ipv4Address } from '../../wire/address.ts';
import {
  type AddressHints,
  addressInfo,
  type addrinfo,
  checkNotFreed,
  freeaddrinfo,
  hostByName,
  type LookUp,
} from './address_info.ts';
import * as c from './constants.ts';
import { PosixError } from './posix_error.ts';
import { endpointOf, endpointText, inet_ntop } from './socket_address.ts';

const BOB = 0x0a000002 as Ipv4Address;
const CAROL = 0x0a000003 as Ipv4Address;

const lookUp: LookUp = async (name) => {
  if (name === 'slow.test') throw new PosixError('EAI_AGAIN', 'look-up');
  return name === 'two.test' ? [BOB, CAROL] : [];
};

function textOf(list: addrinfo | null): readonly string[] {
  if (list === null) return [];
  const { ai_family, ai_socktype, ai_protocol, ai_addr, ai_next } = list;
  const where = endpointText(endpointOf(ai_addr, 'test'));
  return [`${ai_family} ${ai_socktype} ${ai_protocol} ${where}`, ...textOf(ai_next)];
}

const find = async (node: string | null, service: string | null, hints?: Partial<AddressHints> | null) =>
  textOf(await addressInfo(lookUp, node, service, hints));

const errnoOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error) => (error instanceof PosixError ? error.errno : String(error)),
  );

test('each address comes once for each kind of socket, in the order of the look-up', async () => {
  assert.deepEqual(await find('two.test', '80'), [
    '2 1 6 10.0.0.2:80',
    '2 2 17 10.0.0.2:80',
    '2 1 6 10.0.0.3:80',
    '2 2 17 10.0.0.3:80',
  ]);
});

test('hints say which kind of socket', async () => {
  const stream = ['2 1 6 10.0.0.2:443', '2 1 6 10.0.0.3:443'];
  assert.deepEqual(await find('two.test', 'https', { ai_socktype: c.SOCK_STREAM }), stream);
  assert.deepEqual(await find('two.test', 'https', { ai_protocol: c.IPPROTO_TCP, ai_family: c.AF_INET }), stream);
  assert.deepEqual(await find('10.0.0.9', 'domain', { ai_socktype: c.SOCK_DGRAM }), ['2 2 17 10.0.0.9:53']);
});

test('without a host: any address for servers, loopback for clients', async () => {
  const stream = { ai_socktype: c.SOCK_STREAM };
  assert.deepEqual(await find(null, '9999', { ...stream, ai_flags: c.AI_PASSIVE }), ['2 1 6 0.0.0.0:9999']);
  assert.deepEqual(await find(null, '9999', stream), ['2 1 6 127.0.0.1:9999']);
});

test('without a service: port 0, "choose for me"', async () => {
  assert.deepEqual(await find('10.0.0.9', null, { ai_socktype: c.SOCK_STREAM }), ['2 1 6 10.0.0.9:0']);
});

test('what cannot be found has a code of its own', async () => {
  assert.equal(await errnoOf(find('nobody.test', '80')), 'EAI_NONAME');
  assert.equal(await errnoOf(find('slow.test', '80')), 'EAI_AGAIN');
  assert.equal(await errnoOf(find(null, null)), 'EAI_NONAME');
  assert.equal(await errnoOf(find('two.test', 'tea')), 'EAI_SERVICE');
  assert.equal(await errnoOf(find('two.test', '65536')), 'EAI_SERVICE');
  assert.equal(await errnoOf(find('two.test', 'http', { ai_flags: c.AI_NUMERICSERV })), 'EAI_NONAME');
  assert.equal(await errnoOf(find('two.test', '80', { ai_flags: c.AI_NUMERICHOST })), 'EAI_NONAME');
  assert.equal(await errnoOf(find('two.test', '80', { ai_flags: 0x8000 })), 'EAI_BADFLAGS');
  assert.equal(await errnoOf(find('two.test', '80', { ai_socktype: 3 })), 'EAI_SOCKTYPE');
  assert.equal(
    await errnoOf(find('two.test', '80', { ai_socktype: c.SOCK_DGRAM, ai_protocol: c.IPPROTO_TCP })),
    'EAI_SOCKTYPE',
  );
});

test('IPv6 is refused, and AF_UNSPEC gives what there is', async () => {
  assert.equal(await errnoOf(find('two.test', '80', { ai_family: c.AF_INET6 })), 'EAI_ADDRFAMILY');
  assert.equal(await errnoOf(find('::1', '80')), 'EAI_ADDRFAMILY');
  assert.equal(await errnoOf(find(null, '80', { ai_family: c.AF_INET6 })), 'EAI_FAMILY');
  assert.equal(await errnoOf(find('two.test', '80', { ai_family: 99 })), 'EAI_FAMILY');
  assert.equal((await find('two.test', '80', { ai_family: c.AF_UNSPEC })).length, 4);
});

test('a list is given back once, and its addresses are not used afterwards', async () => {
  const list = await addressInfo(lookUp, 'two.test', '80');
  const last = list.ai_next?.ai_next;
  checkNotFreed(last?.ai_addr, 'connect');
  freeaddrinfo(list);
  assert.throws(
    () => checkNotFreed(last?.ai_addr, 'connect'),
    /^TypeError: connect was given an address out of a list/,
  );
  assert.throws(() => freeaddrinfo(list), /takes a list once/);
});

test('the old look-up gives addresses alone', async () => {
  const { h_name, h_addrtype, h_length, h_addr_list } = await hostByName(lookUp, 'two.test');
  assert.deepEqual([h_name, h_addrtype, h_length], ['two.test', c.AF_INET, 4]);
  assert.deepEqual(
    h_addr_list.map((address) => inet_ntop(c.AF_INET, address)),
    ['10.0.0.2', '10.0.0.3'],
  );
  assert.equal(await errnoOf(hostByName(lookUp, 'nobody.test')), 'HOST_NOT_FOUND');
  assert.equal(await errnoOf(hostByName(lookUp, 'slow.test')), 'TRY_AGAIN');
  assert.equal((await hostByName(lookUp, '10.0.0.9')).h_addr_list.length, 1);
});
