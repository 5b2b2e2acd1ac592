// Explicit congestion notification (RFC 3168): routers mark packets instead of dropping them, the receiver tells the sender
// until it has heard, and the sender slows down as after a loss, but has nothing to send again.
//
//   sender                            router         receiver
//     data, may be marked  ------------> marks it ------> remembers
//     <-- acknowledgments say ECE ------------------------ until it hears CWR
//     slows down; the next data says CWR ----------------> forgets
//
// Not here: by how much the window shrinks (congestion/), and the mark in the IP header (wire/ipv4.ts).

import type { Serial } from '../../../core/serial.ts';
import { TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import type { SendOptions } from '../../net/network_layer_api.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** Whether a machine takes part: not at all, where the peer asks for it, or asking for it itself. */
export type EcnUse = 'off' | 'accept' | 'ask';

const SETUP = TcpFlag.Ece | TcpFlag.Cwr;
const CAPABLE = 0b10; // ECT(0), RFC 3168 §5
const MARKED = 0b11;

/** Whether a packet's traffic class bears the mark of a router. */
export const isCongestionMarked = (trafficClass: number): boolean => (trafficClass & MARKED) === MARKED;

/** Of a connection whose ends have agreed on it. */
export class Ecn {
  /** ECE as long as the peer has not heard of a mark, else 0: a flag of each segment that leaves. */
  echo = 0;
  /** Segments with a mark that have arrived. */
  marks = 0;
  /** The window has shrunk, and the next new data says so. */
  private isReducing = false;
  // What is acknowledged up to here left before the window shrank last: no reason to shrink again.
  private reducedUntil: Serial;
  private mayBeMarked = false;
  private sendOptions: SendOptions | undefined;

  constructor(start: Serial) {
    this.reducedUntil = start;
  }

  /** A segment that has been accepted. `isMarked`: a router has marked it. Returns whether the window is to shrink. */
  arrive(header: TcpHeader, isMarked: boolean, sndNxt: Serial): boolean {
    // RFC 3168 §6.1.3
    if (header.flags & TcpFlag.Cwr) this.echo = 0;
    if (isMarked && header.payloadLength > 0) {
      this.echo = TcpFlag.Ece;
      this.marks++;
    }
    // RFC 3168 §6.1.2: once a round trip.
    if (!(header.flags & TcpFlag.Ece) || this.isOld(header.acknowledgment)) return false;
    this.reducedUntil = sndNxt;
    return true;
  }

  /** Whether what `ack` acknowledges left before the window shrank last: then it does not grow by that. */
  isOld(ack: Serial): boolean {
    return ((ack - this.reducedUntil) | 0) <= 0;
  }

  /** The window has shrunk, for whatever reason. */
  noteReduction(): void {
    this.isReducing = true;
  }

  /** Text leaves; `isNew`: for the first time. Returns the flags that it gets. */
  leave(isNew: boolean): number {
    this.mayBeMarked = isNew; // RFC 3168 §6.1.5: what is sent again must not be
    if (!isNew || !this.isReducing) return 0;
    this.isReducing = false;
    return TcpFlag.Cwr;
  }

  /** How the segment just made is to be sent. */
  takeSendOptions(plain: SendOptions): SendOptions {
    if (!this.mayBeMarked) return plain;
    this.mayBeMarked = false;
    if (this.sendOptions === undefined || this.sendOptions.ttl !== plain.ttl) {
      this.sendOptions = { ...plain, trafficClass: (plain.trafficClass & ~MARKED) | CAPABLE };
    }
    return this.sendOptions;
  }
}

/** The flags of a SYN, or of an answer to one. */
export function setupFlags({ state, ecn, attempts, context }: TcpConnection): number {
  if (state === 'SynReceived') return ecn === undefined ? 0 : TcpFlag.Ece;
  // RFC 3168 §6.1.1.1: whoever does not answer may have dropped it for these flags.
  return context.settings.ecn === 'ask' && attempts === 0 ? SETUP : 0;
}

/** RFC 3168 §6.1.1: what the peer's SYN says of it. */
export function learnEcn(connection: TcpConnection, { flags }: TcpHeader): void {
  const { ecn } = connection.context.settings;
  const isAnswer = (flags & TcpFlag.Ack) !== 0;
  const hasAgreed = isAnswer
    ? ecn === 'ask' && connection.attempts === 0 && (flags & SETUP) === TcpFlag.Ece
    : ecn !== 'off' && (flags & SETUP) === SETUP;
  if (hasAgreed) connection.ecn = new Ecn(connection.iss);
}

/** Each segment of an open connection that has been accepted. */
export function ecnArrives(connection: TcpConnection, header: TcpHeader, isMarked: boolean): void {
  const { ecn, recovery, sndNxt, sndUna } = connection;
  if (ecn === undefined || !ecn.arrive(header, isMarked, sndNxt)) return;
  ecn.noteReduction();
  // After a loss it has shrunk already.
  if (recovery !== 'Recovery' && recovery !== 'Loss') connection.congestion.onLoss((sndNxt - sndUna) | 0);
}
