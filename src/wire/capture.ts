// What a capture file holds, whichever its format: the readers' result.

import type { IpAddress } from './address.ts';

export interface CaptureInterface {
  readonly name?: string;
  readonly description?: string;
  /** What kind of frames; `LINKTYPE_ETHERNET` for most. */
  readonly linkType: number;
}

export interface CapturePacket {
  /** Which of the capture's interfaces. */
  readonly interfaceNumber: number;
  /** Since 1970, as the file has it; 0 where it has no times. Rounded beyond 2^53. */
  readonly seconds: number;
  /** 0 to 999,999,999; finer resolutions are rounded down. */
  readonly nanoseconds: number;
  /** A part of the file's bytes, not a copy. */
  readonly data: Uint8Array;
  /** Bytes that the frame had; more than `data` when it was cut. */
  readonly originalLength: number;
  readonly comments: readonly string[];
}

export interface CaptureName {
  readonly address: IpAddress;
  readonly names: readonly string[];
}

export interface Capture {
  readonly format: 'pcapng' | 'pcap' | 'unknown';
  /** What wrote the file, where it says so. */
  readonly application?: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly packets: readonly CapturePacket[];
  /** TLS key logs, in the order of the file. */
  readonly tlsSecrets: readonly string[];
  readonly names: readonly CaptureName[];
  /** What is wrong with the file, and where, as a sentence; all the rest is what came before. */
  readonly problem?: string;
}
