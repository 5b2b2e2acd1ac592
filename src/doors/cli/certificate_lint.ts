// What the baseline requirements have to say of certificates, one after the other. Not here: the requirements (secure/pki/lint.ts).

import type { Certificate } from '../../secure/pki/certificate.ts';
import { formatComplaint, kindOf, lintCertificate, requirementsOf } from '../../secure/pki/lint.ts';
import { ExitStatus } from './exit.ts';
import { print, printable } from './terminal.ts';

/** A complaint a line; certificates without one are named too. `Unmet` if there is any. */
export function printLint(named: Iterable<readonly [name: string, certificate: Certificate]>): ExitStatus {
  let status: ExitStatus = ExitStatus.Ok;
  for (const [name, certificate] of named) {
    const complaints = lintCertificate(certificate);
    const kind = kindOf(certificate);
    const asked = requirementsOf(kind).length;
    const result =
      complaints.length === 0
        ? `obeys all ${asked} requirements`
        : `${complaints.length} of ${asked} requirements are not met`;
    print(`${printable(name)} (${kind}): ${result}`);
    for (const complaint of complaints) print(`  ${printable(formatComplaint(complaint))}`);
    if (complaints.length > 0) status = ExitStatus.Unmet;
  }
  return status;
}
