// The TCP options of a packet in a script, between `<` and `>`.
//
//   <mss 1460,nop,wscale 6,sackOK,TS val 100 ecr 0>    <nop,nop,sack 1:101 201:301>    <...>

import { NotSupported } from './problem.ts';
import type { BlockSpec, OptionSpec } from './script.ts';
import type { TokenReader } from './token_reader.ts';

const MAX_32 = 0xffff_ffff;
const MAX_24 = 0xff_ffff;

// RFC 2385, RFC 7413 §4.1.1, RFC 6994 §3 and RFC 9768 §3.2.3
const MD5_SIGNATURE = 19;
const FAST_OPEN = 34;
const EXPERIMENT = 254;
const EXPERIMENT_FAST_OPEN = [0xf9, 0x89];
const ACCURATE_ECN_0 = 172;
const ACCURATE_ECN_1 = 174;

/** A cookie of RFC 7413, or the request for one. */
export const isFastOpen = (option: OptionSpec): boolean =>
  option.kind === 'other' &&
  (option.number === FAST_OPEN ||
    (option.number === EXPERIMENT && EXPERIMENT_FAST_OPEN.every((byte, i) => option.data[i] === byte)));

/** Behind the `<`; takes the `>` as well. Undefined: `<...>`, any. @throws ScriptSyntaxError, NotSupported */
export function parseTcpOptions(tokens: TokenReader): readonly OptionSpec[] | undefined {
  if (tokens.take('ellipsis')) {
    tokens.expectSign('>', 'behind the options');
    return undefined;
  }
  const options: OptionSpec[] = [];
  do options.push(parseOption(tokens));
  while (tokens.takeSign(','));
  tokens.expectSign('>', 'behind the options');
  return options;
}

function parseOption(tokens: TokenReader): OptionSpec {
  const { line } = tokens.peek();
  let name = tokens.expectWord('an option');
  while (tokens.isSign('-')) name += tokens.next().text + tokens.expectWord('the rest of an option');
  switch (name) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: name };
    case 'mss':
      return { kind: 'mss', value: tokens.expectInteger('the segment size', 0, 0xffff) };
    case 'wscale':
      return { kind: 'wscale', value: tokens.expectInteger('the shift', 0, 0xff) };
    case 'sack':
      return { kind: 'sack', blocks: parseBlocks(tokens) };
    case 'TS':
      return parseTimestamps(tokens);
    case 'FO':
      return { kind: 'other', number: FAST_OPEN, data: parseHex(tokens) };
    case 'FOEXP':
    case 'EXP-FO':
    case 'exp-FO':
      return {
        kind: 'other',
        number: EXPERIMENT,
        data: Uint8Array.from([...EXPERIMENT_FAST_OPEN, ...parseHex(tokens)]),
      };
    case 'ECN':
      return parseAccurateEcn(tokens);
    case 'md5':
      if (tokens.isWord('valid')) throw new NotSupported('signatures of segments (RFC 2385) are not built', line);
      return { kind: 'other', number: MD5_SIGNATURE, data: parseHex(tokens) };
    default:
      throw tokens.error(`"${name}" is no option`);
  }
}

function parseBlocks(tokens: TokenReader): readonly BlockSpec[] {
  const blocks: BlockSpec[] = [];
  do {
    const left = tokens.expectInteger('the left edge of a block', 0, MAX_32);
    tokens.expectSign(':', 'between the edges of a block');
    blocks.push({ left, right: tokens.expectInteger('the right edge of a block', 0, MAX_32) });
  } while (tokens.is('integer'));
  return blocks;
}

function parseTimestamps(tokens: TokenReader): OptionSpec {
  if (!tokens.takeWord('val')) throw tokens.error('"val" is missing');
  const value = tokens.take('ellipsis') ? undefined : tokens.expectInteger('the timestamp', 0, MAX_32);
  if (!tokens.takeWord('ecr')) throw tokens.error('"ecr" is missing');
  const echo = tokens.expectInteger('the echoed timestamp', 0, MAX_32);
  return { kind: 'TS', value, echo, isAbsoluteEcho: tokens.takeSign('!') };
}

// A cookie: digits and letters up to the next comma.
function parseHex(tokens: TokenReader): Uint8Array {
  if (!tokens.is('integer') && !tokens.is('word')) return new Uint8Array(0);
  if (!/^[\dA-F]*$/.test(tokens.peek().text)) tokens.refuseSymbol();
  const { text } = tokens.next();
  if (text.length % 2 !== 0 || !/^[\da-fA-F]*$/.test(text)) throw tokens.error(`"${text}" is no row of bytes`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

// `ECN e0b 1 ceb 0 e1b 1`: counters of 24 bits, in one of two orders.
function parseAccurateEcn(tokens: TokenReader): OptionSpec {
  const isFirst = tokens.isWord('e0b');
  const data: number[] = [];
  for (const name of isFirst ? ['e0b', 'ceb', 'e1b'] : ['e1b', 'ceb', 'e0b']) {
    if (!tokens.takeWord(name)) break;
    const count = tokens.expectInteger('a counter of bytes', 0, MAX_24);
    data.push(count >> 16, (count >> 8) & 0xff, count & 0xff);
  }
  if (data.length === 0) throw tokens.error('a counter of bytes is missing');
  return { kind: 'other', number: isFirst ? ACCURATE_ECN_0 : ACCURATE_ECN_1, data: Uint8Array.from(data) };
}
