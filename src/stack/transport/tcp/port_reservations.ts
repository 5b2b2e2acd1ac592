// Ports that programs hold before they listen on them or connect from them: what `bind` does to a TCP socket.
//
// Not here: listeners and connections, which take a port too (tcp_layer.ts).

import type { IpAddress } from '../../../wire/address.ts';

export interface PortReservation {
  /** No address: any of the machine's. */
  readonly localAddress: IpAddress | undefined;
  readonly localPort: number;
  /** Others that say so too may hold the port as well: SO_REUSEADDR. */
  readonly isShared: boolean;
}

export class PortReservations {
  private readonly ports = new Map<number, PortReservation[]>();

  /** Whether somebody else holds the port, as seen from `own`, if that is there. */
  isHeld(address: IpAddress | undefined, port: number, own: PortReservation | undefined): boolean {
    const held = this.ports.get(port);
    if (held === undefined) return false;
    return held.some(
      (other) =>
        other !== own &&
        !(other.isShared && own?.isShared === true) &&
        (address === undefined || other.localAddress === undefined || other.localAddress === address),
    );
  }

  add(reservation: PortReservation): void {
    const held = this.ports.get(reservation.localPort);
    if (held === undefined) this.ports.set(reservation.localPort, [reservation]);
    else held.push(reservation);
  }

  remove(reservation: PortReservation): void {
    const rest = this.ports.get(reservation.localPort)?.filter((other) => other !== reservation) ?? [];
    if (rest.length === 0) this.ports.delete(reservation.localPort);
    else this.ports.set(reservation.localPort, rest);
  }
}
