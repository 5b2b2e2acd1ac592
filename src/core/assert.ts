// A broken invariant of our own: never the fault of a peer, a file or a caller.

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${invariant}. This is a defect in Netarium, please report it.`);
}
