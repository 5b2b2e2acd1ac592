import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { scenarioReference } from '../../../../scripts/scenario_reference_text.ts';
import { ADVERSARY } from '../../../adversary/registry.ts';
import { hours, milliseconds, minutes, seconds } from '../../../core/time.ts';
import { formatIpv4, type Ipv4Address } from '../../../wire/address.ts';
import SCHEMA from '../scenario.schema.json' with { type: 'json' };
import { formatDiagnostic } from './diagnostic.ts';
import { isRunnable, type LoadedScenario, type LoadOptions, loadScenario } from './loader.ts';
import type { Scenario } from './types.ts';

const FILES = new URL('../../../../test/scenarios/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, FILES), 'utf8');
const text = (loaded: LoadedScenario): string => loaded.diagnostics.map(formatDiagnostic).join('\n');

function scenarioOf(file: string, options: LoadOptions = {}): Scenario {
  const loaded = loadScenario(file, 'test.yaml', options);
  assert.ok(loaded.scenario, text(loaded));
  return loaded.scenario;
}

const SMALL = `version: 1
name: small
networks:
  lan: { subnet: 10.0.0.0/24, delay: 2ms, rate: 10Mbps, loss: 0.5%, reorder: { probability: 1%, by: 3ms }, corrupt: 2% }
hosts:
  alice: { interfaces: { lan: { address: 10.0.0.1, addresses: [10.0.0.11], mac: "02:00:00:00:00:01" } }, nameservers: [ns] }
  ns: { interfaces: { lan: 10.0.0.53 }, dns: { mode: authoritative } }
  www:
    interfaces: { lan: 10.0.0.80 }
    clock: { skew: -5m }
    services:
      - echo-udp
      - http: { hosts: { WWW.foo.test: { paths: { "/": { text: hello } } } }, allow: [alice, 10.0.0.64/26], work: 3ms }
zones:
  foo.test:
    primary: ns
    ttl: 300s
    records:
      "@": { MX: 10 mail, TXT: hello, CAA: '0 issue "demo-ca"' }
      www: { A: [www, 10.0.0.81], ttl: 5s }
      web: { CNAME: www }
      far: { CNAME: www.bar.test }
timeline:
  - { at: 1s, id: load, host: alice, run: "curl http://www.foo.test/", ask: how many packets? }
  - { at: 2s, network: lan, set: { loss: 10%, delay: 5ms }, for: 1s }
  - { at: 3s, host: www, service: http, do: stop }
  - { at: 4s, host: www, do: vanish }
faults:
  - { drop: tcp, at: lan, nth: 2 }
  - { id: late, delay: udp, by: 200ms, optional: true }
expect:
  - { name: page, step: load, status: 200, output: { contains: hello, matches: "^he" }, takes: { max: 2s } }
  - { name: one query, packets: udp, at: lan, min: 1, between: [1s, 2s] }
  - { name: tables, host: alice, at-time: 2s, arp: { 10.0.0.80: www }, routes: { default: absent }, addresses: { lan: 10.0.0.0/24 } }
  - { name: cache, host: alice, sockets: { count: 0, lacks: [{ port: 80 }] }, drops: { BadChecksum: { max: 3 } } }
  - { name: learned, network: lan, switch-table: { has: [{ mac: alice }] } }
  - { name: hit, fault: fault-1, hits: 1 }
variants:
  lossy: { patch: { networks.lan.loss: 50%, timeline.load.run: ping www, hosts.alice.tcp.min-rto: 200ms }, expect: [] }
`;

test('a file becomes a scenario with every unit read and every default filled in', () => {
  const scenario = scenarioOf(SMALL);
  const [lan] = scenario.networks;
  assert.deepEqual(lan?.conditions, {
    delay: milliseconds(2),
    jitter: 0,
    rate: 1e7,
    queueBytes: 262_144,
    loss: 0.005,
    duplicate: 0,
    reorder: 0.01,
    reorderDelay: milliseconds(3),
    corrupt: 0.02,
    corruptKind: 'wire',
  });
  const [alice, , www] = scenario.hosts;
  assert.deepEqual(alice?.nameservers.map(formatIpv4), ['10.0.0.53']);
  assert.deepEqual(alice?.interfaces[0]?.moreAddresses.map(formatIpv4), ['10.0.0.11']);
  assert.equal(alice?.interfaces[0]?.linkAddress, 0x0200_0000_0001);
  assert.equal(www?.clockSkew, -minutes(5));
  assert.deepEqual(
    www?.services.map(({ kind, port }) => `${kind} ${port}`),
    ['echo-udp 7', 'http 80'],
  );
  const http = www?.services[1];
  assert.ok(http?.kind === 'http');
  assert.equal(http.virtualHosts[0]?.host, 'www.foo.test');
  assert.deepEqual(
    http.allow?.map(({ address, length }) => `${formatIpv4(address)}/${length}`),
    ['10.0.0.1/32', '10.0.0.64/26'],
  );
});

test('records are absolute, with the addresses of the hosts they name', () => {
  const [zone] = scenarioOf(SMALL).zones;
  const shown = zone?.records.map(({ owner, ttl, data }) => {
    const { type, ...rest } = data;
    const values = Object.values(rest).map((value) =>
      type === 'A' ? formatIpv4(Number(value) as Ipv4Address) : String(value),
    );
    return [owner, ttl / seconds(1), type, ...values].join(' ');
  });
  assert.deepEqual(shown, [
    'foo.test 300 MX 10 mail.foo.test',
    'foo.test 300 TXT hello',
    'foo.test 300 CAA 0 issue demo-ca',
    'www.foo.test 5 A 10.0.0.80',
    'www.foo.test 5 A 10.0.0.81',
    'web.foo.test 300 CNAME www.foo.test',
    'far.foo.test 300 CNAME www.bar.test',
  ]);
});

test('steps, faults and expectations say what kind they are', () => {
  const { timeline, faults, expectations } = scenarioOf(SMALL);
  assert.deepEqual(
    timeline.map(({ id, kind, at }) => `${at / seconds(1)} ${id} ${kind}`),
    ['1 load run', '2 step-2 conditions', '3 step-3 service', '4 step-4 host'],
  );
  assert.deepEqual(
    faults.map(({ id, kind, nth, times }) => `${id} ${kind} ${nth} ${times}`),
    ['fault-1 drop 2 1', 'late delay 1 Infinity'],
  );
  assert.deepEqual(
    expectations.map(({ kind, position }) => `${position.line} ${kind}`),
    ['32 step', '33 packets', '34 tables', '35 tables', '36 switch-table', '37 fault'],
  );
  const tables = expectations[2];
  assert.deepEqual(tables?.kind === 'tables' && tables.checks.map(({ table }) => table), [
    'arp',
    'routes',
    'addresses',
  ]);
});

test('a variant patches values by path, and brings its own expectations', () => {
  const scenario = scenarioOf(SMALL, { variant: 'lossy' });
  assert.equal(scenario.networks[0]?.conditions.loss, 0.5);
  assert.equal(scenario.timeline[0]?.kind === 'run' && scenario.timeline[0].command, 'ping www');
  assert.deepEqual(scenario.hosts[0]?.tcp.settings, { minimumRto: milliseconds(200) });
  assert.deepEqual(scenario.expectations, []);
  assert.equal(scenario.variant, 'lossy');
  const unknown = loadScenario(SMALL, 'small.yaml', { variant: 'losy' });
  assert.match(text(unknown), /unknown variant "losy"[\s\S]*did you mean "lossy"\?/);
});

test('values set from outside come last, and are blamed where they were written', () => {
  assert.equal(
    scenarioOf(SMALL, { variant: 'lossy', set: ['networks.lan.loss=7%'] }).networks[0]?.conditions.loss,
    0.07,
  );
  assert.equal(scenarioOf(SMALL, { set: ['seed=9'] }).seed, 9);
  assert.equal(scenarioOf(SMALL, { seed: 8, set: ['seed=9'] }).seed, 8);
  assert.equal(scenarioOf(SMALL, { set: ['zones.foo.test.ttl=2h'] }).zones[0]?.ttl, hours(2));
  const wrong = loadScenario(SMALL, 'small.yaml', { set: ['networks.lan.loss=lots', 'nothing'] });
  assert.equal(
    text(wrong),
    `--set:1:1  error  "nothing" sets nothing
  1 │ nothing
    │ ^^^^^^^  write path=value
--set:1:19  error  "lots" is not a percentage
  1 │ networks.lan.loss=lots
    │                   ^^^^  write a percentage from 0% to 100%, like 0.5%`,
  );
});

test('a problem is shown with its line, a mark under it, and what to write instead', () => {
  const loaded = loadScenario(SMALL.replace('delay: 2ms', 'dealy: 2ms'), 'small.yaml');
  assert.equal(
    text(loaded).split('\n').slice(0, 3).join('\n'),
    `small.yaml:4:31  error  unknown key "dealy" in networks.lan
  4 │   lan: { subnet: 10.0.0.0/24, dealy: 2ms, rate: 10Mbps, loss: 0.5%, reorder: { probability: 1%, by: …
    │                               ^^^^^  did you mean "delay"?`,
  );
});

test('the coffee shop is known whole with all its variants, and says what is not built yet', () => {
  const file = read('known/coffee-shop-mitm.yaml');
  const { scenario, diagnostics } = loadScenario(file, 'coffee-shop-mitm.yaml', { registry: ADVERSARY });
  assert.ok(scenario);
  const notBuilt = diagnostics.filter(({ severity }) => severity === 'not-built');
  assert.deepEqual(notBuilt, diagnostics);
  for (const { message } of notBuilt) assert.match(message, /tls-mitm is not built yet/);
  for (const { name: variant } of scenario.variants) {
    assert.ok(loadScenario(file, 'coffee-shop-mitm.yaml', { variant, registry: ADVERSARY }).scenario);
  }
});

test('the home behind a NAT is read as it is written', () => {
  const loaded = loadScenario(read('known/home-behind-nat.yaml'), 'home.yaml');
  assert.equal(text(loaded), '');
  assert.ok(isRunnable(loaded));
  const { hosts = [], authorities = [], certificates = [] } = loaded.scenario ?? {};
  const router = hosts.find(({ name }) => name === 'home-router');
  assert.deepEqual(router?.nat?.inside, ['home']);
  assert.deepEqual(router?.dns?.mode === 'forwarder' && router.dns.upstream.map(formatIpv4), ['198.51.100.53']);
  assert.equal(
    router?.dhcpServers[0]?.router,
    router?.interfaces[0]?.addressing.kind === 'static' ? router.interfaces[0].addressing.address : undefined,
  );
  assert.equal(router?.firewall?.rules.length, 4);
  assert.deepEqual(
    authorities.map(({ name, issuer, key, validity }) => [name, issuer, key, validity.notAfter]),
    [
      ['demo-root', undefined, 'P-256', hours(3650 * 24)],
      ['demo-ca', 'demo-root', 'P-256', hours(1825 * 24)],
    ],
  );
  assert.deepEqual(
    certificates.map((one) => one.kind === 'leaf' && [one.names, one.purposes, one.chain]),
    [[['www.foo.test'], ['serverAuth', 'clientAuth'], undefined]],
  );
  const [service] = hosts.find(({ name }) => name === 'www')?.services ?? [];
  assert.equal(service?.kind === 'https' && service.tls.certificate, 'www');
});

const SHOP = `version: 1
name: shop
networks: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  alice: { interfaces: { lan: 10.0.0.1 }, trust: [root], certificates: [alice] }
  www:
    interfaces: { lan: 10.0.0.2 }
    services:
      - https:
          cert: www
          hosts: { Bar.test.: { cert: bar, paths: { "/": { text: bar } } } }
          cipher-suites: [TLS_AES_256_GCM_SHA384]
          groups: [P-384, X25519]
          client-certificates: optional
          client-trust: [ca]
          tickets: 3
          ticket-lifetime: 1h
          max-early-data: 16KiB
          replay-defence: false
pki:
  authorities:
    root: { key: ed25519, path-length: 1, name-constraints: { excluded: [evil.test] } }
    ca: { issuer: root, key: ecdsa-p384, valid: 10d, not-before: -5d, owner: mallory }
  certificates:
    www: { issuer: ca, names: [www], chain: [bridge, ca] }
    bar: { issuer: ca, names: [bar.test], purposes: [server] }
    alice: { issuer: ca, names: [alice@foo.test], purposes: [client] }
    bridge: { issuer: ca, cross-signs: root }
attackers:
  mallory: { interfaces: { lan: 10.0.0.3 }, knows: [root, www] }
timeline: [{ at: 1s, id: load, host: alice, run: curl https://www/ }]
expect: [{ name: e, step: load, tls: "1.3", resumed: false, round-trips: { max: 3 } }]
variants:
  distrusting: { patch: { hosts.alice.trust: [], hosts.www.services.0.https.tickets: 1, pki.certificates.www.valid: 1d } }
`;

test('authorities, certificates and what is done with them are read whole', () => {
  const { authorities, certificates, hosts, attackers, expectations } = scenarioOf(SHOP);
  const [root, ca] = authorities;
  assert.deepEqual([root?.key, root?.pathLength, root?.owner], ['Ed25519', 1, undefined]);
  assert.deepEqual(root?.nameConstraints, { permitted: [], excluded: [{ kind: 'dns', name: 'evil.test' }] });
  assert.deepEqual([ca?.key, ca?.owner], ['P-384', 'mallory']);
  assert.deepEqual(ca?.validity, { notBefore: -hours(120), notAfter: hours(120) });
  assert.deepEqual(root?.validity, { notBefore: -hours(1), notAfter: hours(3650 * 24) });
  assert.deepEqual(
    certificates.map((one) => (one.kind === 'leaf' ? [one.name, one.chain] : [one.name, one.authority, one.issuer])),
    [
      ['www', ['bridge', 'ca']],
      ['bar', undefined],
      ['alice', undefined],
      ['bridge', 'root', 'ca'],
    ],
  );
  assert.deepEqual([hosts[0]?.trust, hosts[0]?.certificates], [['root'], ['alice']]);
  assert.deepEqual(attackers[0]?.knows, ['root', 'www']);
  const [service] = hosts[1]?.services ?? [];
  assert.deepEqual(service?.kind === 'https' && service.tls, {
    certificate: 'www',
    certificates: new Map([['bar.test', 'bar']]),
    alpn: ['http/1.1'],
    cipherSuites: ['TLS_AES_256_GCM_SHA384'],
    groups: ['P-384', 'X25519'],
    clientCertificates: 'optional',
    clientTrust: ['ca'],
    tickets: 3,
    ticketLifetime: hours(1),
    maxEarlyData: 16_384,
    hasReplayDefence: false,
  });
  const [expectation] = expectations;
  assert.deepEqual(expectation?.kind === 'step' && [expectation.tls, expectation.isResumed, expectation.roundTrips], [
    '1.3',
    false,
    { min: 0, max: 3 },
  ]);
});

test('variants change trust, certificates and services like everything else', () => {
  const { hosts, certificates } = scenarioOf(SHOP, { variant: 'distrusting' });
  const [service] = hosts[1]?.services ?? [];
  assert.deepEqual(hosts[0]?.trust, []);
  assert.equal(service?.kind === 'https' && service.tls.tickets, 1);
  assert.equal(certificates[0]?.validity.notAfter, hours(24));
});

test('a host without a route says so, unless that is meant', () => {
  const file = (routes: string): string => `version: 1
name: routes
networks: { a: { subnet: 10.0.1.0/24 }, b: { subnet: 10.0.2.0/24 } }
hosts:
  one: { interfaces: { a: 10.0.1.2 }${routes} }
  middle: { kind: router, interfaces: { a: 10.0.1.1, b: 10.0.2.1 } }
`;
  assert.match(text(loadScenario(file(''), 'r.yaml')), /one has no route to b[\s\S]*add routes: \{ default: middle \}/);
  for (const routes of [', routes: {}', ', routes: { default: middle }', ', routes: { 10.0.2.0/24: 10.0.1.1 }']) {
    assert.equal(text(loadScenario(file(routes), 'r.yaml')), '', routes);
  }
});

test('a client where no server is gets a warning, and can run', () => {
  const loaded = loadScenario(
    'version: 1\nname: w\nnetworks: { lan: { subnet: 10.0.0.0/24 } }\nhosts: { a: { interfaces: { lan: dhcp } } }\n',
    'w.yaml',
  );
  assert.deepEqual(
    loaded.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ['warning no-dhcp-server'],
  );
  assert.ok(isRunnable(loaded));
});

test('no text makes it throw', () => {
  const samples = [
    SMALL,
    read('known/coffee-shop-mitm.yaml'),
    '{'.repeat(5000),
    '['.repeat(200_000),
    '&a [*a]',
    'a: &a {b: *a}',
    '? {x: 1}\n: 2',
    '\u0000',
    '__proto__: 1',
    'version: 1\n__proto__: { x: 1 }\nconstructor: 2',
    '!!binary aGk=',
    'a: !!set {x}',
    '1',
    '~',
  ];
  for (const sample of samples) loadScenario(sample, 'sample.yaml');
  const pieces = SMALL.split(/(?<=[\s,:{}[\]])/);
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.nat(pieces.length - 1),
          fc.constantFrom('', '~', '[]', '{}', '-1', 'x', ': ', '"', '10.0.0.1', '1s', '&a ', '*a', '@'),
        ),
        { maxLength: 6 },
      ),
      (changes) => {
        const changed = [...pieces];
        for (const [at, piece] of changes) changed[at] = piece;
        const { scenario, diagnostics } = loadScenario(changed.join(''), 'changed.yaml');
        assert.equal(
          scenario === undefined,
          diagnostics.some(({ severity }) => severity === 'error'),
        );
        for (const one of diagnostics) {
          assert.ok(one.line >= 1 && one.column >= 1 && one.length >= 1);
          formatDiagnostic(one);
        }
      },
    ),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void loadScenario(any, 'any.yaml')));
});

test('aliases that multiply are refused', () => {
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1,1,1]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
  ];
  assert.match(
    text(loadScenario(bomb.join('\n'), 'bomb.yaml')),
    /the file (?:has more than 1000 aliases|is too large)/,
  );
});

test('the schema is a valid schema, and describes every key', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  ajv.addKeyword({ keyword: 'x-not-built', schemaType: 'string' });
  assert.ok(ajv.validateSchema(SCHEMA), ajv.errorsText());
  const bare: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(
          value as Record<string, { description?: string; $ref?: string }>,
        )) {
          if (property.description === undefined && property.$ref === undefined) bare.push(`${path}/${name}`);
        }
        if ((node as { additionalProperties?: unknown }).additionalProperties !== false) bare.push(`${path} is open`);
      }
      walk(value, `${path}/${key}`);
    }
  };
  walk(SCHEMA, '');
  assert.deepEqual(bare, []);
});

test('the reference is made from the schema as it is', () => {
  const reference = readFileSync(new URL('../../../../docs/reference/scenario.md', import.meta.url), 'utf8');
  assert.ok(reference === scenarioReference(SCHEMA), 'run scripts/scenario_reference.ts');
});
