// An attacker as a machine of a scenario: interfaces, and nothing else that it was configured with.

import { START } from '../../core/time.ts';
import type { AttackerDefinition, HostDefinition } from './scenario/types.ts';

const NO_TIME = 0 as HostDefinition['clockSkew'];

export const attackerMachine = ({ name, position, interfaces }: AttackerDefinition): HostDefinition => ({
  name,
  position,
  kind: 'host',
  interfaces,
  routes: [],
  nameservers: [],
  bootAt: START,
  clockSkew: NO_TIME,
  isPrivileged: true,
  capacity: {
    workers: Number.POSITIVE_INFINITY,
    serviceTime: NO_TIME,
    memory: Number.POSITIVE_INFINITY,
    queue: 0,
  },
  tcp: { settings: {}, connection: {} },
  nat: undefined,
  dhcpServers: [],
  dns: undefined,
  firewall: undefined,
  services: [],
  trust: [],
  certificates: [],
});
