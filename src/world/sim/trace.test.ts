import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTrace, isTraceProblem, isTraceText, parseTrace, TRACE_FORMAT, type Trace } from './trace.ts';

const TRACE: Trace = {
  format: TRACE_FORMAT,
  program: 'netarium 0.1.0',
  scenario: { fileName: 'home.yaml', text: 'version: 1\nname: "home"\n' },
  seed: 42,
  variant: null,
  set: ['networks.home.delay=2ms'],
  until: '30s',
  digest: '0f'.repeat(32),
  packets: 68,
};

test('a trace comes back as it was written', () => {
  assert.ok(isTraceText(formatTrace(TRACE)));
  assert.deepEqual(parseTrace(formatTrace(TRACE)), TRACE);
});

test('an unknown version is refused with a sentence that names it and its writer', () => {
  const text = formatTrace(TRACE).replace('trace/1', 'trace/7').replace('0.1.0', '9.0.0');
  assert.ok(isTraceText(text));
  assert.deepEqual(parseTrace(text), {
    problem: 'This trace is "trace/7", written by netarium 9.0.0, and only "trace/1" is known here.',
  });
});

const DAMAGE: Readonly<Record<string, unknown>> = {
  program: 1,
  scenario: 'text',
  seed: -1,
  variant: 2,
  set: [1],
  until: 5,
  digest: 'abc',
  packets: 1.5,
};
for (const [name, value] of Object.entries(DAMAGE)) {
  test(`a ${name} that makes no sense is named`, () => {
    const parsed = parseTrace(JSON.stringify({ ...TRACE, [name]: value }));
    assert.deepEqual(parsed, { problem: `This trace is damaged: its ${name} makes no sense.` });
  });
}

test('a scenario is no trace', () => {
  assert.equal(isTraceText('version: 1\n'), false);
  assert.equal(isTraceText('{ version: 1, name: x }'), false);
});

test('a trace that is cut anywhere is refused in words', () => {
  const text = formatTrace(TRACE).trimEnd();
  fc.assert(
    fc.property(fc.nat(text.length - 1), (length) => {
      assert.ok(isTraceProblem(parseTrace(text.slice(0, length))));
    }),
  );
});
