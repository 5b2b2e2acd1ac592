import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IpAddress } from '../../wire/address.ts';
import { DatagramQueue, RECEIVE_QUEUE_BYTES, RECEIVE_QUEUE_COUNT } from './datagram_queue.ts';

test('datagrams come out as they went in, through any number of enlargements', () => {
  const action = fc.oneof(fc.nat(1500), fc.constant('shift' as const));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (actions) => {
      const queue = new DatagramQueue();
      const model: (readonly [slot: number, length: number, from: number, to: number, interfaceIndex: number])[] = [];
      for (const [i, act] of actions.entries()) {
        if (act !== 'shift') {
          model.push([i, act, i + 1000, i + 2000, i % 3]);
          queue.push(i, act, (i + 1000) as IpAddress, (i + 2000) as IpAddress, i % 3);
        } else if (model.length > 0) {
          model.shift();
          queue.shift();
        }
        assert.equal(queue.length, model.length);
        assert.equal(
          queue.bytes,
          model.reduce((sum, [, length]) => sum + length, 0),
        );
        if (model.length === 0) continue;
        const first = [queue.slot, queue.payloadLength, queue.source, queue.destination, queue.interfaceIndex];
        assert.deepEqual(first, model[0]);
      }
    }),
  );
});

test('there is room up to the bounds, and not beyond', () => {
  const queue = new DatagramQueue();
  assert.equal(queue.hasRoom(RECEIVE_QUEUE_BYTES), true);
  assert.equal(queue.hasRoom(RECEIVE_QUEUE_BYTES + 1), false);
  for (let i = 0; i < RECEIVE_QUEUE_COUNT; i++) queue.push(i, 0, 0 as IpAddress, 0 as IpAddress, 0);
  assert.equal(queue.hasRoom(0), false);
  queue.shift();
  assert.equal(queue.hasRoom(RECEIVE_QUEUE_BYTES), true);
});
