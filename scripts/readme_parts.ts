// The parts of README.md that are made from runs and files: its picture, and the table of scenarios. Not here: writing
// them (readme.ts).

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { textOf } from '../src/core/bytes.ts';
import { Internet, type Packet } from '../src/doors/library/index.ts';
import { TcpFlag, tcpFlags } from '../src/wire/tcp.ts';
import { type Dissection, dissect } from '../src/world/view/dissection.ts';

const root = dirname(import.meta.dirname);

/** What README.md shows between its markers, by their name. */
const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  picture: drawPicture,
  scenarios: tableOfScenarios,
};

/** README.md with all parts as they are today. @throws Error where a marker is missing */
export async function withParts(readme: string): Promise<string> {
  let result = readme;
  for (const [name, make] of Object.entries(PARTS)) {
    const place = new RegExp(`(<!-- ${name}:[^\n]*-->\n)[^]*?(<!-- /${name} -->)`);
    if (!place.test(result)) throw new Error(`README.md has no place for its ${name}`);
    const part = await make();
    result = result.replace(place, (_all, before: string, behind: string) => before + part + behind);
  }
  return result;
}

// The picture: the home network's run on the two networks that a home sees, without ARP and bare acknowledgments.

const PICTURED = 'scenarios/home-behind-nat.yaml';
const LANE = 42;
/** The machine at the left end of each network's lane. */
const LEFT: Readonly<Record<string, string>> = { home: 'alice', access: 'home-router' };
const DHCP: Readonly<Record<number, string>> = { 1: 'discover', 2: 'offer', 3: 'request', 5: 'ack' };

async function drawPicture(): Promise<string> {
  const net = await Internet.boot(readFileSync(join(root, PICTURED), 'utf8'));
  await net.play();
  const empty = ' '.repeat(LANE);
  const lines = [`    ms ${'alice'.padEnd(LANE + 1)}${'home-router'.padEnd(LANE + 1)}isp-router`];
  let hidden = 0;
  const tellHidden = (): void => {
    if (hidden > 0) lines.push(`       │${empty}│${` ⋮ ${hidden} packets more, further out`.padEnd(LANE)}│`);
    hidden = 0;
  };
  for (const packet of net.packets('dns || dhcp || tcp.len > 0 || tcp.flags.syn == 1 || tcp.flags.fin == 1')) {
    const left = LEFT[packet.network];
    if (left === undefined) {
      hidden++;
      continue;
    }
    tellHidden();
    const lane = arrow(label(packet), isFrom(net, left, packet));
    const lanes = packet.network === 'home' ? [lane, empty] : [empty, lane];
    lines.push(`${(packet.time / 1e6).toFixed(1).padStart(6)} │${lanes.join('│')}│`);
  }
  return `\`\`\`text\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\`\n`;
}

const arrow = (text: string, isToTheRight: boolean): string => {
  const line = '─'.repeat(Math.max(0, LANE - text.length - 5));
  return isToTheRight ? `── ${text} ${line}▶` : `◀─ ${text} ${line}─`;
};

function isFrom(net: Internet, host: string, { bytes, network }: Packet): boolean {
  const card = net.host(host).machine.network.interfaces.find(({ name }) => name === network);
  return card !== undefined && dissect({ number: 1, time: card.mtu as never, network, bytes }).ethernet?.source === card.linkAddress;
}

function label(packet: Packet): string {
  const parts = dissect(packet);
  const { dhcp, dns } = parts;
  if (dhcp !== undefined) return `DHCP ${DHCP[dhcp.messageType ?? 0] ?? ''}`;
  const source = /^IP (\S+)\.\d+ >/.exec(packet.text)?.[1] ?? '';
  if (dns !== undefined) return `${source}  DNS ${dns.isResponse ? 'answer' : 'question'}`;
  return `${source}  ${tcpLabel(parts)}`;
}

function tcpLabel({ frame, view, tcp, payload }: Dissection): string {
  if (payload !== undefined && payload.end > payload.at) {
    return textOf(frame.bytes.subarray(payload.at, payload.end)).split('\r\n')[0] ?? '';
  }
  const flags = tcp === undefined ? 0 : tcpFlags(view, tcp.at);
  const names = Object.entries(TcpFlag).filter(([, bit]) => (flags & bit) !== 0);
  return `TCP ${names.map(([name]) => name.toUpperCase()).join(' ')}`;
}

// The table: name and description of each shipped scenario.

function tableOfScenarios(): string {
  const rows = globSync('scenarios/*.yaml', { cwd: root })
    .sort()
    .map((path) => {
      const { description = '' } = parse(readFileSync(join(root, path), 'utf8')) as { description?: string };
      const text = description.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
      return `| [${basename(path, '.yaml')}](${path.replaceAll('\\', '/')}) | ${firstSentences(text)} |`;
    });
  return `| scenario | what it shows |\n|---|---|\n${rows.join('\n')}\n`;
}

/** Sentences as long as they fit a line of a table. */
function firstSentences(text: string): string {
  const sentences = text.match(/[^.!?]+[.!?]+(?=\s|$)|.+$/g) ?? [];
  let result = '';
  for (const sentence of sentences) {
    if (result !== '' && result.length + sentence.length > 200) break;
    result += sentence;
  }
  return result.trim();
}
