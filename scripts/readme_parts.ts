// The parts of README.md that are made from runs and files: its picture, and the table of scenarios. Not here: writing
// them (readme.ts).

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { Internet } from '../src/doors/library/index.ts';
import { secretsIn } from '../src/secure/tls/key_log.ts';
import { formatIpv4, NO_LINK_ADDRESS } from '../src/wire/address.ts';
import { ipv4Source } from '../src/wire/ipv4.ts';
import { FrameReader } from '../src/world/view/frame_text.ts';
import { frameTitle } from '../src/world/view/frame_title.ts';
import { stationsOfHosts } from '../src/world/view/stations.ts';

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
    const place = new RegExp(`(<!-- ${name}:[^\n]*-->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!place.test(result)) throw new Error(`README.md has no place for its ${name}`);
    const part = await make();
    result = result.replace(place, (_all, before: string, behind: string) => before + part + behind);
  }
  return result;
}

// The picture: a home network's run on the two networks that the house sees, without ARP, bare acknowledgments and TLS's
// ChangeCipherSpec, which says nothing. Unlike `netarium ladder` it shows who the sender says that it is, since that is what NAT
// changes.

const PICTURED = 'scenarios/home-behind-nat.yaml';
const LANE = 50;
/** The machine at the left end of each network's lane. */
const LEFT: Readonly<Record<string, string>> = { home: 'alice', access: 'home-router' };

async function drawPicture(): Promise<string> {
  const net = await Internet.boot(readFileSync(join(root, PICTURED), 'utf8'));
  await net.play();
  const stations = stationsOfHosts(net.simulation.world.hosts.values());
  const wanted = new Set(
    net.packets('dns || dhcp || tcp.len > 0 || tcp.flags.syn == 1 || tcp.flags.fin == 1').map(({ number }) => number),
  );
  const empty = ' '.repeat(LANE);
  const lines = [`    ms ${'alice'.padEnd(LANE + 1)}${'home-router'.padEnd(LANE + 1)}isp-router`];
  const { capture, crypto } = net.simulation.world;
  const reader = new FrameReader(secretsIn(capture?.keyLog() ?? '', crypto));
  let hidden = 0;
  for (const packet of net.packets()) {
    const dissection = reader.read(packet); // each, so that it knows where connections begin
    if (!wanted.has(packet.number)) continue;
    const left = LEFT[packet.network];
    if (left === undefined) {
      hidden++;
      continue;
    }
    if (hidden > 0) lines.push(`       │${empty}│${` ⋮ ${hidden} packets further out`.padEnd(LANE)}│`);
    hidden = 0;
    const isOutbound = stations.get(dissection.ethernet?.source ?? NO_LINK_ADDRESS) === left;
    const source = dissection.ip === undefined ? '' : formatIpv4(ipv4Source(dissection.view, dissection.ip.at));
    const title = frameTitle(dissection, reader).replace(/ChangeCipherSpec, /, '');
    const lane = arrow(`${source.padEnd(13)}  ${title}`, isOutbound);
    const lanes = packet.network === 'home' ? [lane, empty] : [empty, lane];
    lines.push(`${(packet.time / 1e6).toFixed(1).padStart(6)} │${lanes.join('│')}│`);
  }
  return `\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`;
}

function arrow(whole: string, isToTheRight: boolean): string {
  const room = LANE - 5;
  const text = whole.length > room ? `${whole.slice(0, room - 1)}…` : whole;
  const line = '─'.repeat(room - text.length);
  return isToTheRight ? `── ${text} ${line}▶` : `◀─ ${text} ${line}─`;
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
    if (result !== '' && result.length + sentence.length > 260) break;
    result += sentence;
  }
  return result.trim();
}
