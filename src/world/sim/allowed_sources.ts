// A picky service: a program that serves some addresses alone, as the first of the three places for a firewall.

import type { Instant } from '../../core/time.ts';
import { type IpAddress, type Ipv4Prefix, inPrefix, networkOf } from '../../wire/address.ts';
import type { Datagram, Program, System, TcpListener, TcpSocket, UdpSocket } from '../app/program.ts';

/** The machine as a program sees it that hears nobody but `sources`: others are reset, or not answered. */
export function allowing(system: System, sources: readonly Ipv4Prefix[] | undefined): System {
  if (sources === undefined) return system;
  const isAllowed = (address: IpAddress | undefined): boolean =>
    typeof address === 'number' &&
    sources.some((prefix) => inPrefix(address, networkOf(prefix.address, prefix.length), prefix.length));
  return Object.create(system, {
    listen: {
      value: (address: IpAddress | undefined, port: number, backlog?: number): TcpListener =>
        pickyListener(system.listen(address, port, backlog), isAllowed),
    },
    udp: { value: (): UdpSocket => pickySocket(system.udp(), isAllowed) },
  }) as System;
}

function pickyListener(listener: TcpListener, isAllowed: (address: IpAddress | undefined) => boolean): TcpListener {
  return {
    local: listener.local,
    close: () => listener.close(),
    *accept(deadline?: Instant): Program<TcpSocket | undefined> {
      for (;;) {
        const socket = yield* listener.accept(deadline);
        if (socket === undefined || isAllowed(socket.remote?.address)) return socket;
        socket.abort();
      }
    },
  };
}

function pickySocket(socket: UdpSocket, isAllowed: (address: IpAddress | undefined) => boolean): UdpSocket {
  return Object.create(socket, {
    receive: {
      *value(deadline?: Instant): Program<Datagram | undefined> {
        for (;;) {
          const datagram = yield* socket.receive(deadline);
          if (datagram === undefined || isAllowed(datagram.address)) return datagram;
        }
      },
    },
  }) as UdpSocket;
}
