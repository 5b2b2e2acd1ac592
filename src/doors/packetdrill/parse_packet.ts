// A packet in a script, in the notation of tcpdump.
//
//   < [ect0] P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 200 ecr 100>
//   > (tos 0x20) S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,eol,eol>
//   < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]
//
// Not here: options (parse_tcp_options.ts). Tunnels, UDP and IPv6 are not what this machine has.

import { TcpFlag } from '../../wire/tcp.ts';
import { icmpCodeNamed, icmpTypeNamed } from './icmp_names.ts';
import { parseTcpOptions } from './parse_tcp_options.ts';
import { NotSupported, ScriptSyntaxError } from './problem.ts';
import { ACCURATE_ECN_FLAG, type IcmpSpec, type IpSpec, type PacketSpec, type Ports, type TcpSpec } from './script.ts';
import type { TokenReader } from './token_reader.ts';

const MAX_32 = 0xffff_ffff;

/** @throws ScriptSyntaxError, NotSupported */
export function parsePacket(tokens: TokenReader): PacketSpec {
  const direction = tokens.next().text === '<' ? 'in' : 'out';
  refuseOtherHeaders(tokens);
  const { line } = tokens.peek();
  // Older scripts write the segment that an ICMP message quotes in front of it.
  const quoted = tokens.isSign('[') && tokens.is('integer', undefined, 1) ? parseQuoted(tokens) : undefined;
  const ip = parseIp(tokens);
  if (ip.isAnyEct && direction === 'in')
    throw new ScriptSyntaxError(line, 'ect01 stands for packets that the machine sends');
  refuseOtherHeaders(tokens);
  const content = tokens.takeWord('icmp') ? parseIcmp(tokens, quoted) : parseTcp(tokens, direction === 'in');
  if (tokens.isSign('/')) throw new NotSupported('TCP in UDP is not built', tokens.peek().line);
  return { direction, ip, content };
}

const OTHERS: Readonly<Record<string, string>> = {
  udp: 'packets of UDP are not judged',
  udplite: 'UDP-Lite is not built',
  sctp: 'SCTP is not built',
  ipv4: 'packets in packets are not judged',
  ipv6: 'TCP over IPv6 is not built',
  gre: 'GRE is not built',
  GREv0: 'GRE is not built',
  mpls: 'MPLS is not built',
  encap: 'PSP is not built',
};

function refuseOtherHeaders(tokens: TokenReader): void {
  const { kind, text, line } = tokens.peek();
  const reason = kind === 'word' ? OTHERS[text] : undefined;
  if (reason !== undefined) throw new NotSupported(reason, line);
}

// What stands in the IP header.

const ECN_CODEPOINTS: Readonly<Record<string, number>> = { noecn: 0, ect1: 1, ect0: 2, ce: 3 };
const ECN_MASK = 0x03;
const DSCP_MASK = 0xfc;

// RFC 2474 §4.2.2, RFC 2597 §6, RFC 3246 §2.7, RFC 8622 §1
const DSCP: Readonly<Record<string, number>> = {
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((selector) => [`cs${selector}`, selector << 3])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((klass) => [1, 2, 3].map((drop) => [`af${klass}${drop}`, (klass << 3) | (drop << 1)])),
  ),
  ef: 46,
  le: 1,
};

function parseIp(tokens: TokenReader): IpSpec {
  const closing = tokens.isSign('(') ? ')' : tokens.isSign('[') ? ']' : undefined;
  if (closing === undefined) return { trafficClass: undefined, isAnyEct: false, ttl: undefined };
  tokens.next();
  let mask = 0;
  let value = 0;
  let isAnyEct = false;
  let ttl: number | undefined;
  do {
    const { line } = tokens.peek();
    const word = tokens.expectWord('what stands in the IP header');
    const codepoint = word === 'ecn' ? tokens.expectWord('a codepoint of ECN') : word;
    if (word === 'tos' || word === 'class') {
      mask = 0xff;
      value = tokens.expectInteger('the traffic class', 0, 0xff);
    } else if (word === 'ttl') ttl = tokens.expectInteger('the time to live', 0, 255);
    else if (word === 'hlim' || word === 'flowlabel') throw new NotSupported('TCP over IPv6 is not built', line);
    else if (codepoint === 'ect01') isAnyEct = true;
    else if (ECN_CODEPOINTS[codepoint] !== undefined) {
      mask |= ECN_MASK;
      value = (value & ~ECN_MASK) | (ECN_CODEPOINTS[codepoint] ?? 0);
    } else if (DSCP[word] !== undefined) {
      mask |= DSCP_MASK;
      value = (value & ~DSCP_MASK) | ((DSCP[word] ?? 0) << 2);
    } else throw new ScriptSyntaxError(line, `"${word}" is nothing that stands in an IP header`);
  } while (tokens.takeSign(','));
  tokens.expectSign(closing, 'behind what stands in the IP header');
  return { trafficClass: mask === 0 ? undefined : { mask, value }, isAnyEct, ttl };
}

// Segments.

function parseTcp(tokens: TokenReader, isInbound: boolean): TcpSpec {
  const ports = parsePorts(tokens);
  const flags = parseFlags(tokens);
  const sequence = parseSequence(tokens);
  const isAbsolute = tokens.takeSign('!');
  const acknowledgment = tokens.takeWord('ack')
    ? tokens.expectInteger('the acknowledgment number', 0, MAX_32)
    : undefined;
  const window = tokens.takeWord('win') ? tokens.expectInteger('the window', 0, 0xffff) : undefined;
  if (window === undefined && isInbound) throw tokens.error('a segment to the machine lacks its window');
  const urgentPointer = tokens.takeWord('urg') ? tokens.expectInteger('the urgent pointer', 0, 0xffff) : 0;
  const options = tokens.takeSign('<') ? parseTcpOptions(tokens) : [];
  if (isInbound && (options === undefined || sequence.start === undefined)) {
    throw tokens.error('"..." stands for segments that the machine sends, and not for one to it');
  }
  return {
    kind: 'tcp',
    ports,
    flags,
    sequence: sequence.start,
    isAbsolute,
    length: sequence.length,
    acknowledgment,
    window,
    urgentPointer,
    options,
  };
}

// `8080 > 43210`
function parsePorts(tokens: TokenReader): Ports | undefined {
  if (!tokens.is('integer') || !tokens.isSign('>', 1)) return undefined;
  const source = tokens.expectInteger('a port', 0, 0xffff);
  tokens.next();
  return { source, destination: tokens.expectInteger('a port', 0, 0xffff) };
}

const FLAGS: Readonly<Record<string, number>> = {
  F: TcpFlag.Fin,
  S: TcpFlag.Syn,
  R: TcpFlag.Rst,
  P: TcpFlag.Psh,
  '.': TcpFlag.Ack,
  U: TcpFlag.Urg,
  E: TcpFlag.Ece,
  W: TcpFlag.Cwr,
  A: ACCURATE_ECN_FLAG,
};

// `-`, `.`, `SEW.`, or `P.5`, where the digit is the ACE field (RFC 9768 §3.1.1).
function parseFlags(tokens: TokenReader): number {
  if (tokens.takeSign('-')) return 0;
  let written = '';
  while (tokens.is('word') || tokens.isSign('.') || tokens.is('decimal')) written += tokens.next().text;
  if (written === '') throw tokens.error('flags are missing');
  let flags = 0;
  for (const letter of written) {
    const bit = FLAGS[letter];
    if (bit !== undefined) flags |= bit;
    else if (letter >= '0' && letter <= '7') flags |= accurateEcn(Number(letter));
    else throw tokens.error(`"${letter}" is no flag`);
  }
  return flags;
}

const accurateEcn = (field: number): number =>
  ((field & 4) !== 0 ? ACCURATE_ECN_FLAG : 0) |
  ((field & 2) !== 0 ? TcpFlag.Cwr : 0) |
  ((field & 1) !== 0 ? TcpFlag.Ece : 0);

// `1:1001(1000)`, or `...(1000)`
function parseSequence(tokens: TokenReader): { readonly start: number | undefined; readonly length: number } {
  const isAny = tokens.take('ellipsis');
  const { line } = tokens.peek();
  const start = isAny ? undefined : tokens.expectInteger('the sequence number', 0, MAX_32);
  let end: number | undefined;
  if (start !== undefined) {
    tokens.expectSign(':', 'behind the sequence number');
    end = tokens.expectInteger('the end of the segment', 0, MAX_32);
  }
  tokens.expectSign('(', 'before the length of the segment');
  const length = tokens.expectInteger('the length of the segment', 0, 0xffff);
  tokens.expectSign(')', 'behind the length of the segment');
  if (start !== undefined && (start + length) >>> 0 !== end) {
    throw new ScriptSyntaxError(line, `${start} and ${length} bytes do not make ${end}`);
  }
  return { start, length };
}

// ICMP.

function parseIcmp(tokens: TokenReader, quotedBefore: IcmpSpec['quoted']): IcmpSpec {
  const typeName = tokens.expectWord('the type of the ICMP message');
  const type = icmpTypeNamed(typeName);
  if (type === undefined) throw tokens.error(`"${typeName}" is no type of ICMP messages`);
  if (!tokens.isWord('mtu') && !tokens.isWord('id')) tokens.refuseSymbol();
  const isCode = tokens.is('word') && !tokens.isWord('mtu') && !tokens.isWord('id');
  const codeName = isCode ? tokens.next().text : 'code_0';
  const code = icmpCodeNamed(typeName, codeName);
  if (code === undefined) throw tokens.error(`"${codeName}" is no code of ${typeName}`);
  const mtu = tokens.takeWord('mtu') ? tokens.expectInteger('the MTU', 0, 0xffff) : undefined;
  const identifier = tokens.takeWord('id') ? tokens.expectInteger('the identifier', 0, 0xffff) : 0;
  const quoted = tokens.isSign('[') ? parseQuoted(tokens) : quotedBefore;
  return { kind: 'icmp', type, code, mtu, identifier, quoted };
}

// `[1:1461(1460)]`
function parseQuoted(tokens: TokenReader): IcmpSpec['quoted'] {
  tokens.expectSign('[', 'before the segment that is quoted');
  refuseOtherHeaders(tokens);
  const { line } = tokens.peek();
  if (tokens.isWord('raw')) throw new NotSupported('ICMP messages that quote no segment are not judged', line);
  const { start = 0, length } = parseSequence(tokens);
  if (tokens.isSign('/')) throw new NotSupported('TCP in UDP is not built', line);
  tokens.expectSign(']', 'behind the segment that is quoted');
  return { sequence: start, length };
}
