// B forwards by what its neighbours announce: the longest prefix wins. C announces its network; M announces a part of it,
// and gets what is meant for C. B's filter lets each neighbour announce only what is registered as its own.

import { textOf } from '../../../core/bytes.ts';
import { milliseconds } from '../../../core/time.ts';
import { type Ipv4Address, inPrefix, parseIpv4Address, UNSPECIFIED_IPV4 } from '../../../wire/address.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';

const TARGET = '10.2.0.7';

interface Announcement {
  readonly network: Ipv4Address;
  readonly length: number;
  readonly neighbour: string;
}

/** Whether a neighbour may announce a network. */
type Filter = (announcement: Announcement) => boolean;

const REGISTERED: readonly Announcement[] = [
  { network: addressOf('10.2.0.0'), length: 16, neighbour: 'C' },
  { network: addressOf('10.3.0.0'), length: 16, neighbour: 'M' },
];

const isRegistered: Filter = ({ network, length, neighbour }) =>
  REGISTERED.some(
    (own) => own.neighbour === neighbour && length >= own.length && inPrefix(network, own.network, own.length),
  );

// C -> B: announce 10.2.0.0/16        A -> B: to 10.2.0.7: ...        B -> C: ...
function* b(mail: Mail, admits: Filter): Program<void> {
  const routes: Announcement[] = [];
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const announced = /^announce ([\d.]+)\/(\d+)$/.exec(letter.text);
    const packet = /^to ([\d.]+): (.*)$/.exec(letter.text);
    if (announced !== null) {
      const route = { network: addressOf(announced[1]), length: Number(announced[2]), neighbour: letter.from };
      if (admits(route)) routes.push(route);
    } else if (packet !== null) {
      const destination = addressOf(packet[1]);
      const fitting = routes.filter(({ network, length }) => inPrefix(destination, network, length));
      const best = fitting.sort((x, y) => y.length - x.length)[0];
      if (best !== undefined) mail.send(best.neighbour, letter.bytes);
    }
  }
}

function* a(mail: Mail, secret: string): Program<void> {
  yield* mail.sleep(milliseconds(100)); // the routes are known by then
  mail.send('B', `to ${TARGET}: ${secret}`);
}

function* c(mail: Mail): Program<void> {
  mail.send('B', 'announce 10.2.0.0/16');
  const packet = yield* mail.receive();
  if (packet !== undefined) mail.note(packet.text);
}

// What is for 10.2.0.7 fits this one better than C's.
function* announceMore(mail: Mail): Program<void> {
  mail.send('B', 'announce 10.2.0.0/24');
  mail.send('B', 'announce 10.3.0.0/16');
  const packet = yield* mail.receive();
  if (packet !== undefined) mail.note(textOf(packet.bytes));
}

export const routeAnnounced: Entry = {
  id: 'route-announced',
  items: [46],
  rung: 'routes from whoever announces them',
  curedBy: 'routes from their registered owners',
  claim: 'Packets go to the network that they are for, since that network announces it.',
  position: 'same-segment',
  budget: { messages: 2 },
  breaks: 'confidential',
  explanation: [
    `M announces a part of C's network, and B sends it what is for ${TARGET}.`,
    'The longest prefix wins, and B believes each neighbour about any network.',
    'A router has to know what its neighbours own before it believes what they announce.',
  ],
  cure: 'B compares each announcement with a register of who owns which network, and drops the rest.',
  perform(stage, variant) {
    const letter = stage.secret('letter');
    stage.b.acts((mail) => b(mail, variant === 'cured' ? isRegistered : () => true));
    stage.c.acts(c);
    stage.mallory.acts(announceMore);
    stage.a.acts((mail) => a(mail, letter.text));
    return () => {
      const hasIt = stage.mallory.notes.some((note) => note.includes(letter.text));
      const isDelivered = stage.c.notes.some((note) => note.includes(letter.text));
      return {
        succeeded: hasIt,
        evidence: hasIt
          ? `what was for ${TARGET} came to M`
          : `what was for ${TARGET} came to ${isDelivered ? 'C' : 'nobody'}`,
        honest: hasIt || isDelivered,
      };
    };
  },
};

function addressOf(text = ''): Ipv4Address {
  return parseIpv4Address(text) ?? UNSPECIFIED_IPV4;
}
