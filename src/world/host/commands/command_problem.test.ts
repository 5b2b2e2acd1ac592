// What can be known of a command line before it runs: that it makes no sense, and at which word.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LANGUAGES } from '../../sim/languages.ts';
import { COMMANDS, commandProblem } from './all.ts';

/** `index message (suggestion)` */
function told(line: string): string | undefined {
  const problem = LANGUAGES.commandLine?.(line);
  return (
    problem &&
    `${problem.index} ${problem.message}${problem.suggestion === undefined ? '' : ` (${problem.suggestion})`}`
  );
}

for (const line of [
  'arp -an',
  'curl -sSfLv -m 0.5 -o /dev/null -X PUT -H "A: b" --header=C:d -d x -d y http://www.foo.test/',
  'dhclient -r',
  'dig @198.51.100.10 www.foo.test mx +short +norecurse',
  'dig -x 10.0.0.1',
  'dig',
  'ip route show',
  'ip a',
  'nc -u -w 2 bob echo two words',
  'ping -c3 -i 0.2 -s 0 -t 255 -W 5 -M do bob',
  'route -n',
  'ss -tulpn',
  'traceroute -n -I -m 5 -q 1 -w 1 bob',
]) {
  test(`${line} makes sense`, () => assert.equal(told(line), undefined));
}

for (const [line, message] of [
  ['', '0 the command is empty'],
  ['crul x', '0 unknown command "crul" (did you mean "curl"?)'],
  ['ping -c x bob', '8 ping: the count is a whole number from 1 to 65535, not x (usage: ping [-c'],
  ['ping -cx bob', '5 ping: the count is a whole number from 1 to 65535, not x'],
  ['ping -Z bob', '5 ping: there is no option -Z (usage: ping [-c'],
  ['ping bob alice', '9 ping: ping takes one host (usage: ping'],
  ['ping', '0 ping: ping takes one host'],
  ['ping -M maybe bob', '8 ping: -M takes do, want, dont, not maybe (known: do, want, dont)'],
  ['ping bob -c', '9 ping: option -c needs a value'],
  ['curl --verbos http://x/', '5 curl: there is no option --verbos (did you mean "--verbose"?)'],
  ['curl -o page.html http://x/', '8 curl: machines here have no files: -o takes /dev/null alone'],
  ['curl -H "no colon" http://x/', '8 curl: a field is written as "Name: value"'],
  ['curl -X "G T" http://x/', '8 curl: G T is no method'],
  ['curl', '0 curl: curl takes one URI'],
  ['dig +shrot x', '4 dig: there is no option +shrot (did you mean "+short"?)'],
  ['dig x AAAAA', '6 dig: AAAAA is not a type of DNS record (did you mean "AAAA"?)'],
  ['dig a..b', '4 dig: a..b is not a domain name'],
  ['dig -x nobody', '7 dig: -x needs an IPv4 address'],
  ['ip rout add', '8 ip: ip rout shows a table and changes nothing: "add" is too much'],
  ['ip rote', '3 ip: ip knows addr, route and neigh, not rote (did you mean "route"?)'],
  ['nc bob 99999 x', '7 nc: 99999 is no port from 1 to 65535 and no known service'],
  ['nc bob htpp x', '7 nc: htpp is no port from 1 to 65535 and no known service (did you mean "http"?)'],
  ['nc bob 7', '0 nc: nc takes host, port and text'],
  ['ss -tulpx', '3 ss: there is no option -x'],
  ['traceroute -m 0 bob', '14 traceroute: the number of hops is a whole number from 1 to 255, not 0'],
  ['arp bob', '4 arp: arp shows a table and changes nothing: "bob" is too much'],
  ['dhclient eth0', '9 dhclient: dhclient is for all interfaces at once'],
] as const) {
  test(`${line === '' ? 'nothing' : line} does not`, () => {
    assert.ok(told(line)?.startsWith(message), told(line));
  });
}

test('whatever is typed behind a command is a problem or none, and never an exception', () => {
  const words = ['', '-', '--', '-x', '--=', '-c', '@', '+', '@x', 'é'.repeat(300), '\\', '"', '-H', ':', '-m', '1e9'];
  for (const name of COMMANDS.keys())
    for (const a of words) for (const b of words) commandProblem(`${name} '${a}' "${b}" ${a}`);
});
