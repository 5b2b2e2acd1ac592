// A list of packets, one a line, as tshark and tcpdump print them; the same as objects; and the bytes of one.
//
//     7    1.002000000  lan  IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64
//     8    1.003000000  lan  ARP, Reply 10.0.0.2 is-at 02:..., length 28                        (lost on the link)

import { hexOf } from '../../core/bytes.ts';
import { formatInstant } from '../../core/time.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import type { CapturedFrame } from './captured_frame.ts';
import type { Dissection } from './dissection.ts';
import type { PacketFilter } from './filter.ts';
import { FILTER_FIELDS, formatFieldValue } from './filter_fields.ts';
import { FrameReader } from './frame_text.ts';

export interface PacketLine {
  readonly frame: CapturedFrame;
  readonly dissection: Dissection;
  readonly text: string;
}

/**
 * All the packets are read, so that relative numbers are right; those that pass are told of.
 *
 * @param secrets with which what TLS protects is read too
 */
export function packetLines(
  frames: readonly CapturedFrame[],
  filter: PacketFilter,
  secrets?: TlsSecrets,
): readonly PacketLine[] {
  const reader = new FrameReader(secrets);
  const lines: PacketLine[] = [];
  for (const frame of frames) {
    const dissection = reader.read(frame);
    if (filter(dissection)) lines.push({ frame, dissection, text: reader.text(dissection) });
  }
  return lines;
}

/** In columns that fit all of them: number, time, network, what it says, and what became of it in brackets. */
export function formatPacketLines(lines: readonly PacketLine[]): readonly string[] {
  const width = (text: (line: PacketLine) => string): number =>
    lines.reduce((widest, line) => Math.max(widest, text(line).length), 0);
  const numberWidth = Math.max(
    4,
    width(({ frame }) => String(frame.number)),
  );
  const timeWidth = width(({ frame }) => formatInstant(frame.time));
  const networkWidth = width(({ frame }) => frame.network);
  return lines.map(({ frame, text }) => {
    const { number, time, network, comment } = frame;
    const columns = [
      String(number).padStart(numberWidth),
      formatInstant(time).padStart(timeWidth),
      network.padEnd(networkWidth),
      text,
    ];
    return `${columns.join('  ')}${comment === undefined ? '' : `  (${comment})`}`;
  });
}

/** What `packets -o json` tells of a packet: its line, its bytes, and each filter field that it has. */
export interface PacketObject {
  readonly number: number;
  /** Seconds, all nine decimals. */
  readonly time: string;
  readonly network: string;
  readonly length: number;
  readonly text: string;
  readonly comment: string | null;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly bytes: string;
}

export function packetObjects(
  frames: readonly CapturedFrame[],
  filter: PacketFilter,
  secrets?: TlsSecrets,
): readonly PacketObject[] {
  return packetLines(frames, filter, secrets).map(({ frame, dissection, text }) => ({
    number: frame.number,
    time: formatInstant(frame.time),
    network: frame.network,
    length: frame.bytes.length,
    text,
    comment: frame.comment ?? null,
    fields: fieldsOf(dissection),
    bytes: hexOf(frame.bytes),
  }));
}

function fieldsOf(dissection: Dissection): Readonly<Record<string, readonly string[]>> {
  const fields: Record<string, readonly string[]> = {};
  for (const [name, { kind, values }] of FILTER_FIELDS) {
    const found = kind === 'protocol' ? [] : values(dissection);
    if (found.length > 0) fields[name] = found.map((value) => formatFieldValue(kind, value));
  }
  return fields;
}

/** Those that pass. @param secrets with which what TLS protects is read too */
export function passingFrames(
  frames: readonly CapturedFrame[],
  filter: PacketFilter,
  secrets?: TlsSecrets,
): readonly CapturedFrame[] {
  const reader = new FrameReader(secrets);
  return frames.filter((frame) => filter(reader.read(frame)));
}

const BYTES_PER_LINE = 16;

/** Offset, bytes in two halves, and the characters that can be printed. */
export function hexDump(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const row = [...bytes.subarray(at, at + BYTES_PER_LINE)];
    const hex = row.map((byte, i) => `${i === 8 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`).join(' ');
    const characters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(BYTES_PER_LINE * 3)}  ${characters}`);
  }
  return lines;
}
