// Symbol tables of nft's datatypes: what `nft describe TYPE` lists. Values are numbers as a protocol's specification
// gives them, whatever the byte order of the field. A later name for the same number is an alias for input only.

export type SymbolTable = ReadonlyMap<string, bigint>;

function table(entries: Readonly<Record<string, number>>): SymbolTable {
  return new Map(Object.entries(entries).map(([name, value]) => [name, BigInt(value)]));
}

/** Names numbered in order from `first`. */
function numbered(first: number, ...names: readonly string[]): SymbolTable {
  return new Map(names.map((name, index) => [name, BigInt(first + index)]));
}

/** Names of consecutive bits, the lowest first. */
function bits(...names: readonly string[]): SymbolTable {
  return new Map(names.map((name, index) => [name, 1n << BigInt(index)]));
}

export const booleanSymbols: SymbolTable = table({ exists: 1, missing: 0 });

export const netfilterProtocolSymbols: SymbolTable = table({ ipv4: 2, ipv6: 10 });

export const arpOperationSymbols: SymbolTable = table({
  request: 1,
  reply: 2,
  rrequest: 3,
  rreply: 4,
  inrequest: 8,
  inreply: 9,
  nak: 10,
});

export const etherTypeSymbols: SymbolTable = table({
  ip: 0x0800,
  arp: 0x0806,
  ip6: 0x86dd,
  '8021q': 0x8100,
  '8021ad': 0x88a8,
  vlan: 0x8100,
});

export const icmpTypeSymbols: SymbolTable = table({
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
});

/** Accepted on input (they come from `reject with icmp`), but not listed by `describe icmp_code`. */
export const icmpCodeSymbols: SymbolTable = table({
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
  'frag-needed': 4,
});

/** As icmpCodeSymbols, for `reject with icmpv6`. */
export const icmpv6CodeSymbols: SymbolTable = table({
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
});

/** Abstract codes of `reject with icmpx` (NFT_REJECT_ICMPX_*): the kernel maps them to each family's own. */
export const icmpxCodeSymbols: SymbolTable = table({
  'port-unreachable': 1,
  'admin-prohibited': 3,
  'no-route': 0,
  'host-unreachable': 2,
});

export const icmpv6TypeSymbols: SymbolTable = table({
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
});

export const igmpTypeSymbols: SymbolTable = table({
  'membership-query': 0x11,
  'membership-report-v1': 0x12,
  'membership-report-v2': 0x16,
  'membership-report-v3': 0x22,
  'leave-group': 0x17,
});

export const tcpFlagSymbols: SymbolTable = bits('fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr');

export const dccpPacketTypeSymbols: SymbolTable = numbered(
  0,
  'request',
  'response',
  'data',
  'ack',
  'dataack',
  'closereq',
  'close',
  'reset',
  'sync',
  'syncack',
);

export const mobilityHeaderTypeSymbols: SymbolTable = numbered(
  0,
  'binding-refresh-request',
  'home-test-init',
  'careof-test-init',
  'home-test',
  'careof-test',
  'binding-update',
  'binding-acknowledgement',
  'binding-error',
  'fast-binding-update',
  'fast-binding-acknowledgement',
  'fast-binding-advertisement',
  'experimental-mobility-header',
  'home-agent-switch-message',
);

export const mptcpSubtypeSymbols: SymbolTable = numbered(
  0,
  'mp-capable',
  'mp-join',
  'dss',
  'add-addr',
  'remove-addr',
  'mp-prio',
  'mp-fail',
  'mp-fastclose',
  'mp-tcprst',
);

export const dscpSymbols: SymbolTable = table({
  cs0: 0x00,
  cs1: 0x08,
  cs2: 0x10,
  cs3: 0x18,
  cs4: 0x20,
  cs5: 0x28,
  cs6: 0x30,
  cs7: 0x38,
  df: 0x00,
  be: 0x00,
  lephb: 0x01,
  af11: 0x0a,
  af12: 0x0c,
  af13: 0x0e,
  af21: 0x12,
  af22: 0x14,
  af23: 0x16,
  af31: 0x1a,
  af32: 0x1c,
  af33: 0x1e,
  af41: 0x22,
  af42: 0x24,
  af43: 0x26,
  va: 0x2c,
  ef: 0x2e,
});

export const ecnSymbols: SymbolTable = numbered(0, 'not-ect', 'ect1', 'ect0', 'ce');

/** ARPHRD_* */
export const interfaceTypeSymbols: SymbolTable = table({
  ether: 1,
  ppp: 512,
  ipip: 768,
  ipip6: 769,
  loopback: 772,
  sit: 776,
  ipgre: 778,
});

export const packetTypeSymbols: SymbolTable = table({
  host: 0,
  unicast: 0,
  broadcast: 1,
  multicast: 2,
  other: 3,
});

export const daySymbols: SymbolTable = numbered(
  0,
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
);

export const conntrackStateSymbols: SymbolTable = table({
  invalid: 1,
  new: 8,
  established: 2,
  related: 4,
  untracked: 64,
});

export const conntrackDirectionSymbols: SymbolTable = table({ original: 0, reply: 1 });

/** The last three are bit numbers where masks were meant: nft 1.1.7 has them so, and `exact` means as nft does. */
export const conntrackStatusSymbols: SymbolTable = table({
  expected: 0x001,
  'seen-reply': 0x002,
  assured: 0x004,
  confirmed: 0x008,
  snat: 0x010,
  dnat: 0x020,
  'seq-adjust': 0x040,
  'snat-done': 0x080,
  'dnat-done': 0x100,
  dying: 0x200,
  'fixed-timeout': 0x400,
  helper: 13,
  offload: 14,
  'hw-offload': 15,
});

export const conntrackEventSymbols: SymbolTable = bits(
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'seqadj',
  'secmark',
  'label',
);

/** RTN_* */
export const addressTypeSymbols: SymbolTable = numbered(
  0,
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
);
