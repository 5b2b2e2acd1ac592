// The TCP header (RFC 9293 §3.1): bytes to meaning and back, nothing kept.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |   source port   | destination port|
//   |          sequence number          |
//   |       acknowledgment number       |
//   |len| 0  | flags  |     window      |   header length in words of 32 bits
//   |    checksum     | urgent pointer  |
//   | options ...                       |   see tcp_options.ts
//   +-----------------------------------+
//
// Sequence numbers are signed 32-bit integers, as in core/serial.ts. Not here: connections.

import { DropReason } from '../core/drop_reason.ts';
import type { Serial } from '../core/serial.ts';
import { addSums, checksumOf, sumBytes, sumOf32, VALID_SUM } from './checksum.ts';

export const TCP_PROTOCOL = 6;
export const TCP_HEADER_LENGTH = 20;
export const TCP_MAX_HEADER_LENGTH = 60;

/** Bits of the flags byte; Ece and Cwr are RFC 3168's. */
export const TcpFlag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16, Urg: 32, Ece: 64, Cwr: 128 } as const;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const LENGTH = 12;
const FLAGS = 13;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT_POINTER = 18;

// Level 1: fields in place. No allocation, no judgement; the caller has twenty bytes at `at`.

export const tcpSourcePort = (view: DataView, at: number): number => view.getUint16(at + SOURCE_PORT);
export const tcpDestinationPort = (view: DataView, at: number): number => view.getUint16(at + DESTINATION_PORT);
export const tcpSequence = (view: DataView, at: number): Serial => view.getInt32(at + SEQUENCE);
export const tcpAcknowledgment = (view: DataView, at: number): Serial => view.getInt32(at + ACKNOWLEDGMENT);
/** In bytes, options included: 0 to 60; below 20 in a malformed segment. */
export const tcpHeaderLength = (view: DataView, at: number): number => (view.getUint8(at + LENGTH) >>> 4) << 2;
export const tcpFlags = (view: DataView, at: number): number => view.getUint8(at + FLAGS);
/** As it stands: window scaling is the connection's business. */
export const tcpWindow = (view: DataView, at: number): number => view.getUint16(at + WINDOW);
export const tcpChecksum = (view: DataView, at: number): number => view.getUint16(at + CHECKSUM);
export const tcpUrgentPointer = (view: DataView, at: number): number => view.getUint16(at + URGENT_POINTER);

// None of these but the last touches the checksum.
export const setTcpSourcePort = (view: DataView, at: number, port: number): void =>
  view.setUint16(at + SOURCE_PORT, port);
export const setTcpDestinationPort = (view: DataView, at: number, port: number): void =>
  view.setUint16(at + DESTINATION_PORT, port);
export const setTcpSequence = (view: DataView, at: number, sequence: Serial): void =>
  view.setInt32(at + SEQUENCE, sequence);
export const setTcpAcknowledgment = (view: DataView, at: number, acknowledgment: Serial): void =>
  view.setInt32(at + ACKNOWLEDGMENT, acknowledgment);
export const setTcpFlags = (view: DataView, at: number, flags: number): void => view.setUint8(at + FLAGS, flags);
export const setTcpWindow = (view: DataView, at: number, window: number): void => view.setUint16(at + WINDOW, window);
export const setTcpChecksum = (view: DataView, at: number, checksum: number): void =>
  view.setUint16(at + CHECKSUM, checksum);

// Level 2: the valid meaning.

export interface TcpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: Serial;
  readonly acknowledgment: Serial;
  /** Bytes, options included: 20 to 60, a multiple of four. */
  readonly headerLength: number;
  /** `TcpFlag` bits. */
  readonly flags: number;
  /** 0 to 65,535, not scaled. */
  readonly window: number;
  readonly urgentPointer: number;
  readonly payloadLength: number;
}

/**
 * Reads the segment that fills `[at, end)`. Options are neither read nor checked: `parseTcpOptions` does both.
 *
 * @param pseudoSum the pseudo-header's sum without the length
 */
export function parseTcp(view: DataView, at: number, end: number, pseudoSum: number): TcpHeader | DropReason {
  const length = end - at;
  if (length < TCP_HEADER_LENGTH) return DropReason.Truncated;
  if (length > 0xffff) return DropReason.BadLength;
  const headerLength = tcpHeaderLength(view, at);
  if (headerLength < TCP_HEADER_LENGTH) return DropReason.BadLength; // RFC 9293 §3.1, Data Offset
  if (headerLength > length) return DropReason.Truncated;
  // RFC 9293 §3.1, Checksum: MUST-3, checked always.
  if (addSums(pseudoSum + length, sumBytes(view, at, length)) !== VALID_SUM) return DropReason.BadChecksum;
  return {
    sourcePort: tcpSourcePort(view, at),
    destinationPort: tcpDestinationPort(view, at),
    sequence: tcpSequence(view, at),
    acknowledgment: tcpAcknowledgment(view, at),
    headerLength,
    flags: tcpFlags(view, at),
    window: tcpWindow(view, at),
    urgentPointer: tcpUrgentPointer(view, at),
    payloadLength: length - headerLength,
  };
}

/**
 * Writes the twenty fixed bytes, checksum included, in front of options and payload that are already in place.
 *
 * @param sum the sums of the pseudo-header without the length, of the options, and of the payload, joined
 */
export function emitTcp(view: DataView, at: number, header: TcpHeader, sum: number): void {
  const { sourcePort, destinationPort, sequence, acknowledgment, headerLength, flags, window, urgentPointer } = header;
  emitTcpHeader(
    view,
    at,
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    headerLength,
    flags,
    window,
    urgentPointer,
  );
  // Summed from the values at hand: reading back bytes just written stalls the processor.
  const numbers = sumOf32(sequence) + sumOf32(acknowledgment);
  const rest = sourcePort + destinationPort + ((headerLength << 10) | flags) + window + urgentPointer;
  setTcpChecksum(view, at, checksumOf(addSums(sum + headerLength + header.payloadLength, numbers + rest)));
}

/**
 * Writes the twenty fixed bytes with a checksum of zero, with no object on the way. Whoever sums header, options and
 * payload then sets it with `setTcpChecksum`.
 */
export function emitTcpHeader(
  view: DataView,
  at: number,
  sourcePort: number,
  destinationPort: number,
  sequence: Serial,
  acknowledgment: Serial,
  headerLength: number,
  flags: number,
  window: number,
  urgentPointer: number,
): void {
  view.setUint16(at + SOURCE_PORT, sourcePort);
  view.setUint16(at + DESTINATION_PORT, destinationPort);
  view.setInt32(at + SEQUENCE, sequence);
  view.setInt32(at + ACKNOWLEDGMENT, acknowledgment);
  view.setUint16(at + LENGTH, (headerLength << 10) | flags); // RFC 9293 §3.1: the four reserved bits are sent as zero
  view.setUint16(at + WINDOW, window);
  view.setInt32(at + CHECKSUM, urgentPointer); // the checksum is the upper half
}
