// The cube root in whole numbers. `Math.cbrt` may differ between engines in the last bit, and what a window depends on must
// not; multiplication and division are exact everywhere.

/** The largest whole number whose cube is at most `value`; `value` from 0 to 2^53. */
export function cubeRoot(value: number): number {
  if (value < 1) return 0;
  // Newton's method from above: a power of two whose cube is larger than `value`, then ever closer.
  let root = 1;
  while (root * root * root <= value) root *= 2;
  for (;;) {
    const next = Math.floor((2 * root + Math.floor(value / (root * root))) / 3);
    if (next >= root) return root;
    root = next;
  }
}
