// Literals by what they mean. A kind is what a selector holds; a value of a kind is one way to write one.

import type { Choice, Draw } from './draw.ts';

const octet = (draw: Draw): string => String(draw.number(256));
const group = (draw: Draw): string => draw.hex(1 + draw.below(4));

const integer =
  (bits: number): Choice =>
  draw => {
    const value = Math.floor((draw.below(0x40000000) / 0x40000000) * 2 ** Math.min(bits, 48));
    const small = draw.below(Math.min(2 ** bits, 100));
    return draw.one(
      String(small),
      String(value),
      `0x${value.toString(16)}`,
      String(2 ** Math.min(bits, 52) - 1),
      '0',
      '1',
      d => (d.oneIn(12) ? String(2 ** bits) : String(small)),
    );
  };

const ip4: Choice = draw =>
  draw.oneIn(12)
    ? draw.pick([
        '0.0.0.0',
        '255.255.255.255',
        '127.0.0.1',
        '10.0.0.0',
        'localhost',
        '10.1',
        '1',
        '0x0a000001',
        '010.1.1.1',
      ])
    : `${octet(draw)}.${octet(draw)}.${octet(draw)}.${octet(draw)}`;
const ip6: Choice = draw =>
  draw.one(
    '::',
    '::1',
    'ff02::1',
    'fe80::',
    d => `${group(d)}::${group(d)}`,
    d => `2001:db8::${group(d)}:${group(d)}`,
    d => Array.from({ length: 8 }, () => group(d)).join(':'),
    d => `::ffff:${d.one(ip4)}`,
    d => `${group(d)}:${group(d)}::`,
    d => `[${group(d)}::${group(d)}]`,
  );
const ether: Choice = draw =>
  draw.one(
    d => Array.from({ length: 6 }, () => d.hex(2)).join(':'),
    'ff:ff:ff:ff:ff:ff',
    '00:00:00:00:00:00',
    '1:2:3:4:5:6',
  );

const words =
  (text: string, bits: number): Choice =>
  draw =>
    draw.oneIn(4) ? draw.one(integer(bits)) : draw.pick(text.split(' '));

const times: Choice = draw =>
  draw.one(
    '1s',
    '30s',
    '1m',
    '1h30m',
    '1d',
    '1w',
    '2d3h4m5s',
    '500ms',
    '0s',
    '10',
    '1d1d',
    '1h1d',
    '100000d',
    '1s500ms',
    '5x',
    '90s',
    '1w1d',
  );

/** Every kind of value; what is unusual has as much weight as what is usual. */
export const kinds: Readonly<Record<string, Choice>> = {
  bool: draw => draw.one('exists', 'missing', '1', '0', 'true'),
  u1: integer(1),
  u2: integer(2),
  u3: integer(3),
  u4: integer(4),
  u5: integer(5),
  u6: integer(6),
  u8: integer(8),
  u12: integer(12),
  u13: integer(13),
  u16: integer(16),
  u20: integer(20),
  u24: integer(24),
  u32: integer(32),
  u48: integer(48),
  u64: integer(64),
  ip4,
  ip6,
  ether,
  port: words(
    'ssh http https domain ntp 22 80 443 1024 65535 0 www ftp-data sip 0x50 "ssh" echo tftp bogus-service',
    16,
  ),
  proto: words(
    'tcp udp icmp icmpv6 ipv6-icmp ah esp comp udplite dccp sctp gre igmp ospf vrrp 47 255 hopopt ipv6-frag "tcp" ip egp ipcomp ipv6-nonxt 256',
    8,
  ),
  ethertype: words('ip ip6 arp vlan 0x0800 0x86dd 8021q 8021ad 0x88a8 ether rarp 0x0806 ipv4', 16),
  ifname: draw =>
    draw.one(
      'lo',
      '"lo"',
      'eth0',
      '"eth0"',
      '"eth*"',
      'wan*',
      '"a b"',
      '"br-lan"',
      'enp0s31f6',
      '"*"',
      'eth\\*',
      '"very-long-name-x"',
      'lo.100',
      '"eth0.1"',
      'a/b',
    ),
  ifindex: draw => draw.one('lo', '"lo"', '1', '2', 'nosuch', '0', '"1"'),
  iftype: words('ether ppp loopback sit ipip ipip6 ipgre 1 772 65534 can nosuch', 16),
  uid: words('root daemon 0 65534 1000 nobody nosuchuser', 32),
  gid: words('root daemon 0 65534 bin nosuchgroup', 32),
  mark: draw => draw.one(integer(32), integer(32), '0x2a', '0xffffffff', '42', '0x00000001'),
  pkttype: words('host unicast broadcast multicast other 0 3 loopback', 8),
  devgroup: words('default 0 7 0xffffffff nosuch', 32),
  realm: words('cosmos 0 5 nosuch', 32),
  day: words('Monday tuesday "Wednesday" Sun sat 0 6 7 Fri mon Tu "Mond" Sunday', 3),
  hour: draw =>
    draw.one(
      '"12:00"',
      '"23:59:59"',
      '"00:00"',
      '12:00',
      '"24:00"',
      '"7:05"',
      '3600',
      '"01:30:00"',
      '"25:00"',
      '86399',
      '86400',
      '"23:00"',
    ),
  time: draw =>
    draw.one(
      '"2026-01-02 03:04:05"',
      '"2026-07-01"',
      '1700000000',
      '"1999-12-31 23:59:59"',
      '0',
      '"2026-13-01"',
      '"2026-02-30"',
      '"2026-1-2"',
      '"2030-05-06 07:08"',
      '2026-07-01',
    ),
  classid: draw =>
    draw.one(
      '1:2',
      'ffff:ffff',
      'none',
      'root',
      '0',
      '0x10001',
      '"1:10"',
      ':1',
      '1:',
      'abcd:1234',
      '10000:1',
      '5',
    ),
  cgroup: integer(32),
  cgroup2: draw => draw.one('"system.slice"', '"nosuch"', '""', '1', '"a/b"'),
  secmark: integer(32),
  nfproto: words('ipv4 ipv6 arp bridge netdev inet unspec ip 2 10', 8),
  ctstate: draw =>
    draw.several(
      d => d.pick(['new', 'established', 'related', 'invalid', 'untracked']),
      draw.pick([',', '|', ', ', ' | ']),
      1,
      3,
    ),
  ctdir: words('original reply 0 1 2', 8),
  ctstatus: words('expected seen-reply assured confirmed snat dnat dying seq-adjust dst-nat 1 0x20', 32),
  ctevent: words('new related destroy reply assured protoinfo helper mark seqadj secmark label 1', 32),
  ctlabel: draw => draw.one('1', '0', '127', 'foo', '0x1', '128', '"bar"', '5'),
  cthelper: draw => draw.one('"ftp"', '"sip"', 'ftp', '"a-very-long-helper-name"', '"tftp"', '""'),
  duration: times,
  icmptype: words(
    'echo-request echo-reply destination-unreachable source-quench redirect router-advertisement router-solicitation time-exceeded parameter-problem timestamp-request timestamp-reply info-request info-reply address-mask-request address-mask-reply 8 0 255 nd-router-advert',
    8,
  ),
  icmpcode: words(
    'net-unreachable host-unreachable prot-unreachable port-unreachable net-prohibited host-prohibited admin-prohibited frag-needed 0 3 13 no-route',
    8,
  ),
  icmp6type: words(
    'destination-unreachable packet-too-big time-exceeded parameter-problem echo-request echo-reply mld-listener-query mld-listener-report mld-listener-done mld-listener-reduction nd-router-solicit nd-router-advert nd-neighbor-solicit nd-neighbor-advert nd-redirect router-renumbering ind-neighbor-solicit ind-neighbor-advert mld2-listener-report 128 255 redirect',
    8,
  ),
  icmp6code: words(
    'no-route admin-prohibited addr-unreachable port-unreachable policy-fail reject-route 0 6',
    8,
  ),
  igmptype: words(
    'membership-query membership-report-v1 membership-report-v2 membership-report-v3 leave-group 0x11 0',
    8,
  ),
  arpop: words('request reply rrequest rreply inrequest inreply nak 1 9 bogus', 16),
  dscp: words('cs0 cs1 cs2 cs7 af11 af21 af43 ef va lephb df be 0x20 63 64 le', 6),
  ecn: words('not-ect ect0 ect1 ce 0 3', 2),
  dccptype: words('request response data ack dataack closereq close reset sync syncack 0 15', 4),
  tcpflags: draw =>
    draw.several(
      d => d.pick(['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr', '0x2', '1']),
      draw.pick([',', '|', ' | ', ', ']),
      1,
      3,
    ),
  mptcp: words(
    'mp-capable mp-join dss add-addr remove-addr mp-prio mp-fail mp-fastclose mp-tcprst 0 8 15',
    4,
  ),
  mhtype: words(
    'binding-refresh-request home-test-init careof-test-init home-test careof-test binding-update binding-acknowledgement binding-error fast-binding-update fast-binding-acknowledgement fast-binding-advertisement experimental-mobility-header home-agent-switch-message 0 5',
    8,
  ),
  greflags: words('0 1 2 31', 5),
  osfname: draw => draw.one('"Linux"', '"Windows"', '"unknown"', '"MacOS"', 'Linux'),
  osfversion: draw =>
    draw.one('"Linux:4.20"', '"Windows:XP"', '"Windows:2000"', '"unknown"', '"a-name-that-is-too-long"'),
  addrtype: words(
    'unspec unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat xresolve 2',
    32,
  ),
  ifkind: draw => draw.one('"bridge"', '"vrf"', 'tun', '"vlan"', '"averyveryverylongkind"'),
};

export type Kind = string;

/** A value, now and then of another kind than asked for. */
export function value(draw: Draw, kind: Kind): string {
  if (draw.oneIn(60)) return draw.one(kinds[draw.pick(Object.keys(kinds))]!);
  return draw.one(kinds[kind] ?? integer(32));
}

export function duration(draw: Draw): string {
  return draw.oneIn(6)
    ? draw.one(times)
    : draw.pick(['1s', '30s', '1m', '1h', '2h30m', '1d', '90s', '3d4h5m6s', '250ms', '1w']);
}
