// Puts a segment's header in front of its payload, with the checksum joined from sums that are already known. Segments
// whose only option is a timestamp, nearly all of them, take a way without objects.

import { NO_SLOT } from '../../../core/arena.ts';
import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { checksumOf, pseudoSumIpv4, sumBytes } from '../../../wire/checksum.ts';
import { emitTcp, TCP_HEADER_LENGTH, TCP_PROTOCOL, TcpFlag } from '../../../wire/tcp.ts';
import { emitTcpOptions, NO_TCP_OPTIONS, type TcpOptions, tcpOptionsLength } from '../../../wire/tcp_options.ts';
import { offerWindow } from './receive_window.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';

const MILLISECOND = 1e6;
// RFC 2018 §3
const BLOCKS_ALONE = 4;
const BLOCKS_BESIDE_TIMESTAMPS = 3;
const SACK_OPTION_LENGTH = 4; // with its padding
const SACK_BLOCK_LENGTH = 8;
const LONGEST_SACK_OPTION = 36;
const TIMESTAMPED_HEADER_LENGTH = 32;
const TIMESTAMPS_WORD = 0x0101_080a; // two no-operations, kind 8, length 10
const LENGTH_AND_FLAGS = (TIMESTAMPED_HEADER_LENGTH << 10) | TcpFlag.Ack;

/** A connection's clock for timestamps: milliseconds (RFC 7323 §5.4). */
export const clockAt = (now: Instant, tsOffset: number): Serial => (now / MILLISECOND + tsOffset) | 0;

export const timestampNow = (now: Instant, connection: TcpConnection): Serial => clockAt(now, connection.tsOffset);

/**
 * Makes the payload in `slot` a segment with an acknowledgment, ready for the network layer.
 *
 * @param flags besides ACK
 * @param payloadSum the payload's sum
 */
export function writeSegment(
  now: Instant,
  connection: TcpConnection,
  slot: number,
  sequence: Serial,
  flags: number,
  payloadLength: number,
  payloadSum: number,
): void {
  const window = offerWindow(connection);
  const { arena } = connection.context;
  const { rcvNxt, reassembly, ecn } = connection;
  const allFlags = ecn === undefined ? flags : flags | ecn.echo;
  if (connection.hasTimestamps && (reassembly === undefined || !reassembly.hasNews)) {
    const at = arena.prepend(slot, TIMESTAMPED_HEADER_LENGTH);
    const { view } = arena;
    const value = (now / MILLISECOND + connection.tsOffset) | 0;
    const echo = connection.tsRecent;
    view.setInt32(at, (connection.localPort << 16) | connection.remotePort);
    view.setInt32(at + 4, sequence);
    view.setInt32(at + 8, rcvNxt);
    view.setInt32(at + 12, ((LENGTH_AND_FLAGS | allFlags) << 16) | window);
    view.setInt32(at + 20, TIMESTAMPS_WORD);
    view.setInt32(at + 24, value);
    view.setInt32(at + 28, echo);
    const sum =
      connection.constantSum + // pseudo-header and ports
      payloadSum +
      (TIMESTAMPED_HEADER_LENGTH + payloadLength) +
      ((LENGTH_AND_FLAGS | allFlags) + window) +
      (0x0101 + 0x080a) +
      ((sequence >>> 16) + (sequence & 0xffff)) +
      ((rcvNxt >>> 16) + (rcvNxt & 0xffff)) +
      ((value >>> 16) + (value & 0xffff)) +
      ((echo >>> 16) + (echo & 0xffff));
    const once = (sum & 0xffff) + (sum >>> 16);
    view.setInt32(at + 16, checksumOf(once + (once >>> 16)) << 16); // and no urgent pointer
    segmentLeaves(connection);
    return;
  }
  const mayReport = payloadLength === 0 ? connection.isSackPermitted : mayReportBesideText(connection);
  const options: TcpOptions = {
    isSackPermitted: false,
    timestamps: connection.hasTimestamps
      ? { value: timestampNow(now, connection), echo: connection.tsRecent }
      : undefined,
    sackBlocks: mayReport && reassembly !== undefined ? reassembly.takeBlocks() : [],
  };
  prependHeader(
    connection.context,
    slot,
    connection.receiveConstantSum,
    connection.localPort,
    connection.remotePort,
    sequence,
    rcvNxt,
    allFlags | TcpFlag.Ack,
    window,
    options,
    payloadSum,
  );
  segmentLeaves(connection);
}

/** How many bytes of text a segment may have that leaves now: blocks take their room (RFC 9293 §3.7.1). */
export function segmentRoom(connection: TcpConnection): number {
  const { mss, reassembly } = connection;
  if (reassembly === undefined || !mayReportBesideText(connection)) return mss;
  const blocks = Math.min(reassembly.blockCount, connection.hasTimestamps ? BLOCKS_BESIDE_TIMESTAMPS : BLOCKS_ALONE);
  return blocks === 0 ? mss : mss - SACK_OPTION_LENGTH - SACK_BLOCK_LENGTH * blocks;
}

// On a path as narrow as that they go alone.
const mayReportBesideText = ({ isSackPermitted, mss }: TcpConnection): boolean =>
  isSackPermitted && mss >= 2 * LONGEST_SACK_OPTION;

/** Whatever acknowledges, acknowledges everything: nothing is owed afterwards. */
export function segmentLeaves(connection: TcpConnection): void {
  connection.isAckNow = false;
  connection.delayedAckAt = Infinity as Instant;
  connection.lastAckSent = connection.rcvNxt;
  connection.context.counters.segmentsOut++;
}

/** Any header in front of any payload. */
export function prependHeader(
  context: TcpContext,
  slot: number,
  pseudoSum: number,
  sourcePort: number,
  destinationPort: number,
  sequence: Serial,
  acknowledgment: Serial,
  flags: number,
  window: number,
  options: TcpOptions,
  payloadSum: number,
): void {
  const { arena } = context;
  const payloadLength = arena.length(slot);
  const optionsLength = tcpOptionsLength(options);
  const headerLength = TCP_HEADER_LENGTH + optionsLength;
  const at = arena.prepend(slot, headerLength);
  emitTcpOptions(arena.view, at + TCP_HEADER_LENGTH, options);
  const header = {
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    headerLength,
    flags,
    window,
    urgentPointer: 0,
    payloadLength,
  };
  emitTcp(arena.view, at, header, pseudoSum + payloadSum + sumBytes(arena.view, at + TCP_HEADER_LENGTH, optionsLength));
}

/** A segment without payload that belongs to no connection; `NO_SLOT` for a family that is not supported. */
export function bareSegment(
  context: TcpContext,
  source: IpAddress,
  sourcePort: number,
  destination: IpAddress,
  destinationPort: number,
  sequence: Serial,
  acknowledgment: Serial,
  flags: number,
  window = 0,
  options: TcpOptions = NO_TCP_OPTIONS,
): number {
  if (typeof source !== 'number' || typeof destination !== 'number') return NO_SLOT;
  const slot = context.arena.allocate(0);
  const pseudoSum = pseudoSumIpv4(source, destination, TCP_PROTOCOL);
  prependHeader(
    context,
    slot,
    pseudoSum,
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    flags,
    window,
    options,
    0,
  );
  context.counters.segmentsOut++;
  return slot;
}
