// What a payload says, as text, chosen by port: the place where the formats above UDP and TCP join the line of a frame.
// Not here: those formats. Whoever prints frames brings the tables.

import type { TcpOrigin } from './format_tcp.ts';

/** The payload in a few words, or undefined when it is not of this format after all. */
export type PayloadFormatter = (payload: Uint8Array) => string | undefined;

/** Whether and how a payload between two ports is printed. */
export type PortPayloadFormatter = (
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
) => string | undefined;

/** What a line of a frame says beyond the frame itself. */
export interface FrameFormat {
  readonly formatUdpPayload?: PortPayloadFormatter;
  readonly formatTcpPayload?: PortPayloadFormatter;
  /** What to subtract from the numbers of a segment; both ends as they are printed: `10.0.0.1.4000`. */
  readonly tcpOrigin?: (source: string, destination: string) => TcpOrigin | undefined;
}

/** Looks the format up by the lower of the two ports first: that is the service, the other one is most often ephemeral. */
export function payloadFormatterByPort(table: ReadonlyMap<number, PayloadFormatter>): PortPayloadFormatter {
  return (sourcePort, destinationPort, payload) => {
    const low = Math.min(sourcePort, destinationPort);
    const high = Math.max(sourcePort, destinationPort);
    return table.get(low)?.(payload) ?? (low === high ? undefined : table.get(high)?.(payload));
  };
}
