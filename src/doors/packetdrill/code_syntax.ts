// The code between `%{` and `}%`: the part of Python that assertions are written in, from text to a tree.
//
//   assert 3 <= tcpi_snd_cwnd < 10, 'cwnd=%d' % tcpi_snd_cwnd
//   cwnd += 1; print(cwnd)
//
// Not here: what it means (code_evaluation.ts). What Python has beyond this makes a script one that cannot be judged.

import { NotSupported, ScriptSyntaxError } from './problem.ts';

export type Statement = { readonly line: number } & (
  | { readonly kind: 'assert'; readonly condition: CodeExpression; readonly message: CodeExpression | undefined }
  /** `operator` is empty for a plain `=`. */
  | { readonly kind: 'assign'; readonly name: string; readonly operator: string; readonly value: CodeExpression }
  | { readonly kind: 'expression'; readonly value: CodeExpression }
);

export type CodeExpression =
  | { readonly kind: 'literal'; readonly value: number | string | boolean | undefined }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: CodeExpression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: CodeExpression;
      readonly right: CodeExpression;
    }
  /** `a <= b < c`: each pair must hold. */
  | { readonly kind: 'compare'; readonly first: CodeExpression; readonly rest: readonly Comparison[] }
  | {
      readonly kind: 'choice';
      readonly condition: CodeExpression;
      readonly yes: CodeExpression;
      readonly no: CodeExpression;
    }
  | { readonly kind: 'tuple'; readonly items: readonly CodeExpression[] }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly CodeExpression[] };

export interface Comparison {
  readonly operator: string;
  readonly right: CodeExpression;
}

interface CodeToken {
  readonly kind: 'number' | 'string' | 'name' | 'sign' | 'break' | 'end';
  readonly text: string;
  readonly line: number;
}

const MAX_DEPTH = 100; // parentheses within one another

/** @param line of the script, where the code begins @throws ScriptSyntaxError, NotSupported */
export function parseCode(code: string, line: number): readonly Statement[] {
  return new CodeParser(codeTokens(code, line)).statements();
}

const FORMS: readonly (readonly [kind: CodeToken['kind'] | 'space', form: RegExp])[] = [
  ['space', /(?:[ \t\r]+|#[^\n]*|\\+\s*\n)+/y],
  ['break', /[\n;]/y],
  ['string', /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"/y],
  ['number', /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y],
  ['name', /[A-Za-z_]\w*/y],
  ['sign', /\*\*=?|\/\/=?|<<=?|>>=?|[-+*/%&|^]=?|[<>=!]=|[<>=~(),[\].:]/y],
];

function codeTokens(code: string, firstLine: number): readonly CodeToken[] {
  const tokens: CodeToken[] = [];
  let line = firstLine;
  let depth = 0;
  for (let at = 0; at < code.length; ) {
    let end = at;
    for (const [kind, form] of FORMS) {
      form.lastIndex = at;
      const match = form.exec(code);
      if (match === null) continue;
      end = form.lastIndex;
      const text = match[1] ?? match[2] ?? match[0];
      if (kind === 'sign') depth += '(['.includes(text) ? 1 : ')]'.includes(text) ? -1 : 0;
      // Within parentheses a line may be broken.
      if (kind !== 'space' && !(kind === 'break' && depth > 0 && text === '\n')) tokens.push({ kind, text, line });
      break;
    }
    if (end === at) throw new ScriptSyntaxError(line, `"${code.charAt(at)}" is no Python`);
    for (let i = at; i < end; i++) if (code.charCodeAt(i) === 10) line++;
    at = end;
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}

// By how loosely they bind, from the loosest of those between comparison and sign.
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in'];
const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '//=', '%=', '&=', '|=', '^=', '<<=', '>>='];
const BEYOND = [
  'if',
  'for',
  'while',
  'def',
  'class',
  'import',
  'from',
  'try',
  'with',
  'lambda',
  'return',
  'raise',
  'del',
];

class CodeParser {
  private readonly tokens: readonly CodeToken[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly CodeToken[]) {
    this.tokens = tokens;
  }

  statements(): readonly Statement[] {
    const found: Statement[] = [];
    for (;;) {
      while (this.peek().kind === 'break') this.at++;
      if (this.peek().kind === 'end') return found;
      found.push(this.statement());
      const { kind } = this.peek();
      if (kind !== 'break' && kind !== 'end') throw this.error('the statement does not end');
    }
  }

  private statement(): Statement {
    const { line, kind, text } = this.peek();
    if (kind === 'name' && BEYOND.includes(text)) {
      throw new NotSupported(`"${text}" is more of Python than this runner has`, line);
    }
    if (this.takeName('assert')) {
      const condition = this.expression();
      const message = this.takeSign(',') ? this.expressions() : undefined;
      return { line, kind: 'assert', condition, message };
    }
    const follows = this.tokens[this.at + 1];
    if (kind === 'name' && follows?.kind === 'sign' && ASSIGNMENTS.includes(follows.text)) {
      this.at += 2;
      return { line, kind: 'assign', name: text, operator: follows.text.slice(0, -1), value: this.expressions() };
    }
    return { line, kind: 'expression', value: this.expressions() };
  }

  // One, or a tuple without parentheses.
  private expressions(): CodeExpression {
    const first = this.expression();
    if (!this.isSign(',')) return first;
    const items = [first];
    while (this.takeSign(',')) if (!this.isOver()) items.push(this.expression());
    return { kind: 'tuple', items };
  }

  private isOver(): boolean {
    const { kind, text } = this.peek();
    return kind === 'break' || kind === 'end' || text === ')' || text === ']';
  }

  private expression(): CodeExpression {
    if (++this.depth > MAX_DEPTH) throw this.error('too many parentheses within one another');
    const yes = this.disjunction();
    this.depth--;
    if (!this.takeName('if')) return yes;
    const condition = this.disjunction();
    if (!this.takeName('else')) throw this.error('"else" is missing');
    return { kind: 'choice', condition, yes, no: this.expression() };
  }

  private disjunction(): CodeExpression {
    let left = this.conjunction();
    while (this.takeName('or')) left = { kind: 'binary', operator: 'or', left, right: this.conjunction() };
    return left;
  }

  private conjunction(): CodeExpression {
    let left = this.negation();
    while (this.takeName('and')) left = { kind: 'binary', operator: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): CodeExpression {
    if (this.takeName('not')) return { kind: 'unary', operator: 'not', operand: this.negation() };
    const first = this.binary(0);
    const rest: Comparison[] = [];
    for (;;) {
      const isNegated = this.peek().text === 'not' && this.tokens[this.at + 1]?.text === 'in';
      if (isNegated) this.at++;
      const { kind, text } = this.peek();
      if ((kind !== 'sign' && kind !== 'name') || !COMPARISONS.includes(text)) break;
      this.at++;
      rest.push({ operator: isNegated ? 'not in' : text, right: this.binary(0) });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  private binary(level: number): CodeExpression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.sign();
    let left = this.binary(level + 1);
    for (;;) {
      const { kind, text } = this.peek();
      if (kind !== 'sign' || !operators.includes(text)) return left;
      this.at++;
      left = { kind: 'binary', operator: text, left, right: this.binary(level + 1) };
    }
  }

  private sign(): CodeExpression {
    for (const operator of ['-', '+', '~']) {
      if (this.takeSign(operator)) return { kind: 'unary', operator, operand: this.sign() };
    }
    const base = this.atom();
    return this.takeSign('**') ? { kind: 'binary', operator: '**', left: base, right: this.sign() } : base;
  }

  private atom(): CodeExpression {
    const { kind, text, line } = this.peek();
    if (kind === 'number') {
      this.at++;
      return { kind: 'literal', value: Number(text) };
    }
    if (kind === 'string') {
      let value = '';
      for (; this.peek().kind === 'string'; this.at++) value += this.peek().text.replaceAll(/\\(.)/g, '$1');
      return { kind: 'literal', value };
    }
    if (kind === 'name') {
      this.at++;
      if (text === 'True' || text === 'False') return { kind: 'literal', value: text === 'True' };
      if (text === 'None') return { kind: 'literal', value: undefined };
      if (this.isSign('.') || this.isSign('[')) {
        throw new NotSupported(`"${text}${this.peek().text}" is more of Python than this runner has`, line);
      }
      return this.takeSign('(')
        ? { kind: 'call', name: text, parameters: this.list(')') }
        : { kind: 'name', name: text };
    }
    if (this.takeSign('(')) {
      const items = this.list(')', true);
      const [only] = items;
      return only !== undefined && items.length === 1 ? only : { kind: 'tuple', items };
    }
    if (this.takeSign('[')) return { kind: 'tuple', items: this.list(']') };
    throw this.error('a value is missing');
  }

  /** Up to the closing sign. `(a,)` is a list of one, `(a)` is `a`. */
  private list(closing: string, mayBeGroup = false): readonly CodeExpression[] {
    const items: CodeExpression[] = [];
    while (!this.takeSign(closing)) {
      items.push(this.expression());
      const isOne = items.length === 1;
      if (this.takeSign(',')) {
        if (mayBeGroup && isOne && this.takeSign(closing)) return [{ kind: 'tuple', items }];
      } else if (!this.isSign(closing)) throw this.error(`"${closing}" is missing`);
    }
    return items;
  }

  private peek(): CodeToken {
    const found = this.tokens[Math.min(this.at, this.tokens.length - 1)];
    if (found === undefined) throw new RangeError('code ends with a token of its own');
    return found;
  }

  private isSign(sign: string): boolean {
    const { kind, text } = this.peek();
    return kind === 'sign' && text === sign;
  }

  private takeSign(sign: string): boolean {
    if (!this.isSign(sign)) return false;
    this.at++;
    return true;
  }

  private takeName(name: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'name' || text !== name) return false;
    this.at++;
    return true;
  }

  private error(message: string): ScriptSyntaxError {
    const { kind, text, line } = this.peek();
    const where = kind === 'end' || kind === 'break' ? 'at the end of the line' : `at "${text}"`;
    return new ScriptSyntaxError(line, `${message} ${where}, in the code`);
  }
}
