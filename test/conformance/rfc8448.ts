// The traces of RFC 8448 as they lie in vectors/rfc8448.txt: steps in their order, each with its values.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TraceStep {
  /** Section of the RFC. */
  readonly section: number;
  readonly by: string;
  /** `derive secret "tls13 c hs traffic"` */
  readonly what: string;
  /** What stands between the quotation marks. */
  readonly label: string;
  value(name: string): Uint8Array;
}

export const TRACES: Readonly<Record<number, string>> = {
  3: 'simple 1-RTT handshake',
  4: 'resumed 0-RTT handshake',
  5: 'HelloRetryRequest',
  6: 'client authentication',
  7: 'compatibility mode',
};

function readSteps(): readonly TraceStep[] {
  const text = readFileSync(join(import.meta.dirname, 'vectors', 'rfc8448.txt'), 'utf8');
  const steps: TraceStep[] = [];
  let section = 0;
  let values = new Map<string, Uint8Array>();
  for (const line of text.split('\n')) {
    const [, number] = /^## (\d)/.exec(line) ?? [];
    const [, by, what] = /^(client|server|keys) ?(.*)$/.exec(line) ?? [];
    const [, name, hex] = /^ {2}([^:]+): ([0-9a-f]*)$/.exec(line) ?? [];
    if (number !== undefined) section = Number(number);
    if (name !== undefined && hex !== undefined) values.set(name, bytesOf(hex));
    if (by === undefined || what === undefined) continue;
    const own = new Map<string, Uint8Array>();
    const here = section;
    values = own;
    const value = (wanted: string): Uint8Array => {
      const found = own.get(wanted);
      if (found === undefined) throw new Error(`§${here}, ${by} ${what}: no ${wanted}`);
      return found;
    };
    steps.push({ section, by, what, label: /"tls13 (.*)"/.exec(what)?.[1] ?? /"(.*)"/.exec(what)?.[1] ?? '', value });
  }
  return steps;
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

export const STEPS: readonly TraceStep[] = readSteps();

export const stepsOf = (section: number): readonly TraceStep[] => STEPS.filter((step) => step.section === section);

/** The one step of a section that begins like this, or the `index`th. */
export function stepOf(section: number, by: string, what: string, index = 0): TraceStep {
  const step = stepsOf(section).filter((each) => each.by === by && each.what.startsWith(what))[index];
  if (step === undefined) throw new Error(`§${section} has no ${by} ${what}`);
  return step;
}
