// TCP options (RFC 9293 §3.2): a list of kind, length and data between the fixed twenty bytes of a header and the payload.
//
//   2 maximum segment size   | 2 | 4 | size 2 |                        SYN only
//   3 window scale           | 3 | 3 | shift 1 |                       SYN only (RFC 7323 §2)
//   4 SACK permitted         | 4 | 2 |                                 SYN only (RFC 2018 §2)
//   5 SACK                   | 5 | 2 + 8 n | left 4, right 4 | ...     (RFC 2018 §3)
//   8 timestamps             | 8 | 10 | value 4 | echo 4 |             (RFC 7323 §3)
//
// Written in the order and with the padding that Linux uses. Kinds that are not known are stepped over.

import { DropReason } from '../core/drop_reason.ts';
import type { Serial } from '../core/serial.ts';

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

const MSS_WORD = 0x0204_0000;
const WINDOW_SCALE_WORD = 0x0103_0300; // behind one no-operation
const SACK_PERMITTED_WORD = 0x0101_0402; // behind two no-operations
const TIMESTAMPS_WORD = 0x0101_080a; // behind two no-operations
const SACK_PERMITTED_TIMESTAMPS_WORD = 0x0402_080a;
const SACK_WORD = 0x0101_0500; // behind two no-operations

const MAX_OPTIONS_LENGTH = 40;
/** RFC 7323 §2.3: a larger shift is taken for this one. */
export const MAX_WINDOW_SCALE = 14;
/** The length of the options when they are timestamps alone. */
export const TIMESTAMPS_OPTION_LENGTH = 12;

export interface TcpTimestamps {
  /** The sender's clock, signed. */
  readonly value: Serial;
  /** The last value that it has seen from the other end, signed; 0 without an acknowledgment. */
  readonly echo: Serial;
}

/** Bytes `[left, right)` of the sequence space have arrived out of order. */
export interface SackBlock {
  readonly left: Serial;
  readonly right: Serial;
}

export interface TcpOptions {
  /** The longest payload that the sender of this option takes, 0 to 65,535. */
  readonly maximumSegmentSize?: number | undefined;
  /** How far windows are to be shifted left, 0 to 14. */
  readonly windowScale?: number | undefined;
  readonly isSackPermitted: boolean;
  readonly timestamps?: TcpTimestamps | undefined;
  /** The most recent first; at most four. */
  readonly sackBlocks: readonly SackBlock[];
}

const NO_BLOCKS: readonly SackBlock[] = [];

/** Nothing said: also what most segments without timestamps carry. */
export const NO_TCP_OPTIONS: TcpOptions = { isSackPermitted: false, sackBlocks: NO_BLOCKS };

// Level 1, for the options that nearly every segment of a connection carries: two no-operations and timestamps.

/** Whether the options at `at`, `length` bytes of them, are timestamps alone in the usual layout. */
export const hasOnlyTimestamps = (view: DataView, at: number, length: number): boolean =>
  length === TIMESTAMPS_OPTION_LENGTH && view.getInt32(at) === TIMESTAMPS_WORD;
/** Of options in that layout. */
export const tcpTimestampValue = (view: DataView, at: number): Serial => view.getInt32(at + 4);
export const tcpTimestampEcho = (view: DataView, at: number): Serial => view.getInt32(at + 8);

/** Writes the twelve bytes of that layout. */
export function emitTimestampsOption(view: DataView, at: number, value: Serial, echo: Serial): void {
  view.setInt32(at, TIMESTAMPS_WORD);
  view.setInt32(at + 4, value);
  view.setInt32(at + 8, echo);
}

// Level 2: the valid meaning.

/** Reads the options in `[at, end)`: behind the fixed header, up to the header length. */
export function parseTcpOptions(view: DataView, at: number, end: number): TcpOptions | DropReason {
  if (at >= end) return NO_TCP_OPTIONS;
  const options: { -readonly [Name in keyof TcpOptions]: TcpOptions[Name] } = {
    isSackPermitted: false,
    sackBlocks: NO_BLOCKS,
  };
  let i = at;
  while (i < end) {
    const kind = view.getUint8(i);
    if (kind === END_OF_OPTIONS) break;
    if (kind === NO_OPERATION) {
      i++;
      continue;
    }
    if (i + 2 > end) return DropReason.BadOption;
    const length = view.getUint8(i + 1);
    if (length < 2 || i + length > end) return DropReason.BadOption; // RFC 9293 §3.1, MUST-7: illegal lengths are survived
    switch (kind) {
      case MAXIMUM_SEGMENT_SIZE:
        if (length !== 4) return DropReason.BadOption;
        options.maximumSegmentSize = view.getUint16(i + 2);
        break;
      case WINDOW_SCALE:
        if (length !== 3) return DropReason.BadOption;
        options.windowScale = Math.min(view.getUint8(i + 2), MAX_WINDOW_SCALE);
        break;
      case SACK_PERMITTED:
        if (length !== 2) return DropReason.BadOption;
        options.isSackPermitted = true;
        break;
      case SACK:
        if (length % 8 !== 2) return DropReason.BadOption;
        options.sackBlocks = sackBlocksAt(view, i + 2, i + length);
        break;
      case TIMESTAMPS:
        if (length !== 10) return DropReason.BadOption;
        options.timestamps = { value: view.getInt32(i + 2), echo: view.getInt32(i + 6) };
        break;
    }
    i += length;
  }
  return options;
}

/** Bytes that `emitTcpOptions` writes: 0 to 40, a multiple of four. */
export function tcpOptionsLength(options: TcpOptions): number {
  const blocks = sackBlocksThatFit(options);
  return fixedLength(options) + (blocks === 0 ? 0 : 4 + 8 * blocks);
}

/** Writes the options and returns how many bytes they took. SACK blocks for which there is no room are left out. */
export function emitTcpOptions(view: DataView, at: number, options: TcpOptions): number {
  const { maximumSegmentSize, windowScale, isSackPermitted, timestamps, sackBlocks } = options;
  let i = at;
  if (maximumSegmentSize !== undefined) i = writeWord(view, i, MSS_WORD | maximumSegmentSize);
  if (timestamps !== undefined) {
    i = writeWord(view, i, isSackPermitted ? SACK_PERMITTED_TIMESTAMPS_WORD : TIMESTAMPS_WORD);
    i = writeWord(view, i, timestamps.value);
    i = writeWord(view, i, timestamps.echo);
  } else if (isSackPermitted) {
    i = writeWord(view, i, SACK_PERMITTED_WORD);
  }
  if (windowScale !== undefined) i = writeWord(view, i, WINDOW_SCALE_WORD | windowScale);
  const blocks = sackBlocksThatFit(options);
  if (blocks > 0) i = writeWord(view, i, SACK_WORD | (2 + 8 * blocks));
  for (let n = 0; n < blocks; n++) {
    i = writeWord(view, i, sackBlocks[n]?.left ?? 0);
    i = writeWord(view, i, sackBlocks[n]?.right ?? 0);
  }
  return i - at;
}

function writeWord(view: DataView, at: number, word: number): number {
  view.setInt32(at, word);
  return at + 4;
}

const fixedLength = (options: TcpOptions): number =>
  (options.maximumSegmentSize === undefined ? 0 : 4) +
  (options.timestamps === undefined ? (options.isSackPermitted ? 4 : 0) : TIMESTAMPS_OPTION_LENGTH) +
  (options.windowScale === undefined ? 0 : 4);

// RFC 2018 §3: four, or three beside timestamps.
function sackBlocksThatFit(options: TcpOptions): number {
  const room = (MAX_OPTIONS_LENGTH - 4 - fixedLength(options)) >> 3;
  return Math.min(options.sackBlocks.length, room);
}

function sackBlocksAt(view: DataView, at: number, end: number): readonly SackBlock[] {
  const blocks: SackBlock[] = [];
  for (let i = at; i < end; i += 8) blocks.push({ left: view.getInt32(i), right: view.getInt32(i + 4) });
  return blocks;
}
