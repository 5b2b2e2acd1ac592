// docs/attacks.md: the ladder of channels in words, with what came of each run. Not here: writing the file (attacks.ts).

import { ENTRIES } from '../src/adversary/channel/entries.ts';
import { type Entry, PROPERTIES, runEntry } from '../src/adversary/channel/entry.ts';
import { attackMatrix, verdictOn } from '../src/adversary/channel/matrix.ts';
import { nodeCrypto } from '../src/secure/crypto/node.ts';

export function attacksText(): string {
  return [
    '<!-- Made from src/adversary/channel/ by scripts/attacks.ts: change it there. -->',
    '',
    '# The ladder of channels',
    '',
    'Each rung is a small protocol between A and B (and sometimes C) over a simulated network. E reads everything, M also',
    'changes, drops and adds. An entry says what a rung is said to give, performs the attack that breaks it, and the next rung,',
    'on which the same attack fails. `netarium attack run ID` shows both, message by message; what succeeded is read off what',
    'the attacker knows or what the victim believes. Everything below comes from runs with seed 1.',
    '',
    '## Rungs by properties',
    '',
    '*broken*: an attack below succeeds. *holds*: those below that try fail. Empty: none tries.',
    '',
    ...propertyLines(),
    '',
    '## Attacks',
    '',
    ...ENTRIES.flatMap(entryLines),
  ].join('\n');
}

function propertyLines(): string[] {
  const rows = attackMatrix(ENTRIES, nodeCrypto);
  const cells = rows.map((row) => [row.rung, ...PROPERTIES.map((property) => verdictOn(row, property) ?? '')]);
  const head = ['rung', ...PROPERTIES];
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
}

function entryLines(entry: Entry): string[] {
  const { id, items, rung, curedBy, claim, position, breaks, explanation, cure } = entry;
  const [vulnerable, cured] = (['vulnerable', 'cured'] as const).map((variant) => runEntry(entry, variant, nodeCrypto));
  return [
    `### ${id}`,
    '',
    `*${rung}* is said to give: ${claim}`,
    '',
    explanation.join(' '),
    '',
    `- Attacker: ${position}. Breaks: ${breaks}. Items of the lecture: ${items.join(', ')}.`,
    `- Seen: ${vulnerable?.evidence}.`,
    `- Cure (*${curedBy}*): ${cure} Seen: ${cured?.evidence}.`,
    '',
  ];
}
