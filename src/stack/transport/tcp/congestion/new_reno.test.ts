import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START } from '../../../../core/time.ts';
import { DEFAULT_TCP_SETTINGS } from '../tcp_settings.ts';
import { NewReno } from './new_reno.ts';

const MSS = 1000;

/** One round trip in which the whole window is used, acknowledged two segments at a time. */
function round(control: NewReno): number {
  const flight = control.cwnd;
  for (let left = flight; left >= 2 * MSS; left -= 2 * MSS) control.onAcknowledged(START, 2 * MSS, flight, 0);
  return control.cwnd / MSS;
}

test('slow start, a loss, congestion avoidance', () => {
  const control = new NewReno(MSS, DEFAULT_TCP_SETTINGS);
  const windows = [control.cwnd / MSS, round(control), round(control), round(control)];
  assert.deepEqual(windows, [10, 15, 22, 33], 'half as much again each round, with delayed acknowledgments');
  control.onLoss(control.cwnd);
  assert.deepEqual([control.cwnd, control.ssthresh], [16_500, 16_500]);
  const before = control.cwnd;
  for (let i = 0; i < 4; i++) round(control);
  assert.ok(control.cwnd - before >= 3 * MSS && control.cwnd - before <= 4 * MSS, 'one segment a round');
});

test('a timeout starts over; the same segment again does not halve again', () => {
  const control = new NewReno(MSS, DEFAULT_TCP_SETTINGS);
  control.onTimeout(20 * MSS, 0);
  assert.deepEqual([control.cwnd, control.ssthresh], [MSS, 10 * MSS]);
  control.onTimeout(MSS, 1);
  assert.equal(control.ssthresh, 10 * MSS);
});

test('the threshold is two segments at least', () => {
  const control = new NewReno(MSS, DEFAULT_TCP_SETTINGS);
  control.onLoss(MSS);
  assert.equal(control.ssthresh, 2 * MSS);
});

test('a window that is not used does not grow', () => {
  const control = new NewReno(MSS, DEFAULT_TCP_SETTINGS);
  for (let i = 0; i < 100; i++) control.onAcknowledged(START, MSS, MSS, 0);
  assert.equal(control.cwnd, 10 * MSS);
});

test('after an idle time it is the initial window again', () => {
  const control = new NewReno(MSS, DEFAULT_TCP_SETTINGS);
  for (let i = 0; i < 5; i++) round(control);
  control.onIdle();
  assert.equal(control.cwnd, 10 * MSS);
});
