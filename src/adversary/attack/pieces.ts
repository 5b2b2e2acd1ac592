// Pieces with their places, put together: in order, without what came twice; what lies behind a gap is a run of its own.

import { joinBytes } from '../../core/bytes.ts';

export interface Piece {
  /** Counted from anywhere. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Of what came twice, that which lies further in front is taken. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const runs: Piece[] = [];
  let run: Uint8Array[] = [];
  let start = 0;
  let end = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (run.length > 0) runs.push({ at: start, bytes: joinBytes(run) });
    run = [];
  };
  for (const { at, bytes } of pieces.toSorted((a, b) => a.at - b.at)) {
    if (at > end) {
      flush();
      start = at;
      end = at;
    }
    if (at + bytes.length <= end) continue;
    run.push(bytes.subarray(end - at));
    end = at + bytes.length;
  }
  flush();
  return runs;
}
