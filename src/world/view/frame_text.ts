// What a frame says, as one line: tcpdump's words, with DNS, DHCP, HTTP and TLS read, and TCP's numbers counted from the
// beginning of each connection. A `FrameReader` sees the frames of a capture in their order.

import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import type { Serial } from '../../core/serial.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { ContentType } from '../../secure/tls/record.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, formatDhcp, parseDhcp } from '../../wire/dhcp.ts';
import { formatDnsMessage } from '../../wire/dns_format.ts';
import { DNS_PORT, parseDns } from '../../wire/dns_message.ts';
import { formatFrame } from '../../wire/format_frame.ts';
import { type FrameFormat, payloadFormatterByPort } from '../../wire/format_payload.ts';
import type { TcpOrigin } from '../../wire/format_tcp.ts';
import { TcpFlag, tcpAcknowledgment, tcpFlags, tcpSequence } from '../../wire/tcp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { type Dissection, dissect } from './dissection.ts';
import { type HttpStart, httpStart } from './http_start.ts';
import { type SegmentEnds, segmentEnds } from './segment_ends.ts';
import type { TlsSegment } from './tls_segment.ts';
import { TlsStreams } from './tls_streams.ts';
import { tlsText } from './tls_text.ts';

/** Longest first line of an HTTP message that is shown. */
const MAX_HTTP_LINE = 80;

/** Reads frames one after the other: a frame's relative numbers depend on those before it. */
export class FrameReader {
  // Where each direction of a connection begins: one entry a direction, never more than there are frames.
  private readonly beginnings = new Map<string, Serial>();
  private readonly tls: TlsStreams;
  // The frame whose line is being written.
  private current: Dissection | undefined;
  private readonly format: FrameFormat = {
    formatUdpPayload: payloadFormatterByPort(
      new Map([
        [DNS_PORT, dnsText],
        [DHCP_SERVER_PORT, dhcpText],
        [DHCP_CLIENT_PORT, dhcpText],
      ]),
    ),
    formatTcpPayload: (sourcePort, destinationPort, payload) => {
      if (this.current?.tls !== undefined) return `TLS: ${tlsText(this.current.tls.records)}`;
      return sourcePort === DNS_PORT || destinationPort === DNS_PORT ? dnsOverTcpText(payload) : httpText(payload);
    },
    tcpOrigin: (source, destination) => this.origin({ source, destination }),
  };

  /** @param secrets with which what TLS protects is read too */
  constructor(secrets?: TlsSecrets) {
    this.tls = new TlsStreams(secrets);
  }

  /** The frame's layers; remembers where a connection begins, and what TLS has said in it. */
  read(frame: CapturedFrame): Dissection {
    const dissection = dissect(frame);
    const ends = segmentEnds(dissection);
    if (dissection.tcp === undefined || ends === undefined) return dissection;
    this.learn(dissection, ends);
    const tls = this.tls.read(dissection, ends);
    return tls === undefined ? dissection : { ...dissection, tls, http: dissection.http ?? httpInside(tls) };
  }

  /** The frame's line, once it has been read. */
  text(dissection: Dissection): string {
    this.current = dissection;
    return formatFrame(dissection.frame.bytes, this.format);
  }

  /** What counts as zero in a segment between these ends, as far as it is known by now. */
  origin({ source, destination }: SegmentEnds): TcpOrigin {
    return {
      sequence: this.beginnings.get(`${source}>${destination}`) ?? 0,
      acknowledgment: this.beginnings.get(`${destination}>${source}`) ?? 0,
    };
  }

  private learn({ view, tcp }: Dissection, ends: SegmentEnds): void {
    if (tcp === undefined) return;
    const flags = tcpFlags(view, tcp.at);
    const [forward, backward] = [`${ends.source}>${ends.destination}`, `${ends.destination}>${ends.source}`];
    const isSyn = (flags & TcpFlag.Syn) !== 0;
    // A capture that begins in the middle: what is seen first is taken for the byte behind the SYN.
    if (isSyn) this.beginnings.set(forward, tcpSequence(view, tcp.at));
    else if (!this.beginnings.has(forward)) this.beginnings.set(forward, (tcpSequence(view, tcp.at) - 1) | 0);
    if ((flags & TcpFlag.Ack) !== 0 && !this.beginnings.has(backward)) {
      this.beginnings.set(backward, (tcpAcknowledgment(view, tcp.at) - 1) | 0);
    }
  }
}

function httpInside({ records }: TlsSegment): HttpStart | undefined {
  for (const { content } of records) {
    const http = content?.type === ContentType.ApplicationData ? httpStart(content.data) : undefined;
    if (http !== undefined) return http;
  }
  return undefined;
}

function dnsText(payload: Uint8Array): string | undefined {
  const message = parseDns(viewOf(payload), 0, payload.length);
  return isDrop(message) ? undefined : formatDnsMessage(message, payload.length);
}

// RFC 1035 §4.2.2: two bytes of length before each message. One that is spread over segments is left alone.
function dnsOverTcpText(payload: Uint8Array): string | undefined {
  if (payload.length <= 2 || viewOf(payload).getUint16(0) !== payload.length - 2) return undefined;
  return dnsText(payload.subarray(2));
}

function dhcpText(payload: Uint8Array): string | undefined {
  const message = parseDhcp(viewOf(payload), 0, payload.length);
  return isDrop(message) ? undefined : formatDhcp(message, payload.length);
}

const HTTP_LINE = /^(?:[A-Z]{3,10} \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3}[^\r\n]*)/;

function httpText(payload: Uint8Array): string | undefined {
  const start = String.fromCharCode(...payload.subarray(0, 512));
  const line = HTTP_LINE.exec(start)?.[0].replace(/[^\x20-\x7e]/g, '?');
  return line === undefined ? undefined : `HTTP: ${line.slice(0, MAX_HTTP_LINE)}`;
}
