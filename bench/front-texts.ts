// Texts to measure the front half on: long lists of rules of one, four and fifty shapes, sets of several kinds, and a
// ruleset such as people write for one machine. All of them load.

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const ipv4 = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
const ipv6 = (i: number): string => `2001:db8::${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}`;
const ethernet = (i: number): string =>
  `02:00:00:${[16, 8, 0].map(shift => ((i >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;
const port = (i: number): number => 1 + (i % 65_000);
const device = (i: number): string => `"eth${i % 50}"`;

/** Rules of four shapes in turn: addresses and ports, counters, ranges, connection states. */
function mixed(i: number): string {
  const source = `ip saddr ${ipv4(i)}`;
  switch (i % 4) {
    case 0:
      return `${source} tcp dport ${port(i)} drop`;
    case 1:
      return `${source} udp dport ${port(i)} counter accept`;
    case 2:
      return `iifname ${device(i)} tcp dport ${1 + (i % 6000)}-${7000 + (i % 5000)} drop`;
    default:
      return `ip6 saddr 2001:db8::${(i & 0xffff).toString(16)} ct state established,related accept`;
  }
}

/** Fifty shapes, over most of what rulesets are made of; they refer to what `surroundings` declares. */
const shapes: readonly ((i: number) => string)[] = [
  i => `ip saddr ${ipv4(i)} tcp dport ${port(i)} drop`,
  i => `ip saddr ${ipv4(i)} udp dport ${port(i)} counter accept`,
  i => `iifname ${device(i)} tcp dport ${1 + (i % 6000)}-${7000 + (i % 5000)} drop`,
  i => `ip6 saddr ${ipv6(i)} ct state established,related accept`,
  i => `ip saddr ${ipv4(i & ~255)}/24 tcp dport { 22, 80, ${port(i)} } accept`,
  i => `ip daddr ${ipv4(i)} tcp dport ssh accept comment "host ${i}"`,
  i => `ip saddr { ${ipv4(i)}, ${ipv4(i + 1)} } counter drop`,
  i => `ip6 daddr ${ipv6(i & ~0xffff)}/112 tcp dport { http, https } ct state new accept`,
  i => `ip saddr @blocked tcp dport ${port(i)} counter drop`,
  i => `tcp dport ${port(i)} jump services`,
  i => `ip saddr ${ipv4(i)} goto special`,
  i => `iifname ${device(i)} oifname ${device(i + 7)} ip daddr ${ipv4(i)} accept`,
  i => `ip saddr ${ipv4(i)} log prefix "drop ${i}: " drop`,
  i => `tcp dport ${port(i)} limit rate ${1 + (i % 90)}/second burst ${5 + (i % 20)} packets accept`,
  i => `ip saddr ${ipv4(i)} ip daddr ${ipv4(i + 9)} tcp sport ${port(i)} tcp dport ${port(i + 3)} accept`,
  i => `ether saddr ${ethernet(i)} drop`,
  i => `meta mark ${1 + (i % 4000)} accept`,
  i => `ct mark 0x${(1 + i).toString(16)} meta mark set 0x${(i + 7).toString(16)}`,
  i => `ip saddr . tcp dport { ${ipv4(i)} . ${port(i)}, ${ipv4(i + 1)} . 443 } accept`,
  i => `tcp dport vmap { 22 : accept, ${port(i)} : jump services, 443 : drop }`,
  i => `ip saddr != ${ipv4(i)} tcp dport ${port(i)} reject`,
  i => `icmp type echo-request ip saddr ${ipv4(i)} accept`,
  i => `icmpv6 type { echo-request, nd-neighbor-solicit } ip6 saddr ${ipv6(i)} accept`,
  i => `ip protocol icmp ip saddr ${ipv4(i)} counter packets 0 bytes 0 accept`,
  i => `meta l4proto { tcp, udp } th dport ${port(i)} accept`,
  i => `tcp flags & (fin|syn|rst|ack) == syn tcp dport ${port(i)} ct state new accept`,
  i => `tcp flags syn / fin,syn,rst,ack ip saddr ${ipv4(i)} accept`,
  i => `ip saddr ${ipv4(i)}-${ipv4(i + 5)} udp dport ${port(i)} accept`,
  i => `ip6 saddr ${ipv6(i)}-${ipv6(i + 5)} drop`,
  i => `udp dport { 53, ${port(i)}, 5000-6000 } accept`,
  i => `ip dscp cs${1 + (i % 7)} ip saddr ${ipv4(i)} counter`,
  i => `ip saddr ${ipv4(i)} meta mark set ${1 + (i % 255)} counter accept`,
  i => `iifname { ${device(i)}, ${device(i + 1)} } tcp dport ${port(i)} accept`,
  i => `ct state new tcp dport ${port(i)} ct count over ${1 + (i % 100)} reject with tcp reset`,
  i => `ip daddr ${ipv4(i)} add @recent { ip saddr limit rate ${1 + (i % 50)}/second } accept`,
  i => `ip daddr ${ipv4(i)} ct state vmap { established : accept, related : accept, invalid : drop }`,
  i => `ip saddr ${ipv4(i)} limit rate over ${1 + (i % 50)} mbytes/second drop`,
  i => `iifname "wan${i % 9}*" ip saddr ${ipv4(i & ~4095)}/20 drop`,
  i => `ip saddr ${ipv4(i)} ip protocol tcp tcp flags syn counter`,
  i => `ip6 nexthdr tcp tcp dport ${port(i)} accept`,
  i => `ip length ${100 + (i % 1000)}-${1200 + (i % 200)} ip saddr ${ipv4(i)} drop`,
  i => `ip ttl ${1 + (i % 200)} ip saddr ${ipv4(i)} accept`,
  i => `ct original ip saddr ${ipv4(i)} accept`,
  i => `ct status dnat ip saddr ${ipv4(i)} accept`,
  i => `ip saddr . tcp dport @pairs ip daddr ${ipv4(i)} accept`,
  i => `tcp dport @ports ip saddr ${ipv4(i)} accept`,
  i => `ip saddr ${ipv4(i)} tcp dport vmap @actions`,
  i => `fib daddr type local tcp dport ${port(i)} accept`,
  i => `meta skuid ${1000 + (i % 500)} ip daddr ${ipv4(i)} accept`,
  i => `ip saddr ${ipv4(i)} meta priority set ${1 + (i % 90)}:${i % 100}`,
];

/** What the shapes refer to. */
const surroundings = `
  set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.1 } }
  set ports { type inet_service; elements = { 22, 80 } }
  set pairs { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 80 } }
  set recent { type ipv4_addr; flags dynamic; timeout 60s; }
  map actions { type inet_service : verdict; elements = { 22 : accept, 25 : drop } }
  chain services { accept; }
  chain special { drop; }
`;

const fifty = (i: number): string => shapes[i % shapes.length]!(i);

const block = (rules: readonly string[], before = ''): string =>
  `table inet t {\n${before}  chain c {\n    type filter hook input priority 0;\n    ${rules.join('\n    ')}\n  }\n}\n`;

/** `add rule` before each. */
const commands = (rules: readonly string[], before = ''): string =>
  `${block([], before)}${rules.map(rule => `add rule inet t c ${rule}\n`).join('')}`;

/** A thousand chains with a jump to each. */
function manyChains(count: number): string {
  const chains = numbers(1000).map(chain => {
    const rules = numbers(count / 1000).map(i => `    ${mixed(chain * 160 + i)}\n`);
    return `  chain c${chain} {\n${rules.join('')}  }\n`;
  });
  const jumps = numbers(1000).map(i => `    ip saddr ${ipv4(i << 8)}/24 jump c${i}\n`);
  return `table inet t {\n${chains.join('')}  chain c {\n    type filter hook input priority filter; policy drop;\n${jumps.join('')}  }\n}\n`;
}

const setOf = (type: string, elements: readonly string[], kind = 'set'): string =>
  `table ip t {\n  ${kind} s {\n    type ${type}\n    elements = { ${elements.join(',\n')} }\n  }\n}\n`;

/** What a machine at the edge of a small network may have: each line has a shape of its own. */
const typical = `#!/usr/sbin/nft -f
flush ruleset

define wan = "eth0"
define lan = { "eth1", "wlan0" }
define admins = { 192.168.1.10, 192.168.1.11 }

table inet filter {
  set blocked {
    type ipv4_addr
    flags interval
    elements = { 192.0.2.0/24, 198.51.100.0/24, 203.0.113.7 }
  }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "lo" accept
    ip saddr @blocked counter drop
    iifname $lan ip saddr $admins tcp dport 22 accept comment "administration"
    iifname $wan tcp dport 22 ct state new limit rate 10/minute burst 5 packets accept
    tcp dport { 80, 443 } accept
    udp dport { 53, 67, 123 } iifname $lan accept
    tcp dport 53 iifname $lan accept
    ip protocol icmp icmp type { echo-request, destination-unreachable, time-exceeded } limit rate 5/second accept
    ip6 nexthdr icmpv6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, echo-request } accept
    ip6 saddr fe80::/10 udp dport 546 accept
    udp dport 5353 ip daddr 224.0.0.251 accept
    udp dport 51820 counter accept
    tcp dport 8000-8100 iifname $lan accept
    tcp flags & (fin|syn|rst|ack) != syn ct state new counter drop
    meta pkttype broadcast drop
    limit rate 3/minute log prefix "input: " level info
    counter reject with icmpx type port-unreachable
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iifname $lan oifname $wan accept
    iifname $wan ct status dnat accept
    tcp flags syn tcp option maxseg size set rt mtu
    oifname "eth2" ip daddr 10.1.0.0/16 accept
    log prefix "forward: " counter drop
  }
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid 1000-2000 oifname $wan tcp dport 25 reject
  }
}
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname $wan tcp dport { 80, 443 } dnat to 192.168.1.20
    iifname $wan tcp dport 2222 dnat to 192.168.1.30:22
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname $wan masquerade
    ip saddr 10.1.0.0/16 oifname "eth2" snat to 10.1.0.1
  }
}
`;

export interface FrontText {
  readonly name: string;
  readonly make: () => string;
  /** False where the kernel takes minutes: it looks through all anonymous sets to name one more. */
  readonly forNft: boolean;
}

/** `rules` and `elements` are how many the long ones have. */
export function frontTexts(rules = 160_000, elements = 100_000): readonly FrontText[] {
  const all = numbers(rules);
  const members = numbers(elements);
  const text = (name: string, make: () => string, forNft = true): FrontText => ({ name, make, forNft });
  const set = (name: string, type: string, element: (i: number) => string, kind = 'set'): FrontText =>
    text(name, () => setOf(type, members.map(element), kind));
  return [
    text('30 rules, 4 shapes', () => block(numbers(30).map(mixed))),
    text('30 rules, typical', () => typical),
    text(`${rules} rules, 1 shape`, () => block(all.map(i => shapes[0]!(i)))),
    text(`${rules} rules, 4 shapes`, () => block(all.map(mixed))),
    text(`${rules} rules, 50 shapes`, () => block(all.map(fifty), surroundings), false),
    text(`${rules} rules, 50 shapes, as commands`, () => commands(all.map(fifty), surroundings), false),
    text('10000 rules, 50 shapes', () => block(numbers(10_000).map(fifty), surroundings)),
    text(`${rules} rules in 1000 chains`, () => manyChains(rules)),
    set('set: ipv4_addr', 'ipv4_addr', ipv4),
    set('set: prefixes', 'ipv4_addr; flags interval', i => `${ipv4(i << 5)}/28`),
    set('set: ranges', 'ipv4_addr; flags interval', i => `${ipv4(i << 5)}-${ipv4((i << 5) + 9)}`),
    set('set: ipv6_addr', 'ipv6_addr', ipv6),
    set('set: ipv4_addr . inet_service', 'ipv4_addr . inet_service', i => `${ipv4(i)} . ${port(i)}`),
    set('map: ipv4_addr : mark', 'ipv4_addr : mark', i => `${ipv4(i)} : ${i}`, 'map'),
    set(
      'map: ipv4_addr : verdict',
      'ipv4_addr : verdict',
      i => `${ipv4(i)} : ${i % 2 ? 'accept' : 'drop'}`,
      'map',
    ),
  ];
}

/** The fifty shapes one by one, to find which of them costs more than others. */
export const singleShapes: (rules: number) => readonly FrontText[] = rules =>
  shapes.map((shape, index) => ({
    name: `shape ${index}: ${shape(1)}`,
    make: () => block(numbers(rules).map(shape), surroundings),
    forNft: false,
  }));
