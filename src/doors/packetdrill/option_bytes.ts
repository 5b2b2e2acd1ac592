// TCP options as scripts write them, to bytes and back: every byte of them, padding included, in its order.
//
// The stack's own codec (wire/tcp_options.ts) knows what options mean and drops what means nothing; here that counts too.

import type { BlockSpec, OptionSpec } from './script.ts';

const EOL = 0;
const NOP = 1;
const MSS = 2;
const WSCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

/** Padded with zeros to whole words, as RFC 9293 §3.1 has it. */
export function encodeOptions(options: readonly OptionSpec[]): Uint8Array {
  const bytes = options.flatMap(bytesOf);
  while (bytes.length % 4 !== 0) bytes.push(EOL);
  return Uint8Array.from(bytes);
}

function bytesOf(option: OptionSpec): number[] {
  switch (option.kind) {
    case 'eol':
      return [EOL];
    case 'nop':
      return [NOP];
    case 'mss':
      return [MSS, 4, option.value >> 8, option.value & 0xff];
    case 'wscale':
      return [WSCALE, 3, option.value];
    case 'sackOK':
      return [SACK_PERMITTED, 2];
    case 'sack':
      return [
        SACK,
        2 + 8 * option.blocks.length,
        ...option.blocks.flatMap(({ left, right }) => [...word(left), ...word(right)]),
      ];
    case 'TS':
      return [TIMESTAMPS, 10, ...word(option.value ?? 0), ...word(option.echo)];
    case 'other':
      return [option.number, 2 + option.data.length, ...option.data];
  }
}

const word = (value: number): number[] => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];

/** Options from the wire; what is cut short ends the list. */
export function decodeOptions(bytes: Uint8Array): readonly OptionSpec[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options: OptionSpec[] = [];
  for (let at = 0; at < bytes.length; ) {
    const number = view.getUint8(at);
    if (number === EOL || number === NOP) {
      options.push({ kind: number === EOL ? 'eol' : 'nop' });
      at++;
      continue;
    }
    const length = at + 1 < bytes.length ? view.getUint8(at + 1) : 0;
    if (length < 2 || at + length > bytes.length) break;
    options.push(optionAt(view, at, number, length));
    at += length;
  }
  return options;
}

function optionAt(view: DataView, at: number, number: number, length: number): OptionSpec {
  if (number === MSS && length === 4) return { kind: 'mss', value: view.getUint16(at + 2) };
  if (number === WSCALE && length === 3) return { kind: 'wscale', value: view.getUint8(at + 2) };
  if (number === SACK_PERMITTED && length === 2) return { kind: 'sackOK' };
  if (number === SACK && length % 8 === 2) return { kind: 'sack', blocks: blocksAt(view, at + 2, at + length) };
  if (number === TIMESTAMPS && length === 10) {
    return { kind: 'TS', value: view.getUint32(at + 2), echo: view.getUint32(at + 6), isAbsoluteEcho: false };
  }
  return {
    kind: 'other',
    number,
    data: new Uint8Array(view.buffer, view.byteOffset + at + 2, length - 2).slice(),
  };
}

function blocksAt(view: DataView, at: number, end: number): readonly BlockSpec[] {
  const blocks: BlockSpec[] = [];
  for (let i = at; i < end; i += 8) blocks.push({ left: view.getUint32(i), right: view.getUint32(i + 4) });
  return blocks;
}
