// Follows the TLS connections of a capture: puts TCP's segments in their order and finds the records in them, which may begin in
// one and end in another. A connection that begins with no TLS record is left alone from then on.
//
// Each network has its own view of a connection: what a router passes on is seen again on the next one. Not here: what is in a
// record (secure/tls/eavesdropper.ts), and how it is told (tls_text.ts).

import { type Serial, serialAdd, serialDistance } from '../../core/serial.ts';
import type { TlsRole } from '../../secure/tls/connection.ts';
import { type ObservedRecord, TlsEavesdropper, type TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { RECORD_HEADER_LENGTH } from '../../secure/tls/record.ts';
import { TcpFlag, tcpDestinationPort, tcpFlags, tcpSequence, tcpSourcePort } from '../../wire/tcp.ts';
import type { Dissection } from './dissection.ts';
import type { SegmentEnds } from './segment_ends.ts';
import type { TlsSegment } from './tls_segment.ts';

/** Bytes ahead of a gap that a direction keeps; with more it is given up: what is missing was never captured. */
const MAX_AHEAD = 2 ** 22;

interface Ahead {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

class Stream {
  readonly from: TlsRole;
  /** Of the byte at offset 0. */
  private readonly first: Serial;
  /** Bytes without a gap so far. */
  length = 0;
  isOver = false;
  /** In order. */
  readonly records: ObservedRecord[] = [];
  private ahead: Ahead[] = [];
  private aheadLength = 0;

  constructor(from: TlsRole, first: Serial) {
    this.from = from;
    this.first = first;
  }

  /** Where a sequence number lies, near the bytes that are there. */
  offsetOf(sequence: Serial): number {
    return this.length + serialDistance(sequence, serialAdd(this.first, this.length));
  }

  isAt(first: Serial): boolean {
    return this.first === first;
  }

  /** Takes in a segment, and hands on what follows without a gap. */
  take(segment: Ahead, handOn: (bytes: Uint8Array) => void): void {
    const { offset, bytes } = segment;
    if (this.isOver || offset + bytes.length <= this.length) return;
    if (offset > this.length) {
      this.ahead.push(segment);
      this.aheadLength += bytes.length;
      if (this.aheadLength > MAX_AHEAD) this.end();
      return;
    }
    const fresh = bytes.subarray(this.length - offset);
    this.length += fresh.length;
    handOn(fresh);
    this.takeAhead(handOn);
  }

  end(): void {
    this.isOver = true;
    this.ahead = [];
  }

  private takeAhead(handOn: (bytes: Uint8Array) => void): void {
    const reached = this.ahead.filter(({ offset }) => offset <= this.length);
    if (reached.length === 0) return;
    this.ahead = this.ahead.filter(({ offset }) => offset > this.length);
    this.aheadLength = this.ahead.reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const segment of reached) this.take(segment, handOn);
  }
}

interface Conversation {
  readonly eavesdropper: TlsEavesdropper;
  readonly client: string;
  readonly streams: Map<string, Stream>;
  isTls: boolean;
}

export class TlsStreams {
  private readonly secrets: TlsSecrets | undefined;
  // One a connection and network, never more than there are frames.
  private readonly conversations = new Map<string, Conversation>();

  /** @param secrets none: protection stays on */
  constructor(secrets?: TlsSecrets) {
    this.secrets = secrets;
  }

  /** The next frame; a frame that was read before changes nothing. Undefined: no TLS is in it, as far as can be told by now. */
  read(dissection: Dissection, ends: SegmentEnds): TlsSegment | undefined {
    const { view, tcp, payload, frame } = dissection;
    if (tcp === undefined || payload === undefined) return undefined;
    const sequence = tcpSequence(view, tcp.at);
    const flags = tcpFlags(view, tcp.at);
    if ((flags & TcpFlag.Syn) !== 0) {
      this.begin(dissection, ends, serialAdd(sequence, 1), (flags & TcpFlag.Ack) !== 0);
      return undefined;
    }
    if (payload.end === payload.at) return undefined;
    const conversation =
      this.conversations.get(keyOf(dissection, ends)) ?? this.beginInTheMiddle(dissection, ends, tcp.at);
    if (!conversation.isTls) return undefined;
    const stream = streamOf(conversation, ends.source, sequence);
    const offset = stream.offsetOf(sequence);
    const before = stream.length;
    stream.take({ offset, bytes: frame.bytes.subarray(payload.at, payload.end) }, (bytes) =>
      listen(conversation, stream, bytes),
    );
    if (!conversation.isTls || !isRecognizable(conversation)) return undefined;
    const end = stream.length > before ? stream.length : offset + payload.end - payload.at;
    return { offset, records: recordsEnding(stream.records, offset, end) };
  }

  /** Once all frames have been read: the records of which a segment has bytes, whole. */
  around(dissection: Dissection, ends: SegmentEnds): TlsSegment | undefined {
    const segment = this.read(dissection, ends);
    const { payload } = dissection;
    const stream = this.conversations.get(keyOf(dissection, ends))?.streams.get(ends.source);
    if (segment === undefined || payload === undefined || stream === undefined) return undefined;
    const { offset } = segment;
    const end = offset + payload.end - payload.at;
    const from = recordsEndingBy(stream.records, offset);
    const records = stream.records.slice(from).filter((record) => record.offset < end);
    return { offset, records };
  }

  // Ends that were used before begin again: another connection, unless the SYN has only been sent again.
  private begin(dissection: Dissection, ends: SegmentEnds, first: Serial, isAnswer: boolean): void {
    const key = keyOf(dissection, ends);
    const known = this.conversations.get(key);
    const stream = known?.streams.get(ends.source);
    if (stream?.isAt(first) === true) return;
    const client = isAnswer ? ends.destination : ends.source;
    const isSame = known !== undefined && known.client === client && stream === undefined;
    const conversation = isSame ? known : conversationOf(client, this.secrets);
    this.conversations.set(key, conversation);
    conversation.streams.set(ends.source, new Stream(ends.source === client ? 'client' : 'server', first));
  }

  // A capture that begins in the middle: servers have the lower port.
  private beginInTheMiddle(dissection: Dissection, ends: SegmentEnds, at: number): Conversation {
    const { view } = dissection;
    const isFromClient = tcpSourcePort(view, at) >= tcpDestinationPort(view, at);
    const conversation = conversationOf(isFromClient ? ends.source : ends.destination, this.secrets);
    this.conversations.set(keyOf(dissection, ends), conversation);
    return conversation;
  }
}

const keyOf = ({ frame }: Dissection, { source, destination }: SegmentEnds): string =>
  source < destination ? `${frame.network} ${source} ${destination}` : `${frame.network} ${destination} ${source}`;

const conversationOf = (client: string, secrets: TlsSecrets | undefined): Conversation => {
  return { eavesdropper: new TlsEavesdropper(secrets), client, streams: new Map(), isTls: true };
};

function streamOf({ streams, client }: Conversation, source: string, sequence: Serial): Stream {
  const known = streams.get(source);
  if (known !== undefined) return known;
  const stream = new Stream(source === client ? 'client' : 'server', sequence);
  streams.set(source, stream);
  return stream;
}

function listen(conversation: Conversation, stream: Stream, bytes: Uint8Array): void {
  const { records, failure } = conversation.eavesdropper.receive(stream.from, bytes);
  stream.records.push(...records);
  if (failure === undefined) return;
  stream.end();
  // Not even one record: this is something else.
  if (stream.records.length === 0) conversation.isTls = false;
}

// A header is judged when it is there whole.
const isRecognizable = ({ streams }: Conversation): boolean =>
  [...streams.values()].some(({ length }) => length >= RECORD_HEADER_LENGTH);

/** How many records end at `offset` or before. */
function recordsEndingBy(records: readonly ObservedRecord[], offset: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && record.offset + record.bytes.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const recordsEnding = (records: readonly ObservedRecord[], from: number, to: number): readonly ObservedRecord[] =>
  records.slice(recordsEndingBy(records, from), recordsEndingBy(records, to));
