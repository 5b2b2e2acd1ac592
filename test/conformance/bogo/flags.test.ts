import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FAILURE_REASONS } from '../../../src/secure/tls/failure.ts';
import { parseFlags } from './flags.ts';

test('a flag holds for all connections, or for those that its prefix names', () => {
  const flags = parseFlags(['-server', '-on-resume-curves', '29', '-on-resume-curves', '23', '-on-initial-no-ticket']);
  assert.ok(!('unknown' in flags));
  assert.deepEqual(
    [flags.initial, flags.resume, flags.retry].map((each) => [
      each.has('server'),
      each.numbers('curves'),
      each.has('no-ticket'),
    ]),
    [
      [true, undefined, true],
      [true, [29, 23], false],
      [true, undefined, false],
    ],
  );
});

test('the last value of a flag counts; a flag that is not known is named', () => {
  const flags = parseFlags(['-port', '1', '-port', '2']);
  assert.ok(!('unknown' in flags));
  assert.equal(flags.initial.number('port'), 2);
  assert.deepEqual(parseFlags(['-server', '-dtls']), { unknown: '-dtls' });
});

test("each failure that stands for one of the runner's errors is one that there is", () => {
  const { ErrorMap }: { ErrorMap: Readonly<Record<string, readonly string[]>> } = JSON.parse(
    readFileSync(new URL('../bogo-config.json', import.meta.url), 'utf8'),
  );
  const reasons: readonly string[] = FAILURE_REASONS;
  for (const text of Object.values(ErrorMap).flat()) {
    const [reason = ''] = text.split(':');
    // A detail, as it stands behind more than one reason.
    if (!reason.includes(' ')) assert.ok(reasons.includes(reason), text);
  }
});
