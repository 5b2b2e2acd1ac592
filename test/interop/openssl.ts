// openssl as a judge of certificates: how it shows them, and whether it believes them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../../src/secure/pki/certificate.ts';
import { emitPem } from '../../src/secure/pki/pem.ts';

export interface Asked {
  readonly trusted: readonly Certificate[];
  readonly now: number;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly isStrict?: boolean | undefined;
}

export class Openssl {
  /** `OpenSSL 3.0.19 27 Jan 2026 ...`. */
  readonly version: string;
  private files = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'netarium-openssl-'));

  private constructor(version: string) {
    this.version = version;
  }

  static find(): Openssl | undefined {
    const { status, stdout } = spawnSync('openssl', ['version'], { encoding: 'utf8' });
    return status === 0 ? new Openssl(stdout.trim()) : undefined;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  text({ bytes }: Certificate, ...options: readonly string[]): string {
    const file = this.write(emitPem({ label: 'CERTIFICATE', bytes }));
    return this.run('x509', '-in', file, '-text', '-noout', ...options).stdout;
  }

  /** Of its own: the text of a request, or of a key. */
  shows(command: 'req' | 'pkey' | 'crl', label: string, bytes: Uint8Array, ...options: readonly string[]): string {
    const { stdout, stderr } = this.run(command, '-in', this.write(emitPem({ label, bytes })), '-noout', ...options);
    return stdout + stderr;
  }

  /** X509_V_ERR_ as a number; 0: believed. */
  verify([leaf, ...others]: readonly Certificate[], asked: Asked): number {
    const pem = (list: readonly (Certificate | undefined)[]): string =>
      this.write(
        list.map((each) => emitPem({ label: 'CERTIFICATE', bytes: each?.bytes ?? new Uint8Array(0) })).join(''),
      );
    const { status, stdout, stderr } = this.run(
      'verify',
      ...['-no-CApath', '-no-CAstore', '-CAfile', pem(asked.trusted), '-attime', String(asked.now)],
      ...['-purpose', 'sslserver'],
      ...(others.length === 0 ? [] : ['-untrusted', pem(others)]),
      ...(asked.name === undefined ? [] : ['-verify_hostname', asked.name]),
      ...(asked.address === undefined ? [] : ['-verify_ip', asked.address]),
      ...(asked.isStrict === true ? ['-x509_strict'] : []),
      pem([leaf]),
    );
    if (status === 0) return 0;
    return Number(/error (\d+) at \d+ depth lookup/.exec(stdout + stderr)?.[1] ?? Number.NaN);
  }

  private run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync('openssl', args, { encoding: 'utf8', input: '' });
  }

  private write(text: string): string {
    const path = join(this.folder, `${this.files++}.pem`);
    writeFileSync(path, text);
    return path;
  }
}
