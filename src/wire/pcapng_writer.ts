// Writes a capture as pcapng, piece by piece: whoever puts the pieces behind each other has the file.
//
//   header | interface | interface | secrets | packet | packet | interface | packet ...
//
// Secrets and names are for packets behind them: a reader that goes through the file once knows them in time. Times are
// nanoseconds since 1970. Not here: where the pieces go, and pcap, the older format.

import { utf8 } from '../core/bytes.ts';
import type { Instant } from '../core/time.ts';
import type { IpAddress } from './address.ts';
import {
  BLOCK_FRAME_LENGTH,
  BYTE_ORDER_MAGIC,
  DECRYPTION_SECRETS_BLOCK,
  ENHANCED_PACKET_BLOCK,
  ENHANCED_PACKET_BODY_LENGTH,
  INTERFACE_BLOCK,
  INTERFACE_BODY_LENGTH,
  LINKTYPE_ETHERNET,
  NAME_IPV4,
  NAME_IPV6,
  NAME_RESOLUTION_BLOCK,
  OPTION_APPLICATION,
  OPTION_COMMENT,
  OPTION_INTERFACE_NAME,
  OPTION_TIME_RESOLUTION,
  paddedLength,
  SECRETS_BODY_LENGTH,
  SECRETS_TLS_KEY_LOG,
  SECTION_BODY_LENGTH,
  SECTION_HEADER_BLOCK,
} from './pcapng.ts';

const SECOND = 1_000_000_000;
const NANOSECONDS = 9; // the resolution, as a negative power of ten
const MAX_OPTION_LENGTH = 0xffff;

/** A moment of the real calendar. */
export interface WallTime {
  /** Since 1970, UTC, without leap seconds: 0 to 2^33. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

export interface NameRecord {
  readonly address: IpAddress;
  readonly names: readonly string[];
}

export class PcapngWriter {
  private readonly start: WallTime;
  private readonly application: string;
  private interfaces = 0;

  /**
   * @param start the moment at which the world begins
   * @param application what wrote the file: `netarium 1.0.0`
   */
  constructor(start: WallTime, application: string) {
    const { seconds, nanoseconds } = start;
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 2 ** 33) {
      throw new RangeError(`a capture starts 0 to 2^33 seconds after 1970, not ${seconds}`);
    }
    if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds >= SECOND) {
      throw new RangeError(`the nanoseconds of a second are 0 to 999999999, not ${nanoseconds}`);
    }
    this.start = start;
    this.application = application;
  }

  /** The first piece of every file. */
  header(): Uint8Array {
    const application = textOption(this.application);
    const block = new Block(SECTION_HEADER_BLOCK, SECTION_BODY_LENGTH + optionsLength([application]));
    block.uint32(BYTE_ORDER_MAGIC);
    block.uint16(1); // version 1.0
    block.uint16(0);
    block.uint32(0xffff_ffff); // the length of the section is not known beforehand
    block.uint32(0xffff_ffff);
    block.option(OPTION_APPLICATION, application);
    return block.finish();
  }

  /** A network whose frames follow. The first that is added has number 0, the next one 1. */
  interface(name: string, linkType: number = LINKTYPE_ETHERNET): Uint8Array {
    this.interfaces++;
    const text = textOption(name);
    const resolution = Uint8Array.of(NANOSECONDS);
    const block = new Block(INTERFACE_BLOCK, INTERFACE_BODY_LENGTH + optionsLength([text, resolution]));
    block.uint16(linkType);
    block.uint16(0);
    block.uint32(0); // frames are captured whole
    block.option(OPTION_INTERFACE_NAME, text);
    block.option(OPTION_TIME_RESOLUTION, resolution);
    return block.finish();
  }

  /**
   * A frame as it was on the medium, without check sequence.
   *
   * @param comments what is to be said of it: `lost on the link`
   */
  packet(interfaceNumber: number, time: Instant, data: Uint8Array, ...comments: readonly string[]): Uint8Array {
    if (!(interfaceNumber >= 0 && interfaceNumber < this.interfaces)) {
      throw new RangeError(`interface ${interfaceNumber} is not among the ${this.interfaces} of this capture`);
    }
    const texts = comments.map(textOption);
    const fixed = ENHANCED_PACKET_BODY_LENGTH + paddedLength(data.length);
    const block = new Block(ENHANCED_PACKET_BLOCK, fixed + (texts.length === 0 ? 0 : optionsLength(texts)));
    block.uint32(interfaceNumber);
    this.writeTime(block, time);
    block.uint32(data.length);
    block.uint32(data.length);
    block.bytes(data);
    for (const text of texts) block.option(OPTION_COMMENT, text);
    return block.finish();
  }

  /** Lines of a TLS key log, with which a reader decrypts the packets behind this piece. */
  tlsSecrets(keyLog: string): Uint8Array {
    const text = utf8(keyLog);
    const block = new Block(DECRYPTION_SECRETS_BLOCK, SECRETS_BODY_LENGTH + paddedLength(text.length));
    block.uint32(SECRETS_TLS_KEY_LOG);
    block.uint32(text.length);
    block.bytes(text);
    return block.finish();
  }

  /** Names by which a reader may print addresses. */
  names(records: readonly NameRecord[]): Uint8Array {
    const encoded = records.map(({ address, names }) => {
      const texts = names.map((name) => utf8(`${name}\0`));
      return { address: addressBytes(address), texts };
    });
    const lengths = encoded.map(({ address, texts }) => sum([address.length, ...texts.map((text) => text.length)]));
    for (const length of lengths) {
      if (length > MAX_OPTION_LENGTH)
        throw new RangeError(`the names of one address take ${length} bytes, at most 65535 fit`);
    }
    const block = new Block(NAME_RESOLUTION_BLOCK, sum(lengths.map((length) => 4 + paddedLength(length))) + 4);
    for (const [i, { address, texts }] of encoded.entries()) {
      block.uint16(address.length === 4 ? NAME_IPV4 : NAME_IPV6);
      block.uint16(lengths[i] ?? 0);
      for (const part of [address, ...texts]) block.unpaddedBytes(part);
      block.pad();
    }
    block.uint32(0); // the end of the records
    return block.finish();
  }

  // 64 bits of nanoseconds, the high half first. A float64 holds 53 of them: the seconds are split before they are
  // multiplied, so that each product stays below 2^49.
  private writeTime(block: Block, time: Instant): void {
    const total = (time % SECOND) + this.start.nanoseconds;
    const seconds = this.start.seconds + Math.floor(time / SECOND) + Math.floor(total / SECOND);
    const upper = Math.floor(seconds / 0x1_0000) * SECOND; // in units of 2^16 ns
    const lower = (upper % 0x1_0000) * 0x1_0000 + (seconds % 0x1_0000) * SECOND + (total % SECOND);
    block.uint32(Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000));
    block.uint32(lower % 0x1_0000_0000);
  }
}

/** A block of known length, filled from front to back; what is not filled at the end are the zeros that end a list. */
class Block {
  private readonly data: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(type: number, bodyLength: number) {
    const length = bodyLength + BLOCK_FRAME_LENGTH;
    this.data = new Uint8Array(length);
    this.view = new DataView(this.data.buffer);
    this.uint32(type);
    this.uint32(length);
    this.view.setUint32(length - 4, length, true);
  }

  uint16(value: number): void {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  uint32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  unpaddedBytes(data: Uint8Array): void {
    this.data.set(data, this.at);
    this.at += data.length;
  }

  pad(): void {
    this.at = paddedLength(this.at);
  }

  bytes(data: Uint8Array): void {
    this.unpaddedBytes(data);
    this.pad();
  }

  option(code: number, value: Uint8Array): void {
    this.uint16(code);
    this.uint16(value.length);
    this.bytes(value);
  }

  finish(): Uint8Array {
    return this.data;
  }
}

/** Of all options of a block and the one that ends them. */
const optionsLength = (values: readonly Uint8Array[]): number =>
  sum(values.map((value) => 4 + paddedLength(value.length))) + 4;

const sum = (lengths: readonly number[]): number => lengths.reduce((total, length) => total + length, 0);

/** Cut to what an option can hold, at the start of a character. */
function textOption(text: string): Uint8Array {
  const data = utf8(text);
  if (data.length <= MAX_OPTION_LENGTH) return data;
  let end = MAX_OPTION_LENGTH;
  while (((data[end] ?? 0) & 0xc0) === 0x80) end--;
  return data.subarray(0, end);
}

function addressBytes(address: IpAddress): Uint8Array {
  if (typeof address === 'number') return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
  return Uint8Array.from({ length: 16 }, (_, i) => address.charCodeAt(i >> 1) >>> (i % 2 === 0 ? 8 : 0));
}
