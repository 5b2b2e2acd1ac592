// tshark as a judge of captures: is every frame well-formed, complete, with right checksums and nothing that its experts
// call an error? And how many frames does one of its display filters find?
//
// Only protocols that this project speaks are dissected: tshark guesses others from port numbers, and then calls plain
// data malformed.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const KNOWN_PROTOCOLS = new Set(
  (
    'frame eth ethertype arp vlan ip icmp udp tcp dhcp dns http data data-text-lines urlencoded-form ' +
    'mime_multipart media json xml tls x509af x509ce x509if x509sat pkix1explicit pkix1implicit pkcs-1 ber'
  ).split(' '),
);

/** One row a frame; several values of a field have commas between them. */
const FIELDS = [
  'frame.number',
  'frame.protocols',
  '_ws.malformed',
  '_ws.short',
  '_ws.expert.severity',
  '_ws.expert.message',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
] as const;

const OPTIONS = [
  'ip.check_checksum',
  'tcp.check_checksum',
  'udp.check_checksum',
  'tcp.desegment_tcp_streams',
  'tcp.reassemble_out_of_order',
].flatMap((name) => ['-o', `${name}:TRUE`]);
/** Wireshark's PI_ERROR: an expert's highest severity. */
const EXPERT_ERROR = String(0x0080_0000);
const BAD_STATUS = ['0', 'Bad'];
// Experts note these and call them no more than warnings.
const DAMAGED =
  /goes past end|bogus|malformed|(?:invalid|wrong|bad|suspicious) length|length .* (?:too short|too long|exceeds)/i;

export interface Verdict {
  readonly frames: number;
  /** `frame 7: bad TCP checksum [eth:ethertype:ip:tcp]`; empty: clean. */
  readonly problems: readonly string[];
}

export class Tshark {
  /** `TShark (Wireshark) 4.0.17 ...`. */
  readonly version: string;
  private files = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'netarium-tshark-'));

  private constructor(version: string) {
    this.version = version;
    const known = spawnSync('tshark', ['-G', 'protocols'], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;
    const names = known.split('\n').map((line) => line.split('\t')[2] ?? '');
    const others = names.filter((name) => name !== '' && !KNOWN_PROTOCOLS.has(name) && !/^(?:_ws|text)/.test(name));
    writeFileSync(join(this.folder, 'disabled_protos'), `${others.join('\n')}\n`);
  }

  /** `undefined` where it is not installed. */
  static find(): Tshark | undefined {
    const { status, stdout } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
    return status === 0 ? new Tshark(stdout.split('\n')[0] ?? 'tshark') : undefined;
  }

  /** @throws Error where it cannot read the capture at all */
  async judge(capture: Uint8Array): Promise<Verdict> {
    const fields = FIELDS.flatMap((field) => ['-e', field]);
    const rows = await this.read(capture, ['-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=,', ...fields]);
    return { frames: rows.length, problems: rows.flatMap(problemsOf) };
  }

  /** Numbers of the frames that a display filter finds. */
  async find(capture: Uint8Array, filter: string): Promise<readonly number[]> {
    const rows = await this.read(capture, ['-Y', filter, '-T', 'fields', '-e', 'frame.number']);
    return rows.map(Number);
  }

  /** Of each frame, the values of each of these fields, as tshark prints them. */
  async fields(capture: Uint8Array, names: readonly string[]): Promise<readonly (readonly (readonly string[])[])[]> {
    const wanted = names.flatMap((name) => ['-e', name]);
    // The number keeps rows without any of them from being empty.
    const rows = await this.read(capture, [
      ...['-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=,', '-e', 'frame.number'],
      ...wanted,
    ]);
    const valuesOf = (cell: string): readonly string[] => (cell === '' ? [] : cell.split(','));
    return rows.map((row) => row.split('\t').slice(1).map(valuesOf));
  }

  /** Removes its files. */
  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  private async read(capture: Uint8Array, args: readonly string[]): Promise<readonly string[]> {
    const file = join(this.folder, `${++this.files}.pcapng`);
    writeFileSync(file, capture);
    try {
      const { stdout } = await run('tshark', ['-n', '-r', file, ...OPTIONS, ...args], {
        env: { ...process.env, WIRESHARK_CONFIG_DIR: this.folder },
        maxBuffer: 1 << 28,
      });
      return stdout.split('\n').filter((line) => line !== '');
    } finally {
      rmSync(file);
    }
  }
}

function problemsOf(row: string): readonly string[] {
  const [number = '', protocols = '', malformed = '', short = '', severity = '', message = '', ...statuses] =
    row.split('\t');
  const problems: string[] = [];
  if (malformed !== '') problems.push('malformed');
  else if (DAMAGED.test(message)) problems.push('malformed, by an expert');
  if (short !== '') problems.push('cut short');
  for (const [i, protocol] of ['IP', 'TCP', 'UDP', 'ICMP'].entries()) {
    const status = (statuses[i] ?? '').split(',');
    if (status.some((value) => BAD_STATUS.includes(value))) problems.push(`bad ${protocol} checksum`);
  }
  if (severity.split(',').includes(EXPERT_ERROR)) problems.push('an expert sees an error');
  return problems.map((problem) => `frame ${number}: ${problem} [${protocols}] ${message}`.trimEnd());
}
