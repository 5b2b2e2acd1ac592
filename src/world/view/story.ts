// What a command did on the wire, as a short story in the manner of `curl -v`: names looked up, connections made, requests
// and their answers, each with the time it took. Derived from the frames that its machine sent and received meanwhile.
//
//    1.000412  *  DNS   www.foo.test is 198.51.100.80, says 192.168.1.1                     186ms
//    1.186903  *  TCP   192.168.1.100:49152 to 198.51.100.80:80, outside 203.0.113.2:49152   60ms
//    1.247118  *  TLS   www.foo.test, TLS_AES_128_GCM_SHA256, x25519                        61ms
//    1.308118  >  HTTP  GET / for www.foo.test
//    1.369544  <  HTTP  200                                                                  61ms
//
// Not here: what the command printed; TLS (tls_story.ts).

import { type Duration, elapsed, type Instant } from '../../core/time.ts';
import { formatIpv4, formatLinkAddress, type LinkAddress } from '../../wire/address.ts';
import { formatDnsData } from '../../wire/dns_record_text.ts';
import { formatDnsType } from '../../wire/dns_type.ts';
import { ipv4Destination, ipv4Source } from '../../wire/ipv4.ts';
import {
  TcpFlag,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpSequence,
  tcpSourcePort,
} from '../../wire/tcp.ts';
import type { Dissection } from './dissection.ts';
import { TlsStory } from './tls_story.ts';

export interface Phase {
  readonly time: Instant;
  /** `>` sent, `<` received, `*` both ways. */
  readonly sign: '*' | '>' | '<';
  readonly protocol: string;
  readonly text: string;
  /** From the question to its answer; `undefined` where none came, and for what takes no answer. */
  readonly duration: Duration | undefined;
}

export type OpenPhase = { -readonly [Key in keyof Phase]: Phase[Key] };

const SYN_ACK = TcpFlag.Syn | TcpFlag.Ack;

/**
 * @param frames of all networks, in the order of time, as a `FrameReader` read them
 * @param stations the link addresses of the machine
 */
export function storyOf(
  frames: readonly Dissection[],
  stations: ReadonlySet<LinkAddress>,
  from: Instant,
  to: Instant,
): readonly Phase[] {
  const story = new Story(stations);
  for (const dissection of frames) {
    if (dissection.frame.time >= from && dissection.frame.time <= to) story.tell(dissection);
  }
  return story.phases;
}

class Story {
  readonly phases: OpenPhase[] = [];
  private readonly tls = new TlsStory(this.phases);
  private readonly stations: ReadonlySet<LinkAddress>;
  /** Questions without an answer, by what tells that the answer is theirs. */
  private readonly open = new Map<string, OpenPhase>();

  constructor(stations: ReadonlySet<LinkAddress>) {
    this.stations = stations;
  }

  tell(dissection: Dissection): void {
    const { ethernet, arp, dns, dhcp, tcp } = dissection;
    if (ethernet === undefined) return;
    const isOut = this.stations.has(ethernet.source);
    const isIn = this.stations.has(ethernet.destination) || (dhcp !== undefined && !isOut);
    if (!isOut && !isIn) {
      if (tcp !== undefined) this.tellTranslation(dissection, tcp.at);
      return;
    }
    if (arp !== undefined) this.tellArp(dissection, isOut);
    else if (dns !== undefined) this.tellDns(dissection, isOut);
    else if (dhcp !== undefined) this.tellDhcp(dissection, isOut);
    else if (tcp !== undefined) this.tellTcp(dissection, tcp.at, isOut);
  }

  private begin(key: string, { frame }: Dissection, protocol: string, text: string, sign: Phase['sign'] = '*'): void {
    const asked = this.open.get(key);
    if (asked !== undefined) {
      const again = /, asked (\d+) times$/.exec(asked.text);
      asked.text = `${asked.text.replace(/, asked \d+ times$/, '')}, asked ${Number(again?.[1] ?? 1) + 1} times`;
      return;
    }
    const phase: OpenPhase = { time: frame.time, sign, protocol, text, duration: undefined };
    this.open.set(key, phase);
    this.phases.push(phase);
  }

  private end(key: string, { frame }: Dissection, tell: (asked: string) => string): void {
    const phase = this.open.get(key);
    if (phase === undefined) return;
    phase.text = tell(phase.text);
    phase.duration = elapsed(phase.time, frame.time);
    this.open.delete(key);
  }

  private tellArp(dissection: Dissection, isOut: boolean): void {
    const { arp } = dissection;
    if (arp === undefined) return;
    if (isOut && arp.operation === 'request' && arp.sender !== arp.target) {
      this.begin(`arp ${arp.target}`, dissection, 'ARP', `who has ${formatIpv4(arp.target)}?`);
    }
    if (!isOut && arp.operation === 'reply') {
      const told = `${formatIpv4(arp.sender)} is at ${formatLinkAddress(arp.senderLink)}`;
      this.end(`arp ${arp.sender}`, dissection, () => told);
    }
  }

  private tellDns(dissection: Dissection, isOut: boolean): void {
    const { dns, view, ip } = dissection;
    const [question] = dns?.questions ?? [];
    if (dns === undefined || question === undefined || ip === undefined) return;
    const name = question.name.replace(/(?<=.)\.$/, '');
    const type = formatDnsType(question.type);
    // Both directions go through here: a machine may also be somebody else's server.
    const server = formatIpv4(dns.isResponse ? ipv4Source(view, ip.at) : ipv4Destination(view, ip.at));
    const key = `dns ${server} ${dns.id} ${name} ${type}`;
    if (!dns.isResponse && isOut) this.begin(key, dissection, 'DNS', `${type}? ${name} of ${server}`);
    if (!dns.isResponse || isOut) return;
    const answers = dns.answers.map(({ data }) => formatDnsData(data));
    const answer =
      answers.length > 0
        ? `${name} is ${answers.join(', ')}`
        : (dns.rcode & 15) === 3
          ? `there is no ${name}`
          : `no ${type} of ${name}`;
    this.end(key, dissection, () => `${answer}, says ${server}`);
  }

  private tellDhcp(dissection: Dissection, isOut: boolean): void {
    const { dhcp } = dissection;
    if (dhcp === undefined || !this.stations.has(dhcp.clientLinkAddress)) return;
    const key = `dhcp ${dhcp.transactionId} ${dhcp.operation === 'request' ? dhcp.options.messageType : ''}`;
    const type = dhcp.options.messageType ?? '?';
    if (isOut) this.begin(key, dissection, 'DHCP', type, '>');
    else {
      const phase: OpenPhase = {
        time: dissection.frame.time,
        sign: '<',
        protocol: 'DHCP',
        text: `${type} ${formatIpv4(dhcp.yourAddress)}`,
        duration: undefined,
      };
      this.phases.push(phase);
    }
  }

  private tellTcp(dissection: Dissection, at: number, isOut: boolean): void {
    const { view, ip, http, frame } = dissection;
    if (ip === undefined) return;
    const flags = tcpFlags(view, at);
    const source = `${formatIpv4(ipv4Source(view, ip.at))}:${tcpSourcePort(view, at)}`;
    const destination = `${formatIpv4(ipv4Destination(view, ip.at))}:${tcpDestinationPort(view, at)}`;
    const key = isOut ? `${source}>${destination}` : `${destination}>${source}`;
    if (isOut && (flags & SYN_ACK) === TcpFlag.Syn) {
      this.begin(`tcp ${key}`, dissection, 'TCP', `${source} to ${destination}`);
      this.connecting.set(tcpSequence(view, at), `tcp ${key}`);
    }
    if (!isOut && (flags & SYN_ACK) === SYN_ACK) this.end(`tcp ${key}`, dissection, (text) => text);
    if (!isOut && (flags & TcpFlag.Rst) !== 0) {
      this.end(`tcp ${key}`, dissection, (text) => `${text}: refused`);
    }
    this.tls.tell(dissection, key, isOut);
    if (http === undefined) return;
    if (http.kind === 'request' && isOut) {
      const host = http.host === undefined ? '' : ` for ${http.host}`;
      this.phases.push({
        time: frame.time,
        sign: '>',
        protocol: 'HTTP',
        text: `${http.method} ${http.target}${host}`,
        duration: undefined,
      });
      this.asked.set(`${key} ${http.kind}`, frame.time);
    }
    if (http.kind === 'response' && !isOut) this.tellResponse(dissection, key, http.status);
  }

  private readonly connecting = new Map<number, string>();
  private readonly asked = new Map<string, Instant>();
  private readonly answered = new Set<string>();

  private tellResponse({ frame, view, tcp }: Dissection, key: string, status: number): void {
    const which = `${key} ${tcp === undefined ? 0 : tcpSequence(view, tcp.at)} ${tcp === undefined ? 0 : tcpAcknowledgment(view, tcp.at)}`;
    if (this.answered.has(which)) return; // sent again
    this.answered.add(which);
    const since = this.asked.get(`${key} request`);
    const duration = since === undefined ? undefined : elapsed(since, frame.time);
    this.phases.push({ time: frame.time, sign: '<', protocol: 'HTTP', text: String(status), duration });
  }

  // The same SYN on another network under another address: somebody translated it.
  private tellTranslation({ view, ip, frame }: Dissection, at: number): void {
    if (ip === undefined || (tcpFlags(view, at) & SYN_ACK) !== TcpFlag.Syn) return;
    const phase = this.open.get(this.connecting.get(tcpSequence(view, at)) ?? '');
    const source = `${formatIpv4(ipv4Source(view, ip.at))}:${tcpSourcePort(view, at)}`;
    if (phase === undefined || phase.text.includes(source) || phase.text.split(', outside ').length > 2) return;
    phase.text += `, outside ${source} on ${frame.network}`;
  }
}
