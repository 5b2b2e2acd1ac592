// The tags of ASN.1 that X.509 uses, as the single byte they are in DER. Not here: tags above 30, which take more bytes and
// which no certificate has.

/** X.690 §8.1.2: class in the two upper bits, then whether it is constructed, then the number. */
export const DerTag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Enumerated: 0x0a,
  Utf8String: 0x0c,
  NumericString: 0x12,
  PrintableString: 0x13,
  TeletexString: 0x14,
  Ia5String: 0x16,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  VisibleString: 0x1a,
  UniversalString: 0x1c,
  BmpString: 0x1e,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** `[n]` in front of another type's contents: IMPLICIT, and not constructed. */
export const contextPrimitive = (number: number): number => 0x80 | number;
/** `[n]` around something: EXPLICIT, or IMPLICIT of a constructed type. */
export const contextConstructed = (number: number): number => 0xa0 | number;

export const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0;

const NAMES = new Map<number, string>(Object.entries(DerTag).map(([name, tag]) => [tag, name]));

/** `Integer`, or `[0]`. */
export const tagName = (tag: number): string =>
  NAMES.get(tag) ?? (tag >> 6 === 2 ? `[${tag & 0x1f}]` : `tag 0x${tag.toString(16).padStart(2, '0')}`);
