// The numbers of the pcapng capture format (draft-ietf-opsawg-pcapng), shared by its writer and its reader.
//
//   | block type 4 | block length 4 | body, padded to 32 bits | block length 4 |     a file is a list of blocks
//   | option code 2 | length 2 | value, padded to 32 bits |                        behind a body's fixed part

/** A palindrome: it reads the same before the byte order is known. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_BLOCK = 1;
/** Out of use, still found in old files. */
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const NAME_RESOLUTION_BLOCK = 4;
export const ENHANCED_PACKET_BLOCK = 6;
export const DECRYPTION_SECRETS_BLOCK = 10;

/** Tells the byte order of a section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const OPTION_END = 0;
export const OPTION_COMMENT = 1;
export const OPTION_APPLICATION = 4; // of a section
export const OPTION_INTERFACE_NAME = 2;
export const OPTION_INTERFACE_DESCRIPTION = 3;
export const OPTION_TIME_RESOLUTION = 9; // of an interface: a negative power of 10, or of 2 with the highest bit set
export const OPTION_TIME_OFFSET = 14; // of an interface: seconds to add, signed

export const NAME_END = 0;
export const NAME_IPV4 = 1;
export const NAME_IPV6 = 2;

/** `TLSK`: lines as in a SSLKEYLOGFILE. */
export const SECRETS_TLS_KEY_LOG = 0x544c534b;

/** The link type of Ethernet frames. */
export const LINKTYPE_ETHERNET = 1;

/** Type, length, and length again. */
export const BLOCK_FRAME_LENGTH = 12;
export const SECTION_BODY_LENGTH = 16;
export const INTERFACE_BODY_LENGTH = 8;
export const ENHANCED_PACKET_BODY_LENGTH = 20;
export const SIMPLE_PACKET_BODY_LENGTH = 4;
export const SECRETS_BODY_LENGTH = 8;

/** Fields are padded to 32 bits. */
export const paddedLength = (length: number): number => (length + 3) & ~3;
