// The languages that a scenario file quotes: commands of machines, packet filters, firewall rules. Each belongs to another
// room; here they come together, for whoever loads a file that is to be run.

import { isRuleProblem, parseRule } from '../../stack/net/firewall_rules.ts';
import { commandProblem } from '../host/commands/all.ts';
import { checkFilter } from '../view/filter.ts';
import type { LanguageChecks, LanguageProblem } from './scenario/reading.ts';
import { suggestFrom } from './scenario/suggestion.ts';

export const LANGUAGES: LanguageChecks = {
  commandLine,
  packetFilter: checkFilter,
  firewallRule: (text) => {
    const rule = parseRule(text);
    return isRuleProblem(rule) ? rule : undefined;
  },
};

function commandLine(line: string): LanguageProblem | undefined {
  const problem = commandProblem(line);
  if (problem === undefined) return undefined;
  const { index, message, written, known, usage } = problem;
  // One letter is near to every other: then all are named.
  const found = written.length <= 2 ? undefined : suggestFrom(written, known);
  const suggestion = found ?? (usage === undefined ? undefined : `usage: ${usage}`);
  return { index, message, length: Math.max(1, written.length), ...(suggestion === undefined ? {} : { suggestion }) };
}
