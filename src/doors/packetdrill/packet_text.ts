// Packets as scripts write them, so that what came can be compared with what was expected, letter by letter.

import { hexOf } from '../../core/bytes.ts';
import { TcpFlag } from '../../wire/tcp.ts';
import type { Segment } from './packet_bytes.ts';
import { ACCURATE_ECN_FLAG, type IpSpec, type OptionSpec, type PacketSpec, type TcpSpec } from './script.ts';

const FLAG_LETTERS: readonly (readonly [flag: number, letter: string])[] = [
  [TcpFlag.Fin, 'F'],
  [TcpFlag.Syn, 'S'],
  [TcpFlag.Rst, 'R'],
  [TcpFlag.Psh, 'P'],
  [TcpFlag.Urg, 'U'],
  [ACCURATE_ECN_FLAG, 'A'],
  [TcpFlag.Ece, 'E'],
  [TcpFlag.Cwr, 'W'],
  [TcpFlag.Ack, '.'],
];

export function flagsText(flags: number): string {
  const text = FLAG_LETTERS.map(([flag, letter]) => ((flags & flag) === 0 ? '' : letter)).join('');
  return text === '' ? '-' : text;
}

export function optionText(option: OptionSpec): string {
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'sack':
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.value ?? '...'} ecr ${option.echo}`;
    case 'other':
      return `option ${option.number} ${hexOf(option.data)}`.trimEnd();
    default:
      return option.kind;
  }
}

export const optionsText = (options: readonly OptionSpec[] | undefined): string =>
  options === undefined ? ' <...>' : options.length === 0 ? '' : ` <${options.map(optionText).join(',')}>`;

const rangeText = (start: number | undefined, length: number): string =>
  start === undefined ? `...(${length})` : `${start}:${(start + length) >>> 0}(${length})`;

/** `P. 1:1001(1000) ack 1 win 65535 <nop,nop,TS val 100 ecr 0>` */
export function segmentText(segment: Segment): string {
  const { flags, sequence, payload, acknowledgment, window, urgentPointer, options } = segment;
  const ack = (flags & TcpFlag.Ack) === 0 && acknowledgment === 0 ? '' : ` ack ${acknowledgment}`;
  const urgent = urgentPointer === 0 ? '' : ` urg ${urgentPointer}`;
  return `${flagsText(flags)} ${rangeText(sequence, payload.length)}${ack} win ${window}${urgent}${optionsText(options)}`;
}

export function specText({ ip, content }: PacketSpec): string {
  if (content.kind === 'icmp') return `icmp type_${content.type} code_${content.code}`;
  return `${ipText(ip)}${tcpSpecText(content)}`;
}

function ipText({ trafficClass, isAnyEct, ttl }: IpSpec): string {
  const parts: string[] = [];
  if (trafficClass !== undefined) parts.push(`tos 0x${trafficClass.value.toString(16)}`);
  if (isAnyEct) parts.push('ect01');
  if (ttl !== undefined) parts.push(`ttl ${ttl}`);
  return parts.length === 0 ? '' : `(${parts.join(', ')}) `;
}

function tcpSpecText(spec: TcpSpec): string {
  const { flags, sequence, length, isAbsolute, acknowledgment, window, urgentPointer, options } = spec;
  const ack = acknowledgment === undefined ? '' : ` ack ${acknowledgment}`;
  const win = window === undefined ? '' : ` win ${window}`;
  const urgent = urgentPointer === 0 ? '' : ` urg ${urgentPointer}`;
  const absolute = isAbsolute ? '!' : '';
  return `${flagsText(flags)} ${rangeText(sequence, length)}${absolute}${ack}${win}${urgent}${optionsText(options)}`;
}
