// A channel on which each message has its number and its sender in front, is encrypted, and is authenticated then: B takes
// the next message of A, and nothing else.

import type { ChannelDesign } from '../../src/adversary/channel/own_channel.ts';

const MAC_LENGTH = 32;

export const channel: ChannelDesign = ({ E, D, MAC, hash, key, end }) => {
  const peer = end === 'A' ? 'B' : 'A';
  const macKey = hash(Uint8Array.of(...key, 2)); // one key for each purpose
  const encryptionKey = hash(Uint8Array.of(...key, 1));
  let sent = 0;
  let taken = 0;
  const head = (sender: string, number: number): Uint8Array => Uint8Array.of(sender.charCodeAt(0), number);
  return {
    seal(message) {
      const ciphertext = E(encryptionKey, Uint8Array.of(...head(end, sent++), ...message));
      return Uint8Array.of(...ciphertext, ...MAC(macKey, ciphertext));
    },
    open(bytes) {
      if (bytes.length < MAC_LENGTH) return undefined;
      const ciphertext = bytes.slice(0, -MAC_LENGTH);
      const tag = MAC(macKey, ciphertext);
      if (!tag.every((byte, i) => byte === bytes[ciphertext.length + i])) return undefined;
      const plain = D(encryptionKey, ciphertext);
      const wanted = head(peer, taken);
      if (plain === undefined || plain[0] !== wanted[0] || plain[1] !== wanted[1]) return undefined;
      taken++;
      return plain.slice(2);
    },
  };
};
