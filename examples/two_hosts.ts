// Two machines on one cable, without a scenario file. From a clone: node scripts/run.mjs examples/two_hosts.ts
// Elsewhere the import reads `from 'netarium'`.

import { Internet } from '../src/doors/library/index.ts';

const net = await Internet.boot({
  networks: { lan: { subnet: '10.0.0.0/24', delay: '5ms' } },
  hosts: { alice: { interfaces: { lan: '10.0.0.1' } }, bob: { interfaces: { lan: '10.0.0.2' } } },
});

const { output } = await net.host('alice').run('ping -c 1 bob');
console.log(output);
for (const { time, text } of net.packets()) console.log(`${(time / 1e6).toFixed(3).padStart(8)} ms  ${text}`);
console.log(net.host('alice').arp);
