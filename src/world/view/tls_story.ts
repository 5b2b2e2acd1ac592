// What TLS did on a machine's connections, for its story: a handshake from the hello to the end's own Finished, with what was
// agreed on, and alerts that tell of an error. What is protected is told where the secrets are known.

import { elapsed } from '../../core/time.ts';
import { alertName } from '../../secure/tls/alert.ts';
import type { ObservedMessage, ObservedRecord } from '../../secure/tls/eavesdropper.ts';
import { cipherSuiteName, groupName } from '../../secure/tls/names.ts';
import { ContentType } from '../../secure/tls/record.ts';
import type { Dissection } from './dissection.ts';
import type { OpenPhase } from './story.ts';

// These two end a connection as it should end.
const ORDERLY: readonly (string | undefined)[] = ['close_notify', 'user_canceled'];

interface Handshake {
  readonly phase: OpenPhase;
  /** The server has answered: what it protects is under way, and so will be what the client protects. */
  isAnswered: boolean;
}

export class TlsStory {
  private readonly phases: OpenPhase[];
  /** By connection: those that have begun and have not ended. */
  private readonly open = new Map<string, Handshake>();
  private readonly told = new Set<ObservedRecord>();

  constructor(phases: OpenPhase[]) {
    this.phases = phases;
  }

  /** @param key of the connection @param isOut whether the machine sent it */
  tell(dissection: Dissection, key: string, isOut: boolean): void {
    for (const record of dissection.tls?.records ?? []) {
      // Sent again, or passed on.
      if (this.told.has(record)) continue;
      this.told.add(record);
      this.tellRecord(dissection, record, key, isOut);
    }
  }

  private tellRecord({ frame }: Dissection, record: ObservedRecord, key: string, isOut: boolean): void {
    const { content, bytes, opening } = record;
    const handshake = this.open.get(key);
    if (isOut && bytes[0] === ContentType.ApplicationData && handshake?.isAnswered === true) {
      handshake.phase.duration = elapsed(handshake.phase.time, frame.time);
      this.open.delete(key);
    }
    for (const { whole } of content?.fragments ?? []) {
      if (whole !== undefined && opening === undefined) this.tellHello(frame.time, whole, key, isOut);
    }
    if (content?.type === ContentType.Alert) this.tellAlert(frame.time, content.data, isOut);
  }

  private tellHello(time: OpenPhase['time'], { message }: ObservedMessage, key: string, isOut: boolean): void {
    const handshake = this.open.get(key);
    if (message.kind === 'client-hello' && isOut && handshake === undefined) {
      const text = message.serverName ?? 'no name';
      const phase: OpenPhase = { time, sign: '*', protocol: 'TLS', text, duration: undefined };
      this.open.set(key, { phase, isAnswered: false });
      this.phases.push(phase);
    }
    if (handshake === undefined || isOut) return;
    if (message.kind === 'hello-retry-request') handshake.phase.text += ', asked again';
    if (message.kind === 'server-hello') {
      const group = message.keyShare === undefined ? [] : [groupName(message.keyShare.group)];
      const resumed = message.selectedIdentity === undefined ? [] : ['resumed'];
      handshake.phase.text += `, ${[cipherSuiteName(message.cipherSuite), ...group, ...resumed].join(', ')}`;
      handshake.isAnswered = true;
    }
  }

  private tellAlert(time: OpenPhase['time'], [, code = -1]: Uint8Array, isOut: boolean): void {
    const name = alertName(code);
    if (ORDERLY.includes(name)) return;
    const text = `alert ${name ?? code}`;
    this.phases.push({ time, sign: isOut ? '>' : '<', protocol: 'TLS', text, duration: undefined });
  }
}
