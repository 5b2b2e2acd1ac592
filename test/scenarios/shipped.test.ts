// Every shipped scenario and each of its variants keeps what it promises; and each can fail: one thing is changed in it,
// and the expectation that is about that thing does not hold any more.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { Simulation } from '../../src/world/sim/simulation.ts';
import { outputOf, runScenario, SCENARIO_FILES, SHIPPED_RUNS, scenarioOf } from './shipped_scenarios.ts';

suite('Shipped scenarios', () => {
  for (const { file, variant, title } of SHIPPED_RUNS) {
    test(`${title} shows what it promises`, () => {
      const scenario = scenarioOf(file, { variant });
      const simulation = runScenario(scenario);
      const missed = missedBy(simulation);
      assert.notEqual(scenario.expectations.length, 0, 'it promises nothing');
      assert.deepEqual(missed, [], outputOf(simulation));
      assert.deepEqual(simulation.world.failures, [], 'a program failed');
      const idle = simulation.faults.filter(({ hits, fault }) => hits === 0 && !fault.isOptional);
      assert.deepEqual(
        idle.map(({ fault }) => fault.id),
        [],
        'a fault hit nothing',
      );
      assert.deepEqual(
        simulation.openSteps.map(({ id }) => id),
        [],
        'a step never came to an end',
      );
    });
  }

  test('what they promise does not hang on the order of events of equal time', () => {
    for (const { file, variant, title } of SHIPPED_RUNS) {
      for (const shuffleSeed of [1, 2, 3]) {
        const missed = missedBy(runScenario(scenarioOf(file, { variant }), { shuffleSeed }));
        assert.deepEqual(missed, [], `${title}, shuffled by ${shuffleSeed}`);
      }
    }
  });

  test('what was asked for word by word is as it was asked for', () => {
    for (const file of GIVEN) {
      const [shipped, asked] = ['../../scenarios/', 'known/'].map((folder) => new URL(folder + file, import.meta.url));
      assert.ok(shipped !== undefined && asked !== undefined);
      assert.ok(readFileSync(shipped).equals(readFileSync(asked)), file);
    }
  });

  test('each says in a few sentences what it shows', () => {
    for (const file of SCENARIO_FILES.filter((name) => !GIVEN.includes(name))) {
      const { name, description, timeline } = scenarioOf(file);
      assert.equal(`${name}.yaml`, file);
      const sentences = description.split(/[.?](?:\s|$)/).filter((sentence) => sentence !== '');
      assert.ok(sentences.length >= 2 && sentences.length <= 4, `${file} has ${sentences.length} sentences`);
      assert.ok(
        timeline.some(({ ask }) => ask !== undefined),
        `${file} asks nothing`,
      );
    }
  });
});

/** Their words are not ours to change. */
const GIVEN: readonly string[] = ['home-behind-nat.yaml', 'coffee-shop-mitm.yaml'];

/** What is changed, and the expectation that is then missed. */
interface Mutation {
  readonly variant?: string;
  readonly set: readonly string[];
  readonly misses: string;
}

const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  'certificate-expires': [
    { set: ['pki.certificates.shop.valid=30m'], misses: 'it still holds' },
    { set: ['hosts.bob.clock.skew=0s'], misses: 'to a clock that is fast it has expired already' },
    { variant: 'renewed-in-time', set: ['pki.certificates.shop.valid=1h'], misses: 'the page loads' },
  ],
  'certificates-refused': [
    { set: ['hosts.alice.trust=[]'], misses: 'one is right' },
    { set: ['pki.certificates.good-too.names=[other-name.foo.test]'], misses: 'it is for another name' },
    { set: ['hosts.alice.trust=[demo-root, strange-root]'], misses: 'it leads to a root that Alice does not trust' },
    { set: ['pki.certificates.alone.chain=[demo-ca]'], misses: 'what is between is not there' },
    { set: ['pki.certificates.bank.issuer=demo-ca'], misses: 'the school may not vouch for a bank' },
    { variant: 'the-intermediate-is-sent', set: ['hosts.alice.trust=[]'], misses: 'now it leads up to the root' },
    {
      variant: 'the-school-may-vouch-for-anything',
      set: ['pki.certificates.bank.names=[other.foo.test]'],
      misses: "the bank's certificate is believed",
    },
  ],
  'coffee-shop-mitm': [
    { set: ['hosts.victor.trust=[web-root, rogue-root]'], misses: 'certificate is refused' },
    { set: ['hosts.victor.trust=[web-root, rogue-root]'], misses: 'the PIN is never readable' },
    {
      variant: 'victim-installed-the-rogue-root',
      set: ['hosts.victor.trust=[web-root]'],
      misses: 'now the attack succeeds',
    },
    { variant: 'access-point-inspects-arp', set: ['hosts.victor.trust=[]'], misses: 'page loads' },
  ],
  'early-data-replayed': [
    { set: ['hosts.bank.services.0.https.max-early-data=0B'], misses: 'Alice pays' },
    { set: ['hosts.bank.services.0.https.replay-defence=false'], misses: 'and with nothing else' },
    {
      variant: 'the-bank-does-not-remember',
      set: ['hosts.bank.services.0.https.replay-defence=true'],
      misses: 'behind the hello comes the answer to the order',
    },
  ],
  'forward-secrecy': [
    { set: ['hosts.alice.trust=[]'], misses: 'the payment is made' },
    { set: ['networks.cafe.medium=ethernet'], misses: 'though she heard every frame' },
    { set: ['hosts.alice.trust=[]'], misses: 'and reads what she is told' },
  ],
  'tls-round-trips': [
    {
      set: ['hosts.www.services.0.https.tickets=0', 'hosts.www.services.0.https.max-early-data=0B'],
      misses: 'a session goes on',
    },
    { set: ['hosts.www.services.0.https.max-early-data=0B'], misses: 'the page with the first message' },
    { set: ['hosts.www.services.0.https.groups=[P-384]'], misses: 'the whole handshake' },
    {
      variant: 'the-server-asks-again',
      set: ['hosts.www.services.0.https.groups=[X25519]'],
      misses: 'one round trip more',
    },
  ],
  truncation: [
    { set: ['timeline.protected.at=1500ms'], misses: 'TLS misses the end' },
    { set: ['timeline.in-the-clear.at=2500ms'], misses: 'its end is missing and nothing says so' },
  ],
  'arp-incomplete': [
    // Somebody does have the address.
    { set: ['hosts.scanner.interfaces.lan=128.143.67.236'], misses: 'nobody answers for the other address' },
    { set: ['hosts.scanner.interfaces.lan=128.143.67.236'], misses: 'the table shows both' },
    { set: ['timeline.not-there.run=ping -c 1 128.143.67.140'], misses: 'the question is asked three times' },
  ],
  'arp-spoof': [
    { set: ['timeline.lies.at=8s'], misses: 'Victor takes Mallory for the gateway' },
    {
      set: ['networks.cafe.arp-inspection={ trusted: [gateway] }'],
      misses: 'and Mallory reads the PIN although it is percent-encoded',
    },
    { set: ['networks.cafe.medium=wifi'], misses: 'behind a switch nobody else reads along' },
    {
      variant: 'the-access-point-inspects-arp',
      set: ['networks.cafe.arp-inspection={ trusted: [] }'],
      misses: 'the PIN is not readable',
    },
    {
      variant: 'over-the-air',
      set: ['networks.cafe.medium=ethernet'],
      misses: 'who only listens reads what was sent before',
    },
  ],
  'costly-requests': [
    { set: ['hosts.shop.capacity=null'], misses: 'the visitor is turned away' },
    { set: ['hosts.shop.services.1.http.work=1ms'], misses: 'a search takes the shop two seconds' },
    { variant: 'cheap-requests', set: ['hosts.shop.services.0.http.work=2s'], misses: 'the visitor is served at once' },
  ],
  'corrupting-link': [
    { set: ['networks.cable.corrupt=0%'], misses: 'though frames were damaged' },
    { set: ['networks.cable.corrupt.kind=beyond-fcs'], misses: 'the link layer drops them' },
  ],
  'desktop-tables': [
    { set: ['hosts.desktop.routes.default.metric=7'], misses: 'everything that is not local goes to the gateway' },
    { set: ['hosts.scanner.interfaces.lan.address=128.143.67.92'], misses: 'the others are incomplete' },
    { set: ['timeline.far.run=arp'], misses: "packets for the web server go to the gateway's link address" },
  ],
  'dhcp-renewal-and-expiry': [
    { set: ['hosts.server.dhcp.lease=1h'], misses: 'Alice renews from the server itself' },
    { set: ['timeline.power-cut.at=239s'], misses: 'her own choice is all that is left' },
    { set: ['timeline.give-back.run=dhclient'], misses: 'Bob gives it back' },
    { set: ['hosts.server.dhcp.reservations=null'], misses: 'Bob has the address that is kept for him' },
  ],
  'dns-caching-and-ttl': [
    { set: ['zones.foo.ttl=5s'], misses: 'nobody else was asked' },
    { set: ['zones.foo.ttl=1h'], misses: 'from the last server alone' },
    { set: ['zones.foo.negative-ttl=5s'], misses: 'which is remembered' },
  ],
  'dns-hierarchy': [
    {
      set: ['timeline.resolve.run=dig @198.51.100.12 www.foo.test +short'],
      misses: 'root, test and foo.test are asked',
    },
    { set: ['timeline.no-such-name.run=dig web.foo.test'], misses: 'there is no such name' },
  ],
  'dns-reflection': [
    { set: ['networks.line.rate=15Mbps'], misses: "the visitor's packets are lost" },
    {
      set: ['zones.foo.test.records.rules.TXT=[short]'],
      misses: 'the server sends the shop more than ten bytes for each of hers',
    },
    {
      variant: 'the-edge-asks-who-is-there',
      set: ['hosts.edge.firewall=null'],
      misses: 'and none of it leaves her network',
    },
    {
      variant: 'the-server-limits-itself',
      set: ['hosts.ns.dns.answers-per-second=1000'],
      misses: 'the server sends less than it is sent',
    },
  ],
  'double-nat': [
    { set: ['hosts.isp-router.nat=null', 'hosts.www.routes={}'], misses: 'and that is gone on the net' },
    {
      set: ['hosts.home-router.nat=null', 'hosts.isp-router.routes={}', 'hosts.www.routes={}'],
      misses: "the home's address is gone on the carrier's network",
    },
  ],
  'echo-refused-and-unreachable': [
    { set: ['hosts.bob.services.2.echo-tcp.address=null'], misses: 'a private service refuses others' },
    { set: ['timeline.tcp-refused.run=nc 10.0.0.2 7 hello'], misses: 'by a reset' },
    { set: ['timeline.nobody.run=nc 10.0.0.2 7 hello'], misses: 'nobody has that address' },
  ],
  'firewall-rules': [
    {
      set: ['hosts.server.firewall.rules.1=ALLOW tcp port 22 FROM stranger'],
      misses: 'the desktop reaches port 22',
    },
    { set: ['hosts.server.firewall=null'], misses: 'and does not reach port 22' },
    { set: ['hosts.server.firewall.rules.0=BLOCK tcp port 443 FROM everyone'], misses: 'a stranger reads the page' },
  ],
  'firewall-three-places': [
    { set: ['hosts.server.services.0.http.allow=null'], misses: 'the stranger does not' },
    { variant: 'the-system', set: ['hosts.server.firewall=null'], misses: 'the stranger hears nothing' },
    { variant: 'the-router', set: ['hosts.router.firewall=null'], misses: 'nothing of his comes into the office' },
  ],
  'flooded-link': [
    { set: ['networks.line.rate=30Mbps'], misses: "a part of the visitor's packets is lost" },
    { set: ['timeline.after.at=4500ms'], misses: 'the line is good again afterwards' },
    { variant: 'one-machine', set: ['networks.line.rate=500kbps'], misses: 'and the line takes all' },
  ],
  'home-behind-nat': [
    {
      set: ['hosts.home-router.nat=null', 'hosts.isp-router.routes={}'],
      misses: 'no private source leaves the house',
    },
    { set: ['hosts.home-router.dhcp.dns=[198.51.100.99]'], misses: 'page loads over TLS 1.3' },
    { set: ['hosts.alice.trust=[]'], misses: 'page loads over TLS 1.3' },
    { set: ['pki.certificates.www.names=[foo.test]'], misses: 'page loads over TLS 1.3' },
    { set: ['timeline.load.run=curl http://www.foo.test/'], misses: 'page loads over TLS 1.3' },
    { set: ['timeline.load.run=curl http://198.51.100.80/'], misses: 'resolver walked the tree' },
  ],
  'link-local': [
    {
      set: ['hosts.printer.dhcp={ network: lan, range: 169.254.9.1-169.254.9.9 }'],
      misses: 'nobody offers one',
    },
  ],
  'link-local-conflict': [
    { set: ['seed=1'], misses: 'and has it' },
    { variant: 'met-too-late', set: ['timeline.unplug.do=up'], misses: 'Alice had the address' },
  ],
  'lossy-link': [
    { set: ['networks.air.loss=0%'], misses: 'so some are sent again' },
    { set: ['networks.air.loss=100%'], misses: 'the page arrives' },
  ],
  nat: [
    { set: ['hosts.router.nat=null', 'hosts.www.routes={}'], misses: 'no private address is seen outside' },
    { set: ['timeline.bob-loads.run=ss'], misses: 'one row a connection' },
    { set: ['until=30s'], misses: 'rows of closed connections go' },
  ],
  'overloaded-server': [
    { set: ['hosts.www.capacity=null'], misses: 'the fifth is turned away at once' },
    { set: ['hosts.www.capacity.workers=6'], misses: 'the third waits' },
  ],
  'page-rewritten': [
    { set: ['timeline.rewriting.with.port=8080'], misses: "Mallory's words from the bank's address" },
    { set: ['hosts.bank.services.0.http.paths./bill.text=nothing to pay'], misses: "the bank's own words" },
    {
      variant: 'the-access-point-inspects-arp',
      set: ['networks.cafe.arp-inspection={ trusted: [] }'],
      misses: "the bank's own words",
    },
  ],
  'reordering-link': [
    { set: ['networks.net.reorder=0%'], misses: 'gaps made the receiver say again what it waits for' },
  ],
  'routes-and-gateways': [
    { set: ['hosts.alice.routes={}'], misses: 'Bob answers' },
    { set: ['hosts.west-router.kind=host'], misses: 'both routers and Bob in their order' },
  ],
  'switch-learns': [
    { set: ['networks.lan.ageing=300s'], misses: 'Carol hears the one packet whose way was forgotten' },
    { set: ['timeline.first.run=arp'], misses: 'the switch has learned where both are' },
  ],
  'tcp-states': [
    { set: ['hosts.mute.firewall=null'], misses: 'the one is just starting' },
    { set: ['timeline.load.run=arp'], misses: 'the other is open' },
    { set: ['hosts.www.tcp.time-wait=1s'], misses: 'the end that closed first waits' },
    { set: ['hosts.www.tcp.time-wait=70s'], misses: 'a minute later nothing is left but who listens' },
  ],
  'too-long-packet': [
    { set: ['networks.narrow.mtu=1500'], misses: 'three pieces to him' },
    { set: ['timeline.must-not-be-cut.run=ping -c 1 -s 1400 10.0.2.20'], misses: 'the router says so' },
  ],
  'two-interfaces': [
    { set: ['hosts.server.services.1.http.address=null'], misses: 'is refused over the radio' },
    { set: ['hosts.server.kind=router'], misses: 'nothing is passed on' },
    { set: ['timeline.pull.interface=wireless'], misses: 'the radio works without the cable' },
  ],
  'udp-beside-tcp': [
    { set: ['networks.cable.loss=0%'], misses: 'so the second is never answered' },
    { set: ['networks.cable.loss=100%'], misses: 'yet one arrives' },
  ],
  'url-to-page': [
    { set: ['hosts.www.services.0.http.ignore-host=true'], misses: 'the page of bar' },
    { set: ['timeline.redirect.run=curl http://www.bar.com/old'], misses: 'a redirect is followed' },
  ],
  'why-leases-end': [
    { set: ['hosts.server.dhcp.lease=forever'], misses: 'Carol gets an address' },
    { variant: 'endless-lease', set: ['hosts.server.dhcp.lease=1m'], misses: 'and is offered nothing' },
    {
      variant: 'endless-lease-and-polite-guests',
      set: ['timeline.ann-leaves.do=vanish'],
      misses: "Carol gets Ann's address",
    },
  ],
};

suite('A scenario in which one thing is changed', () => {
  for (const file of SCENARIO_FILES) {
    const name = file.replace('.yaml', '');
    test(`${name} can fail`, () => {
      const mutations = MUTATIONS[name] ?? [];
      assert.notEqual(mutations.length, 0, `add a change to the table by which ${file} fails`);
      for (const { variant, set, misses } of mutations) {
        const simulation = runScenario(scenarioOf(file, { variant, set }));
        const missed = missedBy(simulation).map((miss) => miss.name);
        assert.ok(missed.includes(misses), `${set.join(', ')}: missed are ${missed.join('; ') || 'none'}`);
      }
    });
  }
});

function missedBy(simulation: Simulation): { readonly name: string; readonly detail: string }[] {
  const missed = simulation.judge().filter(({ isMet }) => !isMet);
  return missed.map(({ name, detail }) => ({ name, detail }));
}
