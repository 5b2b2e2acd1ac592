import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpsFile } from '../../../test/testing/https_world.ts';
import { ADVERSARY } from '../../adversary/registry.ts';
import type { Instant } from '../../core/time.ts';
import { httpServer } from '../app/http/http_server.ts';
import { loadScenario } from './scenario/loader.ts';
import { Simulation } from './simulation.ts';

const PIN = 'pin=12345678';

/** Mallory hears all on the air and has stolen the server's key; perhaps she answers in its place. */
function readability(answers: boolean): { readonly status: number | undefined; readonly detail: string } {
  const file = httpsFile({
    authorities: 'root: {}, ca: { issuer: root }',
    certificates: 'www: { issuer: ca, names: [www, 10.0.0.3] }',
    commands: [[1, `curl -d ${PIN} https://${answers ? '10.0.0.3' : 'www'}/`]],
    more: `attackers: { mallory: { interfaces: { lan: 10.0.0.3 }, knows: [www, ca] } }
expect: [{ name: readable, secret: "${PIN}", readable-by: mallory, is: ${answers} }]
`,
  }).replace('delay: 10ms', 'medium: wifi, delay: 10ms');
  const { scenario, diagnostics } = loadScenario(file, 'mallory.yaml', { registry: ADVERSARY });
  assert.ok(scenario, JSON.stringify(diagnostics));
  const simulation = new Simulation(scenario);
  const mallory = simulation.built.attackers.get('mallory') ?? assert.fail();
  const stolen = mallory.tls.identities.get('www') ?? assert.fail();
  assert.deepEqual([...mallory.tls.authorities.keys()], ['ca']);
  simulation.at(5e8 as Instant, () => {
    const config = { provider: mallory.tls.provider, identityOf: () => stolen };
    mallory.spawn(
      'www',
      (system) =>
        httpServer(system, {
          port: 443,
          paths: { '/': { text: 'thanks', methods: ['POST'] } },
          secure: (socket) => mallory.tls.accept(system, socket, config),
        }),
      true,
    );
    mallory.settle(mallory.now);
  });
  simulation.run();
  const [result] = simulation.judge();
  assert.ok(result?.isMet, result?.detail);
  return { status: simulation.steps[0]?.status, detail: result.detail };
}

test('who listens to TLS reads nothing, even with the key of the server', () => {
  assert.deepEqual(readability(false), {
    status: 200,
    detail: 'mallory cannot read it in the 15 frames that it heard',
  });
});

test('who is an end of a TLS connection knows what goes over it', () => {
  const { status, detail } = readability(true);
  assert.equal(status, 200);
  assert.match(detail, /^mallory reads it \(its own TLS connection, from 10\.0\.0\.1:\d+\)$/);
});
