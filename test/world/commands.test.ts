// What the commands of machines print: the words and columns of the programs whose names they bear.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsName } from '../../src/wire/dns_name.ts';
import { authoritativeServer } from '../../src/world/app/dns/authoritative.ts';
import { zoneFromRecords } from '../../src/world/app/dns/zone.ts';
import { httpServer } from '../../src/world/app/http/http_server.ts';
import type { Host } from '../../src/world/host/host.ts';
import { ip, Lan } from '../testing/lan.ts';

/** Two networks with a router between them, and a web server behind it. */
function twoNetworks(): { lan: Lan; alice: Host; router: Host; www: Host } {
  const lan = new Lan();
  lan.network('home', '10.0.0.0/24');
  lan.network('far', '10.0.1.0/24');
  const alice = lan.host('alice', { home: '10.0.0.2' }, '10.0.0.1');
  const router = lan.router('router', { home: '10.0.0.1', far: '10.0.1.1' });
  const www = lan.host('www', { far: '10.0.1.80' }, '10.0.1.1');
  const paths = { '/': { text: 'hello' }, '/old': { status: 301, headers: [['Location', '/']] as const, text: '' } };
  lan.spawn(www, (system) => httpServer(system, { port: 80, paths }), true);
  return { lan, alice, router, www };
}

test('ping waits for what ARP has to say, and counts errors', () => {
  const { lan, alice } = twoNetworks();
  assert.equal(
    lan.command(alice, 'ping -c 1 10.0.0.9'),
    `PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.
From 10.0.0.2 icmp_seq=1 Destination Host Unreachable

--- 10.0.0.9 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
exit 1
`,
  );
  assert.match(lan.command(alice, 'ping -c 3 10.0.0.9'), /, \+3 errors, 100% packet loss, time 2000ms\npipe 3\nexit 1/);
  lan.close();
});

test('ping without any answer waits ten seconds, or as long as -W says; with one, as long as an interval', () => {
  const { lan, alice, www } = twoNetworks();
  const took = (line: string): number => {
    const before = lan.now;
    lan.command(alice, line);
    return Math.round((lan.now - before) / 1e6);
  };
  assert.ok(took('ping -c 1 10.0.1.80') < 20);
  lan.world.network('far').unplug(www, 0, lan.now);
  assert.equal(took('ping -c 1 -W 2 10.0.1.80'), 2000);
  assert.match(lan.command(alice, 'ping -c 1 10.0.1.80'), /Unreachable|100% packet loss/);
  lan.close();
});

test('ping tells of a packet that does not fit, and how much would', () => {
  const { lan, alice, router } = twoNetworks();
  const [, far] = router.network.interfaces;
  assert.ok(far !== undefined);
  far.mtu = 600;
  assert.match(
    lan.command(alice, 'ping -c 2 -s 1400 -M do 10.0.1.80'),
    /From 10\.0\.0\.1 icmp_seq=1 Frag needed and DF set \(mtu = 600\)\nping: sendmsg: Message too long\n\n.*\n2 .*\+2 errors/,
  );
  lan.close();
});

test('ip prints the words of iproute2', () => {
  const { lan, alice } = twoNetworks();
  lan.command(alice, 'ping -c 1 10.0.0.1');
  lan.command(alice, 'ping -c 1 10.0.0.9');
  assert.equal(
    lan.command(alice, 'ip route'),
    `default via 10.0.0.1 dev home metric 100
10.0.0.0/24 dev home proto kernel scope link src 10.0.0.2 metric 100
exit 0
`,
  );
  assert.match(
    lan.command(alice, 'ip neigh show'),
    /^10\.0\.0\.1 dev home lladdr 02:[0-9a-f:]{14} REACHABLE\n10\.0\.0\.9 dev home FAILED\nexit 0/,
  );
  const [home] = alice.network.interfaces;
  assert.ok(home !== undefined);
  alice.network.routes.add(lan.now, {
    destination: ip('10.9.0.7'),
    prefixLength: 32,
    gateway: ip('0.0.0.0'),
    metric: 0,
    egress: home,
  });
  assert.match(lan.command(alice, 'ip r'), /^10\.9\.0\.7 dev home scope link$/m);
  alice.network.setInterfaceUp(lan.now, 0, false);
  assert.match(lan.command(alice, 'ip route list'), /^default via 10\.0\.0\.1 dev home metric 100 linkdown$/m);
  lan.close();
});

test('traceroute shows names that are known here, and -n none', () => {
  const { lan, alice } = twoNetworks();
  alice.knownNames = new Map([['gateway', ip('10.0.0.1')]]);
  assert.equal(
    lan.command(alice, 'traceroute -q 2 10.0.1.80'),
    `traceroute to 10.0.1.80 (10.0.1.80), 30 hops max, 84 byte packets
 1  gateway (10.0.0.1)  4.008 ms  2.004 ms
 2  10.0.1.80 (10.0.1.80)  6.011 ms  4.008 ms
exit 0
`,
  );
  assert.match(
    lan.command(alice, 'traceroute -n -q 1 10.0.1.80'),
    /\n 1 {2}10\.0\.0\.1 {2}2\.004 ms\n 2 {2}10\.0\.1\.80 {2}4/,
  );
  lan.close();
});

test('traceroute asks the DNS for names, and goes on without it where nobody answers', () => {
  const { lan, alice, www } = twoNetworks();
  const soa = 'ns.test. hostmaster.test. 1 3600 600 604800 60';
  const zone = zoneFromRecords(dnsName('0.10.in-addr.arpa.'), 60, [
    { name: '@', type: 'SOA', data: soa },
    { name: '@', type: 'NS', data: 'ns.test.' },
    { name: '1.0', type: 'PTR', data: 'gw.test.' },
  ]);
  const server = lan.spawn(www, (system) => authoritativeServer(system, [zone]), true);
  alice.nameServers = [{ address: ip('10.0.1.80'), port: 53 }];
  assert.match(
    lan.command(alice, 'traceroute -q 1 10.0.1.80'),
    /\n 1 {2}gw\.test \(10\.0\.0\.1\) .*\n 2 {2}10\.0\.1\.80 \(10\.0\.1\.80\) /,
  );
  server.kill();
  alice.nameServers = [{ address: ip('10.0.0.9'), port: 53 }];
  const before = lan.now;
  assert.match(lan.command(alice, 'traceroute -q 1 10.0.1.80'), /\n 1 {2}10\.0\.0\.1 \(10\.0\.0\.1\) /);
  assert.ok(lan.now - before < 5e9, 'one question that nobody answers is enough');
  lan.close();
});

test('traceroute marks what nobody answered, and why it ends', () => {
  const { lan, alice, router, www } = twoNetworks();
  assert.match(
    lan.command(alice, 'traceroute -n -q 2 10.9.9.9'),
    /\n 2 {2}10\.0\.0\.1 {2}[\d.]+ ms !N {2}[\d.]+ ms !N\nexit 0/,
  );
  lan.world.network('far').unplug(www, 0, lan.now);
  router.network.isForwarding = false;
  assert.match(lan.command(alice, 'traceroute -q 3 -w 1 -m 2 10.0.1.80'), /\n 1 {2}\* \* \*\n 2 {2}\* \* \*\nexit 1/);
  lan.close();
});

test('curl -v tells what curl tells', () => {
  const { lan, alice } = twoNetworks();
  assert.equal(
    lan.command(alice, 'curl -v http://10.0.1.80/'),
    `*   Trying 10.0.1.80:80...
* Connected to 10.0.1.80 (10.0.1.80) port 80
> GET / HTTP/1.1
> Host: 10.0.1.80
> User-Agent: netarium
> Accept: */*
>
< HTTP/1.1 200 OK
< Date: Thu, 01 Jan 1970 00:00:00 GMT
< Server: netarium
< Content-Type: text/plain; charset=utf-8
< Content-Length: 5
<
hello
* Connection #0 to host 10.0.1.80 left intact
exit 0
`,
  );
  lan.run();
  lan.close();
});

test('curl -L goes on over the same connection; a server that ends it is said so', () => {
  const { lan, alice } = twoNetworks();
  const followed = lan.command(alice, 'curl -vL http://10.0.1.80/old');
  assert.match(
    followed,
    /left intact\n\* Issue another request to this URL: 'http:\/\/10\.0\.1\.80\/'\n\* Re-using existing connection with host 10\.0\.1\.80\n> GET \/ /,
  );
  assert.equal(followed.match(/Trying/g)?.length, 1);
  assert.match(
    lan.command(alice, 'curl -v -H "Connection: close" http://10.0.1.80/'),
    /hello\n\* Closing connection\n/,
  );
  assert.match(
    lan.command(alice, 'curl --max-redirs 0 -L http://10.0.1.80/old'),
    /^curl: \(47\) Maximum \(0\) redirects/,
  );
  lan.run();
  lan.close();
});

test('curl fails in the words and with the codes of curl', () => {
  const { lan, alice } = twoNetworks();
  assert.equal(
    lan.command(alice, 'curl -v http://10.0.1.80:81/'),
    `*   Trying 10.0.1.80:81...
* connect to 10.0.1.80 port 81 failed: Connection refused
* Failed to connect to 10.0.1.80 port 81 after 8 ms: Couldn't connect to server
* Closing connection
curl: (7) Failed to connect to 10.0.1.80 port 81 after 8 ms: Couldn't connect to server
exit 7
`,
  );
  const cases = {
    'curl http://nobody.test/': 'curl: (6) Could not resolve host: nobody.test\nexit 6\n',
    'curl http://no..body/': 'curl: (6) Could not resolve host: no..body\nexit 6\n',
    'curl -f http://10.0.1.80/nothing': 'curl: (22) The requested URL returned error: 404\nexit 22\n',
    'curl -s -f http://10.0.1.80/nothing': 'exit 22\n',
    'curl -sSf http://10.0.1.80/nothing': 'curl: (22) The requested URL returned error: 404\nexit 22\n',
    'curl gopher://10.0.1.80/': 'curl: (1) Protocol "gopher" not supported\nexit 1\n',
    'curl -m 2 http://10.0.1.9/': 'curl: (28) Connection timed out after 2000 milliseconds\nexit 28\n',
  };
  for (const [line, output] of Object.entries(cases)) assert.equal(lan.command(alice, line), output, line);
  lan.run();
  lan.close();
});

test('dig and others refuse what makes no sense, and the machine goes on', () => {
  const { lan, alice } = twoNetworks();
  alice.nameServers = [{ address: ip('10.0.1.80'), port: 53 }];
  assert.match(
    lan.command(alice, 'dig www.test NOTYPE'),
    /^dig: NOTYPE is not a type of DNS record\nusage: dig .*\nexit 2/,
  );
  assert.match(lan.command(alice, 'dig a..b'), /is not a domain name/);
  assert.match(lan.command(alice, 'ping -c 1 a..b'), /^ping: ENOTFOUND: a\.\.b is not a domain name\nexit 1/);
  lan.close();
});
