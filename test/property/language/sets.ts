// Declarations of named sets and maps that a rule refers to, with every property and form of element.

import type { Draw } from './draw.ts';
import { element, verdict } from './matches.ts';
import { anySelector, type Selector } from './selectors.ts';
import { duration, type Kind, value } from './values.ts';

/** Names of datatypes by what a value of them is. */
export const datatypes: Readonly<Record<Kind, string>> = {
  ip4: 'ipv4_addr',
  ip6: 'ipv6_addr',
  ether: 'ether_addr',
  port: 'inet_service',
  proto: 'inet_proto',
  mark: 'mark',
  ifname: 'ifname',
  ifindex: 'iface_index',
  ethertype: 'ether_type',
  iftype: 'iface_type',
  uid: 'uid',
  gid: 'gid',
  pkttype: 'pkt_type',
  devgroup: 'devgroup',
  realm: 'realm',
  day: 'day',
  hour: 'hour',
  time: 'time',
  classid: 'classid',
  cgroup: 'cgroupid',
  nfproto: 'nf_proto',
  ctstate: 'ct_state',
  ctdir: 'ct_dir',
  ctstatus: 'ct_status',
  ctlabel: 'ct_label',
  ctevent: 'ct_event',
  icmptype: 'icmp_type',
  icmpcode: 'icmp_code',
  icmp6type: 'icmpv6_type',
  icmp6code: 'icmpv6_code',
  igmptype: 'igmp_type',
  arpop: 'arp_op',
  dscp: 'dscp',
  ecn: 'ecn',
  dccptype: 'dccp_pkttype',
  tcpflags: 'tcp_flag',
  mhtype: 'mh_type',
  addrtype: 'fib_addrtype',
  duration: 'time',
  bool: 'boolean',
  cgroup2: 'cgroupsv2',
  ifkind: 'ifkind',
};

const block = (lines: readonly string[]): string =>
  `{ ${lines
    .filter(line => line !== '')
    .map(line => `${line};`)
    .join(' ')} }`;

const stateful = (draw: Draw): string =>
  draw.one(
    'counter',
    'counter packets 5 bytes 10',
    'limit rate 5/second',
    'limit rate over 10 mbytes/minute burst 100 kbytes',
    'quota 10 mbytes',
    'quota over 100 bytes used 20 bytes',
    'ct count 5',
    'ct count over 3',
    'last',
    'last used 5s',
    'last used never',
  );

function properties(draw: Draw, isMap: boolean): readonly string[] {
  return [
    draw.maybe(
      d =>
        `flags ${d.several(e => e.pick(['interval', 'constant', 'timeout', 'dynamic']), draw.pick([',', ', ']), 1, 2)}`,
      2,
    ),
    draw.maybe(d => `timeout ${duration(d)}`, 8),
    draw.maybe(d => `gc-interval ${duration(d)}`, 16),
    draw.maybe(d => `size ${d.pick(['1', '10', '128', '65535', '0', '4294967295', '4294967296'])}`, 10),
    draw.maybe(d => `policy ${d.pick(['performance', 'memory'])}`, 16),
    isMap ? '' : draw.maybe('auto-merge', 8),
    draw.maybe(d => `comment ${d.pick(['"a comment"', 'word', '"x y"'])}`, 16),
    draw.maybe(stateful, 12),
  ];
}

function elementWithOptions(draw: Draw, kinds: readonly Kind[]): string {
  const key = draw.oneIn(25) ? '*' : kinds.map(kind => element(draw, kind)).join(' . ');
  return draw.words(
    key,
    draw.maybe(stateful, 20),
    draw.maybe(d => `timeout ${d.oneIn(5) ? 'never' : duration(d)}`, 16),
    draw.maybe(d => `expires ${duration(d)}`, 40),
    draw.maybe(d => `comment ${d.pick(['"c"', 'word'])}`, 20),
  );
}

function keyType(draw: Draw, parts: readonly Selector[]): string {
  const known = parts.every(({ kind }) => datatypes[kind] !== undefined);
  return known && draw.oneIn(2)
    ? `type ${parts.map(({ kind }) => datatypes[kind]).join(' . ')}`
    : `typeof ${parts.map(({ text }) => text).join(' . ')}`;
}

/** Declares a set for these keys and gives its name. */
export function setOf(draw: Draw, parts: readonly Selector[]): string {
  if (draw.oneIn(40)) return 'nosuch';
  const name = draw.name('s');
  const kinds = parts.map(part => part.kind);
  const elements = draw.maybe(
    d => `elements = { ${d.several(e => elementWithOptions(e, kinds), ', ', 1, 4)} }`,
    2,
  );
  draw.declarations.add(
    `add set ${draw.family} t ${name} ${block([keyType(draw, parts), ...properties(draw, false), elements])}`,
  );
  return name;
}

/** Declares a map from these keys to values like that one. */
export function mapOf(draw: Draw, parts: readonly Selector[], target: Selector | 'verdict'): string {
  const name = draw.name('m');
  const kinds = parts.map(part => part.kind);
  const data = (d: Draw): string =>
    target === 'verdict' ? verdict(d) : d.oneIn(10) ? element(d, target.kind) : value(d, target.kind);
  const elements = draw.maybe(
    d => `elements = { ${d.several(e => `${elementWithOptions(e, kinds)} : ${data(e)}`, ', ', 1, 4)} }`,
    2,
  );
  const key = keyType(draw, parts);
  const type =
    target === 'verdict'
      ? 'verdict'
      : key.startsWith('typeof')
        ? target.text
        : (datatypes[target.kind] ?? target.text);
  const interval = draw.maybe('interval ', 8);
  draw.declarations.add(
    `add map ${draw.family} t ${name} ${block([`${key} : ${interval}${type}`, ...properties(draw, true), elements])}`,
  );
  return name;
}

export function anySet(draw: Draw): string {
  return setOf(
    draw,
    Array.from({ length: 1 + draw.below(3) }, () => anySelector(draw)),
  );
}

export { block, stateful };
