// A segment has come for a listener (RFC 9293 §3.10.7.2): a SYN begins a handshake, or is answered with a cookie when
// there is no room for one; the acknowledgment of a cookie opens a connection; all else is refused.

import type { SipKey } from '../../../core/siphash.ts';
import { after, type Duration, type Instant } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { TcpFlag, type TcpHeader } from '../../../wire/tcp.ts';
import type { TcpOptions } from '../../../wire/tcp_options.ts';
import { initialize, learnFromSyn, pathSegmentSize, windowShift } from './handshake.ts';
import { endpointHash } from './initial_sequence.ts';
import { refuse } from './reset.ts';
import { segmentArrives } from './segment_arrives.ts';
import { bareSegment, clockAt } from './segment_writer.ts';
import { COOKIE_LIFETIME, makeCookie, offersOf, readCookie, stampOffers } from './syn_cookies.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpContext } from './tcp_context.ts';
import type { TcpListenerEndpoint } from './tcp_listener.ts';
import type { TcpOptionsOfConnection } from './tcp_settings.ts';

/** What opening needs of the machine besides. */
export interface PassiveOpener extends TcpContext {
  readonly acceptedOptions: TcpOptionsOfConnection;
  hostSecret(): SipKey;
  makeConnection(
    now: Instant,
    options: TcpOptionsOfConnection,
    localAddress: Ipv4Address,
    localPort: number,
    remoteAddress: Ipv4Address,
    remotePort: number,
  ): TcpConnection;
}

/** @param place where the segment's text starts in the arena */
export function arrivesForListener(
  now: Instant,
  opener: PassiveOpener,
  listener: TcpListenerEndpoint,
  header: TcpHeader,
  options: TcpOptions,
  source: Ipv4Address,
  destination: Ipv4Address,
  place: number,
): void {
  const { flags } = header;
  // First: RST.
  if (flags & TcpFlag.Rst) return;
  // Second: ACK.
  if (flags & TcpFlag.Ack) {
    if (!openFromCookie(now, opener, listener, header, options, source, destination, place)) {
      refuse(opener, header, source, destination);
    }
    return;
  }
  // Third: SYN; fourth: none.
  if (!(flags & TcpFlag.Syn)) return;
  switch (listener.admission()) {
    case 'handshake':
      begin(now, opener, listener, header, options, source, destination);
      break;
    case 'cookie':
      answerWithCookie(now, opener, listener, header, options, source, destination);
      break;
    case 'none':
      break;
  }
}

function begin(
  now: Instant,
  opener: PassiveOpener,
  listener: TcpListenerEndpoint,
  header: TcpHeader,
  options: TcpOptions,
  source: Ipv4Address,
  destination: Ipv4Address,
): TcpConnection {
  const { destinationPort, sourcePort } = header;
  const settings = listener.options ?? opener.acceptedOptions;
  const connection = opener.makeConnection(now, settings, destination, destinationPort, source, sourcePort);
  connection.state = 'Listen';
  learnFromSyn(now, connection, header, options);
  listener.begin(connection);
  connection.move(now, 'SynArrives', 'SYN arrived');
  opener.markDirty(connection);
  return connection;
}

function answerWithCookie(
  now: Instant,
  opener: PassiveOpener,
  listener: TcpListenerEndpoint,
  header: TcpHeader,
  offered: TcpOptions,
  source: Ipv4Address,
  destination: Ipv4Address,
): void {
  const { destinationPort, sourcePort, sequence } = header;
  const endpoints = {
    localAddress: destination,
    localPort: destinationPort,
    remoteAddress: source,
    remotePort: sourcePort,
  };
  const secret = opener.hostSecret();
  const { settings } = opener;
  const own = listener.options ?? opener.acceptedOptions;
  const hasTimestamps = settings.timestamps && offered.timestamps !== undefined;
  // Without timestamps there is no place to remember what was agreed.
  const agreed: TcpOptions = {
    maximumSegmentSize: pathSegmentSize(now, opener, source, own),
    windowScale:
      hasTimestamps && settings.windowScaling && offered.windowScale !== undefined
        ? windowShift(own.receiveBuffer)
        : undefined,
    isSackPermitted: hasTimestamps && settings.selectiveAcknowledgment && offered.isSackPermitted,
    timestamps: undefined,
    sackBlocks: [],
  };
  const [, tsOffset] = endpointHash(secret, destination, destinationPort, source, sourcePort);
  const value = stampOffers(clockAt(now, tsOffset), {
    ...agreed,
    windowScale: agreed.windowScale === undefined ? undefined : offered.windowScale,
  });
  const slot = bareSegment(
    opener,
    destination,
    destinationPort,
    source,
    sourcePort,
    makeCookie(now, secret, endpoints, sequence, offered),
    (sequence + 1) | 0,
    TcpFlag.Syn | TcpFlag.Ack,
    Math.min(own.receiveBuffer, 0xffff),
    hasTimestamps ? { ...agreed, timestamps: { value, echo: offered.timestamps?.value ?? 0 } } : agreed,
  );
  listener.cookiesUntil = after(now, COOKIE_LIFETIME as Duration);
  listener.cookiesSent++;
  opener.reply(slot, destination, source);
}

function openFromCookie(
  now: Instant,
  opener: PassiveOpener,
  listener: TcpListenerEndpoint,
  header: TcpHeader,
  options: TcpOptions,
  source: Ipv4Address,
  destination: Ipv4Address,
  place: number,
): boolean {
  if (header.flags & TcpFlag.Syn || now > listener.cookiesUntil) return false;
  const { destinationPort, sourcePort } = header;
  const endpoints = {
    localAddress: destination,
    localPort: destinationPort,
    remoteAddress: source,
    remotePort: sourcePort,
  };
  const secret = opener.hostSecret();
  const irs = (header.sequence - 1) | 0;
  const cookie = (header.acknowledgment - 1) | 0;
  const size = readCookie(now, secret, endpoints, irs, cookie);
  if (size === undefined) return false;
  if (listener.isFull) return true; // dropped: what follows brings it again
  const syn: TcpHeader = { ...header, sequence: irs, flags: TcpFlag.Syn, payloadLength: 0 };
  const connection = begin(now, opener, listener, syn, offersOf(size, options), source, destination);
  initialize(connection, cookie, connection.tsOffset);
  connection.sndNxt = (cookie + 1) | 0;
  connection.sendFrom = connection.sndNxt;
  listener.cookiesReturned++;
  segmentArrives(now, connection, header, options, place);
  return true;
}
