// A channel that hides its messages and does nothing else. `netarium channel examples/channel/encryption_alone.ts` shows
// what M can do to it.

import type { ChannelDesign } from '../../src/adversary/channel/own_channel.ts';

export const channel: ChannelDesign = ({ E, D, key }) => ({
  seal: (message) => E(key, message),
  open: (bytes) => D(key, bytes),
});
