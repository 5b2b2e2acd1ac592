// First in, first out, in an array that keeps its room: `push` after `shift` on a plain array makes a new one each time,
// 150 bytes a segment when a queue fills and empties with each. A queue that never holds two has no array at all.

export class WorkQueue<Item> {
  // Older than all others, if there.
  private first: Item | undefined;
  private others: (Item | undefined)[] | undefined;
  private head = 0;
  private tail = 0;

  get isEmpty(): boolean {
    return this.first === undefined && this.head === this.tail;
  }

  push(item: Item): void {
    if (this.isEmpty) {
      this.first = item;
      return;
    }
    this.others ??= [];
    this.others[this.tail++] = item;
  }

  shift(): Item | undefined {
    const { first, others } = this;
    if (first !== undefined) {
      this.first = undefined;
      return first;
    }
    if (others === undefined || this.head === this.tail) return undefined;
    const item = others[this.head];
    others[this.head++] = undefined;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    }
    return item;
  }
}
