// A small scenario that most views can be tried on: a ping and a page over one switch.

import { loadScenario } from '../../src/world/sim/scenario/loader.ts';
import { Simulation } from '../../src/world/sim/simulation.ts';

export const TWO_HOSTS = `version: 1
name: two-hosts
seed: 7
networks:
  lan: { subnet: 10.0.0.0/24, medium: ethernet, delay: 1ms }
hosts:
  alice: { interfaces: { lan: 10.0.0.1 } }
  bob:
    interfaces: { lan: 10.0.0.2 }
    services:
      - http: { port: 80, paths: { "/": { text: "hi" } } }
timeline:
  - { at: 1s, id: echo, host: alice, run: "ping -c 1 10.0.0.2" }
  - { at: 5s, id: load, host: alice, run: "curl http://10.0.0.2/" }
expect:
  - { name: it answers, step: echo, exit: 0 }
`;

/** Run to its end. */
export function runTwoHosts(text: string = TWO_HOSTS): Simulation {
  const { scenario, diagnostics } = loadScenario(text, 'two-hosts.yaml');
  if (scenario === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  const simulation = new Simulation(scenario);
  simulation.run();
  return simulation;
}
