// Arguments of commands: single-letter flags that may stand together, long ones, and values behind some of them. Each
// remembers its place, so that what is wrong can be pointed at.

import { UsageError } from './command.ts';

export interface Flag {
  /** The first of its names, without dashes. */
  readonly name: string;
  /** '' for one that takes none. */
  readonly value: string;
  /** Which argument its value stands in, or else itself, from 0. */
  readonly place: number;
}

export interface Operand {
  readonly text: string;
  readonly place: number;
}

export class Arguments {
  /** In their order. */
  readonly flags: readonly Flag[];
  readonly operands: readonly Operand[];

  constructor(flags: readonly Flag[], operands: readonly Operand[]) {
    this.flags = flags;
    this.operands = operands;
  }

  has(name: string): boolean {
    return this.flags.some((flag) => flag.name === name);
  }

  /** The last one counts. */
  flag(name: string): Flag | undefined {
    return this.flags.findLast((flag) => flag.name === name);
  }

  value(name: string): string | undefined {
    return this.flag(name)?.value;
  }

  /** A whole number within limits. @throws UsageError */
  wholeNumber(name: string, fallback: number, what: string, min: number, max: number): number {
    const flag = this.flag(name);
    if (flag === undefined) return fallback;
    const value = /^\d+$/.test(flag.value) ? Number(flag.value) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`${what} is a whole number from ${min} to ${max}, not ${flag.value}`, flag);
  }

  /** Seconds with decimals, as ping and others take them; in milliseconds. @throws UsageError */
  milliseconds(name: string, fallback: number, what: string): number {
    const flag = this.flag(name);
    if (flag === undefined) return fallback;
    const value = /^\d+(\.\d+)?$/.test(flag.value) ? Number(flag.value) : Number.NaN;
    if (value >= 0.001 && value <= 86_400) return value * 1000;
    throw new UsageError(`${what} is a number of seconds from 0.001 to 86400, not ${flag.value}`, flag);
  }

  /** The one operand that a command takes. @throws UsageError */
  onlyOperand(message: string): string {
    const [first, second] = this.operands;
    if (first !== undefined && second === undefined) return first.text;
    throw new UsageError(message, { place: second?.place });
  }
}

/**
 * @param valued flags that take a value: their names divided by blanks, `m max-time`
 * @param plain those that take none
 * @throws UsageError on a flag that is neither
 */
export function parseArguments(
  args: readonly string[],
  valued: readonly string[],
  plain: readonly string[],
): Arguments {
  const flags: Flag[] = [];
  const operands: Operand[] = [];
  const named = (groups: readonly string[], name: string): string | undefined =>
    groups.map((group) => group.split(' ')).find((names) => names.includes(name))?.[0];
  const known = [...valued, ...plain].flatMap((group) => group.split(' ')).map(dashed);
  let place = 0;
  const take = (name: string, attached: string | undefined): void => {
    const plainName = attached === undefined ? named(plain, name) : undefined;
    const valuedName = named(valued, name);
    if (plainName !== undefined) flags.push({ name: plainName, value: '', place });
    else if (valuedName !== undefined) {
      const value = attached ?? args[++place];
      if (value === undefined) throw new UsageError(`option ${dashed(name)} needs a value`, { place: place - 1 });
      flags.push({ name: valuedName, value, place });
    } else if (named(plain, name) !== undefined)
      throw new UsageError(`option ${dashed(name)} takes no value`, { place });
    else throw new UsageError(`there is no option ${dashed(name)}`, { place, written: dashed(name), known });
  };
  for (; place < args.length; place++) {
    const argument = args[place] ?? '';
    if (argument === '--') {
      for (place++; place < args.length; place++) operands.push({ text: args[place] ?? '', place });
    } else if (argument.startsWith('--')) {
      const [name = '', ...value] = argument.slice(2).split('=');
      take(name, value.length > 0 ? value.join('=') : undefined);
    } else if (/^-[^-\d]/.test(argument)) {
      takeLetters(argument.slice(1), (letter) => named(valued, letter) !== undefined, take);
    } else operands.push({ text: argument, place });
  }
  return new Arguments(flags, operands);
}

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

// -tulpn, -c3, -c 3
function takeLetters(
  letters: string,
  isValued: (letter: string) => boolean,
  take: (name: string, attached: string | undefined) => void,
): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? '';
    const attached = letters.slice(at + 1);
    if (!isValued(letter)) {
      take(letter, undefined);
      continue;
    }
    take(letter, attached === '' ? undefined : attached);
    return;
  }
}
