import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SingleUseWindow } from './replay_defence.ts';

const binder = (n: number) => Uint8Array.of(n >> 8, n & 0xff);

test('a hello is admitted once, and only near the time when it should come', () => {
  const defence = new SingleUseWindow({ window: 1000 });
  assert.ok(defence.admit(binder(1), 5000, 5100));
  assert.ok(!defence.admit(binder(1), 5000, 5200), 'a second time');
  assert.ok(defence.admit(binder(2), 5000, 4000));
  assert.ok(!defence.admit(binder(3), 5000, 6001), 'too late');
  assert.ok(!defence.admit(binder(3), 5000, 3999), 'too early');
});

test('what is forgotten could not be admitted again anyhow', () => {
  const defence = new SingleUseWindow({ window: 1000, capacity: 2 });
  assert.ok(defence.admit(binder(1), 5000, 5000));
  assert.ok(defence.admit(binder(2), 5000, 5000));
  assert.ok(!defence.admit(binder(3), 5000, 5000), 'full: early data waits for the handshake');
  assert.ok(defence.admit(binder(3), 7000, 6500), 'there is room again');
  assert.ok(!defence.admit(binder(1), 5000, 6500), 'and the first is too late');
});

test('a window or capacity that cannot be is refused', () => {
  assert.throws(() => new SingleUseWindow({ window: 0 }), /window must be/);
  assert.throws(() => new SingleUseWindow({ capacity: Number.NaN }), /capacity must be/);
});
