// A connection: its control block, with the names of RFC 9293 §3.3.1, and what its program may do with it.
//
//   Send sequence space                               Receive sequence space
//     sndUna        sendFrom   sndNxt   +sndWnd         rcvNxt              rcvEdge
//   ----|---------------|---------|--------|---       ----|--------------------|----
//       | acknowledged next: sndUna  | allowed            | expected           | offered so far
//
// `sendFrom` is what goes out next: `sndNxt`, or behind it while data is sent again after a timeout. The rules lie beside
// this file, one concern each: segment_arrives.ts, acknowledgment.ts, sack_recovery.ts, receive.ts, output.ts, timers.ts.

import { ByteStream } from '../../../core/byte_stream.ts';
import { EventSource } from '../../../core/event_queue.ts';
import { JournalTable } from '../../../core/journal.ts';
import type { Serial } from '../../../core/serial.ts';
import { type Duration, type Instant, NEVER } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { pseudoSumIpv4 } from '../../../wire/checksum.ts';
import { TCP_PROTOCOL } from '../../../wire/tcp.ts';
import type { TransportError } from '../transport_error.ts';
import { type BackgroundTimer, watchInBackground } from './background_timer.ts';
import { type CongestionController, makeCongestionController } from './congestion/congestion_controller.ts';
import type { SendTimer } from './deadlines.ts';
import type { Ecn } from './ecn.ts';
import type { DoubtedMtu } from './icmp_errors.ts';
import type { Rack } from './rack.ts';
import type { Reassembly } from './reassembly.ts';
import { considerWindowUpdate } from './receive_window.ts';
import { sendReset } from './reset.ts';
import { stateEntry } from './state_journal.ts';
import type { TcpContext } from './tcp_context.ts';
import type { RecoveryState } from './tcp_info.ts';
import type { TcpListenerEndpoint } from './tcp_listener.ts';
import type { TcpOptionsOfConnection } from './tcp_settings.ts';
import { isSynchronized, maySend, nextState, type TcpEvent, type TcpState } from './tcp_state.ts';
import { handleDeadlines } from './timers.ts';

const DEFAULT_MSS = 536; // RFC 9293 §3.7.1 (MUST-15): when the peer says nothing

export class TcpConnection extends EventSource {
  /** How many connections its machine had made before it. */
  override readonly rank: number;
  readonly context: TcpContext;
  /** Changed by `configure`. */
  options: TcpOptionsOfConnection;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  /** Free for the owner. */
  tag: unknown = undefined;
  /** Whose it is, for tables. */
  owner = '';
  state: TcpState = 'Closed';
  /** Why the connection ended before its time. */
  error: TransportError | undefined = undefined;

  // The control block: for the files beside this one.

  /** The pseudo-header's sum without the length, and the ports': constant for the connection. */
  readonly constantSum: number;
  readonly receiveConstantSum: number;
  /** The listener that has not yet handed this connection out. */
  listener: TcpListenerEndpoint | undefined = undefined;
  /** A program holds it: a connection that has not been accepted is reported to nobody. */
  isOwned = false;
  isDirty = false;
  isReady = false;

  iss: Serial = 0;
  sndUna: Serial = 0;
  sndNxt: Serial = 0;
  sendFrom: Serial = 0;
  sndWnd = 0;
  sndWl1: Serial = 0;
  sndWl2: Serial = 0;
  sndWndShift = 0;
  /** Both sides shift the windows of segments after the SYN (RFC 7323 §2). */
  isScaling = false;
  /** The largest window that the peer has offered. */
  maxSndWnd = 0;
  /** Bytes of payload in a full segment: the peer's limit and the path's, less the options of every segment. */
  mss: number = DEFAULT_MSS;
  /** The payload limit in the peer's SYN. */
  peerMss: number = DEFAULT_MSS;
  sendStream: ByteStream | undefined = undefined;
  /** Sequence number of the first byte in `sendStream`. */
  sendStreamSequence: Serial = 0;
  /** The program writes no more: a FIN follows the last byte. */
  isSendClosed = false;
  wantsToWrite = false;

  irs: Serial = 0;
  rcvNxt: Serial = 0;
  /** The right edge of the window as last offered; it never moves left. */
  rcvEdge: Serial = 0;
  rcvWndShift = 0;
  /** The longest payload that has come: what counts as a full segment for delayed acknowledgments. */
  rcvMss: number = DEFAULT_MSS;
  receiveStream: ByteStream | undefined = undefined;
  /** What lies in `receiveStream` behind a gap. */
  reassembly: Reassembly | undefined = undefined;
  /** The program reads no more. */
  isReceiveClosed = false;
  isFinReceived = false;
  /** A FIN has come behind a gap, at this number. */
  hasEarlyFin = false;
  earlyFin: Serial = 0;

  isAckNow = false;
  /** `rcvNxt` when the last segment left (Last.ACK.sent of RFC 7323). */
  lastAckSent: Serial = 0;
  delayedAckAt: Instant = NEVER;

  hasTimestamps = false;
  isSackPermitted = false;
  /** The peer's clock, to be echoed (TS.Recent), and when it was taken. */
  tsRecent: Serial = 0;
  tsRecentAt: Instant = 0 as Instant;
  /** Added to the machine's milliseconds, so that the clock says nothing about its uptime (RFC 7323 §5.4). */
  tsOffset = 0;

  /** Microseconds; -1 before the first measurement. */
  srtt = -1;
  rttvar = 0;
  /** The least round trip measured. */
  minRtt = 0;
  rto: Duration;
  /** One segment is timed at a time; its acknowledgment is the measurement. */
  isTiming = false;
  timedSequence: Serial = 0;
  timedAt: Instant = 0 as Instant;

  /** The one timer of the sending side, and what it is for. */
  sendTimerAt: Instant = NEVER;
  sendTimer: SendTimer = 'Retransmission';
  /** Expiries of the retransmission or the persist timer in a row. */
  attempts = 0;
  isProbePending = false;
  /** When text or a FIN left last; all that is out left then as long as there is no `rack`. */
  lastSentAt: Instant = 0 as Instant;
  /** When the oldest unacknowledged byte first left; for the user timeout. */
  stalledSince: Instant = 0 as Instant;
  lastHeardAt: Instant = 0 as Instant;
  /** The longest text that is known to have arrived in one segment, and what ICMP has said against it. */
  provenMss = 0;
  doubtedMtu: DoubtedMtu | undefined = undefined;
  /** What ICMP said, in case the connection is given up. */
  softError: TransportError | undefined = undefined;
  /** Challenge ACKs since then (RFC 5961 §7). */
  challenges = 0;
  challengesSince: Instant = 0 as Instant;

  /** Where both ends have agreed on it. */
  ecn: Ecn | undefined = undefined;
  congestion: CongestionController;
  recovery: RecoveryState = 'Open';
  /** RFC 6582: the highest sequence number sent when recovery began. */
  recover: Serial = 0;
  /** The first segment that is lost goes again, whatever the windows say. */
  isRetransmitPending = false;
  /** Without SACK: duplicate acknowledgments in a row. */
  duplicateAcks = 0;
  /** Without SACK: bytes by which segments that have left the network widen the congestion window. */
  inflation = 0;
  /** With SACK: what is out, and what has been heard of it. */
  rack: Rack | undefined = undefined;

  /** Keepalive, or the end of patience in FinWait2. */
  background: BackgroundTimer | undefined = undefined;

  constructor(
    context: TcpContext,
    rank: number,
    options: TcpOptionsOfConnection,
    localAddress: IpAddress,
    localPort: number,
    remoteAddress: IpAddress,
    remotePort: number,
  ) {
    super();
    this.rank = rank;
    this.context = context;
    this.options = options;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.rto = context.settings.initialRto;
    this.congestion = makeCongestionController(options.congestionControl, DEFAULT_MSS, context.settings);
    const pseudoSum =
      typeof localAddress === 'number' && typeof remoteAddress === 'number'
        ? pseudoSumIpv4(localAddress, remoteAddress, TCP_PROTOCOL)
        : 0;
    this.receiveConstantSum = pseudoSum;
    this.constantSum = pseudoSum + localPort + remotePort;
  }

  // What its program sees.

  /** Bytes that may be read now. */
  get readableBytes(): number {
    return this.receiveStream?.length ?? 0;
  }

  /** Everything has been read, and no more comes. */
  get isEndOfStream(): boolean {
    return this.readableBytes === 0 && (this.isFinReceived || this.state === 'Closed');
  }

  /** Whether `write` will take anything, now or later. */
  get canWrite(): boolean {
    return !this.isSendClosed && (maySend(this.state) || this.state === 'SynSent' || this.state === 'SynReceived');
  }

  /** Bytes that `write` would take now. */
  get writableBytes(): number {
    if (!this.canWrite) return 0;
    return Math.max(this.options.sendBuffer - this.unsentBytes, 0);
  }

  /** Bytes written and not yet acknowledged. */
  get unsentBytes(): number {
    return this.sendStream?.length ?? 0;
  }

  /** Both ends agree that the connection stands, or stood. */
  get isConnected(): boolean {
    return isSynchronized(this.state);
  }

  /** Takes bytes into the send buffer, as many as fit, and returns their number: 0 also when nothing can be sent. */
  write(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    if (!(from >= 0 && from <= to && to <= bytes.length)) {
      throw new RangeError(`cannot write bytes ${from} to ${to} of ${bytes.length}`);
    }
    const count = Math.min(to - from, this.writableBytes);
    if (count < to - from) this.wantsToWrite = true;
    if (count === 0) return 0;
    this.sendStream ??= new ByteStream(this.context.arena);
    this.sendStream.append(bytes, from, from + count);
    this.context.markDirty(this);
    return count;
  }

  /** Takes a few bytes whether or not the send buffer has room for them: what is said last must not wait. */
  writeLast(bytes: Uint8Array): void {
    if (!this.canWrite) return;
    this.sendStream ??= new ByteStream(this.context.arena);
    this.sendStream.append(bytes, 0, bytes.length);
    this.context.markDirty(this);
  }

  /** Copies what has arrived into `buffer`, as much as fits, and returns how much that was. */
  readInto(buffer: Uint8Array): number {
    const stream = this.receiveStream;
    if (stream === undefined || stream.length === 0) return 0;
    const count = stream.readInto(buffer);
    considerWindowUpdate(this);
    return count;
  }

  /** Changes what the connection was set to; what waits for it may go out now. */
  configure(now: Instant, changes: Partial<TcpOptionsOfConnection>): void {
    this.options = { ...this.options, ...changes };
    if (changes.congestionControl !== undefined && changes.congestionControl !== this.congestion.name) {
      this.congestion = makeCongestionController(changes.congestionControl, this.mss, this.context.settings);
    }
    if ('keepAlive' in changes) watchInBackground(now, this);
    if (this.state === 'Closed') return;
    considerWindowUpdate(this);
    this.context.markDirty(this);
  }

  /** Writes no more: the peer reads the end of the stream once it has everything. Reading goes on. */
  shutdown(now: Instant): void {
    if (this.isSendClosed || this.state === 'Closed') return;
    this.isSendClosed = true;
    // RFC 9293 §3.10.4: before the handshake is done, the FIN waits for it (`becomeEstablished` sees to it).
    if (this.state === 'Established' || this.state === 'CloseWait') this.move(now, 'Shutdown', 'the program is done');
    this.context.markDirty(this);
  }

  /** Gives the connection up; what was written still goes out, in the background of the program. */
  close(now: Instant): void {
    if (this.isReceiveClosed) return;
    this.isReceiveClosed = true;
    if (this.state === 'SynSent') {
      this.end(now, undefined, 'closed by the program'); // RFC 9293 §3.10.4, SYN-SENT
      return;
    }
    if (this.options.abortsOnClose && this.state !== 'TimeWait' && this.state !== 'Closed') {
      this.abort(now);
      return;
    }
    // RFC 9293 §3.6.1 (SHLD-3): what will never be read must not seem to have been delivered.
    if (this.readableBytes > 0 && this.state !== 'TimeWait' && this.state !== 'Closed') {
      this.abort(now);
      return;
    }
    this.receiveStream?.clear();
    this.shutdown(now);
    watchInBackground(now, this);
  }

  /** Gives the connection up at once: the peer gets a reset (RFC 9293 §3.10.5). */
  abort(now: Instant): void {
    this.isReceiveClosed = true;
    if (this.state !== 'TimeWait' && this.state !== 'SynSent' && this.state !== 'Closed') sendReset(now, this);
    if (this.state !== 'Closed') this.end(now, 'ECONNABORTED', 'aborted by the program');
    this.receiveStream?.clear();
  }

  // For the files beside this one.

  /** The number that the FIN has, or will have. */
  get finSequence(): Serial {
    return (this.sendStreamSequence + this.unsentBytes) | 0;
  }

  /** Goes to the state that `event` leads to, and says so. */
  move(now: Instant, event: TcpEvent, cause: string): void {
    const before = this.state;
    this.state = nextState(before, event);
    const { journal } = this.context;
    if (journal?.watches(JournalTable.Tcp)) {
      const isNew = before === 'Closed' || before === 'Listen';
      const change = this.state === 'Closed' ? 'removed' : isNew ? 'added' : 'changed';
      journal.record(stateEntry(now, this.context.hostName, this, change, this.state, cause));
    }
    this.context.markReady(this);
  }

  /** Ends the connection; what has arrived in order may still be read. */
  end(now: Instant, error: TransportError | undefined, cause: string): void {
    this.error = error;
    this.move(now, 'Abandoned', cause);
    this.release();
  }

  /** Leaves the machine's tables. The sequence space is of no use any more. */
  release(): void {
    this.sendStream?.clear();
    if (this.isReceiveClosed) this.receiveStream?.clear();
    else this.receiveStream?.dropAhead();
    this.reassembly = undefined;
    this.rack = undefined;
    this.sendTimerAt = NEVER;
    this.delayedAckAt = NEVER;
    this.listener?.lose(this);
    this.listener = undefined;
    this.context.schedule(this, NEVER);
    if (this.background !== undefined) this.context.schedule(this.background, NEVER);
    this.background = undefined;
    this.context.forget(this);
  }

  override fire(now: Instant): void {
    handleDeadlines(now, this);
  }
}
