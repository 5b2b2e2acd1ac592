import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScenarioBuilder, ScenarioError } from './builder.ts';
import { loadScenario } from './loader.ts';

const LAN = new ScenarioBuilder('two hosts')
  .network('lan', { subnet: '10.0.0.0/24', delay: '2ms' })
  .host('alice', { interfaces: { lan: '10.0.0.1' } })
  .host('bob', { interfaces: { lan: '10.0.0.2' } });
const PING = new ScenarioBuilder({ ...LAN.document, name: 'two-hosts' })
  .seed(7)
  .run('1s', 'alice', 'ping -c 1 bob', { id: 'ping' })
  .expect('it answers', { step: 'ping', exit: 0 });

test('a program builds the scenario that its file describes', () => {
  const built = PING.build();
  assert.equal(built.seed, 7);
  assert.deepEqual(built, loadScenario(PING.toYaml(), 'two-hosts.yaml').scenario);
});

test('a builder is not changed by what is built on it', () => {
  const before = JSON.stringify(PING.document);
  PING.host('carol', { interfaces: { lan: '10.0.0.3' } }).step({ at: '2s', host: 'carol', do: 'crash' });
  assert.equal(JSON.stringify(PING.document), before);
});

test('text that looks like something else stays text', () => {
  const page = {
    paths: { '/': { text: '1.0' }, '/yes': { text: 'true' }, '/null': { text: '~' }, '/at': { text: '@: - {' } },
  };
  const { hosts } = PING.host('www', { interfaces: { lan: '10.0.0.80' }, services: [{ http: page }] }).build();
  const [service] = hosts.at(-1)?.services ?? [];
  const texts =
    service?.kind === 'http' ? service.pages.map(({ body }) => (body.kind === 'text' ? body.text : '')) : [];
  assert.deepEqual(texts, ['1.0', 'true', '~', '@: - {']);
});

test('what is wrong is thrown whole', () => {
  assert.throws(
    () => LAN.run('1s', 'alcie', 'ping bob').build(),
    (error) => {
      assert.ok(error instanceof ScenarioError);
      assert.deepEqual(
        error.diagnostics.map(({ message }) => message),
        ['"two hosts" is not a name', 'unknown host "alcie"'],
      );
      return true;
    },
  );
  assert.throws(() => LAN.host('bob', { interfaces: {} }), /hosts has "bob" already/);
});

test('authorities, certificates and attackers are built like everything else', () => {
  const built = LAN.authority('root')
    .authority('ca', { issuer: 'root', 'path-length': 0 })
    .certificate('bob', { issuer: 'ca', names: ['bob'] })
    .attacker('mallory', { interfaces: { lan: '10.0.0.9' }, knows: ['ca'] });
  const { authorities, certificates, attackers } = new ScenarioBuilder({ ...built.document, name: 'pki' }).build();
  assert.deepEqual(
    [...authorities, ...certificates, ...attackers].map(({ name }) => name),
    ['root', 'ca', 'bob', 'mallory'],
  );
  assert.throws(() => built.authority('ca'), /authorities has "ca" already/);
});
