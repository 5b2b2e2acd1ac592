// B keeps names in a hash table. M registers a thousand names that all fall into one bucket, and A waits in vain.

import { utf8 } from '../../../core/bytes.ts';
import { sipHashBytes } from '../../../core/siphash.ts';
import { microseconds, milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';

type TableHash = (name: string) => number;

/** Of strings in a language that is much used. */
const unkeyed: TableHash = (name) => {
  let hash = 0;
  for (const byte of utf8(name)) hash = (Math.imul(hash, 31) + byte) >>> 0;
  return hash;
};

class Table {
  comparisons = 0;
  private readonly buckets: string[][] = Array.from({ length: 1024 }, () => []);
  private readonly hash: TableHash;

  constructor(hash: TableHash) {
    this.hash = hash;
  }

  add(name: string): void {
    const bucket = this.buckets[this.hash(name) % this.buckets.length] ?? [];
    for (const other of bucket) {
      this.comparisons++;
      if (other === name) return;
    }
    bucket.push(name);
  }
}

// A -> B: names
// B -> A: registered
function* b(mail: Mail, table: Table): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const before = table.comparisons;
    for (const name of letter.text.split(' ')) table.add(name);
    yield* mail.sleep(microseconds(table.comparisons - before)); // a comparison takes a microsecond
    mail.send(letter.from, 'registered');
  }
}

function* a(mail: Mail): Program<void> {
  yield* mail.sleep(milliseconds(50));
  mail.send('B', 'Alice');
  const answer = yield* mail.receive(milliseconds(100));
  mail.note(answer?.text ?? 'gave up');
}

// Two pairs of letters with one hash, put together ten times: as the hash goes from left to right, all have one hash.
function collidingNames(m: Attacker): string[] {
  const seen = new Map<number, string>();
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
  for (const pair of letters.flatMap((first) => letters.map((second) => first + second))) {
    if (!m.computes()) return [];
    const other = seen.get(unkeyed(pair));
    seen.set(unkeyed(pair), pair);
    if (other === undefined) continue;
    let names = [''];
    for (let i = 0; i < 10; i++) names = names.flatMap((name) => [name + other, name + pair]);
    return names;
  }
  return [];
}

function flood(m: Attacker): void {
  const names = collidingNames(m);
  for (let at = 0; at < names.length; at += 256) m.sends('M', 'B', utf8(names.slice(at, at + 256).join(' ')));
}

export const tableFlooded: Entry = {
  id: 'table-flooded',
  items: [116, 136, 138],
  rung: 'hash table with a known hash',
  curedBy: 'hash table with a seeded hash',
  claim: 'A hash table finds a name with about one comparison, however many there are.',
  position: 'off-path',
  budget: { messages: 4, computations: 3000 },
  breaks: 'available',
  explanation: [
    'M finds two short strings with one hash, makes 1,024 names of them that all collide, and sends them to B in four messages.',
    'Each new name is compared with all before it, half a million comparisons, since the table is good only for names that nobody chose.',
    'Where adversaries choose what is hashed, they must not be able to work out the hash beforehand.',
  ],
  cure: 'The hash has a random seed that B draws at its start (SipHash), so that M does not know what collides.',
  perform(stage, variant) {
    const draws = stage.random('seed of B');
    const seed = [draws.nextUint32(), draws.nextUint32(), draws.nextUint32(), draws.nextUint32()] as const;
    const seeded: TableHash = (name) => sipHashBytes(seed, utf8(name))[0] >>> 0;
    const table = new Table(variant === 'vulnerable' ? unkeyed : seeded);
    stage.b.acts((mail) => b(mail, table));
    stage.a.acts(a);
    stage.at(milliseconds(1), () => flood(stage.m));
    return () => ({
      succeeded: stage.a.believes('gave up'),
      evidence: `${stage.m.spent.messages} messages of M cost B ${table.comparisons} comparisons: A noted "${stage.a.notes.join()}"`,
      honest: stage.a.believes('registered'),
    });
  },
};
