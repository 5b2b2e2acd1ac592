// The eighth rung: several pieces are under way at once, each with its own timeout and answer; Bob keeps what comes early
// until what is before it has come.
//
//   Alice: 0 1 2 3 4 5 6 7 -->        <-- 0, 1, 3 :Bob        8 9 -->        2 is late: 8 and 9 go, 10 waits for 2

import type { Lab } from '../lab.ts';

const PATIENCE = 200;
const NUMBERS = 256;
const HEADER = 4;
/** Much less than half of `NUMBERS`: what is new and what is old are told apart by it. */
const WINDOW = 8;

export function main({ alice, bob, letters, maxMessage, deliver, waitForAllTimeouts }: Lab): void {
  const pieces = letters.flatMap((letter) => piecesOf(letter, maxMessage - HEADER));
  const pending = new Map<number, number>(); // from pieces without an answer to their timeouts
  let next = 0;

  function fillWindow(): void {
    const [oldest = next] = [...pending.keys()].sort((a, b) => a - b);
    while (next < pieces.length && next < oldest + WINDOW) sendPiece(next++);
  }

  function sendPiece(i: number): void {
    alice.send(sealed([i % NUMBERS, ...(pieces[i] ?? [])]));
    pending.set(
      i,
      alice.setTimeout(PATIENCE, () => sendPiece(i)),
    );
  }

  alice.recvd = (message) => {
    const [number] = opened(message) ?? [];
    const answered = [...pending.keys()].find((i) => i % NUMBERS === number);
    if (answered === undefined) return;
    alice.clearTimeout(pending.get(answered) ?? 0);
    pending.delete(answered);
    fillWindow();
  };

  const early = new Map<number, readonly number[]>();
  let awaited = 0;
  const letter: number[] = [];

  bob.recvd = (message) => {
    const [number, ...piece] = opened(message) ?? [];
    if (number === undefined) return;
    if (distance(awaited, number) < WINDOW) early.set(number, piece);
    for (let found = early.get(awaited); found !== undefined; found = early.get(awaited)) {
      early.delete(awaited);
      awaited = (awaited + 1) % NUMBERS;
      const [isLast, ...text] = found;
      letter.push(...text);
      if (isLast === 1) deliver(Uint8Array.from(letter.splice(0)));
    }
    bob.send(sealed([number]));
  };

  fillWindow();
  waitForAllTimeouts();
}

const distance = (from: number, to: number): number => (to - from + NUMBERS) % NUMBERS;

/** Each begins with whether it is the last one. An empty letter is one empty piece. */
function piecesOf(letter: Uint8Array, size: number): readonly number[][] {
  const count = Math.max(1, Math.ceil(letter.length / size));
  return Array.from({ length: count }, (_, i) => [i === count - 1 ? 1 : 0, ...letter.slice(i * size, (i + 1) * size)]);
}

// Two sums: of the bytes, and of the sums so far, so that the place of a byte counts too.
function checksumOf(bytes: readonly number[]): readonly [number, number] {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 251;
    b = (b + a) % 251;
  }
  return [a, b];
}

const sealed = (content: readonly number[]): Uint8Array => Uint8Array.of(...checksumOf(content), ...content);

function opened([a, b, ...content]: Uint8Array): readonly number[] | undefined {
  const [rightA, rightB] = checksumOf(content);
  return a === rightA && b === rightB ? content : undefined;
}
