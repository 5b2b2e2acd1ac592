// Reads pcap, the older capture format (draft-ietf-opsawg-pcap): one interface, times in micro- or nanoseconds.
//
//   | magic 4 | version 2, 2 | zeros 8 | snap length 4 | link type 4 |            then for each packet
//   | seconds 4 | fraction 4 | bytes here 4 | bytes it had 4 | data |

import type { Capture, CapturePacket } from './capture.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const HEADER_LENGTH = 24;
const RECORD_LENGTH = 16;
const LINK_TYPE = 0x0fff_ffff; // the upper bits say whether frames end in a check sequence

/** In either byte order. */
export const isPcap = (view: DataView): boolean => byteOrder(view) !== undefined;

export function readPcap(file: Uint8Array): Capture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const nothing: Capture = { format: 'pcap', interfaces: [], packets: [], tlsSecrets: [], names: [] };
  const order = byteOrder(view);
  if (order === undefined) return { ...nothing, problem: 'The file does not begin like pcap.' };
  if (file.length < HEADER_LENGTH) return { ...nothing, problem: 'The header of the file is cut off.' };
  const { isLittle, nanosecondsPerTick } = order;
  const version = view.getUint16(4, isLittle);
  if (version !== 2) return { ...nothing, problem: `The file is of version ${version}, and only version 2 is known.` };
  const packets: CapturePacket[] = [];
  const capture = { ...nothing, interfaces: [{ linkType: view.getUint32(20, isLittle) & LINK_TYPE }], packets };
  let at = HEADER_LENGTH;
  while (at < file.length) {
    if (file.length - at < RECORD_LENGTH) return { ...capture, problem: `The packet at byte ${at} is cut off.` };
    const length = view.getUint32(at + 8, isLittle);
    const dataAt = at + RECORD_LENGTH;
    if (length > file.length - dataAt) {
      const problem = `The packet at byte ${at} has ${length} bytes, and ${file.length - dataAt} are left.`;
      return { ...capture, problem };
    }
    // A fraction of a second or more is out of order, but its meaning is plain.
    const fraction = view.getUint32(at + 4, isLittle) * nanosecondsPerTick;
    packets.push({
      interfaceNumber: 0,
      seconds: view.getUint32(at, isLittle) + Math.floor(fraction / 1e9),
      nanoseconds: fraction % 1e9,
      data: file.subarray(dataAt, dataAt + length),
      originalLength: view.getUint32(at + 12, isLittle),
      comments: [],
    });
    at = dataAt + length;
  }
  return capture;
}

function byteOrder(view: DataView): { readonly isLittle: boolean; readonly nanosecondsPerTick: number } | undefined {
  if (view.byteLength < 4) return undefined;
  for (const isLittle of [true, false]) {
    const magic = view.getUint32(0, isLittle);
    if (magic === MAGIC_MICROSECONDS) return { isLittle, nanosecondsPerTick: 1000 };
    if (magic === MAGIC_NANOSECONDS) return { isLittle, nanosecondsPerTick: 1 };
  }
  return undefined;
}
