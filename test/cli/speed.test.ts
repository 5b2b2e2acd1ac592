import assert from 'node:assert/strict';
import { test } from 'node:test';
import { room } from './command_line.ts';

interface Row {
  readonly operation: string;
  readonly provider: string;
  readonly perSecond: number;
  readonly megabytesPerSecond?: number;
  readonly keyBytes?: number;
  readonly addedBytes?: number;
  readonly largestMessageBytes?: number;
}

test('speed measures what is asked for, on both providers, with the sizes it saw', async (context) => {
  const { netarium } = room(context);
  const { status, stdout } = await netarium('speed', '--json', '--only', 'AES-128', '--only', 'oaep');
  assert.equal(status, 0);
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly Row[] };
  assert.deepEqual(
    rows.map(({ operation, provider }) => `${operation} (${provider})`),
    ['AES-128-GCM seal, 1,400 B', 'AES-128-GCM seal, 16,384 B', 'AES-128-GCM open, 16,384 B']
      .concat(['RSA-2048 OAEP encrypt', 'RSA-2048 OAEP decrypt'])
      .flatMap((name) => [`${name} (node)`, `${name} (portable)`]),
  );
  const symmetric = rows.find(({ operation }) => operation === 'AES-128-GCM seal, 16,384 B');
  const asymmetric = rows.find(({ operation }) => operation === 'RSA-2048 OAEP decrypt');
  assert.deepEqual([symmetric?.keyBytes, symmetric?.addedBytes, symmetric?.largestMessageBytes], [16, 16, undefined]);
  assert.deepEqual([asymmetric?.keyBytes, asymmetric?.addedBytes, asymmetric?.largestMessageBytes], [256, 66, 190]);
  // A thousand times as fast; a busy machine may halve that.
  assert.ok((symmetric?.megabytesPerSecond ?? 0) > 20 * (asymmetric?.megabytesPerSecond ?? Number.POSITIVE_INFINITY));
});

test('a checksum is faster and shorter than a MAC, and the table says so', async (context) => {
  const { netarium } = room(context);
  const { status, stdout } = await netarium('speed', '--only', 'checksum', '--only', 'HMAC-SHA-256');
  assert.equal(status, 0);
  const lines = stdout.split('\n');
  assert.match(lines[0] ?? '', /^a second of CPU time +Node +portable +key +adds/);
  assert.equal(lines[2], 'checks: against accidents, and against people');
  assert.match(lines[3] ?? '', /^ {2}Internet checksum, 1,400 B +[\d.,]+ MB\/s +[\d.,]+ MB\/s +2 B$/);
  assert.match(lines[4] ?? '', /^ {2}HMAC-SHA-256, 1,400 B +[\d.,]+ MB\/s +[\d.,]+ MB\/s +32 B +32 B$/);
  const [, times] = /checksum is ([\d.,]+) times as fast as HMAC/.exec(stdout) ?? [];
  assert.ok(Number(times) > 5, stdout);
});

test('an operation that there is not is a mistake of usage, with what was probably meant', async (context) => {
  const { netarium } = room(context);
  const { status, stderr, stdout } = await netarium('speed', '--only', 'Ed25518');
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /no operation with "Ed25518".*Did you mean "Ed25519"\?/s);
});
