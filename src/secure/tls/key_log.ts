// The key log (RFC 9850, what browsers call SSLKEYLOGFILE): secrets as lines of text, for those who are to read a capture. Not
// here: which secrets there are (connection.ts), and where the lines go.

import { hexOf } from '../../core/bytes.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { SecretLabel } from './connection.ts';
import type { TlsSecrets } from './eavesdropper.ts';

const LABELS = {
  CLIENT_EARLY_TRAFFIC_SECRET: true,
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: true,
  SERVER_HANDSHAKE_TRAFFIC_SECRET: true,
  CLIENT_TRAFFIC_SECRET_0: true,
  SERVER_TRAFFIC_SECRET_0: true,
  EXPORTER_SECRET: true,
} as const satisfies Readonly<Record<SecretLabel, true>>;

export interface KeyLogEntry {
  readonly label: SecretLabel;
  /** Which connection it is of. */
  readonly clientRandom: Uint8Array;
  readonly secret: Uint8Array;
}

/** Of a text that goes on longer, the rest is not read: of ten thousand connections and more. */
const MAX_ENTRIES = 65_536;

/** Without the end of the line: `CLIENT_TRAFFIC_SECRET_0 00..1f 20..3f`. */
export const keyLogLine = (label: SecretLabel, clientRandom: Uint8Array, secret: Uint8Array): string =>
  `${label} ${hexOf(clientRandom)} ${hexOf(secret)}`;

/** Never throws: lines that say something else, comments and other versions' secrets among them, do not count. */
export function readKeyLog(text: string): readonly KeyLogEntry[] {
  const entries: KeyLogEntry[] = [];
  for (const [, label, clientRandom, secret] of text.matchAll(LINE)) {
    if (!isLabel(label)) continue;
    entries.push({ label, clientRandom: fromHex(clientRandom), secret: fromHex(secret) });
    if (entries.length === MAX_ENTRIES) break;
  }
  return entries;
}

/** What somebody can read who has this text. */
export function secretsIn(text: string, provider: CryptoProvider): TlsSecrets {
  const secrets = new Map(
    readKeyLog(text).map(({ label, clientRandom, secret }) => [`${label} ${hexOf(clientRandom)}`, secret]),
  );
  return { provider, secretOf: (label, clientRandom) => secrets.get(`${label} ${hexOf(clientRandom)}`) };
}

// RFC 9850 §2: a random of 32 bytes; our suites' secrets are 32 or 48.
const LINE = /^([A-Z0-9_]{1,40}) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{32}){2,3})\r?$/gm;

const isLabel = (text: string | undefined): text is SecretLabel => text !== undefined && Object.hasOwn(LABELS, text);

const fromHex = (digits = ''): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
