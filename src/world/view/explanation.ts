// What each byte of a captured frame means: header by header, down to what was under protection, where the secrets are known. No
// byte is left out, none told of twice. Not here: how that is printed.

import { ByteReader, type ByteSpan } from '../../core/byte_reader.ts';
import { clipped, coverOf, shifted } from '../../core/byte_spans.ts';
import { viewOf } from '../../core/bytes.ts';
import type { ObservedRecord, TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { explainOpened, explainRecord } from '../../secure/tls/explain.ts';
import { ContentType } from '../../secure/tls/record.ts';
import { ARP_LENGTH } from '../../wire/arp.ts';
import { parseDhcp } from '../../wire/dhcp.ts';
import { parseDns } from '../../wire/dns_message.ts';
import { ICMP_HEADER_LENGTH } from '../../wire/icmp.ts';
import { ipv4HeaderLength } from '../../wire/ipv4.ts';
import { UDP_HEADER_LENGTH } from '../../wire/udp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { type Dissection, dissect } from './dissection.ts';
import { arpSpans, ethernetSpans, icmpSpans, ipv4Spans, tcpSpans, udpSpans } from './header_spans.ts';
import { httpSpans } from './http_spans.ts';
import { segmentEnds } from './segment_ends.ts';
import type { TlsSegment } from './tls_segment.ts';
import { TlsStreams } from './tls_streams.ts';
import { tlsText } from './tls_text.ts';

export interface ExplainedPart {
  /** `TCP`, `TLS record: ClientHello, SNI www.foo.test` */
  readonly title: string;
  /** Where it begins in the frame; undefined: nowhere, since it was under protection there. */
  readonly at: number | undefined;
  readonly bytes: Uint8Array;
  /** Side by side, from the first of these bytes to the last. */
  readonly explanation: readonly ByteSpan[];
}

/** Explains the frames of a capture, all of which it has read: what a segment means depends on the others. */
export class CaptureExplainer {
  private readonly streams: TlsStreams;

  /** @param secrets none: protection stays on */
  constructor(frames: readonly CapturedFrame[], secrets?: TlsSecrets) {
    this.streams = new TlsStreams(secrets);
    for (const frame of frames) {
      const dissection = dissect(frame);
      const ends = segmentEnds(dissection);
      if (ends !== undefined) this.streams.read(dissection, ends);
    }
  }

  /** @param frame one of them */
  explain(frame: CapturedFrame): readonly ExplainedPart[] {
    const dissection = dissect(frame);
    const ends = segmentEnds(dissection);
    const tls = ends === undefined ? undefined : this.streams.around(dissection, ends);
    return new FrameExplainer(frame.bytes).explain(dissection, tls ?? dissection.tls);
  }
}

class FrameExplainer {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly parts: ExplainedPart[] = [];
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  explain(dissection: Dissection, tls: TlsSegment | undefined): readonly ExplainedPart[] {
    const { ethernet, arp, ip } = dissection;
    this.part('Ethernet', ethernet?.headerLength ?? this.bytes.length, ethernetSpans);
    if (arp !== undefined) this.part('ARP', this.at + ARP_LENGTH, arpSpans);
    if (ip !== undefined) this.packet(dissection, tls);
    const isKnown = arp !== undefined || ip !== undefined;
    this.rest(isKnown ? 'behind the packet' : 'payload', this.bytes.length);
    return this.parts;
  }

  private packet(dissection: Dissection, tls?: TlsSegment): void {
    const { ip, icmp, udp, tcp, payload, quoted, view } = dissection;
    if (ip === undefined) return;
    this.part('IPv4', ip.at + ipv4HeaderLength(view, ip.at), ipv4Spans);
    if (icmp !== undefined) {
      this.part('ICMP', icmp.at + ICMP_HEADER_LENGTH, icmpSpans);
      // RFC 792: what the message is about, as far as it is quoted.
      if (quoted !== undefined) this.packet(quoted);
    } else if (udp !== undefined) {
      this.part('UDP', udp.at + UDP_HEADER_LENGTH, udpSpans);
      this.datagram(dissection, udp.end);
    } else if (tcp !== undefined) {
      this.part('TCP', payload?.at ?? tcp.end, tcpSpans);
      this.segment(dissection, tcp.end, tls);
    }
    this.rest('data', ip.end);
  }

  private datagram({ dns, dhcp }: Dissection, end: number): void {
    const { view, at } = this;
    if (dns !== undefined) this.part('DNS', end, ({ spans }) => parseDns(view, at, end, spans));
    if (dhcp !== undefined) this.part('DHCP', end, ({ spans }) => parseDhcp(view, at, end, spans), 'padding');
  }

  private segment({ dns, http }: Dissection, end: number, tls: TlsSegment | undefined): void {
    const { view, bytes, at } = this;
    if (dns !== undefined) {
      this.part('DNS', end, (reader) => {
        reader.uint16();
        reader.mark(at, 'length of the message', String(end - at - 2));
        parseDns(view, at + 2, end, reader.spans);
      });
    } else if (tls !== undefined) this.records(tls, end);
    else if (http !== undefined) {
      this.part('HTTP', end, ({ spans }) => spans?.push(...shifted(httpSpans(bytes.subarray(at, end)), at)));
    }
  }

  private records({ offset, records }: TlsSegment, end: number): void {
    const origin = this.at - offset; // where the stream would begin in the frame
    for (const record of records) {
      const [from, to] = [origin + record.offset, origin + record.offset + record.bytes.length];
      this.rest('TLS', Math.min(from, end));
      const [start, stop] = [this.at, Math.min(to, end)];
      const spans = clipped(explainRecord(record), start - from, stop - from);
      this.part(recordTitle(record, stop - start), stop, (reader) => reader.spans?.push(...shifted(spans, start)));
      // With its last byte, as messages and records that lie in many segments are shown with theirs.
      if (to <= end) this.opened(record);
    }
    this.rest('TLS, the beginning of a record whose end was not captured', end);
  }

  private opened(record: ObservedRecord): void {
    const { content, opening } = record;
    const inner = explainOpened(record);
    if (content === undefined || opening === undefined || inner === undefined) return;
    const spans = content.type === ContentType.ApplicationData ? httpSpans(content.data) : [];
    const explanation = spans.length === 0 ? inner.explanation : [...spans, ...inner.explanation.slice(1)];
    const generation = opening.generation === 0 ? '' : `, after ${opening.generation} key updates`;
    const title = `under protection of ${opening.secret}${generation}: TLS ${tlsText([record])}`;
    this.parts.push({ title, at: undefined, bytes: inner.bytes, explanation });
  }

  /** What `read` records of the bytes from here to `end`; those of which it records nothing are `others`. */
  private part(title: string, end: number, read: (reader: ByteReader) => void, others = 'not read'): void {
    const start = this.at;
    const stop = Math.min(end, this.bytes.length);
    if (stop <= start) return;
    const spans: ByteSpan[] = [];
    read(new ByteReader(this.view, start, stop, spans));
    const explanation = coverOf(shifted(spans, -start), stop - start, others);
    this.parts.push({ title, at: start, bytes: this.bytes.subarray(start, stop), explanation });
    this.at = stop;
  }

  private rest(title: string, end: number): void {
    this.part(title, end, (reader) => {
      const start = reader.at;
      reader.skip(reader.remaining);
      reader.mark(start, title === 'behind the packet' ? 'padding' : title);
    });
  }
}

function recordTitle(record: ObservedRecord, here: number): string {
  const { length } = record.bytes;
  const part = here === length ? '' : `, ${here} of its ${length} bytes`;
  return `TLS record${part}: ${tlsText([record])}`;
}
