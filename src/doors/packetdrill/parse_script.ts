// From the text of a packetdrill script to its options and events. docs/reference/packetdrill.md has the grammar.
//
// Not here: packets (parse_packet.ts), calls (parse_call.ts), and code (code_syntax.ts).

import type { Duration } from '../../core/time.ts';
import { parseCode } from './code_syntax.ts';
import { parseCall } from './parse_call.ts';
import { parsePacket } from './parse_packet.ts';
import { ScriptSyntaxError } from './problem.ts';
import type { EventTime, Script, ScriptEvent, ScriptOption } from './script.ts';
import { TokenReader } from './token_reader.ts';
import { type Token, tokenize } from './tokens.ts';

const NANOSECONDS = 1e9;
const NOW: EventTime = { kind: 'relative', at: 0 as Duration };

/** What `#ifdef` finds without being told: scripts that know several behaviours ask for that of the standards. */
const DEFINED: readonly (readonly [string, string])[] = [['STANDARD', '1']];

/** @param defined what symbols stand for, beside those that the script defines @throws ScriptSyntaxError, NotSupported */
export function parseScript(text: string, defined: ReadonlyMap<string, string> = new Map()): Script {
  const symbols = new Map([...DEFINED, ...defined]);
  for (const { name, value } of readOptions(new TokenReader(tokenize(text, symbols)))) {
    const [symbol = '', meaning = ''] = splitOnce(value, '=');
    if (name === 'define') symbols.set(symbol, meaning);
  }
  const written = tokenize(text, symbols);
  const tokens = new TokenReader(symbols.size > DEFINED.length ? withSymbols(written, symbols) : written);
  const options = readOptions(tokens);
  const events: ScriptEvent[] = [];
  while (!tokens.is('end')) events.push(parseEvent(tokens));
  return { options, events };
}

function readOptions(tokens: TokenReader): readonly ScriptOption[] {
  const options: ScriptOption[] = [];
  while (tokens.is('option')) {
    const { text, line } = tokens.next();
    const [name = '', value = ''] = splitOnce(text, '=');
    options.push({ name, value: value.replace(/^(["'])(.*)\1$/, '$2'), line });
  }
  return options;
}

const splitOnce = (text: string, sign: string): readonly string[] => {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

// A word that was given a value stands for it: a text, a command, a number or another word.
const withSymbols = (tokens: readonly Token[], symbols: ReadonlyMap<string, string>): readonly Token[] =>
  tokens.map((token) => {
    const value = token.kind === 'word' ? symbols.get(token.text) : undefined;
    if (value === undefined) return token;
    const quoted = /^(["`])(.*)\1$/.exec(value);
    if (quoted !== null) return { ...token, kind: quoted[1] === '`' ? 'command' : 'string', text: quoted[2] ?? '' };
    return { ...token, kind: /^-?(?:\d+|0x[\da-fA-F]+)$/.test(value) ? 'integer' : 'word', text: value };
  });

function parseEvent(tokens: TokenReader): ScriptEvent {
  const { line } = tokens.peek();
  // Commands before the first event and behind the last stand without a time, and so may code.
  const time = tokens.is('command') || tokens.is('code') ? NOW : parseTime(tokens);
  if (tokens.is('command')) return { line, time, kind: 'command', command: tokens.next().text };
  if (tokens.is('code')) {
    const code = tokens.next();
    return { line, time, kind: 'code', code: parseCode(code.text, code.line) };
  }
  if (tokens.isSign('<') || tokens.isSign('>')) {
    const packet = parsePacket(tokens);
    if (packet.direction === 'in' && time.kind !== 'absolute' && time.kind !== 'relative') {
      throw new ScriptSyntaxError(line, 'only packets that the machine sends may have a range of times, or *');
    }
    return { line, time, kind: 'packet', packet };
  }
  if (time.kind !== 'absolute' && time.kind !== 'relative') {
    throw new ScriptSyntaxError(line, 'only packets that the machine sends may have a range of times, or *');
  }
  const end = tokens.take('ellipsis') ? parseSeconds(tokens) : undefined;
  return { line, time, kind: 'call', call: parseCall(tokens, end) };
}

function parseTime(tokens: TokenReader): EventTime {
  if (tokens.takeSign('*')) return { kind: 'any' };
  const { line } = tokens.peek();
  const isRelative = tokens.takeSign('+');
  const from = parseSeconds(tokens);
  if (!tokens.takeSign('~')) return { kind: isRelative ? 'relative' : 'absolute', at: from };
  if (tokens.takeSign('+') !== isRelative)
    throw new ScriptSyntaxError(line, 'both ends of a range of times are of one kind');
  const to = parseSeconds(tokens);
  if (to < from) throw new ScriptSyntaxError(line, 'a range of times goes forward');
  return { kind: isRelative ? 'relative-range' : 'absolute-range', from, to };
}

function parseSeconds(tokens: TokenReader): Duration {
  if (!tokens.is('integer') && !tokens.is('decimal')) throw tokens.error('a time is missing');
  const { text, line } = tokens.next();
  const seconds = Number(text);
  if (seconds < 0) throw new ScriptSyntaxError(line, 'a time is not negative');
  return Math.round(seconds * NANOSECONDS) as Duration;
}
