// `netarium explore [PROTOCOL]`: a bounded search over what M may do, for the shortest attack.

import { type Explorable, type Exploration, explore } from '../../adversary/explore/exploration.ts';
import { EXPLORABLES } from '../../adversary/explore/protocols.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { ExitStatus } from './exit.ts';
import { countOption, flagOption, oneOf, type RawOptions } from './options.ts';
import { paint, print, printLines } from './terminal.ts';

const DEFAULT_MESSAGES = 5;
const MOST_MESSAGES = 12;

interface Explored {
  readonly protocol: Explorable;
  readonly vulnerable: Exploration;
  readonly cured: Exploration;
}

/** Ends with 0 where an attack is found, and none on the cure; with 1 otherwise. @throws CliError */
export function exploreCommand(id: string | undefined, options: RawOptions): ExitStatus {
  const messages = countOption(options, 'messages', MOST_MESSAGES) ?? DEFAULT_MESSAGES;
  const ids = EXPLORABLES.map((each) => each.id);
  const wanted = id === undefined ? ids : [oneOf(id, ids, 'protocol to explore')];
  const explored = EXPLORABLES.filter((each) => wanted.includes(each.id)).map((protocol) => ({
    protocol,
    vulnerable: explore(protocol, false, nodeCrypto, messages),
    cured: explore(protocol, true, nodeCrypto, messages),
  }));
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.explore/1', limit: messages, protocols: explored.map(objectOf) }));
  } else for (const each of explored) printLines(linesOf(each));
  const isAsClaimed = explored.every(({ vulnerable, cured }) => vulnerable.finding !== undefined && isSafe(cured));
  return isAsClaimed ? ExitStatus.Ok : ExitStatus.Unmet;
}

const isSafe = ({ finding, isComplete }: Exploration): boolean => finding === undefined && isComplete;

function objectOf({ protocol, vulnerable, cured }: Explored): object {
  const { id, attack, explanation } = protocol;
  const told = ({ finding, ...rest }: Exploration): object => ({ ...rest, finding: finding ?? null });
  return { id, attack, explanation, vulnerable: told(vulnerable), cured: told(cured) };
}

function linesOf({ protocol, vulnerable, cured }: Explored): string[] {
  return [
    paint('bold', protocol.id),
    protocol.explanation,
    ...resultLines('without the cure', vulnerable),
    ...resultLines('with the cure', cured),
    '',
  ];
}

function resultLines(what: string, { finding, states, depth, isComplete }: Exploration): string[] {
  if (finding === undefined) {
    const none = isComplete
      ? paint('green', `none within ${depth} messages`)
      : `none within ${depth} messages, and then given up`;
    return [`  ${what}: ${none} (${states} ways looked at)`];
  }
  const { violation, ladder, messages } = finding;
  return [
    `  ${what}: ${paint('red', violation)}, with ${messages} messages from M (${states} ways looked at)`,
    ...ladder.map((line) => `    ${line}`),
  ];
}
