// The classes of tokens that the grammar calls %name, each with what an error message calls it.

import type { Leaf } from './derivation.ts';
import { TokenKind } from './token.ts';
import { plainKinds } from './words.ts';

export interface Terminal {
  readonly test: (token: Leaf) => boolean;
  /** What could stand there, for `expected …`. A list of keywords has none: they are named one by one. */
  readonly label?: string;
  /** The texts that it takes, if it takes nothing else. */
  readonly keywords?: readonly string[];
}

/** nearley wants a lexer to exist; the parser is fed tokens directly. */
export const lexer = {
  reset: (): void => undefined,
  next: (): undefined => undefined,
  save: (): undefined => undefined,
  formatError: (): string => '',
  has: (): boolean => false,
};

const ofKind = (label: string, ...kinds: readonly number[]): Terminal => ({
  test: token => kinds.includes(token.kind),
  label,
});

const ofTexts = (texts: readonly string[], label?: string): Terminal => {
  const set: ReadonlySet<string> = new Set(texts);
  return { test: token => set.has(token.text), keywords: texts, ...(label === undefined ? {} : { label }) };
};

const anyOf = (text: string, label?: string): Terminal => ofTexts(text.split(' '), label);

const isPlain = (kind: number): boolean => kind === TokenKind.word || plainKinds[kind] === true;

// words and literals
export const word: Terminal = { test: token => isPlain(token.kind), label: 'a word' };
export const name: Terminal = {
  test: token => isPlain(token.kind) || token.text === 'last',
  label: 'a name',
};
export const symbol: Terminal = {
  test: token => isPlain(token.kind) || token.kind === TokenKind.quoted || token.kind === TokenKind.wildcard,
  label: 'a value',
};
export const string: Terminal = { test: symbol.test, label: 'a string' };
export const number: Terminal = ofKind('a number', TokenKind.number);
export const time: Terminal = ofKind('a time such as 5m30s', TokenKind.word);
export const quoted: Terminal = ofKind('a quoted string', TokenKind.quoted);
export const variable: Terminal = ofKind('a $variable', TokenKind.variable);
export const set: Terminal = ofKind('a set { … }', TokenKind.set, TokenKind.verdictSet);
export const verdictSet: Terminal = ofKind('a map { … } of verdicts', TokenKind.verdictSet);
export const emptySet: Terminal = ofKind('{ }', TokenKind.emptySet);
export const block: Terminal = ofKind('a block { … } of rules', TokenKind.block);

// ends of statements
const { separatorEnd: separator, braceEnd, fileEnd, openEnd: open, elementEnd: endOfElement } = TokenKind;
export const separatorEnd: Terminal = ofKind("a newline or ';'", separator);
export const doneEnd: Terminal = ofKind("a newline or ';'", separator, fileEnd);
export const anyEnd: Terminal = ofKind("'}'", separator, braceEnd);
export const openEnd: Terminal = ofKind("'{'", open);
export const elementEnd: Terminal = ofKind("',' or '}'", endOfElement);

// expressions
export const operator: Terminal = anyOf('& | ^ << >>', 'an operator');
export const comparison: Terminal = anyOf('== != < > <= >= !', 'a comparison');
export const sign: Terminal = anyOf('+ -');
export const keywordSymbol: Terminal = anyOf(
  'ether ip ip6 vlan arp dnat snat ecn reset destroy last',
  'a value',
);
export const typedSymbol: Terminal = anyOf(
  'tcp udp udplite esp ah icmp igmp icmpv6 gre comp dccp sctp redirect',
  'a value',
);
export const boolean: Terminal = anyOf('exists missing');
export const verdict: Terminal = anyOf('accept drop continue return');
export const ipVersion: Terminal = anyOf('ip ip6');
export const direction: Terminal = anyOf('original reply');

// fields of headers
export const payloadBase: Terminal = anyOf('ll nh th ih');
export const addressField: Terminal = anyOf('saddr daddr');
export const arpAddress: Terminal = anyOf('ether ip');
export const etherField: Terminal = anyOf('saddr daddr type');
export const vlanField: Terminal = anyOf('id cfi dei pcp type');
export const arpField: Terminal = anyOf('htype ptype hlen plen operation');
export const ipField: Terminal = anyOf(
  'version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr',
);
export const ip6Field: Terminal = anyOf('version dscp ecn flowlabel length nexthdr hoplimit saddr daddr');
export const icmpField: Terminal = anyOf('type code checksum id sequence gateway mtu');
export const icmpv6Field: Terminal = anyOf(
  'type code checksum param-problem mtu id sequence max-delay taddr daddr',
);
export const igmpField: Terminal = anyOf('type checksum mrt group');
export const ahField: Terminal = anyOf('nexthdr hdrlength reserved spi sequence');
export const espField: Terminal = anyOf('spi sequence');
export const compField: Terminal = anyOf('nexthdr flags cpi');
export const udpField: Terminal = anyOf('sport dport length checksum');
export const udpliteField: Terminal = anyOf('sport dport csumcov checksum');
export const tcpField: Terminal = anyOf(
  'sport dport sequence ackseq doff reserved flags window checksum urgptr',
);
export const dccpField: Terminal = anyOf('sport dport type');
export const sctpField: Terminal = anyOf('sport dport vtag checksum');
export const portField: Terminal = anyOf('sport dport');
export const vxlanField: Terminal = anyOf('vni flags');
export const geneveField: Terminal = anyOf('vni type');
export const greField: Terminal = anyOf('version flags protocol');
export const optionsField: Terminal = anyOf('nexthdr hdrlength');
export const rtField: Terminal = anyOf('nexthdr hdrlength type seg-left');
export const srhField: Terminal = anyOf('last-entry flags tag');
export const fragField: Terminal = anyOf('nexthdr reserved frag-off reserved2 more-fragments id');
export const mhField: Terminal = anyOf('nexthdr hdrlength type reserved checksum');
export const extensionHeader: Terminal = anyOf('hbh rt frag dst mh');

// options and chunks
export const ipOption: Terminal = anyOf('lsrr rr ssrr ra');
export const ipOptionField: Terminal = anyOf('type length value ptr addr');
export const tcpOption: Terminal = anyOf(
  'echo eol fastopen md5sig mptcp maxseg nop sack-perm timestamp window sack sack0 sack1 sack2 sack3',
);
export const sackOption: Terminal = anyOf('sack sack0 sack1 sack2 sack3');
export const sackField: Terminal = anyOf('left right');
export const timestampField: Terminal = anyOf('tsval tsecr');
export const chunkType: Terminal = anyOf(
  'data init init-ack sack heartbeat heartbeat-ack abort shutdown shutdown-ack error cookie-echo cookie-ack ecne cwr ' +
    'shutdown-complete asconf-ack forward-tsn asconf',
);
export const chunkCommonField: Terminal = anyOf('type flags length');
export const chunkDataField: Terminal = anyOf('tsn stream ssn ppid');
export const chunkInit: Terminal = anyOf('init init-ack');
export const chunkInitField: Terminal = anyOf(
  'init-tag a-rwnd num-outbound-streams num-inbound-streams initial-tsn',
);
export const chunkSackField: Terminal = anyOf('cum-tsn-ack a-rwnd num-gap-ack-blocks num-dup-tsns');
export const chunkEcn: Terminal = anyOf('ecne cwr');
export const chunkAsconf: Terminal = anyOf('asconf asconf-ack');

// other selectors
const unqualified =
  'mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibrname obrname pkttype cpu iifgroup ' +
  'oifgroup cgroup ipsec time day hour';
export const unqualifiedMetaKey: Terminal = anyOf(unqualified);
export const metaKey: Terminal = anyOf(
  'length protocol priority random secmark nfproto l4proto iifkind oifkind ibrpvid ibrvproto sdif sdifname broute ' +
    `ibrhwaddr secpath ${unqualified}`,
);
export const ctTotalKey: Terminal = anyOf('bytes packets avgpkt zone');
export const ctDirectedKey: Terminal = anyOf(
  'saddr daddr l3proto protocol proto-src proto-dst bytes packets avgpkt zone',
);
export const ctKey: Terminal = anyOf(
  'l3proto protocol mark state direction status expiration helper saddr daddr proto-src proto-dst label event secmark ' +
    'id bytes packets avgpkt zone',
);
export const fibFlag: Terminal = anyOf('saddr daddr mark iif oif');
export const fibResult: Terminal = anyOf('oif oifname type check');
export const routeKey: Terminal = anyOf('classid nexthop mtu ipsec');
export const socketKey: Terminal = anyOf('transparent mark wildcard');
export const osfTtl: Terminal = anyOf('loose skip');
export const osfKey: Terminal = anyOf('name version');
export const numgenMode: Terminal = anyOf('inc random');
export const ipsecDirection: Terminal = anyOf('in out');
export const ipsecKey: Terminal = anyOf('spi reqid');
export const tunnelKey: Terminal = anyOf('path id');

// statements
export const counterPart: Terminal = anyOf('packets bytes');
export const limitMode: Terminal = anyOf('over until');
export const limitUnit: Terminal = anyOf('second minute hour day week');
export const byteUnit: Terminal = anyOf('bytes kbytes mbytes');
export const namedObject: Terminal = anyOf('counter limit quota synproxy tunnel');
export const ctObject: Terminal = anyOf('timeout expectation');
export const logNumber: Terminal = anyOf('group snaplen queue-threshold');
export const logLevel: Terminal = anyOf('emerg alert crit err warn notice info debug audit');
export const logFlag: Terminal = anyOf('skuid ether all');
export const logTcpFlag: Terminal = anyOf('sequence options');
export const rejectProtocol: Terminal = anyOf('icmp icmpv6 icmpx');
export const natAction: Terminal = anyOf('snat dnat');
export const natForm: Terminal = anyOf('interval prefix');
export const natFlag: Terminal = anyOf('random fully-random persistent');
export const queueFlag: Terminal = anyOf('bypass fanout');
export const synproxyNumber: Terminal = anyOf('maxseg wscale');
export const synproxyFlag: Terminal = anyOf('timestamp sack-perm');
export const setOperation: Terminal = anyOf('add update delete');
export const flowVerb: Terminal = anyOf('add offload');

// declarations
export const family: Terminal = anyOf('ip ip6 inet arp bridge netdev', 'a family');
export const blockKind: Terminal = anyOf(
  'chain set map flowtable counter quota limit secmark synproxy tunnel',
);
export const ctBlock: Terminal = anyOf('helper timeout expectation');
export const chainType: Terminal = anyOf('filter nat route');
export const chainPolicy: Terminal = anyOf('accept drop');
export const setPolicy: Terminal = anyOf('performance memory');
export const setFlag: Terminal = anyOf('constant interval timeout dynamic');
export const typeName: Terminal = {
  test: token => isPlain(token.kind) || extraTypeNames.has(token.text),
  label: 'a data type',
};
const extraTypeNames: ReadonlySet<string> = new Set(['mark', 'ecn', 'time']);
export const objectData: Terminal = anyOf('counter quota limit secmark synproxy');
export const ctMapObject: Terminal = anyOf('timeout expectation');
export const l4protocol: Terminal = anyOf('tcp udp');
export const tunnelNumber: Terminal = anyOf('id sport dport ttl tos');
export const erspanNumber: Terminal = anyOf('version index id');
export const erspanDirection: Terminal = anyOf('ingress egress');

// commands
export const setKind: Terminal = anyOf('set map');
export const configKind: Terminal = anyOf('counter quota limit secmark synproxy');
export const deletable: Terminal = anyOf('set map flowtable counter quota limit secmark synproxy tunnel');
export const flushable: Terminal = anyOf('chain set map meter');
export const resetList: Terminal = anyOf('counters quotas rules');
export const resettable: Terminal = anyOf('counter quota set map');
export const listPlural: Terminal = anyOf('tables meters');
export const listByTable: Terminal = anyOf(
  'chains sets counters quotas limits secmarks synproxys flowtables maps tunnels',
);
export const listKind: Terminal = anyOf(
  'chain set counter quota limit secmark synproxy meter flowtable map tunnel',
);
export const ctPlural: Terminal = anyOf('helpers timeout expectation');
export const monitorEvent: Terminal = anyOf('new destroy');
export const monitorObject: Terminal = anyOf('tables chains sets rules elements ruleset trace');
