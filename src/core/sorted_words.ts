// Many 32-bit words in order, each found by halving: 4 bytes a word, where a Map takes 46. Not here: changing them; they are
// written anew when something changes.

/** In the order of their values, as unsigned numbers; equal ones stand together. */
export type SortedWords = Readonly<Uint32Array>;

export const sortedWords = (words: readonly number[]): SortedWords => new Uint32Array(words).sort();

/** The place of the first word equal to `word`, of which the lowest 32 bits count; -1 when there is none. */
export function findWord(words: SortedWords, word: number): number {
  const wanted = word >>> 0;
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low < words.length && words[low] === wanted ? low : -1;
}
