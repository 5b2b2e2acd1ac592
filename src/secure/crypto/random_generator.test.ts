import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexOf, joinBytes, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';
import { RandomGenerator } from './random_generator.ts';

const generator = (state?: Uint8Array): RandomGenerator => new RandomGenerator(nodeCrypto, state);

function draw(from: { fill(out: Uint8Array): void }, length = 32): string {
  const out = new Uint8Array(length);
  from.fill(out);
  return hexOf(out);
}

/** After as much entropy as nobody guesses. */
function booted(seed: number): RandomGenerator {
  const entropy = new Uint8Array(32);
  Random.fromSeed(seed).fill(entropy);
  const made = generator();
  made.addEntropy(entropy);
  return made;
}

test('state, extraction and forgetting are the three hashes that they are said to be', () => {
  const hash = (...pieces: Uint8Array[]): Uint8Array => nodeCrypto.hash('sha256', joinBytes(pieces));
  const made = generator();
  made.addEntropy(utf8('interrupt at 17'));
  const state = hash(new Uint8Array(32), utf8('interrupt at 17'));
  assert.deepEqual(made.capture(), state);
  assert.equal(draw(made), hexOf(hash(Uint8Array.of(1), state)));
  assert.deepEqual(made.capture(), hash(Uint8Array.of(2), state));
});

test('long outputs come in pieces that all differ, and both providers give the same', () => {
  const bytes = draw(booted(1), 100);
  assert.equal(new Set(bytes.match(/.{64}/g)).size, 3);
  const [one, other] = [generator(), new RandomGenerator(portableCrypto)];
  assert.equal(draw(one, 100), draw(other, 100));
});

test('bits are as often 1 as 0, and earlier outputs do not help to guess the next', () => {
  const made = booted(2);
  const outputs = Array.from({ length: 500 }, () => draw(made));
  assert.equal(new Set(outputs).size, outputs.length);
  const bits = outputs.map((output) => BigInt(`0x${output}`));
  // An attacker who guesses that the next output is like the last one, bit by bit, is right half the time.
  let right = 0;
  for (const [i, next] of bits.entries()) {
    for (let difference = next ^ (bits[i - 1] ?? 0n); difference > 0n; difference >>= 1n) {
      if ((difference & 1n) === 0n) right++;
    }
  }
  const share = right / (256 * bits.length);
  assert.ok(Math.abs(share - 0.5) < 0.01, `${share}`); // seven standard deviations are 0.0098
});

test('no output is found from the outputs before it with what the attacker can compute from them', () => {
  const made = booted(3);
  const [first, second] = [draw(made), draw(made)];
  const known = Uint8Array.from(first.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  // Were the output the state itself, this would predict all that follows.
  const guess = generator(known);
  assert.notEqual(draw(guess), second);
  assert.notEqual(draw(guess), second);
});

test('a captured state tells the future until entropy comes, and nothing of the past', () => {
  const victim = booted(4);
  const past = [draw(victim), draw(victim)];
  const attacker = generator(victim.capture());
  const future = [draw(victim), draw(victim)];
  assert.deepEqual([draw(attacker), draw(attacker)], future);

  // The way back would be from SecureHash(2 + state) to the state. What can be computed forward never meets it.
  const again = generator(victim.capture());
  const reachable = Array.from({ length: 1000 }, () => draw(again));
  assert.ok(past.every((output) => !reachable.includes(output)));

  victim.addEntropy(Uint8Array.of(...new Uint8Array(32).map((_, i) => (i * 73 + 11) & 0xff)));
  const fresh = draw(victim);
  assert.notEqual(draw(generator(victim.capture())), fresh);
  assert.ok(!Array.from({ length: 1000 }, () => draw(attacker)).includes(fresh));
});

test('had it not forgotten, the captured state would give the last output away', () => {
  const forgetful = booted(5);
  const before = forgetful.capture();
  const output = draw(forgetful);
  assert.equal(draw(generator(before)), output, 'the state before the extraction is as good as the output');
  assert.notEqual(draw(generator(forgetful.capture())), output);
});

test('a little entropy at a time does not help: the attacker who has the state tries all of it', () => {
  const victim = booted(6);
  const stolen = victim.capture();
  victim.addEntropy(Uint8Array.of(0xb7)); // eight bits, the low part of a clock
  const seen = draw(victim);
  const found = Array.from({ length: 256 }, (_, guess) => guess).filter((guess) => {
    const attempt = generator(stolen);
    attempt.addEntropy(Uint8Array.of(guess));
    return draw(attempt) === seen;
  });
  assert.deepEqual(found, [0xb7]);
});

test('early boot: two machines that have seen nothing yet make the same keys, and other machines the shared secret', () => {
  const keyOf = (machine: RandomGenerator): Uint8Array => nodeCrypto.agreement.X25519.generate(machine).secret;
  const [router, anotherRouter] = [generator(), generator()];
  assert.deepEqual(keyOf(router), keyOf(anotherRouter));
  router.addEntropy(utf8('packet at 1.204817 s'));
  anotherRouter.addEntropy(utf8('packet at 1.310442 s'));
  assert.notDeepEqual(keyOf(router), keyOf(anotherRouter));
});

test('a cloned machine: both copies sign with the same nonces until something happens to one of them', () => {
  const original = booted(7);
  draw(original);
  const clone = generator(original.capture()); // a snapshot, started twice
  assert.equal(draw(original), draw(clone));
  clone.addEntropy(utf8("the clone's own number"));
  assert.notEqual(draw(original), draw(clone));
});
