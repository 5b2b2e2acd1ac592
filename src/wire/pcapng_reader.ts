// Reads capture files: pcapng here, the older pcap through its own reader. A file is something that someone else wrote:
// nothing throws, and what is wrong is said in a sentence beside all that could be read before it.
//
// Bounds: each packet, interface, comment or name takes at least four bytes of the file, and frames are not copied; so the
// result is at most a constant times the file.

import { textOf } from '../core/bytes.ts';
import { type Ipv6Address, ipv4At } from './address.ts';
import type { Capture, CaptureInterface, CaptureName, CapturePacket } from './capture.ts';
import { isPcap, readPcap } from './pcap_reader.ts';
import {
  BLOCK_FRAME_LENGTH,
  BYTE_ORDER_MAGIC,
  DECRYPTION_SECRETS_BLOCK,
  ENHANCED_PACKET_BLOCK,
  ENHANCED_PACKET_BODY_LENGTH,
  INTERFACE_BLOCK,
  INTERFACE_BODY_LENGTH,
  NAME_END,
  NAME_IPV4,
  NAME_IPV6,
  NAME_RESOLUTION_BLOCK,
  OPTION_APPLICATION,
  OPTION_COMMENT,
  OPTION_END,
  OPTION_INTERFACE_DESCRIPTION,
  OPTION_INTERFACE_NAME,
  OPTION_TIME_OFFSET,
  OPTION_TIME_RESOLUTION,
  PACKET_BLOCK,
  paddedLength,
  SECRETS_BODY_LENGTH,
  SECRETS_TLS_KEY_LOG,
  SECTION_BODY_LENGTH,
  SECTION_HEADER_BLOCK,
  SIMPLE_PACKET_BLOCK,
  SIMPLE_PACKET_BODY_LENGTH,
} from './pcapng.ts';

/** Reads a whole file of either format. */
export function readCapture(file: Uint8Array): Capture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (isPcap(view)) return readPcap(file);
  if (file.length >= 4 && view.getUint32(0) === SECTION_HEADER_BLOCK) return new PcapngReader(file, view).read();
  const problem = 'This is no capture file: it begins neither like pcapng nor like pcap.';
  return { format: 'unknown', interfaces: [], packets: [], tlsSecrets: [], names: [], problem };
}

interface TimeScale {
  /** Ticks a second. */
  readonly ticks: bigint;
  /** Seconds to add. */
  readonly offset: bigint;
  /** The longest frame that is kept; 0 for no limit. */
  readonly snapLength: number;
}

const MICROSECONDS = 1_000_000n; // draft-ietf-opsawg-pcapng §4.2: the resolution unless it is given
const NANOSECONDS = 1_000_000_000n;

/** What the body of a block says, when the block makes no sense. */
type Problem = string | undefined;

class PcapngReader {
  private readonly file: Uint8Array;
  private readonly view: DataView;
  private isLittle = true;
  /** Interfaces of this section are counted from here. */
  private firstInterface = 0;
  private application: string | undefined;
  private readonly interfaces: CaptureInterface[] = [];
  private readonly scales: TimeScale[] = [];
  private readonly packets: CapturePacket[] = [];
  private readonly tlsSecrets: string[] = [];
  private readonly names: CaptureName[] = [];

  constructor(file: Uint8Array, view: DataView) {
    this.file = file;
    this.view = view;
  }

  read(): Capture {
    const problem = this.readBlocks();
    return {
      format: 'pcapng',
      ...(this.application === undefined ? {} : { application: this.application }),
      interfaces: this.interfaces,
      packets: this.packets,
      tlsSecrets: this.tlsSecrets,
      names: this.names,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  private readBlocks(): Problem {
    const size = this.file.length;
    let at = 0;
    while (at < size) {
      const where = `The block at byte ${at}`;
      if (size - at < BLOCK_FRAME_LENGTH) return `${where} is cut off.`;
      const isSection = this.view.getUint32(at) === SECTION_HEADER_BLOCK;
      if (isSection) {
        if (!this.readByteOrder(at)) return `${where} begins a section without a byte order.`;
      }
      const length = this.uint32(at + 4);
      if (length < BLOCK_FRAME_LENGTH || length % 4 !== 0) return `${where} states a length of ${length} bytes.`;
      if (length > size - at) return `${where} is cut off: it has ${length} bytes, and ${size - at} are left.`;
      if (this.uint32(at + length - 4) !== length) return `${where} states two lengths that differ.`;
      const problem = this.readBody(isSection ? SECTION_HEADER_BLOCK : this.uint32(at), at + 8, at + length - 4);
      if (problem !== undefined) return `${where} ${problem}`;
      at += length;
    }
    return undefined;
  }

  private readByteOrder(at: number): boolean {
    this.isLittle = this.view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    return this.isLittle || this.view.getUint32(at + 8) === BYTE_ORDER_MAGIC;
  }

  private readBody(type: number, at: number, end: number): Problem {
    switch (type) {
      case SECTION_HEADER_BLOCK:
        return this.readSection(at, end);
      case INTERFACE_BLOCK:
        return this.readInterface(at, end);
      case ENHANCED_PACKET_BLOCK:
      case PACKET_BLOCK:
        return this.readPacket(type, at, end);
      case SIMPLE_PACKET_BLOCK:
        return this.readSimplePacket(at, end);
      case DECRYPTION_SECRETS_BLOCK:
        return this.readSecrets(at, end);
      case NAME_RESOLUTION_BLOCK:
        return this.readNames(at, end);
      default:
        return undefined; // statistics, custom blocks: stepped over
    }
  }

  private readSection(at: number, end: number): Problem {
    if (end - at < SECTION_BODY_LENGTH) return 'is too short for the beginning of a section.';
    const version = this.uint16(at + 4);
    if (version !== 1) return `begins a section of version ${version}, and only version 1 is known.`;
    this.firstInterface = this.interfaces.length;
    return this.eachOption(at + SECTION_BODY_LENGTH, end, (code, from, to) => {
      if (code === OPTION_APPLICATION) this.application ??= this.text(from, to);
    });
  }

  private readInterface(at: number, end: number): Problem {
    if (end - at < INTERFACE_BODY_LENGTH) return 'is too short for an interface.';
    const found: { -readonly [Name in keyof CaptureInterface]: CaptureInterface[Name] } = { linkType: this.uint16(at) };
    let ticks = MICROSECONDS;
    let offset = 0n;
    const problem = this.eachOption(at + INTERFACE_BODY_LENGTH, end, (code, from, to) => {
      if (code === OPTION_INTERFACE_NAME) found.name = this.text(from, to);
      else if (code === OPTION_INTERFACE_DESCRIPTION) found.description = this.text(from, to);
      else if (code === OPTION_TIME_RESOLUTION && to - from === 1) ticks = ticksOf(this.view.getUint8(from));
      else if (code === OPTION_TIME_OFFSET && to - from === 8) offset = this.view.getBigInt64(from, this.isLittle);
    });
    this.interfaces.push(found);
    this.scales.push({ ticks, offset, snapLength: this.uint32(at + 4) });
    return problem;
  }

  private readPacket(type: number, at: number, end: number): Problem {
    if (end - at < ENHANCED_PACKET_BODY_LENGTH) return 'is too short for a packet.';
    const local = type === ENHANCED_PACKET_BLOCK ? this.uint32(at) : this.uint16(at);
    const interfaceNumber = this.firstInterface + local;
    const scale = this.scales[interfaceNumber];
    if (scale === undefined) return `is a packet of interface ${local}, which its section does not have.`;
    const ticks = (BigInt(this.uint32(at + 4)) << 32n) | BigInt(this.uint32(at + 8));
    const length = this.uint32(at + 12);
    const dataAt = at + ENHANCED_PACKET_BODY_LENGTH;
    if (length > end - dataAt) return `is a packet of ${length} bytes, and ${end - dataAt} are there.`;
    const comments: string[] = [];
    this.packets.push({
      interfaceNumber,
      seconds: Number(ticks / scale.ticks + scale.offset),
      nanoseconds: Number(((ticks % scale.ticks) * NANOSECONDS) / scale.ticks),
      data: this.file.subarray(dataAt, dataAt + length),
      originalLength: this.uint32(at + 16),
      comments,
    });
    return this.eachOption(dataAt + paddedLength(length), end, (code, from, to) => {
      if (code === OPTION_COMMENT) comments.push(this.text(from, to));
    });
  }

  private readSimplePacket(at: number, end: number): Problem {
    if (end - at < SIMPLE_PACKET_BODY_LENGTH) return 'is too short for a packet.';
    const scale = this.scales[this.firstInterface];
    if (scale === undefined) return 'is a packet of interface 0, which its section does not have.';
    const originalLength = this.uint32(at);
    const dataAt = at + SIMPLE_PACKET_BODY_LENGTH;
    const length = scale.snapLength === 0 ? originalLength : Math.min(originalLength, scale.snapLength);
    if (length > end - dataAt) return `is a packet of ${length} bytes, and ${end - dataAt} are there.`;
    const data = this.file.subarray(dataAt, dataAt + length);
    const interfaceNumber = this.firstInterface;
    this.packets.push({ interfaceNumber, seconds: 0, nanoseconds: 0, data, originalLength, comments: [] });
    return undefined;
  }

  private readSecrets(at: number, end: number): Problem {
    if (end - at < SECRETS_BODY_LENGTH) return 'is too short for secrets.';
    const length = this.uint32(at + 4);
    const dataAt = at + SECRETS_BODY_LENGTH;
    if (length > end - dataAt) return `holds ${length} bytes of secrets, and ${end - dataAt} are there.`;
    if (this.uint32(at) === SECRETS_TLS_KEY_LOG) this.tlsSecrets.push(this.text(dataAt, dataAt + length));
    return undefined;
  }

  private readNames(at: number, end: number): Problem {
    let i = at;
    while (i + 4 <= end) {
      const kind = this.uint16(i);
      const from = i + 4;
      const to = from + this.uint16(i + 2);
      if (kind === NAME_END) return undefined;
      if (to > end) return 'holds a name that is cut off.';
      const namesAt = from + (kind === NAME_IPV4 ? 4 : 16);
      if ((kind === NAME_IPV4 || kind === NAME_IPV6) && namesAt <= to) {
        const address = kind === NAME_IPV4 ? ipv4At(this.view, from) : this.ipv6(from);
        const names = this.text(namesAt, to).split('\0');
        this.names.push({ address, names: names.filter((name) => name !== '') });
      }
      i = from + paddedLength(to - from);
    }
    return undefined;
  }

  private eachOption(at: number, end: number, take: (code: number, from: number, to: number) => void): Problem {
    let i = at;
    while (i + 4 <= end) {
      const code = this.uint16(i);
      const from = i + 4;
      const to = from + this.uint16(i + 2);
      if (code === OPTION_END) return undefined;
      if (to > end) return 'has an option that is cut off.';
      take(code, from, to);
      i = from + paddedLength(to - from);
    }
    return undefined;
  }

  private uint16(at: number): number {
    return this.view.getUint16(at, this.isLittle);
  }

  private uint32(at: number): number {
    return this.view.getUint32(at, this.isLittle);
  }

  private text(from: number, to: number): string {
    return textOf(this.file.subarray(from, to));
  }

  private ipv6(at: number): Ipv6Address {
    const groups = Array.from({ length: 8 }, (_, i) => this.view.getUint16(at + 2 * i));
    return String.fromCharCode(...groups) as Ipv6Address;
  }
}

// At most 10^127 or 2^127: a number that BigInt holds, so that no resolution needs to be refused.
const ticksOf = (resolution: number): bigint => (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
