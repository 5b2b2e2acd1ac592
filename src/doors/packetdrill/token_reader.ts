// The tokens of a script, read from left to right, with sentences for what is missing.

import { NotSupported, ScriptSyntaxError } from './problem.ts';
import type { Token, TokenKind } from './tokens.ts';

export class TokenReader {
  private readonly tokens: readonly Token[];
  private at = 0;

  /** @param tokens the last is the end */
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** The token whose turn it is, or one of those behind it. */
  peek(ahead = 0): Token {
    const found = this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
    if (found === undefined) throw new RangeError('a script ends with a token of its own');
    return found;
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  is(kind: TokenKind, text?: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === kind && (text === undefined || token.text === text);
  }

  isSign(sign: string, ahead = 0): boolean {
    return this.is('sign', sign, ahead);
  }

  isWord(word: string, ahead = 0): boolean {
    return this.is('word', word, ahead);
  }

  /** Takes the token if it is this one. */
  take(kind: TokenKind, text?: string): boolean {
    if (!this.is(kind, text)) return false;
    this.at++;
    return true;
  }

  takeSign(sign: string): boolean {
    return this.take('sign', sign);
  }

  takeWord(word: string): boolean {
    return this.take('word', word);
  }

  expectSign(sign: string, where: string): void {
    if (!this.takeSign(sign)) throw this.error(`"${sign}" is missing ${where}`);
  }

  expectWord(what: string): string {
    if (!this.is('word')) throw this.error(`${what} is missing`);
    return this.next().text;
  }

  /** A whole number from `least` to `most`. */
  expectInteger(what: string, least: number, most: number): number {
    this.refuseSymbol();
    if (!this.is('integer')) throw this.error(`${what} is missing`);
    const token = this.next();
    const value = Number(token.text);
    if (value < least || value > most) throw new ScriptSyntaxError(token.line, `${what} is from ${least} to ${most}`);
    return value;
  }

  /** A name in capitals where a value should stand: whoever runs the script was to define it. @throws NotSupported */
  refuseSymbol(): void {
    const { kind, text, line } = this.peek();
    if (kind === 'word' && /^[A-Z][A-Z\d_]*[A-Z_][A-Z\d_]*$/.test(text)) {
      throw new NotSupported(`the symbol ${text} has no value: give it one with --define`, line);
    }
  }

  error(message: string): ScriptSyntaxError {
    const { kind, text, line } = this.peek();
    return new ScriptSyntaxError(line, kind === 'end' ? `${message} at the end` : `${message} at "${text}"`);
  }
}
