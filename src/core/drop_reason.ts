// Why bytes from the wire were refused. A reason is a small integer, so a parse function returns one at no cost, a host
// counts them in a typed array, and `typeof result === 'number'` tells a reason from a header.

/** Codes are part of the trace format: append new ones, never renumber. Zero stays free. */
export const DropReason = {
  Truncated: 1,
  BadLength: 2,
  BadChecksum: 3,
  BadVersion: 4,
  UnsupportedHardware: 5,
  UnsupportedProtocol: 6,
  UnknownOperation: 7,
  BadFrameCheckSequence: 8,
  NotForUs: 9,
  BadSource: 10,
  BadOption: 11,
  TtlExceeded: 12,
  NoRoute: 13,
  NoNeighbor: 14,
  NeighborQueueFull: 15,
  NotForwarding: 16,
  FragmentOverlap: 17,
  ReassemblyTimeout: 18,
  ReassemblyLimit: 19,
  TooBig: 20,
  NoPort: 21,
  NoProtocol: 22,
  ReceiveBufferFull: 23,
  FirewallDenied: 24,
  NatNoBinding: 25,
  NatFiltered: 26,
  NatTableFull: 27,
  ConntrackInvalid: 28,
  TcpUnacceptable: 29,
  TcpNoConnection: 30,
  TcpBacklogFull: 31,
  BadFlags: 32,
  InterfaceDown: 33,
  UnknownVlan: 34,
  BadName: 35,
  BadPointer: 36,
  TooManyRecords: 37,
  MissingCookie: 38,
  UnexpectedMessage: 39,
  Overloaded: 40,
  QueueFull: 41,
  LostOnLink: 42,
  LinkDown: 43,
  RuleDropped: 44,
  DirectedBroadcast: 45,
  FirewallRejected: 46,
} as const;

export type DropReason = (typeof DropReason)[keyof typeof DropReason];

/** One more than the highest code: the size of a table of counters. */
export const DROP_REASON_COUNT = 47;

const TEXT: Readonly<Record<DropReason, string>> = {
  [DropReason.Truncated]: 'ends before its header or its stated length',
  [DropReason.BadLength]: 'states a length that cannot be',
  [DropReason.BadChecksum]: 'fails its checksum',
  [DropReason.BadVersion]: 'is of another protocol version',
  [DropReason.UnsupportedHardware]: 'is for another kind of link',
  [DropReason.UnsupportedProtocol]: 'carries another kind of address',
  [DropReason.UnknownOperation]: 'asks for an operation that is not defined',
  [DropReason.BadFrameCheckSequence]: 'fails its frame check sequence',
  [DropReason.NotForUs]: 'is addressed to someone else',
  [DropReason.BadSource]: 'comes from an address that cannot send',
  [DropReason.BadOption]: 'has an option that does not parse',
  [DropReason.TtlExceeded]: 'has used up its time to live',
  [DropReason.NoRoute]: 'has no route to its destination',
  [DropReason.NoNeighbor]: 'has a next hop that does not answer',
  [DropReason.NeighborQueueFull]: 'waited for a next hop in a queue that is full',
  [DropReason.NotForwarding]: 'needs forwarding, and this machine does not forward',
  [DropReason.FragmentOverlap]: 'is a fragment that overlaps another',
  [DropReason.ReassemblyTimeout]: 'waited too long for its other fragments',
  [DropReason.ReassemblyLimit]: 'is a fragment too many',
  [DropReason.TooBig]: 'does not fit and must not be fragmented',
  [DropReason.NoPort]: 'is for a port on which nobody listens',
  [DropReason.NoProtocol]: 'carries a protocol that is not spoken here',
  [DropReason.ReceiveBufferFull]: 'found its receive buffer full',
  [DropReason.FirewallDenied]: 'is denied by the firewall',
  [DropReason.NatNoBinding]: 'has no NAT binding',
  [DropReason.NatFiltered]: 'comes from an endpoint that the NAT filters',
  [DropReason.NatTableFull]: 'found the NAT table full',
  [DropReason.ConntrackInvalid]: 'belongs to no connection that could be tracked',
  [DropReason.TcpUnacceptable]: 'lies outside the receive window',
  [DropReason.TcpNoConnection]: 'belongs to no connection',
  [DropReason.TcpBacklogFull]: 'found the backlog full',
  [DropReason.BadFlags]: 'has flags that cannot be together',
  [DropReason.InterfaceDown]: 'reached an interface that is down',
  [DropReason.UnknownVlan]: 'is tagged for a VLAN that is not configured',
  [DropReason.BadName]: 'has a name that is not well-formed',
  [DropReason.BadPointer]: 'has a compression pointer that does not point back',
  [DropReason.TooManyRecords]: 'states more records than it can hold',
  [DropReason.MissingCookie]: 'lacks the magic cookie',
  [DropReason.UnexpectedMessage]: 'was not awaited',
  [DropReason.Overloaded]: 'reached a machine without capacity left',
  [DropReason.QueueFull]: 'found the queue of the link full',
  [DropReason.LostOnLink]: 'was lost on the link',
  [DropReason.LinkDown]: 'was sent on a link that is down',
  [DropReason.RuleDropped]: 'was dropped by a rule',
  [DropReason.FirewallRejected]: 'is rejected by the firewall, which says so',
  [DropReason.DirectedBroadcast]: 'is a directed broadcast from another network',
};

/** Narrows what a parse function returned. Headers are objects, so one comparison decides. */
export const isDrop = (result: object | string | DropReason): result is DropReason => typeof result === 'number';

/** Completes the sentence "The datagram ...". */
export const dropText = (reason: DropReason): string => TEXT[reason];

const NAMES = new Map<number, string>(Object.entries(DropReason).map(([name, code]) => [code, name]));

/** The name of a code, as tables and traces print it. */
export const dropName = (reason: DropReason): string => NAMES.get(reason) ?? String(reason);
