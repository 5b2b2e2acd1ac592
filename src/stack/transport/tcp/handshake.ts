// Opening: the SYN and what it offers (RFC 9293 §3.5, §3.7.1; RFC 7323 §2 and §3; RFC 2018 §2), and what the peer's SYN
// makes of it.

import type { Serial } from '../../../core/serial.ts';
import type { Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { TCP_HEADER_LENGTH, TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import { type TcpOptions, TIMESTAMPS_OPTION_LENGTH } from '../../../wire/tcp_options.ts';
import { watchInBackground } from './background_timer.ts';
import { clearSendTimer } from './deadlines.ts';
import { learnEcn, setupFlags } from './ecn.ts';
import { prependHeader, segmentLeaves, timestampNow } from './segment_writer.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';
import type { TcpOptionsOfConnection } from './tcp_settings.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const MAX_SHIFT = 14; // RFC 7323 §2.3
const SMALLEST = 28; // no path of IPv4 is narrower than 68 bytes (RFC 791 §3.2)
const MIN_MSS = 88; // as Linux: a peer that asks for one byte a segment does not get it

/** The numbers with which a connection begins. */
export function initialize(connection: TcpConnection, iss: Serial, tsOffset: number): void {
  connection.iss = iss;
  connection.sndUna = iss;
  connection.sndNxt = iss;
  connection.sendFrom = iss;
  connection.recover = iss;
  connection.sendStreamSequence = (iss + 1) | 0;
  connection.tsOffset = tsOffset;
}

/** The SYN, or in SynReceived the SYN with an acknowledgment. */
export function synSegment(now: Instant, connection: TcpConnection): number {
  const { context, state, options } = connection;
  const { settings } = context;
  const isAnswer = state === 'SynReceived';
  // RFC 7323 §1.3, §3.2: an answer offers only what was offered to it.
  const offers: TcpOptions = {
    maximumSegmentSize: localSegmentSize(now, connection),
    windowScale:
      isAnswer && !connection.isScaling
        ? undefined
        : settings.windowScaling
          ? windowShift(options.receiveBuffer)
          : undefined,
    isSackPermitted: isAnswer ? connection.isSackPermitted : settings.selectiveAcknowledgment,
    timestamps: (isAnswer ? connection.hasTimestamps : settings.timestamps)
      ? { value: timestampNow(now, connection), echo: isAnswer ? connection.tsRecent : 0 }
      : undefined,
    sackBlocks: [],
  };
  const slot = context.arena.allocate(0);
  const window = Math.min(options.receiveBuffer, 0xffff); // RFC 7323 §2.2: never scaled in a SYN
  prependHeader(
    context,
    slot,
    connection.receiveConstantSum,
    connection.localPort,
    connection.remotePort,
    connection.iss,
    isAnswer ? connection.rcvNxt : 0,
    (isAnswer ? TcpFlag.Syn | TcpFlag.Ack : TcpFlag.Syn) | setupFlags(connection),
    window,
    offers,
    0,
  );
  segmentLeaves(connection);
  if (isAnswer) connection.rcvEdge = (connection.rcvNxt + window) | 0;
  return slot;
}

/** Takes in the peer's SYN: its number, its window, its options. */
export function learnFromSyn(now: Instant, connection: TcpConnection, header: TcpHeader, offered: TcpOptions): void {
  const { settings } = connection.context;
  connection.irs = header.sequence;
  connection.rcvNxt = (header.sequence + 1) | 0;
  connection.lastAckSent = connection.rcvNxt;
  connection.rcvEdge = (connection.rcvNxt + Math.min(connection.options.receiveBuffer, 0xffff)) | 0;
  connection.isScaling = settings.windowScaling && offered.windowScale !== undefined;
  connection.sndWndShift = connection.isScaling ? (offered.windowScale ?? 0) : 0;
  connection.rcvWndShift = connection.isScaling ? windowShift(connection.options.receiveBuffer) : 0;
  connection.isSackPermitted = settings.selectiveAcknowledgment && offered.isSackPermitted;
  connection.hasTimestamps = settings.timestamps && offered.timestamps !== undefined;
  connection.tsRecent = offered.timestamps?.value ?? 0;
  connection.tsRecentAt = now;
  if (offered.maximumSegmentSize !== undefined) connection.peerMss = Math.max(offered.maximumSegmentSize, MIN_MSS);
  connection.sndWnd = header.window;
  connection.maxSndWnd = header.window;
  connection.sndWl1 = header.sequence;
  connection.sndWl2 = header.acknowledgment;
  connection.lastHeardAt = now;
  learnEcn(connection, header);
  updateSegmentSize(now, connection);
}

/** RFC 9293 §3.7.1: the least of what the peer takes and what the path carries, without the options of each segment. */
export function updateSegmentSize(now: Instant, connection: TcpConnection): void {
  const options = connection.hasTimestamps ? TIMESTAMPS_OPTION_LENGTH : 0;
  connection.mss = Math.min(connection.peerMss, localSegmentSize(now, connection)) - options;
  connection.congestion.setSegmentSize(connection.mss);
}

/** The handshake is done. */
export function becomeEstablished(now: Instant, connection: TcpConnection, cause: string): void {
  const { context } = connection;
  connection.move(now, connection.state === 'SynSent' ? 'SynAckArrives' : 'AckOfSyn', cause);
  context.counters.established++;
  connection.attempts = 0;
  clearSendTimer(connection);
  connection.listener?.establish(connection);
  if (connection.isSendClosed) connection.move(now, 'Shutdown', 'the program was done before the handshake');
  watchInBackground(now, connection);
  context.markDirty(connection);
}

const localSegmentSize = (now: Instant, connection: TcpConnection): number =>
  pathSegmentSize(now, connection.context, connection.remoteAddress, connection.options);

/** The longest payload that the path to `remote` takes and that is wanted here. */
export function pathSegmentSize(
  now: Instant,
  { sender }: TcpContext,
  remote: IpAddress,
  { maximumSegmentSize = 0xffff }: TcpOptionsOfConnection,
): number {
  const ipHeader = typeof remote === 'number' ? IPV4_HEADER : IPV6_HEADER;
  const mtu = sender.pathMtu(now, remote);
  const most = Math.min(mtu, 0xffff) - ipHeader - TCP_HEADER_LENGTH;
  return Math.max(Math.min(most, maximumSegmentSize), SMALLEST);
}

/** The least shift with which the whole buffer can be offered. */
export function windowShift(buffer: number): number {
  let shift = 0;
  while (shift < MAX_SHIFT && 0xffff << shift < buffer) shift++;
  return shift;
}
