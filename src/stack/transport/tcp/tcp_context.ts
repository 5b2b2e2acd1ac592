// What a connection has of the machine it lives on: memory, the way out, and the queues in which it reports.

import type { Arena } from '../../../core/arena.ts';
import type { DropReason } from '../../../core/drop_reason.ts';
import type { EventSource } from '../../../core/event_queue.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Instant } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { PacketSender } from '../../net/network_layer_api.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpListenerEndpoint } from './tcp_listener.ts';
import type { TcpSettings } from './tcp_settings.ts';
import type { TimeWaitEntry } from './time_wait.ts';

export interface TcpCounters {
  segmentsIn: number;
  segmentsOut: number;
  retransmitted: number;
  resetsSent: number;
  challengeAcks: number;
  /** Connections that reached Established. */
  established: number;
}

export interface TcpContext {
  readonly arena: Arena;
  readonly sender: PacketSender;
  readonly settings: TcpSettings;
  readonly journal: Journal | undefined;
  readonly hostName: string;
  readonly counters: TcpCounters;
  /** The connection may have something to send: `flush` asks it. */
  markDirty(connection: TcpConnection): void;
  /** Something changed that its program may wait for. */
  markReady(endpoint: TcpConnection | TcpListenerEndpoint): void;
  /** Has `source` fired at `time` or earlier. Background sources do not keep a world alive. */
  schedule(source: EventSource, time: Instant): void;
  /** Whether `source` is to be fired after `time` only, or not at all. */
  isDueAfter(source: EventSource, time: Instant): boolean;
  /** A segment that belongs to no connection's stream: a reset, or the answer of TIME_WAIT. Takes the slot over. */
  reply(slot: number, source: IpAddress, destination: IpAddress): void;
  /** Segments for the connection no longer reach it. */
  forget(connection: TcpConnection): void;
  /** The connection's endpoints rest for twice the segment lifetime. */
  enterTimeWait(now: Instant, connection: TcpConnection): void;
  /** They rest for as long once more. */
  restartTimeWait(now: Instant, entry: TimeWaitEntry): void;
  countDrop(reason: DropReason): void;
}
