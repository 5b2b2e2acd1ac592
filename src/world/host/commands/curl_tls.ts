// TLS in `curl`: the handshake, what is said of it with -v, and what a failure is called. The words are those of curl with OpenSSL.
//
//   * TLSv1.3 (OUT), TLS handshake, Client hello (1):
//   * SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256 / X25519 / id-ecPublicKey
//   * Server certificate:

import type { Instant } from '../../../core/time.ts';
import type { Certificate } from '../../../secure/pki/certificate.ts';
import { formatTime } from '../../../secure/pki/der_time.ts';
import { attributeShortLabel, attributeText, type DistinguishedName } from '../../../secure/pki/distinguished_name.ts';
import { formatGeneralName } from '../../../secure/pki/general_name.ts';
import { matchesName, referenceName } from '../../../secure/pki/host_name.ts';
import { validateCertificate } from '../../../secure/pki/path_building.ts';
import type { PathFailure } from '../../../secure/pki/path_failure.ts';
import type { SubjectPublicKeyInfo } from '../../../secure/pki/public_key.ts';
import { signatureAlgorithmName } from '../../../secure/pki/signature_algorithm.ts';
import { TrustStore } from '../../../secure/pki/trust_store.ts';
import { ALERTS } from '../../../secure/tls/alert.ts';
import type { TlsIdentity } from '../../../secure/tls/config.ts';
import type { TlsEvent, TlsFacts } from '../../../secure/tls/connection.ts';
import { alertOf } from '../../../secure/tls/failure.ts';
import type { Endpoint, Program, TcpSocket } from '../../app/program.ts';
import type { TlsError } from '../../app/tls/tls_error.ts';
import { tlsErrorCode } from '../../app/tls/tls_error_code.ts';
import type { TlsStream } from '../../app/tls/tls_stream.ts';
import type { CommandContext } from './command.ts';
import { CurlFailure } from './curl_failure.ts';
import type { CurlTlsOptions } from './curl_tls_options.ts';
import { failureText, firstVerifyError, keyTypeOf, OPENSSL_GROUPS } from './openssl_words.ts';

/** curl's own exit codes. */
const CONNECT_FAILED = 35;
const RECEIVE_FAILED = 56;
const CLIENT_CERTIFICATE = 58;
const CERTIFICATE_REFUSED = 60;
const NO_AUTHORITY = 77;

export class CurlTls {
  private readonly context: CommandContext;
  private readonly options: CurlTlsOptions;
  private readonly say: (line: string) => void;

  /** @param say what -v tells */
  constructor(context: CommandContext, options: CurlTlsOptions, say: (line: string) => void) {
    this.context = context;
    this.options = options;
    this.say = say;
  }

  /** Lays TLS over a socket that is connected; with early data the handshake waits for it. @throws CurlFailure, SocketError */
  *secure(socket: TcpSocket, server: Endpoint, host: string, deadline: Instant): Program<TlsStream> {
    const { system, host: machine } = this.context;
    const { isInsecure, cipherSuites, groups, hasAlpn, keepsSessions, sendsEarlyData } = this.options;
    const { tls } = machine;
    const trust = this.trust();
    const identity = this.identity();
    const session = keepsSessions ? tls.sessions.take(server, host, system.wallTime) : undefined;
    if (hasAlpn) this.say('* ALPN: curl offers http/1.1');
    const stream = tls.connect(system, socket, {
      serverName: host,
      session,
      wantsEarlyData: sendsEarlyData,
      config: {
        trust,
        alpn: hasAlpn ? ['http/1.1'] : [],
        acceptsAnyCertificate: isInsecure,
        ...(cipherSuites === undefined ? {} : { cipherSuites }),
        ...(groups === undefined ? {} : { groups }),
        ...(identity === undefined ? {} : { identity }),
      },
      onEvent: (event) => {
        if (event.kind === 'session' && keepsSessions) tls.sessions.keep(server, event.session);
        this.tell(event, host, trust);
      },
    });
    const early = sendsEarlyData ? (session?.maxEarlyData ?? 0) : 0;
    if (early > 0) this.say(`* SSL session allows ${early} bytes of early data`);
    else yield* stream.handshake(deadline);
    return stream;
  }

  private trust(): TrustStore {
    const { authorities } = this.options;
    const { tls } = this.context.host;
    if (authorities.length === 0) return tls.trust;
    const anchors = authorities.map((name) => {
      const authority = tls.published.get(name);
      if (authority !== undefined) return authority;
      const text = `error setting certificate verify locations:  CAfile: ${name}`;
      throw new CurlFailure(NO_AUTHORITY, 'unknown-authority', text);
    });
    for (const name of authorities) this.say(`*  CAfile: ${name}`);
    return new TrustStore(tls.provider, anchors);
  }

  private identity(): TlsIdentity | undefined {
    const { certificate } = this.options;
    const identity = certificate === undefined ? undefined : this.context.host.tls.identities.get(certificate);
    if (certificate === undefined || identity !== undefined) return identity;
    const text = `could not load PEM client certificate from ${certificate}: this machine holds no such key`;
    throw new CurlFailure(CLIENT_CERTIFICATE, 'unknown-certificate', text);
  }

  private tell(event: TlsEvent, host: string, trust: TrustStore): void {
    switch (event.kind) {
      case 'message':
        this.say(
          `* TLSv1.3 (${event.direction === 'sent' ? 'OUT' : 'IN'}), TLS handshake, ${messageText(event.name)}:`,
        );
        return;
      case 'connected':
        this.context.facts.tls = event.facts.version;
        this.context.facts.isResumed = event.facts.isResumed;
        for (const line of this.agreedLines(event.facts, host, trust)) this.say(line);
        return;
      case 'keys-updated':
        return;
      case 'failed': {
        const alert = alertOf(event.failure);
        if (alert !== undefined) this.say(`* TLSv1.3 (OUT), TLS alert, ${alertText(alert)}:`);
        else if (event.failure.alert !== undefined)
          this.say(`* TLSv1.3 (IN), TLS alert, ${alertText(event.failure.alert)}:`);
        return;
      }
      case 'end':
        this.say(`* TLSv1.3 (IN), TLS alert, ${alertText('close_notify')}:`);
        return;
      default:
        return;
    }
  }

  private agreedLines(facts: TlsFacts, host: string, trust: TrustStore): readonly string[] {
    const [own] = facts.peerCertificates;
    const kind = facts.isResumed || own === undefined ? 'UNDEF' : keyTypeOf(own.publicKey);
    return [
      ...(facts.isResumed ? ['* SSL reused session'] : []),
      `* SSL connection using TLSv1.3 / ${facts.cipherSuite} / ${OPENSSL_GROUPS[facts.group]} / ${kind}`,
      facts.alpn === undefined
        ? '* ALPN: server did not agree on a protocol. Uses default.'
        : `* ALPN: server accepted ${facts.alpn}`,
      ...EARLY_DATA_LINES[facts.earlyData],
      ...(own === undefined || facts.isResumed ? [] : this.certificateLines(own, facts, host, trust)),
    ];
  }

  private certificateLines(own: Certificate, facts: TlsFacts, host: string, trust: TrustStore): readonly string[] {
    const wanted = referenceName(host);
    const matched = own.subjectAltName?.find((name) => matchesName({ subjectAltName: [name] }, wanted));
    const path = facts.path?.certificates ?? facts.peerCertificates;
    return [
      '* Server certificate:',
      `*  subject: ${nameText(own.subject)}`,
      `*  start date: ${formatTime(own.validity.notBefore)}`,
      `*  expire date: ${formatTime(own.validity.notAfter)}`,
      ...(matched === undefined
        ? []
        : [`*  subjectAltName: host "${host}" matched cert's "${formatGeneralName(matched).replace(/^[^:]*:/, '')}"`]),
      `*  issuer: ${nameText(own.issuer)}`,
      this.verdictLine(own, facts, trust),
      ...path.map(
        ({ publicKey, signatureAlgorithm }, level) =>
          `*   Certificate level ${level}: Public key type ${keyText(publicKey)}, signed using ${signatureAlgorithmName(signatureAlgorithm)}`,
      ),
    ];
  }

  // With -k nobody has judged it: what would have been said is said here.
  private verdictLine(own: Certificate, { path, peerCertificates }: TlsFacts, trust: TrustStore): string {
    if (path !== undefined) return '*  SSL certificate verify ok.';
    const { system, host } = this.context;
    const result = validateCertificate(own, peerCertificates.slice(1), trust, {
      provider: host.tls.provider,
      now: system.wallTime / 1000,
      purpose: 'serverAuth',
    });
    if (result.kind === 'valid') return '*  SSL certificate verify ok.';
    const { number, text } = firstVerifyError(result);
    return `*  SSL certificate verify result: ${text} (${number}), continuing anyway.`;
  }
}

/** How a failure of TLS ends curl. */
export function tlsFailure({ failure }: TlsError, host: string, isConnected: boolean): CurlFailure {
  const code = tlsErrorCode(failure);
  const { path } = failure;
  if (path !== undefined) return new CurlFailure(CERTIFICATE_REFUSED, code, refusalText(path, host));
  if (isConnected) return new CurlFailure(RECEIVE_FAILED, code, `TLS read error: ${failureText(failure)}`);
  return new CurlFailure(CONNECT_FAILED, code, `TLS connect error: ${failureText(failure)}`);
}

function refusalText(path: PathFailure, host: string): string {
  if (path.rule === 'wrong-name') {
    return `SSL: no alternative certificate subject name matches target host name '${host}'`;
  }
  if (path.rule === 'wrong-address') {
    return `SSL: no alternative certificate subject name matches target ipv4 address '${host}'`;
  }
  return `SSL certificate problem: ${firstVerifyError(path).text}`;
}

/** As OpenSSL's callback names them, with their numbers. */
const MESSAGES: Readonly<Record<string, string>> = {
  ClientHello: 'Client hello (1)',
  ServerHello: 'Server hello (2)',
  HelloRetryRequest: 'Hello retry request (2)',
  EncryptedExtensions: 'Encrypted Extensions (8)',
  CertificateRequest: 'Request CERT (13)',
  Certificate: 'Certificate (11)',
  CertificateVerify: 'CERT verify (15)',
  Finished: 'Finished (20)',
  NewSessionTicket: 'Newsession Ticket (4)',
  EndOfEarlyData: 'End of early data (5)',
  KeyUpdate: 'Key update (24)',
};

const messageText = (name: string): string => MESSAGES[name] ?? name;

/** Level and description in one number, as curl shows it: fatal ones from 512 on. */
function alertText(name: keyof typeof ALERTS): string {
  const level = name === 'close_notify' ? 0x100 : 0x200;
  return `${name.replaceAll('_', ' ')} (${level + ALERTS[name]})`;
}

const EARLY_DATA_LINES: Readonly<Record<TlsFacts['earlyData'], readonly string[]>> = {
  'not-offered': [],
  accepted: ['* Server accepted TLS early data.'],
  rejected: ['* Server rejected TLS early data.'],
};

const nameText = ({ parts }: DistinguishedName): string =>
  parts
    .map((part) => part.map((each) => `${attributeShortLabel(each.type)}=${attributeText(each)}`).join(' + '))
    .join('; ');

// NIST SP 800-57 part 1, §5.6.1: how many bits of a key are worth how many of a cipher's.
function keyText({ key }: SubjectPublicKeyInfo): string {
  switch (key.kind) {
    case 'ec':
      return key.curve === 'P-256' ? 'EC/prime256v1 (256/128 Bits/secBits)' : 'EC/secp384r1 (384/192 Bits/secBits)';
    case 'ed25519':
      return 'ED25519 (256/128 Bits/secBits)';
    case 'rsa':
      return `RSA (${key.bits} Bits)`;
    case 'unknown':
      return 'unknown';
  }
}
