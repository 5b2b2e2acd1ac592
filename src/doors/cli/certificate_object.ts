// What `--json` says of a certificate.

import { type Certificate, formatSerialNumber } from '../../secure/pki/certificate.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { shortName } from '../../secure/pki/distinguished_name.ts';
import { namesText } from '../../secure/pki/host_name.ts';

export const certificateObject = (certificate: Certificate): object => ({
  subject: shortName(certificate.subject),
  issuer: shortName(certificate.issuer),
  names: certificate.subjectAltName === undefined ? null : namesText(certificate),
  isAuthority: certificate.basicConstraints?.isAuthority === true,
  serialNumber: formatSerialNumber(certificate),
  notBefore: formatTime(certificate.validity.notBefore),
  notAfter: formatTime(certificate.validity.notAfter),
});
