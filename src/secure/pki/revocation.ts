// Whether the authorities of a path have taken one of its certificates back (RFC 5280 §6.3), by the lists that are at hand. No
// list of an authority: nothing is known, and nothing is refused. A list that is there and cannot be used refuses, or whoever
// damages it on the way would undo it. Not here: fetching lists.

import type { Certificate } from './certificate.ts';
import { formatTime, type UnixSeconds } from './der_time.ts';
import { hasKeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import { type PathFailure, pathFailure } from './path_failure.ts';
import { type VerificationKey, verifySignature } from './public_key.ts';
import { type RevocationList, serialKey } from './revocation_list.ts';

/** @param path the leaf first, the trust anchor last, which nobody above could take back */
export function checkRevocation(
  path: readonly Certificate[],
  lists: readonly RevocationList[],
  now: UnixSeconds,
  keyOf: (issuer: Certificate) => VerificationKey | undefined,
): PathFailure | undefined {
  for (const [depth, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[depth + 1] ?? certificate;
    for (const list of lists.filter((each) => each.issuer.key === certificate.issuer.key)) {
      const unusable = whyUnusable(list, issuer, now, keyOf(issuer));
      if (unusable !== undefined) return pathFailure('revocation-unknown', certificate, depth, unusable);
      const at = list.revoked.get(serialKey(certificate.serialNumber));
      if (at !== undefined) return pathFailure('revoked', certificate, depth, formatTime(at));
    }
  }
  return undefined;
}

/** §6.3.3, for a complete list that the issuer of the certificate signs itself. */
function whyUnusable(
  list: RevocationList,
  { keyUsage }: Certificate,
  now: UnixSeconds,
  key: VerificationKey | undefined,
): string | undefined {
  if (now < list.thisUpdate) return `it is from ${formatTime(list.thisUpdate)}`;
  if (list.nextUpdate === undefined) return 'it does not say until when it counts';
  if (now > list.nextUpdate) return `a newer one was due on ${formatTime(list.nextUpdate)}`;
  // §5.2: unknown and critical; §5.2.3: the number is there, and not critical.
  const number = list.extensions.find(({ oid }) => oid === Oid.cRLNumber);
  if (number === undefined) return 'it has no number';
  const critical = list.extensions.find(({ isCritical }) => isCritical);
  if (critical !== undefined || list.hasCriticalEntries) return 'it has a critical extension that is not known here';
  // §6.3.3 (f)
  if (keyUsage !== undefined && !hasKeyUsage(keyUsage, 'cRLSign')) return 'its issuer may not sign such lists';
  const { scheme } = list.signatureAlgorithm;
  const isGenuine =
    key !== undefined && scheme !== undefined && verifySignature(key, scheme, list.tbsBytes, list.signature);
  return isGenuine ? undefined : 'it was not signed by the key of its issuer';
}
