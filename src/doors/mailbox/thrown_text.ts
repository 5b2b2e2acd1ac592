// What was thrown, in words. It may be anything, and even an error may be one that cannot be written.

/** With the name of an error in front: `RangeError: ...`. */
export function thrownText(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return 'something that has no text';
  }
}
