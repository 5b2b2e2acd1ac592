// A session that a client may resume, as a file: JSON, with bytes in base64. Whoever has it can be taken for this client, and so it
// is for the user's eyes alone.

import { base64Of, bytesOfBase64 } from '../../../core/base64.ts';
import { textOf } from '../../../core/bytes.ts';
import { type Certificate, parseCertificate } from '../../../secure/pki/certificate.ts';
import { isMalformed } from '../../../secure/pki/der_reader.ts';
import { CIPHER_SUITES } from '../../../secure/tls/cipher_suite.ts';
import type { ResumableSession } from '../../../secure/tls/session.ts';
import { readBytes, writeWhole } from '../../io/files.ts';
import { CliError, ExitStatus } from '../exit.ts';

const SCHEMA = 'netarium.tls-session/1';

/** @throws FileError */
export async function writeSession(path: string, session: ResumableSession): Promise<void> {
  const { ticket, secret, peerCertificates, alpn = null, ...plain } = session;
  const certificates = peerCertificates.map(({ bytes }) => base64Of(bytes));
  const object = { schema: SCHEMA, ...plain, alpn, ticket: base64Of(ticket), secret: base64Of(secret), certificates };
  await writeWhole([{ path, data: `${JSON.stringify(object, null, 2)}\n`, isSecret: true }]);
}

/** @throws CliError, FileError */
export async function readSession(path: string): Promise<ResumableSession> {
  const session = sessionOf(parsed(textOf(await readBytes(path))));
  if (session !== undefined) return session;
  throw new CliError(ExitStatus.Failed, `${path} holds no session that tls connect has written.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sessionOf(value: unknown): ResumableSession | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { schema, serverName, alpn, cipherSuite, receivedAt: at, lifetime: seconds, ageAdd: add, ...rest } = fields;
  const suite = CIPHER_SUITES.find(({ name }) => name === cipherSuite);
  const { ticket: ticketText, secret: secretText, certificates, maxEarlyData: most } = rest;
  const [ticket, secret] = [bytesIn(ticketText), bytesIn(secretText)];
  const peerCertificates = certificatesIn(certificates);
  const numbers = [at, seconds, add, most];
  if (schema !== SCHEMA || typeof serverName !== 'string' || (typeof alpn !== 'string' && alpn !== null))
    return undefined;
  if (suite === undefined || ticket === undefined || secret === undefined || peerCertificates === undefined)
    return undefined;
  if (!numbers.every((number): number is number => Number.isSafeInteger(number) && Number(number) >= 0))
    return undefined;
  const [receivedAt = 0, lifetime = 0, ageAdd = 0, maxEarlyData = 0] = numbers;
  const plain = { serverName, alpn: alpn ?? undefined, receivedAt, lifetime, ageAdd, maxEarlyData };
  return { ...plain, cipherSuite: suite.name, ticket, secret, peerCertificates };
}

const bytesIn = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' ? bytesOfBase64(value) : undefined;

function certificatesIn(value: unknown): readonly Certificate[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const certificates: Certificate[] = [];
  for (const each of value) {
    const certificate = parseCertificate(bytesIn(each) ?? new Uint8Array(0));
    if (isMalformed(certificate)) return undefined;
    certificates.push(certificate);
  }
  return certificates;
}
