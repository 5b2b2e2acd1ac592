// PEM (RFC 7468): DER as text that survives mail, between a BEGIN and an END. Not here: what lies inside.

import { base64Of, bytesOfBase64 } from '../../core/base64.ts';

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`... */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** More blocks than any bundle of roots has. */
const MAX_BLOCKS = 10_000;

/** All blocks of a file, what stands between them left out; undefined if one is cut short or is no base64. */
export function parsePem(text: string): readonly PemBlock[] | undefined {
  const found: PemBlock[] = [];
  let block: { label: string; lines: string[] } | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const mark = /^-----(BEGIN|END) ([A-Z0-9 #]*)-----\s*$/.exec(line);
    if (mark === null) {
      if (block !== undefined) block.lines.push(line.trim());
      continue;
    }
    const [, side, label = ''] = mark;
    if ((side === 'BEGIN') !== (block === undefined) || found.length >= MAX_BLOCKS) return undefined;
    if (block === undefined) block = { label, lines: [] };
    else {
      const bytes = bytesOfBase64(block.lines.join(''));
      if (block.label !== label || bytes === undefined) return undefined;
      found.push({ label, bytes });
      block = undefined;
    }
  }
  return block === undefined ? found : undefined;
}

/** With lines of 64 characters, and a newline at the end. */
export const emitPem = ({ label, bytes }: PemBlock): string =>
  `-----BEGIN ${label}-----\n${base64Of(bytes).replaceAll(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
