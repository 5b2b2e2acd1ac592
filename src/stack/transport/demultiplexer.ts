// Which socket is a datagram for? The most specific one that fits: connected to its sender, bound to the address it was
// sent to, or bound to any.
//
// Two sockets may share a port when both name an address and the addresses differ, or both an interface and these differ;
// "any" conflicts with everything, as POSIX has it without SO_REUSEADDR. So a port has few sockets, and a list of them
// serves. Not here: connections, which can be many on one port.

import type { IpAddress } from '../../wire/address.ts';

export interface BoundSocket {
  /** No address: any. */
  readonly localAddress: IpAddress | undefined;
  readonly localPort: number;
  /** No address: not connected. */
  readonly remoteAddress: IpAddress | undefined;
  readonly remotePort: number;
  /** The one interface that it serves; -1: all. */
  readonly interfaceIndex: number;
}

export class Demultiplexer<Socket extends BoundSocket> {
  private readonly ports = new Map<number, Socket[]>();

  /** Whether a socket bound like this would take what another one has. */
  isFree(address: IpAddress | undefined, port: number, interfaceIndex: number): boolean {
    const sockets = this.ports.get(port);
    return sockets === undefined || !sockets.some((socket) => areRivals(socket, address, interfaceIndex));
  }

  add(socket: Socket): void {
    const sockets = this.ports.get(socket.localPort);
    if (sockets === undefined) this.ports.set(socket.localPort, [socket]);
    else sockets.push(socket);
  }

  remove(socket: Socket): void {
    const sockets = this.ports.get(socket.localPort);
    const at = sockets?.indexOf(socket) ?? -1;
    if (sockets === undefined || at < 0) return;
    if (sockets.length === 1) this.ports.delete(socket.localPort);
    else sockets.splice(at, 1);
  }

  /** The socket for what came over `interfaceIndex` from `remote` to `local`; -1 fits any interface. */
  find(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    interfaceIndex: number,
  ): Socket | undefined {
    const sockets = this.ports.get(localPort);
    if (sockets === undefined) return undefined;
    let best: Socket | undefined;
    let bestScore = 0;
    for (const socket of sockets) {
      const score = fit(socket, local, remote, remotePort, interfaceIndex);
      if (score <= bestScore) continue;
      best = socket;
      bestScore = score;
    }
    return best;
  }

  /** All sockets, in no order that means anything. */
  list(): Socket[] {
    return [...this.ports.values()].flat();
  }
}

function areRivals(socket: BoundSocket, address: IpAddress | undefined, interfaceIndex: number): boolean {
  const { localAddress } = socket;
  const isOtherInterface =
    interfaceIndex !== -1 && socket.interfaceIndex !== -1 && interfaceIndex !== socket.interfaceIndex;
  const isOtherAddress = address !== undefined && localAddress !== undefined && address !== localAddress;
  return !isOtherInterface && !isOtherAddress;
}

// 0: not for this socket. The peer counts more than the local address, and that more than the interface.
function fit(
  socket: BoundSocket,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
  interfaceIndex: number,
): number {
  let score = 1;
  if (socket.remoteAddress !== undefined) {
    if (socket.remoteAddress !== remote || socket.remotePort !== remotePort) return 0;
    score += 4;
  }
  if (socket.localAddress !== undefined) {
    if (socket.localAddress !== local) return 0;
    score += 2;
  }
  if (socket.interfaceIndex !== -1 && interfaceIndex !== -1) {
    if (socket.interfaceIndex !== interfaceIndex) return 0;
    score += 1;
  }
  return score;
}
