// DNS messages for people: one line as tcpdump prints it, or all of it as dig does.

import { type Duration, milliseconds } from '../core/time.ts';
import type { DnsMessage, DnsQuestion } from './dns_message.ts';
import type { DnsRecord } from './dns_record.ts';
import { formatDnsData } from './dns_record_text.ts';
import { DnsClass, formatDnsClass, formatDnsOpcode, formatDnsRcode, formatDnsType } from './dns_type.ts';

// tcpdump's own abbreviations.
const OPCODES = ['', ' inv_q', ' stat', ' op3', ' notify', ' update'];
const RCODES = ['', ' FormErr', ' ServFail', ' NXDomain', ' NotImp', ' Refused'];

/**
 * `12345+ A? www.foo.test. (30)`, `12345*- 1/0/0 A 198.51.100.80 (46)`: `+` recursion desired, `*` authoritative, `-` no
 * recursion available, `|` truncated; then how many answers, authorities and additional records.
 *
 * @param length bytes of the message
 */
export function formatDnsMessage(message: DnsMessage, length: number): string {
  const opcode = OPCODES[message.opcode] ?? ` op${message.opcode}`;
  const counts = [message.answers.length, message.authorities.length, additionalCount(message)] as const;
  if (!message.isResponse) {
    const flags = `${message.isRecursionDesired ? '+' : ''}${message.isCheckingDisabled ? '%' : ''}`;
    const extra = ['a', 'n', 'au'].map((name, i) => ((counts[i] ?? 0) > 0 ? ` [${counts[i]}${name}]` : '')).join('');
    return `${message.id}${opcode}${flags}${extra}${message.questions.map(asked).join('')} (${length})`;
  }
  const flags = [
    message.isAuthoritative ? '*' : '',
    message.isRecursionAvailable ? '' : '-',
    message.isTruncated ? '|' : '',
    message.isAuthenticData ? '$' : '',
  ].join('');
  const rcode = RCODES[message.rcode] ?? ` Resp${message.rcode}`;
  const questions = message.questions.length === 1 ? '' : ` [${message.questions.length}q]`;
  const answers = message.answers.map((record) => ` ${formatDnsType(record.type)} ${formatDnsData(record.data)}`);
  return `${message.id}${opcode}${rcode}${flags}${questions} ${counts.join('/')}${answers.join(',')} (${length})`;
}

/** What stands around a message in dig's output. */
export interface DigContext {
  /** What was asked, as typed: `www.foo.test MX`. */
  readonly command?: string;
  /** Since the query was sent. */
  readonly elapsed?: Duration;
  /** `192.168.1.1#53(192.168.1.1) (UDP)`. */
  readonly server?: string;
  /** `Sun Mar 01 12:00:01 UTC 2026`. */
  readonly when?: string;
  /** Bytes of the message. */
  readonly length?: number;
}

/** All of a message, as dig prints it. No newline at the end. */
export function formatDnsDig(message: DnsMessage, context: DigContext = {}): string {
  const { command, elapsed, server, when, length } = context;
  const lines: string[] = [];
  if (command !== undefined) lines.push('', `; <<>> Netarium dig <<>> ${command}`, ';; global options: +cmd');
  lines.push(
    ';; Got answer:',
    `;; ->>HEADER<<- opcode: ${formatDnsOpcode(message.opcode)}, status: ${formatDnsRcode(message.rcode)}, id: ${message.id}`,
    `;; flags: ${flagWords(message)}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, ` +
      `AUTHORITY: ${message.authorities.length}, ADDITIONAL: ${additionalCount(message)}`,
  );
  if (message.isResponse && message.isRecursionDesired && !message.isRecursionAvailable) {
    lines.push(';; WARNING: recursion requested but not available');
  }
  lines.push('');
  if (message.edns !== undefined) {
    const { version, isDnssecOk, udpPayload } = message.edns;
    lines.push(';; OPT PSEUDOSECTION:');
    lines.push(`; EDNS: version: ${version}, flags:${isDnssecOk ? ' do' : ''}; udp: ${udpPayload}`);
  }
  if (message.questions.length > 0) lines.push(';; QUESTION SECTION:', ...message.questions.map(formatQuestion), '');
  const sections = [
    ['ANSWER', message.answers],
    ['AUTHORITY', message.authorities],
    ['ADDITIONAL', message.additionals],
  ] as const;
  for (const [name, records] of sections) {
    if (records.length > 0) lines.push(`;; ${name} SECTION:`, ...records.map(formatDnsRecord), '');
  }
  if (elapsed !== undefined) lines.push(`;; Query time: ${Math.round(elapsed / milliseconds(1))} msec`);
  if (server !== undefined) lines.push(`;; SERVER: ${server}`);
  if (when !== undefined) lines.push(`;; WHEN: ${when}`);
  if (length !== undefined) lines.push(`;; MSG SIZE  rcvd: ${length}`);
  return lines.join('\n');
}

/** As `dig +short`: the data of each answer on a line. */
export const formatDnsShort = (message: DnsMessage): string =>
  message.answers.map((record) => formatDnsData(record.data)).join('\n');

/** One line of a zone file, in dig's columns. */
export const formatDnsRecord = (record: DnsRecord): string =>
  columns([record.name, String(record.ttl), formatDnsClass(record.class), formatDnsType(record.type)]) +
  formatDnsData(record.data);

const formatQuestion = (question: DnsQuestion): string =>
  columns([`;${question.name}`, '', formatDnsClass(question.class)]) + formatDnsType(question.type);

const asked = (question: DnsQuestion): string =>
  ` ${formatDnsType(question.type)}${question.class === DnsClass.IN ? '' : ` ${formatDnsClass(question.class)}`}? ${question.name}`;

const additionalCount = (message: DnsMessage): number =>
  message.additionals.length + (message.edns === undefined ? 0 : 1);

function flagWords(message: DnsMessage): string {
  const words: readonly (readonly [boolean, string])[] = [
    [message.isResponse, 'qr'],
    [message.isAuthoritative, 'aa'],
    [message.isTruncated, 'tc'],
    [message.isRecursionDesired, 'rd'],
    [message.isRecursionAvailable, 'ra'],
    [message.isAuthenticData, 'ad'],
    [message.isCheckingDisabled, 'cd'],
  ];
  return words.flatMap(([isSet, word]) => (isSet ? word : [])).join(' ');
}

const COLUMNS = [24, 32, 40, 48];
const TAB = 8;

// Tabs up to the place of each next column; at least one, where a field runs over.
function columns(fields: readonly string[]): string {
  let text = '';
  let at = 0;
  for (const [i, field] of fields.entries()) {
    const place = COLUMNS[i] ?? 0;
    text += field;
    at += field.length;
    if (field === '' && at >= place) continue;
    const tabs = Math.max(1, Math.ceil((place - at) / TAB));
    text += '\t'.repeat(tabs);
    at = (Math.floor(at / TAB) + tabs) * TAB;
  }
  return text;
}
