// `netarium speed`: one table of all primitives, measured now: how often a second of CPU time, and how large keys and what
// is added to a message are. What is measured is listed in speed_operations.ts.

import { formatColumns } from '../../core/columns.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, listOption, type RawOptions, sentence } from './options.ts';
import { KINDS, type Kind, OPERATIONS, type Operation, type Prepared } from './speed_operations.ts';
import { print, printLines, progress } from './terminal.ts';

const PROVIDERS: readonly CryptoProvider[] = [nodeCrypto, portableCrypto];

/** CPU time a row, in microseconds; the whole table takes a few seconds. */
const WARM_UP = 15_000;
const BUDGET = 35_000;

interface Row extends Omit<Prepared, 'run'> {
  readonly operation: string;
  readonly kind: Kind;
  readonly provider: CryptoProvider['name'];
  /** Of a second of CPU time of this process. */
  readonly perSecond: number;
  readonly megabytesPerSecond?: number;
}

/** @throws CliError */
export function speed(options: RawOptions): ExitStatus {
  const chosen = operationsNamed(listOption(options, 'only'));
  const rows = chosen.flatMap((operation) => PROVIDERS.map((provider) => measured(operation, provider)));
  progress('');
  if (flagOption(options, 'json'))
    print(JSON.stringify({ schema: 'netarium.speed/1', node: process.version, rows }, null, 2));
  else printLines([...tableLines(chosen, rows), ...comparisons(rows)]);
  return ExitStatus.Ok;
}

/** Those in whose name one of the words occurs; all without words. @throws CliError */
function operationsNamed(words: readonly string[]): readonly Operation[] {
  if (words.length === 0) return OPERATIONS;
  for (const word of words) {
    if (OPERATIONS.some((operation) => isNamed(operation, word))) continue;
    const names = [...new Set(OPERATIONS.map(({ name }) => /^(?:ECDSA )?[^ ,:]+/.exec(name)?.[0] ?? name))];
    throw usageError(
      `There is no operation with "${word}" in its name.`,
      sentence(suggestFrom(word, names) ?? `known: ${names.join(', ')}`),
    );
  }
  return OPERATIONS.filter((operation) => words.some((word) => isNamed(operation, word)));
}

const isNamed = ({ name }: Operation, word: string): boolean => name.toLowerCase().includes(word.toLowerCase());

function measured(operation: Operation, provider: CryptoProvider): Row {
  progress(`${operation.name} (${provider.name})`);
  const { run, ...sizes } = operation.prepare(provider);
  const perSecond = rateOf(run);
  return {
    operation: operation.name,
    kind: operation.kind,
    provider: provider.name,
    perSecond,
    ...(sizes.messageBytes === undefined ? {} : { megabytesPerSecond: (perSecond * sizes.messageBytes) / 1e6 }),
    ...sizes,
  };
}

/** One run that takes longer than everything may is the measurement itself. */
function rateOf(run: () => void): number {
  const first = repeat(run, WARM_UP);
  return first.spent > WARM_UP + BUDGET ? perSecond(first) : perSecond(repeat(run, BUDGET));
}

interface Repeated {
  readonly count: number;
  /** CPU time of the process, in microseconds. */
  readonly spent: number;
}

const perSecond = ({ count, spent }: Repeated): number => (count / spent) * 1e6;

function repeat(run: () => void, budget: number): Repeated {
  const start = process.cpuUsage();
  let [count, batch, spent] = [0, 1, 0];
  while (spent < budget) {
    for (let i = 0; i < batch; i++) run();
    count += batch;
    const { user, system } = process.cpuUsage(start);
    spent = user + system;
    if (spent < budget / 20) batch *= 2; // reading the clock takes a microsecond
  }
  return { count, spent };
}

function tableLines(operations: readonly Operation[], rows: readonly Row[]): readonly string[] {
  const head = ['a second of CPU time', 'Node', 'portable', 'key', 'adds', 'largest message'];
  const cells = [head, ...operations.map(({ name }) => rowCells(name, rows))];
  const [headLine = '', ...lines] = formatColumns(alignRight(cells)).trimEnd().split('\n');
  return [headLine, ...lines.flatMap((line, i) => [...titleLines(operations, i), line])];
}

/** Operations of a kind stand together: its title comes before the first of them. */
function titleLines(operations: readonly Operation[], i: number): readonly string[] {
  const kind = operations[i]?.kind;
  return kind === undefined || kind === operations[i - 1]?.kind ? [] : ['', KINDS[kind]];
}

function rowCells(name: string, rows: readonly Row[]): readonly string[] {
  const found = rows.filter(({ operation }) => operation === name);
  const [sizes] = found;
  const rates = PROVIDERS.map((provider) => rateText(found.find((row) => row.provider === provider.name)));
  return [`  ${name}`, ...rates, ...[sizes?.keyBytes, sizes?.addedBytes, sizes?.largestMessageBytes].map(bytesText)];
}

const bytesText = (bytes: number | undefined): string => (bytes === undefined ? '' : `${formatted(bytes)} B`);

const rateText = (row: Row | undefined): string =>
  row === undefined
    ? ''
    : row.megabytesPerSecond === undefined
      ? `${significant(row.perSecond)} /s`
      : `${significant(row.megabytesPerSecond)} MB/s`;

/** Every column but the first. */
function alignRight(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell : cell.padStart(width(column)))));
}

const formatted = (value: number): string => value.toLocaleString('en');

/** Three digits are all that a measurement of a few milliseconds is worth. */
const significant = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: true });

/** What the table shows, in sentences; of each only if both sides were measured. */
function comparisons(rows: readonly Row[]): readonly string[] {
  const find = (operation: string, provider: string): Row | undefined =>
    rows.find((row) => row.operation === operation && row.provider === provider);
  const lines: string[] = [];
  const seal = find('AES-128-GCM seal, 16,384 B', 'node');
  const decrypt = find('RSA-2048 OAEP decrypt', 'node');
  if (seal?.megabytesPerSecond !== undefined && decrypt?.megabytesPerSecond !== undefined) {
    lines.push(
      `AES-128-GCM is ${significant(seal.megabytesPerSecond / decrypt.megabytesPerSecond)} times as fast as decrypting with RSA-2048,` +
        ` which takes no more than ${decrypt.largestMessageBytes} bytes at a time and adds ${decrypt.addedBytes} to them.`,
    );
  }
  const checksum = find('Internet checksum, 1,400 B', 'portable');
  const mac = find('HMAC-SHA-256, 1,400 B', 'portable');
  if (checksum !== undefined && mac !== undefined) {
    lines.push(
      `The Internet checksum is ${significant(checksum.perSecond / mac.perSecond)} times as fast as HMAC-SHA-256 in the same language,` +
        ` and ${checksum.addedBytes} bytes instead of ${mac.addedBytes}. Anybody can compute it.`,
    );
  }
  return lines.length === 0 ? [] : ['', ...lines];
}
