import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ADVERSARY } from '../../../adversary/registry.ts';
import { LANGUAGES } from '../languages.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { loadScenario } from './loader.ts';
import type { LanguageChecks } from './reading.ts';

const FOLDER = new URL('../../../../test/scenarios/malformed/', import.meta.url);

/** Stand-ins for the filter and the rules: just enough to refuse what these files get wrong. */
const CHECKS: LanguageChecks = {
  commandLine: LANGUAGES.commandLine,
  packetFilter: (text) =>
    text.includes('ip.scr') ? { index: text.indexOf('ip.scr'), message: 'unknown field' } : undefined,
  firewallRule: (text) =>
    /^(?:accept|drop|reject) /.test(text) ? undefined : { index: 0, message: 'unknown verdict' },
};

for (const name of readdirSync(FOLDER).sort()) {
  test(`${name} is refused where it is wrong`, () => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const expected = [...text.matchAll(/^# (\d+):(\d+) (.*)$/gm)];
    assert.ok(expected.length > 0, 'the first line says what is expected');
    const { scenario, diagnostics } = loadScenario(text, name, { checks: CHECKS, registry: ADVERSARY });
    const shown = diagnostics.map(formatDiagnostic).join('\n');
    assert.equal(scenario, undefined, shown);
    const errors = diagnostics.filter((one) => one.severity === 'error');
    assert.equal(errors.length, expected.length, shown);
    for (const [index, [, line, column, fragment = '']] of expected.entries()) {
      assert.equal(`${errors[index]?.line}:${errors[index]?.column}`, `${line}:${column}`, shown);
      assert.ok(errors[index]?.message.includes(fragment), `${fragment}\n${shown}`);
    }
  });
}

test('there are files enough to be a test', () => {
  assert.ok(readdirSync(FOLDER).length >= 35);
});
