// Simulated DNS queries: a client asks an authoritative server over UDP, IP and Ethernet, one question after the other.

import { milliseconds, START } from '../src/core/time.ts';
import { stubResolve } from '../src/world/app/dns/stub.ts';
import type { Program } from '../src/world/app/program.ts';
import { loadScenario } from '../src/world/sim/scenario/loader.ts';
import { Simulation } from '../src/world/sim/simulation.ts';

const SCENARIO = `
version: 1
name: dns-bench
seed: 1
networks:
  lan: { subnet: 10.0.0.0/24, delay: 100us }
hosts:
  client: { interfaces: { lan: 10.0.0.2 } }
  ns: { interfaces: { lan: 10.0.0.53 }, dns: { mode: authoritative } }
zones:
  foo.test: { primary: ns, records: { www: { A: 10.0.0.80 } } }
`;

export function dnsQueries(count: number): void {
  const { scenario, diagnostics } = loadScenario(SCENARIO, 'dns-bench.yaml');
  if (scenario === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  const { world } = new Simulation(scenario, { isCapturing: false });
  const client = world.host('client');
  const server = { address: 0x0a00_0035 as never, port: 53 };
  let answered = 0;
  client.spawn('asker', function* (system): Program<void> {
    yield* system.sleep(milliseconds(1)); // until all machines have booted
    for (let i = 0; i < count; i++) {
      const result = yield* stubResolve(system, { servers: [server], name: 'www.foo.test', type: 'A' });
      if (result.kind === 'answered' && result.addresses.length === 1) answered++;
    }
  });
  client.settle(START);
  while (world.isAlive) world.step();
  if (answered !== count) throw new Error(`${answered} of ${count} queries were answered`);
}
