// First in, first out, in an array that keeps its room: `push` after `shift` on a plain array makes a new one each time,
// 150 bytes a segment when a queue fills and empties with each.

export class WorkQueue<Item> {
  private readonly items: (Item | undefined)[] = [];
  private head = 0;
  private tail = 0;

  get size(): number {
    return this.tail - this.head;
  }

  push(item: Item): void {
    this.items[this.tail++] = item;
  }

  shift(): Item | undefined {
    if (this.head === this.tail) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    }
    return item;
  }
}
