// What happens in a lab, in its order: what is sent and what becomes of it, timeouts, letters handed over, and what was
// refused. The drawing and the JSON of a run are made of these.

import type { Instant } from '../../core/time.ts';
import type { Fate } from './medium.ts';

export type End = 'alice' | 'bob';

export interface SentMessage {
  readonly kind: 'message';
  readonly time: Instant;
  readonly from: End;
  /** As it was sent. */
  readonly bytes: Uint8Array;
  readonly fate: Fate;
  /** `undefined`: never. */
  readonly arrivesAt: Instant | undefined;
}

export interface FiredTimeout {
  readonly kind: 'timeout';
  readonly time: Instant;
  readonly at: End;
}

export interface DeliveredLetter {
  readonly kind: 'letter';
  readonly time: Instant;
  /** Its number, from 1, where it is the right one. */
  readonly number: number;
  /** What is wrong with it, in a sentence; `undefined`: nothing. */
  readonly problem: string | undefined;
}

export interface Refusal {
  readonly kind: 'refusal';
  readonly time: Instant;
  readonly at: End;
  /** What, and why. */
  readonly text: string;
}

export type LabEvent = SentMessage | FiredTimeout | DeliveredLetter | Refusal;
