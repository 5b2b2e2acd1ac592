// `dhclient`: shows the lease, or gives it back.

import { elapsed, formatDuration } from '../../../core/time.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { DhcpClientAgent } from '../dhcp_client_agent.ts';
import { parseArguments } from './arguments.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';

export const dhclient: Command = {
  name: 'dhclient',
  usage: '[-r]',
  summary: 'the lease of this machine; -r gives it back',
  read(args) {
    const parsed = parseArguments(args, [], ['r']);
    const [extra] = parsed.operands;
    if (extra !== undefined) throw new UsageError('dhclient is for all interfaces at once', extra);
    return (context) => show(context, parsed.has('r'));
  },
};

function show({ host, terminal, facts }: CommandContext, isRelease: boolean): number {
  const agents = host.agentsOf(DhcpClientAgent);
  if (agents.length === 0) throw new UsageError('this machine does not ask for its address by DHCP');
  for (const agent of agents) {
    const lease = agent.client.lease;
    if (isRelease) {
      agent.release(host.now);
      terminal.print(lease === undefined ? 'there was no lease' : `released ${formatIpv4(lease.address)}`);
    } else if (lease === undefined) {
      terminal.print(`${agent.interface.name}: no lease, ${agent.client.state.kind.toLowerCase()}`);
      facts.error = 'no-lease';
    } else {
      const left = formatDuration(elapsed(host.now, lease.expiresAt));
      terminal.print(
        `${agent.interface.name}: ${formatIpv4(lease.address)} from ${formatIpv4(lease.server)}, ${left} left`,
      );
    }
  }
  return facts.error === undefined ? 0 : 1;
}
