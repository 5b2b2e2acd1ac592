// The peer: the same bytes over the kernel's loopback by node:net.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Sends `bytes` over a real loopback connection, in pieces of 64 KiB. */
export async function loopbackBulk(bytes: number): Promise<void> {
  let received = 0;
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      received += data.length;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const piece = Buffer.alloc(64 * 1024, 0x61);
  for (let sent = 0; sent < bytes; sent += piece.length) if (!socket.write(piece)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'close');
  server.close();
  await once(server, 'close');
  if (received < bytes) throw new Error(`loopback lost ${bytes - received} bytes`);
}
