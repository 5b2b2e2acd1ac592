// A network layer for transports in tests: it keeps what is sent, and says what it is told to say.

import type { Arena } from '../../src/core/arena.ts';
import type { Instant } from '../../src/core/time.ts';
import type { PacketSender, SendOptions, SendOutcome } from '../../src/stack/net/network_layer_api.ts';
import type { IpAddress, Ipv4Address } from '../../src/wire/address.ts';
import { BROADCAST_IPV4, isLoopbackIpv4 } from '../../src/wire/address.ts';

export interface SentPacket {
  readonly bytes: Uint8Array;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  readonly options: SendOptions;
}

/** A machine with the given addresses in 10.0.0.0/8, and routes to everywhere unless it is told otherwise. */
export class FakeSender implements PacketSender {
  readonly sent: SentPacket[] = [];
  outcome: SendOutcome = 'sent';
  hasRoute = true;
  addresses: readonly Ipv4Address[];
  private readonly arena: Arena;

  constructor(arena: Arena, addresses: readonly Ipv4Address[]) {
    this.arena = arena;
    this.addresses = addresses;
  }

  send(
    _now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    protocol: number,
    options: SendOptions,
  ): SendOutcome {
    const bytes = this.arena.copyOut(slot);
    this.arena.release(slot);
    if (this.outcome === 'sent') this.sent.push({ bytes, source, destination, protocol, options });
    return this.outcome;
  }

  selectSource(destination: IpAddress): IpAddress | undefined {
    if (this.isLocal(destination)) return destination;
    return this.hasRoute ? this.addresses[0] : undefined;
  }

  pathMtu(): number {
    return 1500;
  }

  learnPathMtu(): number {
    return 1500;
  }

  isLocal(address: IpAddress): boolean {
    return typeof address === 'number' && (this.addresses.includes(address) || isLoopbackIpv4(address));
  }

  isBroadcast(address: IpAddress): boolean {
    return address === BROADCAST_IPV4 || address === 0x0aff_ffff;
  }
}
