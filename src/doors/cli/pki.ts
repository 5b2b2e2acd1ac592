// `netarium pki SCENARIO [NAME]`: who vouches for whom in a scenario, as text or as a picture; or one of the certificates, as
// openssl shows it. They are made as the scenario's world would make them; nothing is run.

import { nodeCrypto } from '../../secure/crypto/node.ts';
import { type Certificate, formatSerialNumber } from '../../secure/pki/certificate.ts';
import { formatCertificate } from '../../secure/pki/certificate_text.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { shortName } from '../../secure/pki/distinguished_name.ts';
import { buildHierarchy, drawHierarchy, formatHierarchy } from '../../secure/pki/hierarchy.ts';
import { namesText } from '../../secure/pki/host_name.ts';
import { formatComplaint, kindOf, lintCertificate, REQUIREMENTS } from '../../secure/pki/lint.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import { type WorldPki, worldPkiOf } from '../../world/sim/world_pki.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, type RawOptions, seedOption, sentence, textOption } from './options.ts';
import { loadRunnable, readScenarioText } from './scenario_file.ts';
import { print } from './terminal.ts';

/** @throws CliError, FileError */
export async function pki(file: string, name: string | undefined, options: RawOptions): Promise<ExitStatus> {
  const choice = { seed: seedOption(options), variant: textOption(options, 'variant'), set: [] };
  const made = worldPkiOf(loadRunnable(await readScenarioText(file), choice), nodeCrypto);
  const byName = certificatesByName(made);
  if (byName.size === 0) throw usageError(`${file} has no certificates.`, 'They stand under pki.');
  const chosen = name === undefined ? [...byName] : [[name, named(byName, name)] as const];
  if (flagOption(options, 'json')) {
    const certificates = chosen.map(([key, certificate]) => certificateObject(key, certificate));
    print(JSON.stringify({ schema: 'netarium.pki/1', certificates }));
    return ExitStatus.Ok;
  }
  const certificates = chosen.map(([, certificate]) => certificate);
  if (flagOption(options, 'lint')) return lint(chosen);
  if (flagOption(options, 'svg')) print(drawHierarchy(buildHierarchy(certificates)));
  else if (name === undefined) print(formatHierarchy(buildHierarchy(certificates)));
  else {
    const names = flagOption(options, 'long-names') ? 'lines' : 'line';
    for (const certificate of certificates) print(formatCertificate(certificate, { names }));
  }
  return ExitStatus.Ok;
}

/** A complaint a line; certificates without one are named too. Fails if there is any. */
function lint(chosen: readonly (readonly [name: string, certificate: Certificate])[]): ExitStatus {
  let complaints = 0;
  for (const [name, certificate] of chosen) {
    const found = lintCertificate(certificate);
    const kind = kindOf(certificate);
    const asked = REQUIREMENTS.filter(({ of }) => of.includes(kind)).length;
    print(`${name} (${kind}):${found.length === 0 ? ` obeys all ${asked} requirements` : ''}\n`);
    for (const complaint of found) print(`  ${formatComplaint(complaint)}\n`);
    complaints += found.length;
  }
  return complaints === 0 ? ExitStatus.Ok : ExitStatus.Unmet;
}

function certificatesByName({ authorities, crossSigned, leaves }: WorldPki): ReadonlyMap<string, Certificate> {
  return new Map([
    ...[...authorities].map(([name, { certificate }]) => [name, certificate] as const),
    ...crossSigned,
    ...[...leaves].map(([name, { certificate }]) => [name, certificate] as const),
  ]);
}

function named(byName: ReadonlyMap<string, Certificate>, name: string): Certificate {
  const found = byName.get(name);
  if (found !== undefined) return found;
  const known = [...byName.keys()];
  throw usageError(
    `There is no authority and no certificate "${name}".`,
    sentence(suggestFrom(name, known) ?? `known: ${known.join(', ')}`),
  );
}

const certificateObject = (name: string, certificate: Certificate): object => ({
  name,
  subject: shortName(certificate.subject),
  issuer: shortName(certificate.issuer),
  names: certificate.subjectAltName === undefined ? null : namesText(certificate),
  isAuthority: certificate.basicConstraints?.isAuthority === true,
  serialNumber: formatSerialNumber(certificate),
  notBefore: formatTime(certificate.validity.notBefore),
  notAfter: formatTime(certificate.validity.notAfter),
});
