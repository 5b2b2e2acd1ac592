// A machine's firewall and NAT, from what its definition says.

import type { ConntrackTimeouts } from '../../stack/net/conntrack.ts';
import type { NatOptions } from '../../stack/net/nat.ts';
import { type FirewallOptions, PacketGate } from '../../stack/net/packet_gate.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { TCP_PROTOCOL } from '../../wire/tcp.ts';
import { UDP_PROTOCOL } from '../../wire/udp.ts';
import type { Host } from './host.ts';

/** Puts a firewall, a NAT, or both on a machine's packets. */
export function gateFor(
  host: Host,
  firewall: FirewallOptions | undefined,
  nat: NatOptions | undefined,
  timeouts: ConntrackTimeouts | undefined,
): PacketGate {
  const { network } = host;
  return new PacketGate(
    {
      arena: host.arena,
      random: host.random,
      journal: host.journal,
      hostName: host.name,
      interfaceName: (index) => network.interfaces[index]?.name ?? '',
      addressOf: (index) => network.interfaces[index]?.ipv4,
      isLocal: (address: Ipv4Address) => network.isLocal(address),
      isPortTaken: (protocol, port) => isPortTaken(host, protocol, port),
    },
    firewall,
    nat,
    timeouts,
  );
}

function isPortTaken(host: Host, protocol: number, port: number): boolean {
  const rows = protocol === TCP_PROTOCOL ? host.tcp.list() : protocol === UDP_PROTOCOL ? host.udp.list() : [];
  return rows.some((row) => row.localPort === port);
}
