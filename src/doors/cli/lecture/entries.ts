// All items of the lecture, by their numbers. There is no item 8.

import { addresses } from './chapters/addresses.ts';
import { adversaries } from './chapters/adversaries.ts';
import { certificates } from './chapters/certificates.ts';
import { connections } from './chapters/connections.ts';
import { denial } from './chapters/denial.ts';
import { encryption } from './chapters/encryption.ts';
import { keyAgreement } from './chapters/key_agreement.ts';
import { mailbox } from './chapters/mailbox.ts';
import { pages } from './chapters/pages.ts';
import { protocolAttacks } from './chapters/protocol_attacks.ts';
import { publicKeys } from './chapters/public_keys.ts';
import { sockets } from './chapters/sockets.ts';
import { summaries } from './chapters/summaries.ts';
import { tls } from './chapters/tls.ts';
import type { Chapter, LectureEntry } from './entry.ts';

export const CHAPTERS: readonly Chapter[] = [
  mailbox,
  addresses,
  pages,
  adversaries,
  encryption,
  publicKeys,
  protocolAttacks,
  certificates,
  summaries,
  keyAgreement,
  tls,
  denial,
  connections,
  sockets,
];

/** Each item once, from the first to the last. */
export const ENTRIES: readonly LectureEntry[] = CHAPTERS.flatMap(({ entries }) => entries).sort(
  (a, b) => a.item - b.item,
);
