import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, type Instant, milliseconds, START } from '../../../../core/time.ts';
import { DEFAULT_TCP_SETTINGS } from '../tcp_settings.ts';
import { Cubic } from './cubic.ts';

const MSS = 1000;

/** A controller that lost a segment with `segments` in flight, and has just begun to avoid congestion. */
function afterLoss(segments: number): Cubic {
  const control = new Cubic(MSS, DEFAULT_TCP_SETTINGS);
  while (control.cwnd < segments * MSS) control.onAcknowledged(START, MSS, control.cwnd, 0);
  control.onLoss(control.cwnd);
  return control;
}

/** Whole windows, one a round trip of `rtt` milliseconds, acknowledged two segments at a time; the windows in segments. */
function rounds(control: Cubic, rtt: number, count: number, start: Instant = START): number[] {
  const windows: number[] = [];
  let now = start;
  for (let n = 0; n < count; n++) {
    const acks = Math.max(Math.floor(control.cwnd / (2 * MSS)), 1);
    for (let i = 0; i < acks; i++) {
      now = after(now, milliseconds(rtt / acks));
      control.onAcknowledged(now, 2 * MSS, control.cwnd, rtt * 1000);
    }
    windows.push(Math.round(control.cwnd / MSS));
  }
  return windows;
}

test('a loss leaves seven tenths', () => {
  const control = afterLoss(100);
  assert.deepEqual([control.cwnd, control.ssthresh], [70 * MSS, 70 * MSS]);
});

test('with a long round trip the window follows the cubic curve: back at 100 after K, steep before, flat there, steep behind', () => {
  const rtt = 200;
  const windows = rounds(afterLoss(100), rtt, 50);
  // K is the cube root of (100 - 70) / 0.4: 4.217 s.
  const curve = (t: number): number => 0.4 * (t - 4.2172) ** 3 + 100;
  for (const [n, window] of windows.entries()) {
    const expected = curve(((n + 1) * rtt) / 1000);
    assert.ok(
      Math.abs(window - expected) <= 1.5,
      `${window} and not ${expected.toFixed(1)} after ${n + 1} round trips`,
    );
  }
  assert.deepEqual([windows[0], windows[20], windows[49]], [74, 100, 177]);
});

test('with a short one it is as fast as Reno', () => {
  const windows = rounds(afterLoss(20), 5, 40);
  // RFC 9438 §4.3: 9/17 of a segment a round trip until the old window is reached, one behind it.
  const reno = 14 + 40 * (9 / 17);
  assert.ok(Math.abs((windows.at(-1) ?? 0) - reno) < 12, `${windows.at(-1)}, Reno ${reno}`);
  assert.ok((windows[10] ?? 0) >= 19, `${windows[10]}`);
});

test('fast convergence: a second loss below the old window leaves room', () => {
  const once = afterLoss(100);
  once.onLoss(once.cwnd); // at 70, below 100
  const [first = 0] = rounds(once, 200, 1);
  const other = afterLoss(70); // at 70, nothing before
  const [second = 0] = rounds(other, 200, 1);
  assert.ok(first < second, `${first} < ${second}: it aims at 59.5 instead of 70`);
});

test('after a timeout the curve begins on its plateau', () => {
  const control = afterLoss(100);
  control.onTimeout(70 * MSS, 0);
  assert.deepEqual([control.cwnd, control.ssthresh], [MSS, 49 * MSS]);
  const windows = rounds(control, 200, 20);
  const at = windows.findIndex((window) => window >= 49);
  assert.ok(at > 3 && at < 12, 'slow start to the threshold');
  const [before = 0, behind = 0] = [windows[at], windows[at + 4]];
  assert.ok(behind - before <= 5, `flat at first: ${before} to ${behind}`);
});

test('time in which the window is not used does not count', () => {
  const control = afterLoss(100);
  rounds(control, 200, 5);
  const before = control.cwnd;
  let now = after(START, milliseconds(1000));
  for (let n = 0; n < 100; n++) {
    now = after(now, milliseconds(100));
    control.onAcknowledged(now, MSS, MSS, 200_000);
  }
  assert.equal(control.cwnd, before);
  rounds(control, 200, 1, now);
  assert.ok(control.cwnd - before < 6 * MSS, `no jump: ${before} to ${control.cwnd}`);
});
