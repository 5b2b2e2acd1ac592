import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FirewallRule, isRuleProblem, parseRule } from './firewall_rules.ts';

const GOOD: readonly (readonly [text: string, meaning: Partial<FirewallRule>])[] = [
  ['accept input', { action: 'accept', chain: 'input' }],
  ['drop forward', { action: 'drop', chain: 'forward' }],
  ['reject output tcp', { action: 'reject', chain: 'output', protocol: 6 }],
  ['  accept   forward\tin home  ', { from: 'home' }],
  ['accept forward in home out wan', { from: 'home', to: 'wan' }],
  ['accept input icmp', { protocol: 1 }],
  [
    'accept input udp dport 53,67',
    {
      destinationPorts: [
        { first: 53, last: 53 },
        { first: 67, last: 67 },
      ],
    },
  ],
  ['accept input tcp sport 0-65535', { sourcePorts: [{ first: 0, last: 65_535 }] }],
  ['accept forward ct established,related', { states: ['established', 'related'] }],
];

for (const [text, meaning] of GOOD) {
  test(`"${text}" is a rule`, () => {
    const rule = parseRule(text);
    assert.ok(!isRuleProblem(rule), JSON.stringify(rule));
    assert.equal(rule.text, text);
    for (const [key, value] of Object.entries(meaning)) assert.deepEqual(rule[key as keyof FirewallRule], value, key);
  });
}

const BAD: readonly (readonly [text: string, index: number, message: RegExp])[] = [
  ['', 0, /begins with accept, drop or reject$/],
  ['  permit input', 2, /not "permit"/],
  ['accept', 6, /then comes input, forward or output$/],
  ['accept forwards', 7, /not "forwards"/],
  ['accept input from 10.0.0.1', 13, /"from" is no condition/],
  ['accept input src', 16, /"src" needs something/],
  ['accept input src 10.0.0.300', 17, /no address or prefix/],
  ['accept input dst 10.0.0.0/33', 17, /no address or prefix/],
  ['accept input tcp dport 80,', 23, /no list of ports/],
  ['accept input tcp dport 90-80', 23, /no list of ports/],
  ['accept input tcp dport 65536', 23, /no list of ports/],
  ['accept input tcp dport http', 23, /no list of ports/],
  ['accept input ct open', 16, /"open" is no state/],
  ['accept input ct new,', 16, /"" is no state/],
  ['accept input dport 80', 0, /ports go with tcp or udp/],
  ['accept input icmp dport 80', 0, /ports go with tcp or udp/],
  ['accept output in home', 0, /output has no "in"/],
  ['accept input out wan', 0, /input has no "out"/],
  ['accept input tcp constructor 1', 17, /no condition/],
];

for (const [text, index, message] of BAD) {
  test(`"${text}" is none, and says where`, () => {
    const problem = parseRule(text);
    assert.ok(isRuleProblem(problem), 'it was accepted');
    assert.match(problem.message, message);
    assert.equal(problem.index, index);
  });
}
