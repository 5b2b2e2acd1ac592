import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpv4Address } from '../../wire/address.ts';
import { isFirewallLine, rulesOfLine } from './firewall_line.ts';
import { isRuleProblem, parseRule } from './firewall_rules.ts';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  desktop: ['128.143.67.91'],
  server: ['10.0.0.1', '10.0.1.1'],
  guest: [],
};

const rulesOf = (text: string): ReturnType<typeof rulesOfLine> =>
  rulesOfLine(text, (host) => HOSTS[host]?.flatMap((address) => parseIpv4Address(address) ?? []));

/** The first three lines and the form of the fourth are the lecture's own. */
const LINES: readonly (readonly [line: string, ofInput: string])[] = [
  ['ALLOW tcp port 443 (https) FROM everyone', 'accept input tcp dport 443'],
  ["ALLOW tcp port 22 (ssh) FROM my desktop's IP address", 'accept input src 128.143.67.91 tcp dport 22'],
  ['BLOCK tcp port 22 (ssh) FROM everyone else', 'drop input tcp dport 22'],
  ['ALLOW from address 10.0.0.7 to address 10.1.0.0/16', 'accept input src 10.0.0.7 dst 10.1.0.0/16'],
  ['BLOCK udp port 5000-5999', 'drop input udp dport 5000-5999'],
  ['BLOCK icmp TO desktop', 'drop input dst 128.143.67.91 icmp'],
  ['ALLOW', 'accept input'],
];

for (const [line, ofInput] of LINES) {
  test(`"${line}" is about what comes in and what passes through`, () => {
    assert.ok(isFirewallLine(line));
    const rules = rulesOf(line);
    assert.deepEqual(rules, [ofInput, ofInput.replace('input', 'forward')]);
    for (const rule of rules) assert.ok(!isRuleProblem(parseRule(rule)), rule);
  });
}

test('a host with two addresses makes a rule for each', () => {
  assert.deepEqual(rulesOf('ALLOW FROM server'), [
    'accept input src 10.0.0.1',
    'accept input src 10.0.1.1',
    'accept forward src 10.0.0.1',
    'accept forward src 10.0.1.1',
  ]);
});

test('a rule in the other language is no such line', () => {
  assert.ok(!isFirewallLine('accept input tcp'));
  assert.ok(!isFirewallLine(''));
});

const BAD: readonly (readonly [line: string, index: number, message: RegExp])[] = [
  ['ALLOW port 443 FROM everyone', 6, /ports go with tcp or udp/],
  ['ALLOW tcp port', 14, /stands its number/],
  ['ALLOW tcp 443', 10, /"443" makes no sense here/],
  ['BLOCK tcp port 22 FROM', 22, /who is missing/],
  ['BLOCK tcp port 22 FROM my laptop', 23, /"my laptop" is no host/],
  ['BLOCK tcp port 22 FROM guest', 23, /guest has no fixed address/],
];

for (const [line, index, message] of BAD) {
  test(`"${line}" says where it goes wrong`, () => {
    const problem = rulesOf(line);
    assert.ok('message' in problem, 'it was accepted');
    assert.match(problem.message, message);
    assert.equal(problem.index, index);
  });
}
