// Each state by each kind of segment (RFC 9293 §3.10.7): what comes back, and which state follows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import type { TcpConnection } from './tcp_connection.ts';

const { Ack, Fin, Rst, Syn } = TcpFlag;
const PORTS = [80, 4000] as const;

interface Situation {
  readonly pair: Pair;
  readonly connection: TcpConnection | undefined;
  /** The number that A expects next, and its own next one, relative to the SYNs. */
  readonly expected: number;
  readonly next: number;
}

/** A's peer is this test: nothing reaches B. */
function lonely(): Pair {
  const pair = new Pair({ settings: { timestamps: false, windowScaling: false, selectiveAcknowledgment: false } });
  pair.loses = () => true;
  return pair;
}

function opening(): [Pair, TcpConnection] {
  const pair = lonely();
  const connection = pair.connect('A', { localPort: 4000 });
  pair.flush();
  return [pair, connection];
}

function open(): [Pair, TcpConnection] {
  const [pair, connection] = opening();
  pair.inject('A', PORTS, Syn | Ack, 0, 1);
  pair.flush();
  return [pair, connection];
}

const SITUATIONS: Readonly<Record<string, () => Situation>> = {
  Listen: () => {
    const pair = lonely();
    pair.listen('A', 4000);
    return { pair, connection: undefined, expected: 0, next: 0 };
  },
  SynSent: () => {
    const [pair, connection] = opening();
    return { pair, connection, expected: 0, next: 1 };
  },
  'SynReceived, passive': () => {
    const pair = lonely();
    pair.listen('A', 4000);
    pair.inject('A', PORTS, Syn, 0, 0);
    pair.flush();
    return { pair, connection: undefined, expected: 1, next: 1 };
  },
  'SynReceived, active': () => {
    const [pair, connection] = opening();
    pair.inject('A', PORTS, Syn, 0, 0);
    pair.flush();
    return { pair, connection, expected: 1, next: 1 };
  },
  Established: () => {
    const [pair, connection] = open();
    return { pair, connection, expected: 1, next: 1 };
  },
  FinWait1: () => {
    const [pair, connection] = open();
    connection.shutdown(pair.now);
    pair.flush();
    return { pair, connection, expected: 1, next: 2 };
  },
  FinWait2: () => {
    const [pair, connection] = open();
    connection.shutdown(pair.now);
    pair.flush();
    pair.inject('A', PORTS, Ack, 1, 2);
    return { pair, connection, expected: 1, next: 2 };
  },
  CloseWait: () => {
    const [pair, connection] = open();
    pair.inject('A', PORTS, Fin | Ack, 1, 1);
    pair.flush();
    return { pair, connection, expected: 2, next: 1 };
  },
  Closing: () => {
    const [pair, connection] = open();
    connection.shutdown(pair.now);
    pair.flush();
    pair.inject('A', PORTS, Fin | Ack, 1, 1);
    pair.flush();
    return { pair, connection, expected: 2, next: 2 };
  },
  LastAck: () => {
    const [pair, connection] = open();
    pair.inject('A', PORTS, Fin | Ack, 1, 1);
    connection.shutdown(pair.now);
    pair.flush();
    return { pair, connection, expected: 2, next: 2 };
  },
  TimeWait: () => {
    const [pair, connection] = open();
    connection.shutdown(pair.now);
    pair.flush();
    pair.inject('A', PORTS, Fin | Ack, 1, 2);
    pair.flush();
    return { pair, connection, expected: 2, next: 2 };
  },
};

type Segment = (situation: Situation) => void;

const send =
  (flags: number, offset: number, ackOffset: number, payload = ''): Segment =>
  ({ pair, expected, next }) =>
    pair.inject('A', PORTS, flags, expected + offset, next + ackOffset, { payload });

const SEGMENTS: Readonly<Record<string, Segment>> = {
  'RST, exact': send(Rst, 0, 0),
  'RST, in the window': send(Rst, 5, 0),
  'RST, outside': send(Rst, 100_000, 0),
  'RST,ACK, exact': send(Rst | Ack, 0, 0),
  'SYN, in the window': send(Syn, 5, 0),
  'SYN, outside': send(Syn, 100_000, 0),
  'SYN,ACK': send(Syn | Ack, 0, 0),
  'no ACK': send(0, 0, 0, 'abc'),
  'ACK of what was not sent': send(Ack, 0, 1),
  'ACK from long ago': send(Ack, 0, -100_000),
  'ACK of everything': send(Ack, 0, 0),
  text: send(Ack, 0, 0, 'abc'),
  'text of old': send(Ack, -3, 0, 'abc'),
  'text behind the window': send(Ack, 100_000, 0, 'abc'),
  FIN: send(Fin | Ack, 0, 0),
};

function outcome(make: () => Situation, segment: Segment): string {
  const situation = make();
  const { pair, connection } = situation;
  pair.flush();
  pair.ladder();
  segment(situation);
  pair.flush();
  // Delayed acknowledgments too, but no retransmission.
  pair.run(0.1);
  const replies = pair.log
    .filter((line) => line.includes(' A -x B '))
    .map((line) => line.replace(/^.* -x B | win.*$/g, ''));
  const row = pair.A.list().find(({ remotePort }) => remotePort === 80);
  const error = connection?.error === undefined ? '' : ` ${connection.error}`;
  return `${replies.length === 0 ? '-' : replies.join(' + ')} => ${row?.state ?? 'no connection'}${error}`;
}

const table = Object.entries(SITUATIONS)
  .map(([name, make]) => {
    const rows = Object.entries(SEGMENTS).map(([kind, segment]) => `  ${kind.padEnd(24)} ${outcome(make, segment)}`);
    return `${name}\n${rows.join('\n')}`;
  })
  .join('\n');

test('each state answers each segment as RFC 9293 §3.10.7 and RFC 5961 have it', () => {
  assert.equal(
    `\n${table}\n`,
    `
Listen
  RST, exact               - => no connection
  RST, in the window       - => no connection
  RST, outside             - => no connection
  RST,ACK, exact           - => no connection
  SYN, in the window       SYN,ACK 0 ack 1 => SYN-RECV
  SYN, outside             SYN,ACK 0 ack 1 => SYN-RECV
  SYN,ACK                  RST 0 => no connection
  no ACK                   - => no connection
  ACK of what was not sent RST 1 => no connection
  ACK from long ago        RST 4294867296 => no connection
  ACK of everything        RST 0 => no connection
  text                     RST 0 => no connection
  text of old              RST 0 => no connection
  text behind the window   RST 0 => no connection
  FIN                      RST 0 => no connection
SynSent
  RST, exact               - => SYN-SENT
  RST, in the window       - => SYN-SENT
  RST, outside             - => SYN-SENT
  RST,ACK, exact           - => no connection ECONNREFUSED
  SYN, in the window       SYN,ACK 0 ack 1 => SYN-RECV
  SYN, outside             SYN,ACK 0 ack 1 => SYN-RECV
  SYN,ACK                  ACK 1 ack 1 => ESTAB
  no ACK                   - => SYN-SENT
  ACK of what was not sent RST 2 => SYN-SENT
  ACK from long ago        RST 4294867297 => SYN-SENT
  ACK of everything        - => SYN-SENT
  text                     - => SYN-SENT
  text of old              - => SYN-SENT
  text behind the window   - => SYN-SENT
  FIN                      - => SYN-SENT
SynReceived, passive
  RST, exact               - => no connection
  RST, in the window       ACK 1 ack 1 => SYN-RECV
  RST, outside             - => SYN-RECV
  RST,ACK, exact           - => no connection
  SYN, in the window       - => no connection
  SYN, outside             ACK 1 ack 1 => SYN-RECV
  SYN,ACK                  - => no connection
  no ACK                   - => SYN-RECV
  ACK of what was not sent RST 2 => SYN-RECV
  ACK from long ago        RST 4294867297 => SYN-RECV
  ACK of everything        - => ESTAB
  text                     ACK 1 ack 4 => ESTAB
  text of old              ACK 1 ack 1 => SYN-RECV
  text behind the window   ACK 1 ack 1 => SYN-RECV
  FIN                      ACK 1 ack 2 => CLOSE-WAIT
SynReceived, active
  RST, exact               - => no connection ECONNREFUSED
  RST, in the window       ACK 1 ack 1 => SYN-RECV
  RST, outside             - => SYN-RECV
  RST,ACK, exact           - => no connection ECONNREFUSED
  SYN, in the window       ACK 1 ack 1 => SYN-RECV
  SYN, outside             ACK 1 ack 1 => SYN-RECV
  SYN,ACK                  ACK 1 ack 1 => SYN-RECV
  no ACK                   - => SYN-RECV
  ACK of what was not sent RST 2 => SYN-RECV
  ACK from long ago        RST 4294867297 => SYN-RECV
  ACK of everything        - => ESTAB
  text                     ACK 1 ack 4 => ESTAB
  text of old              ACK 1 ack 1 => SYN-RECV
  text behind the window   ACK 1 ack 1 => SYN-RECV
  FIN                      ACK 1 ack 2 => CLOSE-WAIT
Established
  RST, exact               - => no connection ECONNRESET
  RST, in the window       ACK 1 ack 1 => ESTAB
  RST, outside             - => ESTAB
  RST,ACK, exact           - => no connection ECONNRESET
  SYN, in the window       ACK 1 ack 1 => ESTAB
  SYN, outside             ACK 1 ack 1 => ESTAB
  SYN,ACK                  ACK 1 ack 1 => ESTAB
  no ACK                   - => ESTAB
  ACK of what was not sent ACK 1 ack 1 => ESTAB
  ACK from long ago        ACK 1 ack 1 => ESTAB
  ACK of everything        - => ESTAB
  text                     ACK 1 ack 4 => ESTAB
  text of old              ACK 1 ack 1 => ESTAB
  text behind the window   ACK 1 ack 1 => ESTAB
  FIN                      ACK 1 ack 2 => CLOSE-WAIT
FinWait1
  RST, exact               - => no connection ECONNRESET
  RST, in the window       ACK 2 ack 1 => FIN-WAIT-1
  RST, outside             - => FIN-WAIT-1
  RST,ACK, exact           - => no connection ECONNRESET
  SYN, in the window       ACK 2 ack 1 => FIN-WAIT-1
  SYN, outside             ACK 2 ack 1 => FIN-WAIT-1
  SYN,ACK                  ACK 2 ack 1 => FIN-WAIT-1
  no ACK                   - => FIN-WAIT-1
  ACK of what was not sent ACK 2 ack 1 => FIN-WAIT-1
  ACK from long ago        ACK 2 ack 1 => FIN-WAIT-1
  ACK of everything        - => FIN-WAIT-2
  text                     ACK 2 ack 4 => FIN-WAIT-2
  text of old              ACK 2 ack 1 => FIN-WAIT-1
  text behind the window   ACK 2 ack 1 => FIN-WAIT-1
  FIN                      ACK 2 ack 2 => TIME-WAIT
FinWait2
  RST, exact               - => no connection ECONNRESET
  RST, in the window       ACK 2 ack 1 => FIN-WAIT-2
  RST, outside             - => FIN-WAIT-2
  RST,ACK, exact           - => no connection ECONNRESET
  SYN, in the window       ACK 2 ack 1 => FIN-WAIT-2
  SYN, outside             ACK 2 ack 1 => FIN-WAIT-2
  SYN,ACK                  ACK 2 ack 1 => FIN-WAIT-2
  no ACK                   - => FIN-WAIT-2
  ACK of what was not sent ACK 2 ack 1 => FIN-WAIT-2
  ACK from long ago        ACK 2 ack 1 => FIN-WAIT-2
  ACK of everything        - => FIN-WAIT-2
  text                     ACK 2 ack 4 => FIN-WAIT-2
  text of old              ACK 2 ack 1 => FIN-WAIT-2
  text behind the window   ACK 2 ack 1 => FIN-WAIT-2
  FIN                      ACK 2 ack 2 => TIME-WAIT
CloseWait
  RST, exact               - => no connection ECONNRESET
  RST, in the window       ACK 1 ack 2 => CLOSE-WAIT
  RST, outside             - => CLOSE-WAIT
  RST,ACK, exact           - => no connection ECONNRESET
  SYN, in the window       ACK 1 ack 2 => CLOSE-WAIT
  SYN, outside             ACK 1 ack 2 => CLOSE-WAIT
  SYN,ACK                  ACK 1 ack 2 => CLOSE-WAIT
  no ACK                   - => CLOSE-WAIT
  ACK of what was not sent ACK 1 ack 2 => CLOSE-WAIT
  ACK from long ago        ACK 1 ack 2 => CLOSE-WAIT
  ACK of everything        - => CLOSE-WAIT
  text                     - => CLOSE-WAIT
  text of old              ACK 1 ack 2 => CLOSE-WAIT
  text behind the window   ACK 1 ack 2 => CLOSE-WAIT
  FIN                      - => CLOSE-WAIT
Closing
  RST, exact               - => no connection
  RST, in the window       ACK 2 ack 2 => CLOSING
  RST, outside             - => CLOSING
  RST,ACK, exact           - => no connection
  SYN, in the window       ACK 2 ack 2 => CLOSING
  SYN, outside             ACK 2 ack 2 => CLOSING
  SYN,ACK                  ACK 2 ack 2 => CLOSING
  no ACK                   - => CLOSING
  ACK of what was not sent ACK 2 ack 2 => CLOSING
  ACK from long ago        ACK 2 ack 2 => CLOSING
  ACK of everything        - => TIME-WAIT
  text                     - => TIME-WAIT
  text of old              ACK 2 ack 2 => CLOSING
  text behind the window   ACK 2 ack 2 => CLOSING
  FIN                      - => TIME-WAIT
LastAck
  RST, exact               - => no connection
  RST, in the window       ACK 2 ack 2 => LAST-ACK
  RST, outside             - => LAST-ACK
  RST,ACK, exact           - => no connection
  SYN, in the window       ACK 2 ack 2 => LAST-ACK
  SYN, outside             ACK 2 ack 2 => LAST-ACK
  SYN,ACK                  ACK 2 ack 2 => LAST-ACK
  no ACK                   - => LAST-ACK
  ACK of what was not sent ACK 2 ack 2 => LAST-ACK
  ACK from long ago        ACK 2 ack 2 => LAST-ACK
  ACK of everything        - => no connection
  text                     - => no connection
  text of old              ACK 2 ack 2 => LAST-ACK
  text behind the window   ACK 2 ack 2 => LAST-ACK
  FIN                      - => no connection
TimeWait
  RST, exact               - => no connection
  RST, in the window       ACK 2 ack 2 => TIME-WAIT
  RST, outside             - => TIME-WAIT
  RST,ACK, exact           - => no connection
  SYN, in the window       ACK 2 ack 2 => TIME-WAIT
  SYN, outside             ACK 2 ack 2 => TIME-WAIT
  SYN,ACK                  ACK 2 ack 2 => TIME-WAIT
  no ACK                   - => TIME-WAIT
  ACK of what was not sent - => TIME-WAIT
  ACK from long ago        - => TIME-WAIT
  ACK of everything        - => TIME-WAIT
  text                     ACK 2 ack 2 => TIME-WAIT
  text of old              ACK 2 ack 2 => TIME-WAIT
  text behind the window   ACK 2 ack 2 => TIME-WAIT
  FIN                      ACK 2 ack 2 => TIME-WAIT
`,
  );
});
