// What scenario files may name of this floor: the attacks that there are, and what can be read out of what was heard.

import { utf8 } from '../core/bytes.ts';
import type { Registry } from '../world/sim/scenario/registry.ts';
import { ARP_SPOOF } from './attack/arp_spoof_kind.ts';
import { CUT_STREAM } from './attack/cut_stream_kind.ts';
import { DNS_REFLECTION } from './attack/dns_reflection_kind.ts';
import { Knowledge } from './attack/knowledge.ts';
import { REPLAY_STREAM } from './attack/replay_stream_kind.ts';
import { REWRITE_STREAM } from './attack/rewrite_stream_kind.ts';
import { heardIn } from './attack/streams.ts';
import { TLS_MITM } from './attack/tls_mitm_kind.ts';

export const ADVERSARY: Registry = {
  attacks: [ARP_SPOOF, REWRITE_STREAM, CUT_STREAM, REPLAY_STREAM, TLS_MITM, DNS_REFLECTION],
  pathTo(frames, learned, text) {
    const knowledge = new Knowledge();
    for (const { bytes, origin } of [...heardIn(frames), ...learned]) knowledge.learn(bytes, origin);
    return knowledge.pathTo({ name: text, text, bytes: utf8(text) });
  },
};
