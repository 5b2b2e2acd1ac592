// One question to one server, and its answer: over UDP from a socket of its own, over TCP behind a length.
//
// Whoever wants to forge an answer must guess the id, and the port that the question came from (RFC 5452 §4): both are
// random for each question. Not here: whom to ask, and what an answer means.

import { viewOf } from '../../../core/bytes.ts';
import { type Instant, milliseconds } from '../../../core/time.ts';
import { type DnsMessage, encodeDns, parseDns } from '../../../wire/dns_message.ts';
import { sameName } from '../../../wire/dns_name.ts';
import { DnsRcode } from '../../../wire/dns_type.ts';
import { type Endpoint, type Program, SocketError, type System, type TcpSocket, type UdpSocket } from '../program.ts';

export type DnsTransport = 'udp' | 'tcp';

/** What came of a question. `unreachable`: an ICMP error, a refused or broken connection. */
export type DnsExchange =
  | { readonly kind: 'answered'; readonly message: DnsMessage; readonly length: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ExchangeOptions {
  /** A fixed port to ask from, as resolvers had before 2008: easy to forge answers for. Random unless given. */
  readonly sourcePort?: number;
}

const PORT_RETRY = milliseconds(1);
const READ_LIMIT = 4096;

/** Sends `query` and waits for its answer until `deadline`. A truncated answer comes back as such. */
export function* exchange(
  system: System,
  server: Endpoint,
  query: DnsMessage,
  transport: DnsTransport,
  deadline: Instant,
  options: ExchangeOptions = {},
): Program<DnsExchange> {
  try {
    return transport === 'udp'
      ? yield* overUdp(system, server, query, deadline, options)
      : yield* overTcp(system, server, query, deadline);
  } catch (error) {
    // ECONNABORTED is the end of this program, not an outcome of the question.
    if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
    if (error.code === 'ETIMEDOUT' || error.code === 'EAGAIN') return { kind: 'timeout' };
    return { kind: 'unreachable', reason: error.message };
  }
}

/** Whether `message` answers `query`: same id, same question (RFC 5452 §9.1). Its source is the caller's to check. */
export function isAnswerTo(query: DnsMessage, message: DnsMessage): boolean {
  if (!message.isResponse || message.id !== query.id || message.opcode !== query.opcode) return false;
  const asked = query.questions[0];
  const [question, ...more] = message.questions;
  // Who could not read the question cannot repeat it.
  if (question === undefined) return message.rcode === DnsRcode.FormErr || message.rcode === DnsRcode.NotImp;
  if (asked === undefined || more.length > 0) return false;
  return question.type === asked.type && question.class === asked.class && sameName(question.name, asked.name);
}

function* overUdp(
  system: System,
  server: Endpoint,
  query: DnsMessage,
  deadline: Instant,
  options: ExchangeOptions,
): Program<DnsExchange> {
  const socket = system.udp();
  try {
    if (!(yield* bind(system, socket, options.sourcePort ?? 0, deadline))) return { kind: 'timeout' };
    socket.connect(server.address, server.port);
    socket.send(encodeDns(query));
    for (;;) {
      const datagram = yield* socket.receive(deadline);
      if (datagram === undefined) return { kind: 'timeout' };
      if (datagram.address !== server.address || datagram.port !== server.port) continue;
      const message = parseDns(viewOf(datagram.data), 0, datagram.data.length);
      // What does not fit is ignored, not taken for a failure: it may be forged, and the true answer on its way.
      if (typeof message === 'number' || !isAnswerTo(query, message)) continue;
      return { kind: 'answered', message, length: datagram.data.length };
    }
  } finally {
    socket.close();
  }
}

// A fixed port serves one question at a time: others wait for it.
function* bind(system: System, socket: UdpSocket, port: number, deadline: Instant): Program<boolean> {
  for (;;) {
    try {
      socket.bind(undefined, port);
      return true;
    } catch (error) {
      if (!(error instanceof SocketError) || error.code !== 'EADDRINUSE' || port === 0) throw error;
      if (system.now >= deadline) return false;
      yield* system.sleep(PORT_RETRY);
    }
  }
}

function* overTcp(system: System, server: Endpoint, query: DnsMessage, deadline: Instant): Program<DnsExchange> {
  const socket = system.tcp();
  let isDone = false;
  try {
    yield* socket.connect(server.address, server.port, deadline);
    yield* socket.write(framed(encodeDns(query)));
    const stream = new MessageStream(socket);
    const bytes = yield* stream.read(deadline);
    if (bytes === undefined) {
      if (system.now >= deadline) return { kind: 'timeout' };
      return { kind: 'unreachable', reason: 'the server closed the connection' };
    }
    const message = parseDns(viewOf(bytes), 0, bytes.length);
    if (typeof message === 'number' || !isAnswerTo(query, message)) {
      return { kind: 'unreachable', reason: 'the server sent something else' };
    }
    isDone = true;
    return { kind: 'answered', message, length: bytes.length };
  } finally {
    if (isDone) socket.close();
    else socket.abort();
  }
}

/** A message as it goes over TCP: its length in front (RFC 1035 §4.2.2), in one write (RFC 7766 §8). */
export function framed(message: Uint8Array): Uint8Array {
  const data = new Uint8Array(2 + message.length);
  data[0] = message.length >>> 8;
  data[1] = message.length;
  data.set(message, 2);
  return data;
}

/** Cuts what comes over a connection into messages. Holds one message at most, and what came with its end. */
export class MessageStream {
  private readonly socket: TcpSocket;
  private buffer: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;

  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  /** The next message; undefined at the end of the stream, or once `deadline` has come. */
  *read(deadline: Instant): Program<Uint8Array | undefined> {
    while (this.end - this.start < this.wanted()) {
      const more = yield* this.more(deadline);
      if (more === undefined) return undefined;
      this.append(more);
    }
    const message = this.buffer.slice(this.start + 2, this.start + this.wanted());
    this.start += this.wanted();
    return message;
  }

  // Bytes of the next message with its length, as far as that is known.
  private wanted(): number {
    if (this.end - this.start < 2) return 2;
    return 2 + (((this.buffer[this.start] ?? 0) << 8) | (this.buffer[this.start + 1] ?? 0));
  }

  private append(more: Uint8Array): void {
    if (this.end + more.length > this.buffer.length) {
      const kept = this.buffer.subarray(this.start, this.end);
      // Twice what is held: who sends byte by byte must not make us copy it all each time.
      const larger = new Uint8Array(2 * (kept.length + more.length));
      larger.set(kept);
      this.buffer = larger;
      this.end = kept.length;
      this.start = 0;
    }
    this.buffer.set(more, this.end);
    this.end += more.length;
  }

  private *more(deadline: Instant): Program<Uint8Array | undefined> {
    try {
      return yield* this.socket.read(READ_LIMIT, deadline);
    } catch (error) {
      if (error instanceof SocketError && (error.code === 'EAGAIN' || error.code === 'ETIMEDOUT')) return undefined;
      throw error;
    }
  }
}
