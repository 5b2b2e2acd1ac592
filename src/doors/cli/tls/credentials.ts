// Certificates, revocation lists and keys from the files that people keep them in, PEM or DER; each problem is a sentence that names the file. Not
// here: whether anybody believes them (secure/pki/path_building.ts).

import { textOf } from '../../../core/bytes.ts';
import { nodeCrypto } from '../../../secure/crypto/node.ts';
import { type Certificate, parseCertificate } from '../../../secure/pki/certificate.ts';
import { isMalformed } from '../../../secure/pki/der_reader.ts';
import { DerTag } from '../../../secure/pki/der_tag.ts';
import { type PemBlock, parsePem } from '../../../secure/pki/pem.ts';
import { belongsTo, importPrivateKey, type PrivateKey, parsePrivateKey } from '../../../secure/pki/private_key.ts';
import { parseRevocationList, type RevocationList } from '../../../secure/pki/revocation_list.ts';
import { TrustStore } from '../../../secure/pki/trust_store.ts';
import type { TlsIdentity } from '../../../secure/tls/config.ts';
import { readBytes } from '../../io/files.ts';
import { CliError, ExitStatus, usageError } from '../exit.ts';
import { type RawOptions, textOption } from '../options.ts';

/** Of `--cert` and `--key`; undefined if neither is there. @throws CliError, FileError */
export async function identityOption(options: RawOptions): Promise<TlsIdentity | undefined> {
  const [chain, keyFile] = [textOption(options, 'cert'), textOption(options, 'key')];
  if (chain === undefined && keyFile === undefined) return undefined;
  if (chain === undefined) throw usageError('--key needs --cert with the certificate that speaks of it.');
  if (keyFile === undefined) throw usageError('--cert needs --key with the key that it speaks of.');
  const certificates = await certificatesIn(chain);
  const key = await keyIn(keyFile);
  const [own] = certificates;
  if (own !== undefined && belongsTo(key, own)) return { key, certificates: certificates.map(({ bytes }) => bytes) };
  throw wrongFile(chain, `its first certificate is not of the key in ${keyFile}`);
}

/** Whom a file's certificates make trusted. @throws CliError, FileError */
export const trustIn = async (path: string): Promise<TrustStore> =>
  new TrustStore(nodeCrypto, await certificatesIn(path));

/** At least one. @throws CliError, FileError */
export async function certificatesIn(path: string): Promise<readonly Certificate[]> {
  const blocks = (await blocksIn(path, 'CERTIFICATE')).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw wrongFile(path, 'there is no certificate in it');
  return blocks.map(({ bytes }, index) => {
    const certificate = parseCertificate(bytes);
    if (!isMalformed(certificate)) return certificate;
    throw wrongFile(path, `certificate ${index + 1} cannot be read: ${certificate.reason}`);
  });
}

/** At least one. @throws CliError, FileError */
export async function revocationListsIn(path: string): Promise<readonly RevocationList[]> {
  const blocks = (await blocksIn(path, 'X509 CRL')).filter(({ label }) => label === 'X509 CRL');
  if (blocks.length === 0) throw wrongFile(path, 'there is no revocation list in it');
  return blocks.map(({ bytes }, index) => {
    const list = parseRevocationList(bytes);
    if (!isMalformed(list)) return list;
    throw wrongFile(path, `revocation list ${index + 1} cannot be read: ${list.reason}`);
  });
}

async function keyIn(path: string): Promise<PrivateKey> {
  const block = (await blocksIn(path, 'PRIVATE KEY')).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) throw wrongFile(path, 'there is no private key in it');
  if (block.label === 'ENCRYPTED PRIVATE KEY') throw wrongFile(path, 'its key is locked with a password');
  const material = parsePrivateKey(block.bytes);
  if (isMalformed(material)) throw wrongFile(path, `its key cannot be read: ${material.reason}`);
  const key = importPrivateKey(nodeCrypto, material);
  if (key === undefined) throw wrongFile(path, 'its numbers are no key');
  return key;
}

/** @param label what a file is taken for that is DER without its wrapping */
async function blocksIn(path: string, label: string): Promise<readonly PemBlock[]> {
  const bytes = await readBytes(path);
  // Longer than 127 bytes, so the length begins with a byte that no text has.
  if (bytes[0] === DerTag.Sequence && (bytes[1] ?? 0) >= 0x80) return [{ label, bytes }];
  const blocks = parsePem(textOf(bytes));
  if (blocks !== undefined) return blocks;
  throw wrongFile(path, 'it is no PEM, or is cut short');
}

const wrongFile = (path: string, reason: string): CliError =>
  new CliError(ExitStatus.Failed, `${path} cannot be used: ${reason}.`);
