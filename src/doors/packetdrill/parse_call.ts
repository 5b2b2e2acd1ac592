// A system call in a script: its name, what it is given, and what it is to return.
//
//   fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
//   connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
//
// Texts of errors are read and not kept: they differ from system to system, and the name says it all.

import type { Duration } from '../../core/time.ts';
import type { CallSpec, Expression, FieldSpec } from './script.ts';
import type { TokenReader } from './token_reader.ts';

const MAX_DEPTH = 32; // lists and structures within one another

/** @param end when it is to return, where it may block @throws ScriptSyntaxError */
export function parseCall(tokens: TokenReader, end: Duration | undefined): CallSpec {
  const name = tokens.expectWord('a packet, a call, a command or code');
  tokens.expectSign('(', `behind ${name}`);
  const parameters = parseList(tokens, ')', 0);
  tokens.expectSign('=', `behind the parameters of ${name}`);
  const result = parseExpression(tokens, 0);
  const errno = tokens.is('word') ? tokens.next().text : undefined;
  skipNote(tokens);
  return { name, parameters, end, result, errno };
}

// `(Connection refused)`, `(flags O_RDWR|O_NONBLOCK)`
function skipNote(tokens: TokenReader): void {
  if (!tokens.takeSign('(')) return;
  for (let depth = 1; depth > 0; ) {
    if (tokens.is('end')) throw tokens.error('")" is missing');
    const { kind, text } = tokens.next();
    if (kind === 'sign') depth += text === '(' ? 1 : text === ')' ? -1 : 0;
  }
}

function parseList(tokens: TokenReader, closing: string, depth: number): readonly Expression[] {
  const items: Expression[] = [];
  if (tokens.takeSign(closing)) return items;
  do items.push(parseExpression(tokens, depth + 1));
  while (tokens.takeSign(','));
  tokens.expectSign(closing, 'at the end of a list');
  return items;
}

function parseExpression(tokens: TokenReader, depth: number): Expression {
  if (depth > MAX_DEPTH) throw tokens.error('too much within one another');
  let left = parsePrimary(tokens, depth);
  while (tokens.takeSign('|')) left = { kind: 'or', left, right: parsePrimary(tokens, depth) };
  return left;
}

function parsePrimary(tokens: TokenReader, depth: number): Expression {
  if (tokens.take('ellipsis')) return { kind: 'ellipsis' };
  if (tokens.is('integer')) return { kind: 'integer', value: Number(tokens.next().text) };
  if (tokens.is('string')) {
    let text = '';
    while (tokens.is('string')) text += tokens.next().text;
    tokens.take('ellipsis');
    return { kind: 'string', text };
  }
  if (tokens.is('word')) {
    const name = tokens.next().text;
    if (!tokens.takeSign('(')) return { kind: 'word', name };
    return { kind: 'apply', name, parameters: parseList(tokens, ')', depth) };
  }
  if (tokens.takeSign('[')) return { kind: 'list', items: parseList(tokens, ']', depth) };
  if (tokens.takeSign('{')) return { kind: 'struct', fields: parseFields(tokens, depth) };
  throw tokens.error('a value is missing');
}

function parseFields(tokens: TokenReader, depth: number): readonly FieldSpec[] {
  const fields: FieldSpec[] = [];
  if (tokens.takeSign('}')) return fields;
  do {
    const value = parseExpression(tokens, depth + 1);
    const isNamed = tokens.isSign('=') && (value.kind === 'word' || value.kind === 'apply');
    if (isNamed) {
      tokens.next();
      fields.push({ name: value.name, value: parseExpression(tokens, depth + 1) });
    } else fields.push({ name: undefined, value });
  } while (tokens.takeSign(','));
  tokens.expectSign('}', 'at the end of a structure');
  return fields;
}
