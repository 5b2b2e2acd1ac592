// `netarium certificate FILE`: what certificates in a file say, as openssl shows it; whether they obey what is asked of
// authorities that the web trusts (--lint); whether somebody who trusts others would believe the first of them (--ca); and who
// vouches for whom (--tree). Not here: making certificates.

import { nodeCrypto } from '../../secure/crypto/node.ts';
import { type Certificate, sameCertificate } from '../../secure/pki/certificate.ts';
import { formatCertificate } from '../../secure/pki/certificate_text.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { shortName } from '../../secure/pki/distinguished_name.ts';
import { buildHierarchy, drawHierarchy, formatHierarchy } from '../../secure/pki/hierarchy.ts';
import { type ReferenceName, referenceName } from '../../secure/pki/host_name.ts';
import { lintCertificate } from '../../secure/pki/lint.ts';
import { type ValidPath, validateCertificate } from '../../secure/pki/path_building.ts';
import { formatPathFailure, isPathFailure, type PathFailure, ruleCodes } from '../../secure/pki/path_failure.ts';
import { parseWallClock } from '../../world/sim/scenario/units.ts';
import { printLint } from './certificate_lint.ts';
import { certificateObject } from './certificate_object.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, type RawOptions, textOption } from './options.ts';
import { paint, print, printable } from './terminal.ts';
import { certificatesIn, revocationListsIn, trustIn } from './tls/credentials.ts';

/** Ends with 1 where a requirement is not met, or the certificate is not believed. @throws CliError, FileError */
export async function certificate(file: string, options: RawOptions): Promise<ExitStatus> {
  const certificates = await certificatesIn(file);
  const verdict = await judge(certificates, options);
  const isBelieved = verdict === undefined || !isPathFailure(verdict.result);
  const isLinted = flagOption(options, 'lint');
  if (flagOption(options, 'json')) {
    print(jsonOf(certificates, isLinted, verdict));
    const isObeying = !isLinted || certificates.every((each) => lintCertificate(each).length === 0);
    return isBelieved && isObeying ? ExitStatus.Ok : ExitStatus.Unmet;
  }
  if (flagOption(options, 'svg')) print(drawHierarchy(buildHierarchy(certificates)));
  else if (flagOption(options, 'tree')) print(formatHierarchy(buildHierarchy(certificates)));
  else if (!isLinted && verdict === undefined) {
    const names = flagOption(options, 'longNames') ? 'lines' : 'line';
    for (const each of certificates) print(formatCertificate(each, { names }));
  }
  const linted = isLinted ? printLint(certificates.map((each) => [shortName(each.subject), each])) : ExitStatus.Ok;
  if (verdict !== undefined) print(verdictText(verdict));
  return isBelieved ? linted : ExitStatus.Unmet;
}

interface Verdict {
  readonly result: ValidPath | PathFailure;
  /** In seconds since 1970. */
  readonly at: number;
}

/** What somebody would say of the first one who trusts those in `--ca`, and was sent the others beside it. */
async function judge(certificates: readonly Certificate[], options: RawOptions): Promise<Verdict | undefined> {
  const [ca, at, host, lists] = ['ca', 'at', 'for', 'crl'].map((name) => textOption(options, name));
  const [first, ...others] = certificates;
  if (ca === undefined || first === undefined) {
    const needless = [at === undefined ? [] : '--at', host === undefined ? [] : '--for', lists ?? []].flat();
    if (needless.length === 0) return undefined;
    throw usageError(`${needless[0]} needs --ca with the certificates that are trusted.`);
  }
  const now = at === undefined ? Date.now() / 1000 : secondsOf(at);
  const name = host === undefined ? undefined : referenceOf(host);
  const result = validateCertificate(first, others, await trustIn(ca), {
    provider: nodeCrypto,
    now,
    ...(name === undefined ? {} : { name, purpose: name.kind === 'email' ? 'emailProtection' : 'serverAuth' }),
    ...(lists === undefined ? {} : { revocationLists: await revocationListsIn(lists) }),
  });
  return { result, at: Math.floor(now) };
}

function secondsOf(text: string): number {
  const time = parseWallClock(text);
  if (time !== undefined) return time.seconds;
  throw usageError(`--at ${text} is no time of a day.`, 'Write 2026-03-01T12:00:00Z.');
}

const referenceOf = (text: string): ReferenceName =>
  text.includes('@') ? { kind: 'email', address: text } : referenceName(text);

function verdictText({ result, at }: Verdict): string {
  const when = `at ${formatTime(at)}`;
  if (isPathFailure(result)) return `${paint('red', 'refused')} ${when}: ${printable(formatPathFailure(result))}`;
  const path = result.certificates.map(({ subject }) => printable(shortName(subject)));
  return `${paint('green', 'believed')} ${when}: ${path.join(', signed by ')}, which is trusted`;
}

function jsonOf(certificates: readonly Certificate[], isLinted: boolean, verdict: Verdict | undefined): string {
  const listed = certificates.map((each) => {
    return { ...certificateObject(each), complaints: isLinted ? lintCertificate(each) : null };
  });
  return JSON.stringify({
    schema: 'netarium.certificate/1',
    certificates: listed,
    verdict: verdict === undefined ? null : verdictObject(certificates, verdict),
  });
}

function verdictObject(certificates: readonly Certificate[], { result, at }: Verdict): object {
  if (!isPathFailure(result)) {
    return { at, believed: true, path: result.certificates.map(({ subject }) => shortName(subject)) };
  }
  const { rule, certificate: broken, detail } = result;
  const index = certificates.findIndex((each) => sameCertificate(each, broken));
  return { at, believed: false, rule, certificate: index < 0 ? null : index, detail, ...ruleCodes(rule) };
}
