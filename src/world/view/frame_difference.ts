// Where two captures part: the first packet that differs in time, network or bytes.

import { bytesEqual } from '../../core/bytes.ts';
import { elapsed, type Instant, START } from '../../core/time.ts';
import type { CapturedFrame } from './captured_frame.ts';

export interface FrameDifference {
  /** From 0. */
  readonly index: number;
  /** `undefined`: that capture has ended. */
  readonly first: CapturedFrame | undefined;
  readonly second: CapturedFrame | undefined;
  /** In what they differ; `length`: only one of them goes on. */
  readonly what: readonly ('time' | 'network' | 'bytes' | 'length')[];
}

/** Nothing when the captures are equal. */
export function firstDifference(a: readonly CapturedFrame[], b: readonly CapturedFrame[]): FrameDifference | undefined {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [first, second] = [a[index], b[index]];
    if (first === undefined || second === undefined) return { index, first, second, what: ['length'] };
    const what: ('time' | 'network' | 'bytes')[] = [];
    if (first.time !== second.time) what.push('time');
    if (first.network !== second.network) what.push('network');
    if (!bytesEqual(first.bytes, second.bytes)) what.push('bytes');
    if (what.length > 0) return { index, first, second, what };
  }
  return undefined;
}

/** The same frames with the first one at time 0: files know the time of day, runs the time since their start. */
export function fromFirstFrame(frames: readonly CapturedFrame[]): readonly CapturedFrame[] {
  const start = frames[0]?.time ?? START;
  return frames.map((frame) => ({ ...frame, time: elapsed(start, frame.time) as number as Instant }));
}
