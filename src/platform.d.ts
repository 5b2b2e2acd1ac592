// What every JavaScript platform has beside the language itself, and Node's types declare too. The core may use these,
// what web_assembly.d.ts names, and nothing else from outside.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
