// What BoringSSL's test runner asks of a shim, by its command line: which flags are known here, and what they were set to. A flag
// that is not in this table ends the shim with "unimplemented". Not here: what they mean (settings.ts, exchange.ts, checks.ts).

type Kind = 'flag' | 'number' | 'numbers' | 'text';

const KINDS: Readonly<Record<string, Kind>> = {
  // Where the runner is.
  port: 'number',
  'shim-id': 'text',
  ipv6: 'flag',
  server: 'flag',
  'resume-count': 'number',
  // What is offered, and what it is signed with.
  'min-version': 'number',
  'max-version': 'number',
  'no-tls1': 'flag',
  'no-tls11': 'flag',
  'no-tls12': 'flag',
  curves: 'numbers',
  'key-shares': 'numbers',
  'verify-prefs': 'numbers',
  'signing-prefs': 'numbers',
  'host-name': 'text',
  'advertise-alpn': 'text',
  'select-alpn': 'text',
  'decline-alpn': 'flag',
  'reject-alpn': 'flag',
  'enable-grease': 'flag',
  'max-send-fragment': 'number',
  'cert-file': 'text',
  'key-file': 'text',
  'trust-cert': 'text',
  'verify-peer': 'flag',
  'require-any-client-certificate': 'flag',
  'no-ticket': 'flag',
  'enable-early-data': 'flag',
  'resumption-delay': 'number',
  // What the shim does with the connection.
  async: 'flag',
  'shim-writes-first': 'flag',
  'shim-initial-write': 'text',
  'repeat-shim-initial-write': 'number',
  'write-different-record-sizes': 'flag',
  'shim-shuts-down': 'flag',
  'check-close-notify': 'flag',
  'key-update': 'flag',
  'key-update-before-read': 'flag',
  'export-keying-material': 'number',
  'export-label': 'text',
  'export-context': 'text',
  'use-export-context': 'flag',
  'export-traffic-secrets': 'flag',
  // What must come of it.
  'expect-version': 'number',
  'expect-cipher': 'number',
  'expect-cipher-aes': 'number',
  'expect-curve-id': 'number',
  'expect-peer-signature-algorithm': 'number',
  'expect-server-name': 'text',
  'expect-alpn': 'text',
  'expect-hrr': 'flag',
  'expect-no-hrr': 'flag',
  'expect-session-miss': 'flag',
  'expect-no-session': 'flag',
  'expect-ticket-supports-early-data': 'flag',
  'expect-accept-early-data': 'flag',
  'expect-reject-early-data': 'flag',
  'expect-no-offer-early-data': 'flag',
  'expect-peer-cert-file': 'text',
  'expect-no-peer-cert': 'flag',
  'expect-verify-result': 'flag',
  'expect-total-renegotiations': 'number',
  // How BoringSSL's own interface is used, which makes no difference to what is sent: when certificates are looked up and judged,
  // how many bytes one call reads, calls that change nothing, and renegotiation, which TLS 1.3 does not have.
  'expect-extended-master-secret': 'flag',
  'handshake-twice': 'flag',
  'implicit-handshake': 'flag',
  'no-op-extra-handshake': 'flag',
  'read-size': 'number',
  'renegotiate-freely': 'flag',
  'renegotiate-ignore': 'flag',
  'renegotiate-once': 'flag',
  'use-custom-verify-callback': 'flag',
  'use-early-callback': 'flag',
  'use-old-client-cert-callback': 'flag',
  'use-ticket-callback': 'flag',
};

export type FlagName = string;

/** The flags that hold for one connection. */
export class Flags {
  private readonly values = new Map<FlagName, string[]>();

  set(name: FlagName, value: string): void {
    const before = KINDS[name] === 'numbers' ? (this.values.get(name) ?? []) : [];
    this.values.set(name, [...before, value]);
  }

  has(name: FlagName): boolean {
    return this.values.has(name);
  }

  text(name: FlagName): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  number(name: FlagName): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  numbers(name: FlagName): readonly number[] | undefined {
    return this.values.get(name)?.map(Number);
  }
}

/** Of the first connection, of those that resume it, and of the rest of one whose early data was rejected. */
export interface ShimFlags {
  readonly initial: Flags;
  readonly resume: Flags;
  readonly retry: Flags;
}

/** The first flag that is not known, by its name. */
export interface UnknownFlag {
  readonly unknown: string;
}

export function parseFlags(args: readonly string[]): ShimFlags | UnknownFlag {
  const flags: ShimFlags = { initial: new Flags(), resume: new Flags(), retry: new Flags() };
  for (let at = 0; at < args.length; at++) {
    const written = args[at] ?? '';
    const [, prefix, name = ''] =
      /^-(?:on-(initial|resume|retry)-)?(.*)$/.exec(written.replace(/^-on-shim-/, '-')) ?? [];
    const kind = KINDS[name];
    if (kind === undefined) return { unknown: written };
    const value = kind === 'flag' ? '' : (args[++at] ?? '');
    const meant = prefix === undefined ? Object.values(flags) : [flags[prefix as keyof ShimFlags]];
    for (const each of meant) each.set(name, value);
  }
  return flags;
}
