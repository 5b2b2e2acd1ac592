// What a machine of a scenario has of TLS before anything happens: whom it believes and which keys it holds; and what its servers
// are set to. Not here: certificates as they are made (world_pki.ts).

import type { Certificate } from '../../secure/pki/certificate.ts';
import { shortName } from '../../secure/pki/distinguished_name.ts';
import { TrustStore } from '../../secure/pki/trust_store.ts';
import type { TlsIdentity, TlsServerConfig } from '../../secure/tls/config.ts';
import { type ReplayDefence, SingleUseWindow } from '../../secure/tls/replay_defence.ts';
import { SealedTickets } from '../../secure/tls/ticket_keeper.ts';
import type { Host } from '../host/host.ts';
import type { TlsLayer } from '../host/tls_layer.ts';
import type { HostDefinition, Scenario, TlsServiceDefinition } from './scenario/types.ts';
import type { WorldPki } from './world_pki.ts';

/** Trust, and the keys that the machine holds: of its services, of its own certificates, and of what an attacker knows. */
export function giveKeys(
  tls: TlsLayer,
  { name, trust, certificates, services }: HostDefinition,
  { authorities, attackers }: Scenario,
  pki: WorldPki,
): void {
  tls.published = new Map([...pki.authorities].map(([each, { certificate }]) => [each, certificate]));
  for (const each of trust) tls.believe(pki.authority(each).certificate, 'the scenario trusts it');
  const known = attackers.find((attacker) => attacker.name === name)?.knows ?? [];
  const owned = authorities.filter(({ owner }) => owner === name).map((authority) => authority.name);
  for (const each of new Set([...owned, ...known])) {
    const authority = pki.authorities.get(each);
    if (authority === undefined) continue;
    tls.authorities.set(each, authority);
    tls.table.addCertificate('authority', authority.certificate, causeOf(authority.certificate));
  }
  const served = services.flatMap((service) =>
    service.kind === 'https' ? [service.tls.certificate, ...service.tls.certificates.values()] : [],
  );
  for (const each of new Set([...served, ...certificates, ...known])) {
    const leaf = pki.leaves.get(each);
    if (leaf === undefined) continue;
    tls.identities.set(each, leaf.identity);
    tls.table.addCertificate('own', leaf.certificate, causeOf(leaf.certificate));
  }
}

const causeOf = ({ issuer }: Certificate): string => `issued by ${shortName(issuer)}`;

/** What a service does with TLS. Its tickets, and what it remembers of them, are those of one start. */
export function serverConfigOf(
  { tls, programRandom, now }: Host,
  name: string,
  definition: TlsServiceDefinition,
  pki: WorldPki,
): TlsServerConfig {
  const { certificate, certificates, alpn, cipherSuites, groups, clientCertificates, clientTrust } = definition;
  const { tickets, ticketLifetime, maxEarlyData, hasReplayDefence } = definition;
  const usual = pki.leaf(certificate).identity;
  const byHost = new Map<string, TlsIdentity>([...certificates].map(([host, each]) => [host, pki.leaf(each).identity]));
  const random = programRandom.fork(`tls service ${name} ${now}`);
  const lifetime = Math.floor(ticketLifetime / 1e9);
  const trusted = clientTrust.map((each) => pki.authority(each).certificate);
  return {
    provider: tls.provider,
    identityOf: (serverName) => byHost.get(serverName?.toLowerCase() ?? '') ?? usual,
    alpn,
    ...(cipherSuites === undefined ? {} : { cipherSuites }),
    ...(groups === undefined ? {} : { groups }),
    clientCertificates,
    ...(trusted.length === 0 ? {} : { clientTrust: new TrustStore(tls.provider, trusted) }),
    ...(tickets === 0 ? {} : { tickets: new SealedTickets(tls.provider, random, lifetime) }),
    ticketCount: tickets,
    maxEarlyData,
    ...(maxEarlyData === 0 ? {} : { replayDefence: hasReplayDefence ? new SingleUseWindow() : NO_DEFENCE }),
  };
}

/** Whoever recorded early data can send it again. */
const NO_DEFENCE: ReplayDefence = { admit: () => true };
