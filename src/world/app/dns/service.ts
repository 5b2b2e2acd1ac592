// The front of every DNS server: port 53 over UDP and TCP, and what is the same for all of them. What to say is given by
// a `DnsHandler`: at once, or when a program that it started is done.
//
//   UDP   one datagram in, one out, no longer than its sender can take
//   TCP   many messages over a connection, one after the other (RFC 7766 §6.2.1), until it has been idle for ten seconds
//
// Not here: zones, caches, resolution.

import { viewOf } from '../../../core/bytes.ts';
import { after, type Duration, seconds } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import {
  DNS_EDNS_LIMIT,
  DNS_PORT,
  DNS_UDP_LIMIT,
  type DnsMessage,
  type DnsQuestion,
  dnsQueryId,
  encodeDns,
  parseDns,
} from '../../../wire/dns_message.ts';
import { DnsClass, DnsOpcode, DnsRcode, DnsType } from '../../../wire/dns_type.ts';
import {
  type Datagram,
  type Process,
  type Program,
  SocketError,
  type System,
  type TcpSocket,
  type UdpSocket,
} from '../program.ts';
import { ResponseLimit } from './response_limit.ts';
import { framed, MessageStream } from './transport.ts';

export interface ServiceOptions {
  /** The local address to serve on; all unless given. */
  readonly address?: IpAddress;
  readonly port?: number;
  /** The longest answer over UDP, whatever a client offers to take; 1,232 bytes. */
  readonly udpLimit?: number;
  /** What a message costs of this machine's capacity. */
  readonly serviceTime?: Duration;
  /** Equal answers a second that one network gets over UDP; as many as it asks for unless given. */
  readonly answersPerSecond?: number | undefined;
}

/** An answer that is still being worked on. */
export interface PendingReply {
  readonly process: Process;
  /** The answer, once the process is done. */
  readonly reply: () => DnsMessage;
}

/** Takes a sound query with one question. `undefined`: no answer at all. */
export type DnsHandler = (query: DnsMessage, question: DnsQuestion) => DnsMessage | PendingReply | undefined;

/** A connection that is one too many is reset. */
export const MAX_CONNECTIONS = 100;
/** Clients over UDP that wait for a pending answer; one too many is told SERVFAIL at once. */
export const MAX_WAITING = 1000;

const IDLE_TIMEOUT = seconds(10); // RFC 7766 §6.2.3: a few seconds
const BACKLOG = 16;

/** Serves until it is killed. @throws SocketError when the port is taken, or not for this user */
export function* serveDns(system: System, handler: DnsHandler, options: ServiceOptions): Program<void> {
  const port = options.port ?? DNS_PORT;
  const socket = system.udp();
  const connections = new Set<Process>();
  try {
    socket.bind(options.address, port);
    const listener = system.listen(options.address, port, BACKLOG);
    const acceptor = system.spawn('dns over tcp', acceptAll());
    try {
      yield* serveDatagrams(system, socket, handler, options);
    } finally {
      acceptor.kill();
      listener.close();
      for (const connection of connections) connection.kill();
    }

    function* acceptAll(): Program<void> {
      for (;;) {
        const peer = yield* listener.accept();
        if (peer === undefined) continue;
        for (const connection of connections) if (connection.isDone) connections.delete(connection);
        if (connections.size >= MAX_CONNECTIONS) peer.abort();
        else connections.add(system.spawn('dns connection', serveConnection(system, peer, handler, options)));
      }
    }
  } finally {
    socket.close();
  }
}

/** The skeleton of an answer: the question repeated, EDNS where the query has it (RFC 6891 §6.1.1). */
export const replyTo = (query: DnsMessage, reply: Partial<DnsMessage> = {}): DnsMessage => ({
  id: query.id,
  isResponse: true,
  opcode: query.opcode,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: query.isRecursionDesired,
  isRecursionAvailable: false,
  isAuthenticData: false,
  isCheckingDisabled: query.isCheckingDisabled,
  rcode: DnsRcode.NoError,
  questions: query.questions,
  answers: [],
  authorities: [],
  additionals: [],
  ...(query.edns === undefined
    ? {}
    : { edns: { udpPayload: DNS_EDNS_LIMIT, version: 0, isDnssecOk: query.edns.isDnssecOk, options: [] } }),
  ...reply,
});

function* serveDatagrams(
  system: System,
  socket: UdpSocket,
  handler: DnsHandler,
  options: ServiceOptions,
): Program<never> {
  let waiting = 0;
  const { answersPerSecond } = options;
  const responseLimit = answersPerSecond === undefined ? undefined : new ResponseLimit(answersPerSecond);
  for (;;) {
    const datagram = yield* socket.receive();
    if (datagram === undefined) continue;
    if (options.serviceTime !== undefined) yield* system.work(options.serviceTime);
    const [query, reply] = handle(datagram.data, handler);
    if (reply === undefined) continue;
    const limit = udpLimitOf(query, options);
    if (!('process' in reply)) answer(datagram, reply, limit);
    else if (waiting >= MAX_WAITING) {
      if (query !== undefined) answer(datagram, replyTo(query, { rcode: DnsRcode.ServFail }), limit);
    } else {
      waiting++;
      system.spawn('dns reply', answerLater(reply, datagram, limit));
    }
  }

  function* answerLater(pending: PendingReply, datagram: Datagram, limit: number): Program<void> {
    try {
      yield* system.join(pending.process);
      answer(datagram, pending.reply(), limit);
    } finally {
      waiting--;
    }
  }

  function answer(datagram: Datagram, reply: DnsMessage, limit: number): void {
    const judgement = responseLimit?.judge(system.now, datagram.address, reply) ?? 'whole';
    if (judgement === 'none') return;
    send(socket, datagram, encodeDns(judgement === 'whole' ? reply : truncated(reply), limit));
  }
}

/** Nothing but that there is more (RFC 1035 §4.1.1, TC). */
const truncated = (reply: DnsMessage): DnsMessage => {
  return { ...reply, isTruncated: true, answers: [], authorities: [], additionals: [] };
};

function* serveConnection(
  system: System,
  peer: TcpSocket,
  handler: DnsHandler,
  options: ServiceOptions,
): Program<void> {
  try {
    const stream = new MessageStream(peer);
    for (;;) {
      const bytes = yield* stream.read(after(system.now, IDLE_TIMEOUT));
      if (bytes === undefined) return;
      if (options.serviceTime !== undefined) yield* system.work(options.serviceTime);
      const [, reply] = handle(bytes, handler);
      if (reply === undefined) return; // RFC 7766 says nothing good of who sends no queries
      if ('process' in reply) {
        yield* system.join(reply.process);
        yield* peer.write(framed(encodeDns(reply.reply())));
      } else yield* peer.write(framed(encodeDns(reply)));
    }
  } catch (error) {
    if (!(error instanceof SocketError)) throw error; // the client is gone
  } finally {
    peer.close();
  }
}

// Everything about a query that does not depend on what this server knows.
function handle(
  bytes: Uint8Array,
  handler: DnsHandler,
): readonly [query: DnsMessage | undefined, reply: DnsMessage | PendingReply | undefined] {
  const view = viewOf(bytes);
  const query = parseDns(view, 0, bytes.length);
  if (typeof query === 'number') {
    const id = dnsQueryId(view, 0, bytes.length);
    return [undefined, id === undefined ? undefined : formatError(id)];
  }
  if (query.isResponse) return [query, undefined]; // never answered, or two servers could talk for ever
  const refuse = (rcode: number): readonly [DnsMessage, DnsMessage] => [query, replyTo(query, { rcode })];
  if (query.edns !== undefined && query.edns.version > 0) return refuse(DnsRcode.BadVers); // RFC 6891 §6.1.3
  if (query.opcode !== DnsOpcode.Query) return refuse(DnsRcode.NotImp);
  const [question, ...more] = query.questions;
  if (question === undefined || more.length > 0) return refuse(DnsRcode.FormErr); // RFC 9619
  if (question.type === DnsType.OPT) return refuse(DnsRcode.FormErr);
  if (question.class !== DnsClass.IN && question.class !== DnsClass.ANY) return refuse(DnsRcode.Refused);
  if (question.type === DnsType.AXFR || question.type === DnsType.IXFR) return refuse(DnsRcode.Refused);
  return [query, handler(query, question)];
}

/** RFC 8482 §4.2: who asks for everything gets a record that says that nobody gets it. */
export function refusalOfAny(query: DnsMessage, question: DnsQuestion, flags: Partial<DnsMessage>): DnsMessage {
  const data = { kind: 'HINFO' as const, cpu: RFC_8482, system: new Uint8Array(0) };
  const record = { name: question.name, type: DnsType.HINFO, class: DnsClass.IN, ttl: 3600, data };
  return replyTo(query, { ...flags, answers: [record] });
}

const RFC_8482 = Uint8Array.of(0x52, 0x46, 0x43, 0x38, 0x34, 0x38, 0x32);

// RFC 1035 §4.1.1: what cannot be read gets an answer with its id and nothing else.
const formatError = (id: number): DnsMessage => ({
  id,
  isResponse: true,
  opcode: DnsOpcode.Query,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: false,
  isRecursionAvailable: false,
  isAuthenticData: false,
  isCheckingDisabled: false,
  rcode: DnsRcode.FormErr,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
});

// RFC 6891 §6.2.3: below 512 means 512.
function udpLimitOf(query: DnsMessage | undefined, options: ServiceOptions): number {
  if (query?.edns === undefined) return DNS_UDP_LIMIT;
  return Math.max(DNS_UDP_LIMIT, Math.min(query.edns.udpPayload, options.udpLimit ?? DNS_EDNS_LIMIT));
}

// An answer that cannot go out is lost: its client will ask again.
function send(socket: UdpSocket, to: Datagram, data: Uint8Array): void {
  try {
    socket.sendTo(data, to.address, to.port);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
  }
}
