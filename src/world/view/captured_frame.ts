// A frame as it was seen on a network: what filters, ladders and lists work on, whether it comes from a run or a file.

import type { Instant } from '../../core/time.ts';

export interface CapturedFrame {
  /** From 1, in the order of the capture. */
  readonly number: number;
  readonly time: Instant;
  /** The name of the network. */
  readonly network: string;
  readonly bytes: Uint8Array;
  /** What became of it, where it was not simply sent: `lost on the link`. */
  readonly comment?: string;
}
