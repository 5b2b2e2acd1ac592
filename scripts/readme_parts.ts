// The parts of README.md that are made from runs: its picture, and the table of scenarios. Not here: writing them.

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { globSync } from 'node:fs';
import { parse } from 'yaml';
import { Internet, type Packet } from '../src/doors/library/index.ts';
import { viewOf } from '../src/core/bytes.ts';
import { ETHERNET_HEADER_LENGTH, ethernetSource } from '../src/wire/ethernet.ts';
import { ipv4HeaderLength, ipv4Protocol, ipv4TotalLength } from '../src/wire/ipv4.ts';
import { TCP_PROTOCOL, TcpFlag, tcpFlags, tcpHeaderLength } from '../src/wire/tcp.ts';

const root = dirname(import.meta.dirname);
const SCENARIO = 'scenarios/home-behind-nat.yaml';

/** What README.md shows of each part, by the name between its markers. */
export const README_PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  picture: drawPicture,
  scenarios: tableOfScenarios,
};

const MARKS = (name: string): RegExp => new RegExp(`(<!-- ${name}: .*? -->\n)[^]*?(<!-- /${name} -->)`);

/** README.md with all parts as they are today. @throws Error where its markers are missing */
export async function withParts(readme: string): Promise<string> {
  let result = readme;
  for (const [name, make] of Object.entries(README_PARTS)) {
    const part = await make();
    if (!MARKS(name).test(result)) throw new Error(`README.md has no place for "${name}"`);
    result = result.replace(MARKS(name), (_all, before: string, behind: string) => `${before}${part}${behind}`);
  }
  return result;
}

// The picture: each packet but ARP and bare acknowledgments on two networks, between three lifelines.

const LANE = 47;
const NAMES: Readonly<Record<string, string>> = { home: 'alice', access: 'home-router' };

async function drawPicture(): Promise<string> {
  const net = await Internet.boot(readFileSync(join(root, SCENARIO), 'utf8'));
  await net.play();
  const labels = new Map<number, string>();
  for (const [filter, label] of [
    ['dhcp.option.dhcp == 1', 'DHCP discover, to everyone'],
    ['dhcp.option.dhcp == 2', 'DHCP offer'],
    ['dhcp.option.dhcp == 3', 'DHCP request'],
    ['dhcp.option.dhcp == 5', 'DHCP ack'],
    ['dns && dns.flags.response == 0', 'DNS www.foo.test?'],
    ['dns && dns.flags.response == 1', 'DNS answer'],
  ] as const) {
    for (const { number } of net.packets(filter)) labels.set(number, label);
  }
  const lines = [
    `    ms  alice${' '.repeat(LANE - 9)}home-router${' '.repeat(LANE - 9)}isp-router`,
    `         │${' '.repeat(LANE)}│${' '.repeat(LANE)}│`,
  ];
  const walk = net.packets('dns').filter(({ network }) => network === 'core');
  let isWalkTold = false;
  for (const packet of net.packets('!arp')) {
    if (packet.network === 'core') {
      if (!isWalkTold && walk.includes(packet)) lines.push('');
      isWalkTold ||= walk.includes(packet);
      continue;
    }
    const label = labels.get(packet.number) ?? tcpLabel(packet);
    if (label === undefined) continue;
    const machine = net.host(NAMES[packet.network] ?? '').machine;
    const isOutbound = machine.network.interfaces.some(
      ({ linkAddress }) => linkAddress === ethernetSource(viewOf(packet.bytes), 0),
    );
    const lane = arrow(`${label}`, isOutbound);
    const time = (packet.time / 1e6).toFixed(1).padStart(6);
    const isHome = packet.network === 'home';
    lines.push(`${time}   │${isHome ? lane : ' '.repeat(LANE)}│${isHome ? ' '.repeat(LANE) : lane}│`);
  }
  return `\`\`\`text\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\`\n`;
}
