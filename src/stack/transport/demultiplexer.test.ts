import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from '../../wire/address.ts';
import { type BoundSocket, Demultiplexer } from './demultiplexer.ts';

const LOCAL = 0x0a000001 as IpAddress;
const REMOTE = 0x0a000002 as IpAddress;

const socket = (options: Partial<BoundSocket>): BoundSocket => ({
  localAddress: undefined,
  localPort: 53,
  remoteAddress: undefined,
  remotePort: 0,
  interfaceIndex: -1,
  ...options,
});
const peer = { remoteAddress: REMOTE, remotePort: 1000 };

// From the most to the least specific.
const RANKING: readonly (readonly [string, BoundSocket])[] = [
  ['peer, address, interface', socket({ ...peer, localAddress: LOCAL, interfaceIndex: 1 })],
  ['peer, address', socket({ ...peer, localAddress: LOCAL })],
  ['peer, interface', socket({ ...peer, interfaceIndex: 1 })],
  ['peer', socket(peer)],
  ['address, interface', socket({ localAddress: LOCAL, interfaceIndex: 1 })],
  ['address', socket({ localAddress: LOCAL })],
  ['interface', socket({ interfaceIndex: 1 })],
  ['nothing', socket({})],
];

for (const [i, [name, better]] of RANKING.entries()) {
  test(`a socket that fits by ${name} comes before all that fit by less`, () => {
    for (const [, worse] of RANKING.slice(i + 1)) {
      for (const order of [
        [better, worse],
        [worse, better],
      ]) {
        const demultiplexer = new Demultiplexer<BoundSocket>();
        for (const each of order) demultiplexer.add(each);
        assert.equal(demultiplexer.find(LOCAL, 53, REMOTE, 1000, 1), better);
      }
    }
  });
}

test('what does not fit in everything it names does not fit', () => {
  const demultiplexer = new Demultiplexer<BoundSocket>();
  const only = socket({ ...peer, localAddress: LOCAL, interfaceIndex: 1 });
  demultiplexer.add(only);
  assert.equal(demultiplexer.find(LOCAL, 53, REMOTE, 1000, 1), only);
  assert.equal(demultiplexer.find(LOCAL, 53, REMOTE, 1000, -1), only, 'an ICMP error names no interface');
  assert.equal(demultiplexer.find(LOCAL, 54, REMOTE, 1000, 1), undefined);
  assert.equal(demultiplexer.find(LOCAL, 53, REMOTE, 1001, 1), undefined);
  assert.equal(demultiplexer.find(LOCAL, 53, LOCAL, 1000, 1), undefined);
  assert.equal(demultiplexer.find(REMOTE, 53, REMOTE, 1000, 1), undefined);
  assert.equal(demultiplexer.find(LOCAL, 53, REMOTE, 1000, 2), undefined);
});

test('a socket that is removed leaves the others', () => {
  const demultiplexer = new Demultiplexer<BoundSocket>();
  const [a, b] = [socket({ localAddress: LOCAL }), socket({ localAddress: REMOTE })];
  demultiplexer.add(a);
  demultiplexer.add(b);
  demultiplexer.remove(socket({ localAddress: LOCAL })); // another one that looks alike
  assert.deepEqual(demultiplexer.list(), [a, b]);
  demultiplexer.remove(a);
  assert.deepEqual(demultiplexer.list(), [b]);
  demultiplexer.remove(b);
  demultiplexer.remove(b);
  assert.deepEqual(demultiplexer.list(), []);
  assert.equal(demultiplexer.isFree(undefined, 53, -1), true);
});
