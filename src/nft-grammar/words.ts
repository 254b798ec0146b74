// What each word is to nft, by where it stands. A reserved word is a keyword everywhere and names nothing. A scoped
// word is a keyword only while its scope is the innermost open one, and a plain word elsewhere: `port` is a keyword
// after `snat` and a fine chain name. The grammar takes a scoped word in both roles; scopes.ts then refuses it as a
// plain word where its scope is open.

const list = (text: string): readonly string[] => text.split(/\s+/).filter(word => word !== '');

/** Keywords everywhere. `last` alone may also be a name. */
export const reservedWords: readonly string[] = list(`
  accept add ah all arp auto-merge bridge cgroup chain comment comp constant continue counter cpu create ct day dccp
  define delete describe destroy device devices dnat drop dst dup dynamic ecn element elements esp ether exists expires
  export exthdr fib flags flow flowtable flush frag fwd gc-interval geneve get goto gre gretap handle hbh hook hour
  ibrname icmp icmpv6 igmp iif iifgroup iifname iiftype import include index inet insert interval ip ip6 ipsec jhash
  jump last limit list log map mark masquerade meta meter mh missing monitor netdev nftrace notrack numgen obrname
  offload oif oifgroup oifname oiftype osf pkttype policy position priority queue quota random redefine redirect reject
  rename replace reset return rt rt0 rt2 rtclassid rule ruleset sctp secmark set size skgid skuid snat socket srh symhash
  synproxy table tcp th time timeout tproxy tunnel type typeof udp udplite undefine update vlan vmap vni vxlan xt`);

/** What makes words keywords: named by the word that opens it, or by what it belongs to. */
export type WordScope =
  | 'arp'
  | 'at'
  | 'export'
  | 'list'
  | 'monitor'
  | 'reset'
  | 'counter'
  | 'ct'
  | 'ether'
  | 'ah'
  | 'comp'
  | 'dccp'
  | 'dst'
  | 'esp'
  | 'fib'
  | 'frag'
  | 'hash'
  | 'hbh'
  | 'ipsec'
  | 'mh'
  | 'numgen'
  | 'osf'
  | 'queue'
  | 'rt'
  | 'sctp_chunk'
  | 'socket'
  | 'th'
  | 'udp'
  | 'udplite'
  | 'gre'
  | 'icmp'
  | 'igmp'
  | 'ip'
  | 'ip6'
  | 'last'
  | 'limit'
  | 'meta'
  | 'policy'
  | 'quota'
  | 'rate'
  | 'sctp'
  | 'secmark'
  | 'dup'
  | 'fwd'
  | 'log'
  | 'nat'
  | 'reject'
  | 'synproxy'
  | 'tproxy'
  | 'tcp'
  | 'tunnel'
  | 'type'
  | 'vlan';

/** Keywords only inside a scope. */
export const scopedWords: Readonly<Record<WordScope, readonly string[]>> = {
  arp: list('saddr daddr htype ptype hlen plen operation'),
  at: list('ll nh'),
  export: list('xml json vm'),
  list: list(
    `chains sets tables meters flowtables limits maps secmarks synproxys tunnels hooks counters quotas rules`,
  ),
  monitor: list('chains sets tables rules trace new xml json vm'),
  reset: list('counters quotas rules'),
  counter: list('name packets bytes'),
  ct: list(`packets bytes over saddr daddr id protocol dport avgpkt l3proto proto-src proto-dst zone original reply
    direction event expectation expiration helper helpers label state status count`),
  ether: list('saddr daddr'),
  ah: list('hdrlength sequence nexthdr reserved spi'),
  comp: list('nexthdr cpi'),
  dccp: list('sport dport option'),
  dst: list('hdrlength nexthdr'),
  esp: list('sequence spi'),
  fib: list('saddr daddr check'),
  frag: list('id frag-off nexthdr reserved reserved2 more-fragments'),
  hash: list('seed mod offset'),
  hbh: list('hdrlength nexthdr'),
  ipsec: list('saddr daddr spi reqid spnum in out'),
  mh: list('hdrlength checksum nexthdr reserved'),
  numgen: list('inc mod offset'),
  osf: list('name version ttl loose skip'),
  queue: list('to num bypass fanout'),
  rt: list('hdrlength nexthdr addr nexthop seg-left mtu last-entry tag sid classid'),
  sctp_chunk:
    list(`length data init init-ack heartbeat heartbeat-ack abort shutdown shutdown-ack error cookie-echo
    cookie-ack ecne cwr shutdown-complete asconf-ack forward-tsn asconf tsn sack stream ssn ppid init-tag a-rwnd
    num-outbound-streams num-inbound-streams initial-tsn cum-tsn-ack num-gap-ack-blocks num-dup-tsns lowest-tsn seqno
    new-cum-tsn`),
  socket: list('transparent wildcard cgroupv2 level'),
  th: list('sport dport'),
  udp: list('length checksum sport dport'),
  udplite: list('checksum csumcov sport dport'),
  gre: list('version protocol'),
  icmp: list('id checksum gateway code param-problem max-delay mtu taddr daddr sequence'),
  igmp: list('checksum mrt group'),
  ip: list(`to prefix saddr daddr id version hdrlength dscp length frag-off ttl protocol checksum lsrr rr ssrr ra ptr
    value option options addr`),
  ip6: list('to prefix saddr daddr version dscp length flowlabel hoplimit nexthdr addr'),
  last: list('never used'),
  limit: list('name packets bytes kbytes mbytes rate burst second minute week over'),
  meta: list(
    `length protocol nfproto l4proto iifkind oifkind ibrpvid ibrvproto sdif sdifname broute ibrhwaddr secpath`,
  ),
  policy: list('performance memory'),
  quota: list('name bytes kbytes mbytes over until used'),
  rate: list('packets bytes kbytes mbytes rate burst second minute week over until'),
  sctp: list('length checksum sport dport chunk vtag'),
  secmark: [],
  dup: list('to'),
  fwd: list('to'),
  log: list(`prefix snaplen queue-threshold level group emerg alert crit err warn notice info debug audit`),
  nat: list('to prefix fully-random persistent port addr'),
  reject: list('with icmpx'),
  synproxy: list('name wscale maxseg timestamp sack-perm'),
  tproxy: list('to'),
  tcp: list(`length checksum ackseq doff window urgptr echo eol maxseg nop sack sack0 sack1 sack2 sack3 sack-perm
    timestamp fastopen mptcp md5sig left right count tsval tsecr subtype options option sequence reserved sport dport`),
  tunnel: list(
    `name id sport dport ttl tos version direction erspan egress ingress path gbp class opt-type data`,
  ),
  type: list('dscp protocol classid filter nat route'),
  vlan: list('id cfi dei pcp'),
};

/**
 * What nft's scanner still knows behind `rate`, where it looks for little else: what may begin a statement. Any other
 * token there is junk to it, so `limit rate 5/second comment "x"` is refused.
 */
export const wordsBehindRate: readonly string[] = list(`/ @ , } ;
  accept add ah arp cgroup comp continue counter cpu ct day dccp delete dnat drop dst dup esp ether exthdr fib flow frag
  fwd geneve goto gre gretap hbh hour ibrname icmp icmpv6 igmp iif iifgroup iifname iiftype ip ip6 ipsec jhash jump last
  limit log mark masquerade meta meter mh nftrace notrack numgen obrname oif oifgroup oifname oiftype osf pkttype queue
  quota redirect reject reset return rt rt0 rt2 rtclassid sctp set skgid skuid snat socket srh symhash synproxy tcp th
  time tproxy tunnel udp udplite update vlan vxlan xt`);

/** Words the grammar asks for by text although they are plain to nft's scanner. */
const plainWords = list('ih verdict');

/** Other spellings of keywords and operators; each stands for the right-hand one. */
export const aliases: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  not: '!',
  and: '&',
  or: '|',
  xor: '^',
  lshift: '<<',
  rshift: '>>',
  ibriport: 'ibrname',
  obriport: 'obrname',
  // Scoped like the words they stand for; they are plain words elsewhere.
  noop: 'nop',
  mss: 'maxseg',
  'sack-permitted': 'sack-perm',
};

/** Aliases that are keywords in a scope only, so that they may also be names. */
const scopedAliases: ReadonlySet<string> = new Set(['noop', 'mss', 'sack-permitted']);

/** `reserved`: never a name. `scoped`: a keyword in some places. `alias` has the text it stands for. */
export interface Word {
  readonly kind: number;
  readonly text: string;
  readonly reserved: boolean;
}

function collectWords(): ReadonlyMap<string, Word> {
  const words = new Map<string, Word>();
  const add = (text: string, reserved: boolean): void => {
    if (!words.has(text)) words.set(text, { kind: words.size + 1, text, reserved });
  };
  for (const text of '== != <= >= << >> < > ^ & | ! / - * @ = + . : , ( ) [ ] { } ; \n'.split(' '))
    add(text, true);
  for (const text of reservedWords) add(text, true);
  for (const scope of Object.values(scopedWords)) for (const text of scope) add(text, false);
  for (const text of plainWords) add(text, false);
  for (const [alias, text] of Object.entries(aliases)) {
    words.set(alias, { kind: words.get(text)!.kind, text, reserved: !scopedAliases.has(alias) });
  }
  return words;
}

/** Every keyword, operator and alias by how it is written. */
export const words: ReadonlyMap<string, Word> = collectWords();

/** The canonical text of each keyword kind. */
export const wordTexts: readonly string[] = (() => {
  const texts: string[] = [];
  for (const word of words.values()) texts[word.kind] = word.text;
  return texts;
})();

/** True for keywords that are plain words outside of their scope. Indexed by kind. */
export const plainKinds: readonly boolean[] = (() => {
  const plain: boolean[] = [];
  for (const word of words.values()) if (!word.reserved) plain[word.kind] = true;
  return plain;
})();
