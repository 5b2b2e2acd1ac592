// ICMP echo for programs (RFC 792, RFC 1122 §3.2.2.6): what ping and traceroute ask with. Each endpoint has an identifier
// of its own; replies, and errors that quote one of its requests, find their way back by it.
//
// Not here: answering the requests of others, which the network layer does. It has checked what it hands up.

import type { Instant } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';
import {
  emitIcmp,
  ICMP_HEADER_LENGTH,
  ICMP_PROTOCOL,
  IcmpType,
  icmpCode,
  icmpIdentifier,
  icmpSequence,
  icmpType,
} from '../../wire/icmp.ts';
import {
  DEFAULT_SEND_OPTIONS,
  type IcmpError,
  type SendOptions,
  type TransportHandler,
} from '../net/network_layer_api.ts';
import type { TransportContext } from './transport_context.ts';
import { errorOfSend, type TransportError } from './transport_error.ts';

/** Data bytes of the longest request: 65,535 less the IP and the ICMP header. */
export const ECHO_MAX_PAYLOAD: number = 0xffff - 20 - ICMP_HEADER_LENGTH;
/** Answers that wait to be read; further ones are dropped. */
export const MAX_ECHO_NEWS = 256;
/** Endpoints with an identifier at one time; the next one's `send` says `ENOBUFS`. */
export const MAX_ECHO_ENDPOINTS = 1024;

/** An answer, or an error about a request. */
export interface EchoNews {
  readonly kind: 'reply' | 'time-exceeded' | 'unreachable' | 'too-big';
  /** Who answered, or who reports the error. */
  readonly from: IpAddress;
  /** Whom the request was for; of a reply, the local address it came to. */
  readonly to: IpAddress;
  /** ICMP's own code. */
  readonly code: number;
  readonly sequence: number;
  /** What was left of the reply's time to live; 0 with errors. */
  readonly ttl: number;
  /** Bytes of the reply's ICMP message; 0 with errors. */
  readonly length: number;
  /** With `too-big`: the next hop's MTU. */
  readonly mtu: number;
  readonly receivedAt: Instant;
}

export class EchoLayer implements TransportHandler {
  readonly context: TransportContext;
  /** Replies and errors that no endpoint waited for. */
  strays = 0;
  private readonly endpoints = new Map<number, EchoEndpoint>();
  private readonly ready: EchoEndpoint[] = [];
  private nextIdentifier: number;

  constructor(context: TransportContext) {
    this.context = context;
    this.nextIdentifier = context.random.fork('echo identifiers').below(0x1_0000);
  }

  /** @param owner the program's name */
  open(owner: string): EchoEndpoint {
    return new EchoEndpoint(this, owner);
  }

  /** An endpoint on which something changed, each once for any number of changes. */
  pollReady(): EchoEndpoint | undefined {
    for (let endpoint = this.ready.shift(); endpoint !== undefined; endpoint = this.ready.shift()) {
      endpoint.isReady = false;
      if (!endpoint.isClosed) return endpoint;
    }
    return undefined;
  }

  /** An echo reply. It is always taken: nobody tells a machine that it answers in vain. */
  receive(
    now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    _interfaceIndex: number,
    ttl: number = 0,
  ): boolean {
    const { arena } = this.context;
    const at = arena.start(slot);
    const length = arena.length(slot);
    const isReply = length >= ICMP_HEADER_LENGTH && icmpType(arena.view, at) === IcmpType.EchoReply;
    const endpoint = isReply ? this.endpoints.get(icmpIdentifier(arena.view, at)) : undefined;
    this.hand(endpoint, {
      kind: 'reply',
      from: source,
      to: destination,
      code: 0,
      sequence: isReply ? icmpSequence(arena.view, at) : 0,
      ttl,
      length,
      mtu: 0,
      receivedAt: now,
    });
    arena.release(slot);
    return true;
  }

  icmpError(now: Instant, error: IcmpError): void {
    const { view } = this.context.arena;
    const { kind, code, from, mtu, destination, at, end } = error;
    // Of a parameter problem nobody can learn anything: requests carry no options.
    if (end - at < ICMP_HEADER_LENGTH || kind === 'parameter-problem') return;
    const isAboutRequest = icmpType(view, at) === IcmpType.EchoRequest && icmpCode(view, at) === 0;
    const endpoint = isAboutRequest ? this.endpoints.get(icmpIdentifier(view, at)) : undefined;
    const sequence = icmpSequence(view, at);
    this.hand(endpoint, { kind, from, to: destination, code, sequence, ttl: 0, length: 0, mtu, receivedAt: now });
  }

  /** For endpoints: an identifier that no other one has; nothing when too many are out. */
  enter(endpoint: EchoEndpoint): number | undefined {
    if (this.endpoints.size === MAX_ECHO_ENDPOINTS) return undefined;
    while (this.endpoints.has(this.nextIdentifier)) this.nextIdentifier = (this.nextIdentifier + 1) & 0xffff;
    const identifier = this.nextIdentifier;
    this.nextIdentifier = (identifier + 1) & 0xffff;
    this.endpoints.set(identifier, endpoint);
    return identifier;
  }

  leave(identifier: number): void {
    this.endpoints.delete(identifier);
  }

  private hand(endpoint: EchoEndpoint | undefined, news: EchoNews): void {
    if (endpoint === undefined) this.strays++;
    else if (endpoint.enqueue(news) && !endpoint.isReady) {
      endpoint.isReady = true;
      this.ready.push(endpoint);
    }
  }
}

export class EchoEndpoint {
  readonly owner: string;
  /** Of whoever serves it: the layer never looks. */
  tag: unknown;
  isClosed = false;
  /** Lies in the layer's queue of endpoints with news. */
  isReady = false;
  /** News that came when there was no room. */
  drops = 0;
  private readonly layer: EchoLayer;
  private ownIdentifier: number | undefined;
  private readonly news: EchoNews[] = [];
  private options: SendOptions = DEFAULT_SEND_OPTIONS;

  /** Made by `EchoLayer.open`. */
  constructor(layer: EchoLayer, owner: string) {
    this.layer = layer;
    this.owner = owner;
  }

  /** Nothing before the first request. */
  get identifier(): number | undefined {
    return this.ownIdentifier;
  }

  /**
   * Asks once.
   *
   * @param sequence 0 to 65,535
   * @param ttl 1 to 255
   * @param payloadLength bytes behind the eight of header
   * @throws RangeError on a number outside its range
   */
  send(
    now: Instant,
    to: IpAddress,
    sequence: number,
    ttl: number = 64,
    payloadLength: number = 56,
    dontFragment: boolean = false,
  ): TransportError | undefined {
    checkRange('a sequence number', sequence, 0, 0xffff);
    checkRange('a time to live', ttl, 1, 255);
    checkRange('a payload', payloadLength, 0, Number.MAX_SAFE_INTEGER);
    if (this.isClosed) return 'EBADF';
    if (typeof to !== 'number') return 'EAFNOSUPPORT';
    if (payloadLength > ECHO_MAX_PAYLOAD) return 'EMSGSIZE';
    const { arena, sender } = this.layer.context;
    const source = sender.selectSource(to);
    if (source === undefined) return 'ENETUNREACH';
    this.ownIdentifier ??= this.layer.enter(this);
    const identifier = this.ownIdentifier;
    if (identifier === undefined) return 'ENOBUFS';
    if (ttl !== this.options.ttl || dontFragment !== this.options.dontFragment) {
      this.options = { ...DEFAULT_SEND_OPTIONS, ttl, dontFragment };
    }
    const slot = arena.allocate(ICMP_HEADER_LENGTH + payloadLength);
    const at = arena.start(slot);
    const dataAt = at + ICMP_HEADER_LENGTH;
    // Counting up, as ping's data does: what was cut or shifted on the way shows at once.
    for (let i = 0; i < payloadLength; i++) arena.bytes[dataAt + i] = i;
    const sum = arena.sum(dataAt, payloadLength);
    emitIcmp(arena.view, at, { kind: 'echo-request', code: 0, identifier, sequence }, sum);
    return errorOfSend(sender.send(now, slot, source, to, ICMP_PROTOCOL, this.options));
  }

  get isReadable(): boolean {
    return this.news.length > 0;
  }

  receive(): EchoNews | undefined {
    return this.news.shift();
  }

  /** Gives up its identifier. */
  close(): void {
    this.isClosed = true;
    this.news.length = 0;
    if (this.ownIdentifier !== undefined) this.layer.leave(this.ownIdentifier);
    this.ownIdentifier = undefined;
  }

  /** For the layer: whether there was room. */
  enqueue(news: EchoNews): boolean {
    if (this.news.length === MAX_ECHO_NEWS) {
      this.drops++;
      return false;
    }
    this.news.push(news);
    return true;
  }
}

function checkRange(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${what} is an integer from ${least} to ${most}, not ${value}`);
}
