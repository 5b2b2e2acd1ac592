// `netarium pki SCENARIO [NAME]`: who vouches for whom in a scenario, as text or as a picture; or one of the certificates, as
// openssl shows it. They are made as the scenario's world would make them; nothing is run.

import { nodeCrypto } from '../../secure/crypto/node.ts';
import type { Certificate } from '../../secure/pki/certificate.ts';
import { formatCertificate } from '../../secure/pki/certificate_text.ts';
import { buildHierarchy, drawHierarchy, formatHierarchy } from '../../secure/pki/hierarchy.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import { type WorldPki, worldPkiOf } from '../../world/sim/world_pki.ts';
import { printLint } from './certificate_lint.ts';
import { certificateObject } from './certificate_object.ts';
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
    const certificates = chosen.map(([key, certificate]) => ({ name: key, ...certificateObject(certificate) }));
    print(JSON.stringify({ schema: 'netarium.pki/1', certificates }));
    return ExitStatus.Ok;
  }
  const certificates = chosen.map(([, certificate]) => certificate);
  if (flagOption(options, 'lint')) return printLint(chosen);
  if (flagOption(options, 'svg')) print(drawHierarchy(buildHierarchy(certificates)));
  else if (name === undefined) print(formatHierarchy(buildHierarchy(certificates)));
  else {
    const names = flagOption(options, 'longNames') ? 'lines' : 'line';
    for (const certificate of certificates) print(formatCertificate(certificate, { names }));
  }
  return ExitStatus.Ok;
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
