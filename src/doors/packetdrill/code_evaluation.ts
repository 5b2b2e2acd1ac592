// What the code of a script comes to: values and names as in Python, with an error for what Python would refuse.
//
// Not here: which names a connection gives (connection_names.ts).

import type { CodeExpression, Statement } from './code_syntax.ts';

export type CodeValue = number | string | boolean | undefined | readonly CodeValue[];

/** Names that are not the code's own. */
export type Lookup = (name: string) => CodeValue;

/** An assertion that does not hold, or code that cannot be evaluated. */
export class CodeFailure extends Error {
  override readonly name = 'CodeFailure';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The variables of one script's code: they stay from one piece to the next. */
export class CodeScope {
  private readonly variables = new Map<string, CodeValue>();

  /** @param lookup is asked for names that were not assigned @throws CodeFailure */
  run(statements: readonly Statement[], lookup: Lookup): void {
    for (const statement of statements) {
      const evaluate = (expression: CodeExpression): CodeValue => this.evaluate(expression, lookup);
      try {
        if (statement.kind === 'assert') {
          if (isTrue(evaluate(statement.condition))) continue;
          const told = statement.message === undefined ? '' : `: ${textOf(evaluate(statement.message))}`;
          throw new CodeFailure(statement.line, `assertion failed${told}${this.valuesIn(statement.condition, lookup)}`);
        }
        const value = evaluate(statement.value);
        if (statement.kind === 'expression') continue;
        const { name, operator } = statement;
        const before = operator === '' ? undefined : evaluate({ kind: 'name', name });
        this.variables.set(name, operator === '' ? value : combine(operator, before, value));
      } catch (error) {
        if (error instanceof TypeError) throw new CodeFailure(statement.line, error.message);
        throw error;
      }
    }
  }

  private evaluate(expression: CodeExpression, lookup: Lookup): CodeValue {
    const evaluate = (each: CodeExpression): CodeValue => this.evaluate(each, lookup);
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        return this.variables.has(expression.name) ? this.variables.get(expression.name) : lookup(expression.name);
      case 'tuple':
        return expression.items.map(evaluate);
      case 'choice':
        return evaluate(isTrue(evaluate(expression.condition)) ? expression.yes : expression.no);
      case 'unary':
        return signed(expression.operator, evaluate(expression.operand));
      case 'call':
        return called(expression.name, expression.parameters.map(evaluate));
      case 'binary': {
        const left = evaluate(expression.left);
        if (expression.operator === 'and') return isTrue(left) ? evaluate(expression.right) : left;
        if (expression.operator === 'or') return isTrue(left) ? left : evaluate(expression.right);
        return combine(expression.operator, left, evaluate(expression.right));
      }
      case 'compare': {
        let left = evaluate(expression.first);
        return expression.rest.every(({ operator, right: written }) => {
          const right = evaluate(written);
          const holds = compares(operator, left, right);
          left = right;
          return holds;
        });
      }
    }
  }

  // What the names in a condition stood for, so that a failure can be understood without another run.
  private valuesIn(condition: CodeExpression, lookup: Lookup): string {
    const named = [...new Set(namesIn(condition))].map(
      (name) => `${name} is ${textOf(this.evaluate({ kind: 'name', name }, lookup))}`,
    );
    return named.length === 0 ? '' : ` (${named.join(', ')})`;
  }
}

/** All names that an expression uses. */
export function namesIn(expression: CodeExpression): readonly string[] {
  switch (expression.kind) {
    case 'literal':
      return [];
    case 'name':
      return [expression.name];
    case 'tuple':
      return expression.items.flatMap(namesIn);
    case 'call':
      return expression.parameters.flatMap(namesIn);
    case 'unary':
      return namesIn(expression.operand);
    case 'binary':
      return [...namesIn(expression.left), ...namesIn(expression.right)];
    case 'compare':
      return [...namesIn(expression.first), ...expression.rest.flatMap(({ right }) => namesIn(right))];
    case 'choice':
      return [expression.condition, expression.yes, expression.no].flatMap(namesIn);
  }
}

const isList = (value: CodeValue): value is readonly CodeValue[] => Array.isArray(value);

const isTrue = (value: CodeValue): boolean => (isList(value) ? value.length > 0 : Boolean(value));

function textOf(value: CodeValue): string {
  if (isList(value)) return `(${value.map(textOf).join(', ')})`;
  if (value === undefined) return 'None';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

function numberIn(value: CodeValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new TypeError(`${textOf(value)} is no number`);
}

function signed(operator: string, value: CodeValue): CodeValue {
  if (operator === 'not') return !isTrue(value);
  const number = numberIn(value);
  return operator === '-' ? -number : operator === '~' ? -number - 1 : number;
}

// Beyond 32 bits as well, which JavaScript's own operators cut off.
const bits = (operate: (a: bigint, b: bigint) => bigint, a: number, b: number): number => {
  if (!Number.isInteger(a) || !Number.isInteger(b)) throw new TypeError('bits are those of whole numbers');
  return Number(operate(BigInt(a), BigInt(b)));
};

const MAX_SHIFT = 64;

function shifted(a: number, b: number, isLeft: boolean): number {
  if (b < 0 || b > MAX_SHIFT) throw new TypeError(`a shift is from 0 to ${MAX_SHIFT}`);
  return bits((x, y) => (isLeft ? x << y : x >> y), a, b);
}

function combine(operator: string, left: CodeValue, right: CodeValue): CodeValue {
  if (operator === '%' && typeof left === 'string') return formatted(left, isList(right) ? right : [right]);
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  const a = numberIn(left);
  const b = numberIn(right);
  if (['/', '//', '%'].includes(operator) && b === 0) throw new TypeError('division by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - b * Math.floor(a / b);
    case '**':
      return a ** b;
    case '&':
      return bits((x, y) => x & y, a, b);
    case '|':
      return bits((x, y) => x | y, a, b);
    case '^':
      return bits((x, y) => x ^ y, a, b);
    case '<<':
      return shifted(a, b, true);
    case '>>':
      return shifted(a, b, false);
    default:
      throw new TypeError(`"${operator}" is no operator`);
  }
}

function isEqual(left: CodeValue, right: CodeValue): boolean {
  if (isList(left) || isList(right)) {
    if (!isList(left) || !isList(right) || left.length !== right.length) return false;
    return left.every((each, i) => isEqual(each, right[i]));
  }
  if (typeof left === 'string' || typeof right === 'string' || left === undefined || right === undefined) {
    return left === right;
  }
  return Number(left) === Number(right);
}

function compares(operator: string, left: CodeValue, right: CodeValue): boolean {
  if (operator === '==') return isEqual(left, right);
  if (operator === '!=') return !isEqual(left, right);
  if (operator === 'in' || operator === 'not in') {
    if (!isList(right)) throw new TypeError(`${textOf(right)} is no list`);
    return right.some((each) => isEqual(left, each)) === (operator === 'in');
  }
  const order =
    typeof left === 'string' && typeof right === 'string'
      ? Number(left > right) - Number(left < right)
      : numberIn(left) - numberIn(right);
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
}

// What Python's `%` does with the forms that messages use.
function formatted(text: string, values: readonly CodeValue[]): string {
  let at = 0;
  return text.replaceAll(
    /%(?:%|[-+ 0#]*\d*(?:\.(\d+))?([dsxXfur]))/g,
    (form, digits: string | undefined, kind: string) => {
      if (form === '%%') return '%';
      const value = values[at++];
      if (kind === 'x' || kind === 'X') return numberIn(value).toString(16);
      if (kind === 'f') return numberIn(value).toFixed(digits === undefined ? 6 : Number(digits));
      return kind === 'd' || kind === 'u' ? String(Math.trunc(numberIn(value))) : textOf(value);
    },
  );
}

function called(name: string, parameters: readonly CodeValue[]): CodeValue {
  const [first] = parameters;
  switch (name) {
    case 'print':
      return undefined; // what scripts print is for whoever wrote them
    case 'abs':
      return Math.abs(numberIn(first));
    case 'int':
      return Math.trunc(numberIn(first));
    case 'str':
      return textOf(first);
    case 'min':
      return Math.min(...parameters.map(numberIn));
    case 'max':
      return Math.max(...parameters.map(numberIn));
    default:
      throw new TypeError(`${name}() is not known`);
  }
}
