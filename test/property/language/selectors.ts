// Everything that can be asked of a packet, with the kind of value that it holds.

import type { Draw } from './draw.ts';
import type { Kind } from './values.ts';

export interface Selector {
  readonly text: string;
  readonly kind: Kind;
}

/** `prefix: field=kind field=kind`; a field may hold spaces written as `_`. */
function table(prefix: string, fields: string): readonly Selector[] {
  return fields.split(' ').map(entry => {
    const [field = '', kind = ''] = entry.split('=');
    return { text: `${prefix} ${field.replaceAll('_', ' ')}`.trim(), kind };
  });
}

export const ethernet: readonly Selector[] = [
  ...table('ether', 'saddr=ether daddr=ether type=ethertype'),
  ...table('vlan', 'id=u12 cfi=u1 dei=u1 pcp=u3 type=ethertype'),
  ...table(
    'arp',
    'htype=u16 ptype=ethertype hlen=u8 plen=u8 operation=arpop saddr_ether=ether daddr_ether=ether saddr_ip=ip4 daddr_ip=ip4',
  ),
];
const ip4: readonly Selector[] = table(
  'ip',
  'version=u4 hdrlength=u4 dscp=dscp ecn=ecn length=u16 id=u16 frag-off=u16 ttl=u8 protocol=proto checksum=u16 saddr=ip4 daddr=ip4',
);
const ip6: readonly Selector[] = table(
  'ip6',
  'version=u4 dscp=dscp ecn=ecn flowlabel=u20 length=u16 nexthdr=proto hoplimit=u8 saddr=ip6 daddr=ip6',
);
export const transport: readonly Selector[] = [
  ...table('icmp', 'type=icmptype code=icmpcode checksum=u16 id=u16 sequence=u16 gateway=u32 mtu=u16'),
  ...table('igmp', 'type=igmptype checksum=u16 mrt=u8 group=ip4'),
  ...table(
    'icmpv6',
    'type=icmp6type code=icmp6code checksum=u16 parameter-problem=u32 packet-too-big=u32 id=u16 sequence=u16 max-delay=u16 mtu=u32 taddr=ip6 daddr=ip6',
  ),
  ...table('ah', 'nexthdr=proto hdrlength=u8 reserved=u16 spi=u32 sequence=u32'),
  ...table('esp', 'spi=u32 sequence=u32'),
  ...table('comp', 'nexthdr=proto flags=u8 cpi=u16'),
  ...table('udp', 'sport=port dport=port length=u16 checksum=u16'),
  ...table('udplite', 'sport=port dport=port csumcov=u16 checksum=u16'),
  ...table(
    'tcp',
    'sport=port dport=port sequence=u32 ackseq=u32 doff=u4 reserved=u4 flags=tcpflags window=u16 checksum=u16 urgptr=u16',
  ),
  ...table('dccp', 'sport=port dport=port type=dccptype option_1=bool option_255=bool'),
  ...table('sctp', 'sport=port dport=port vtag=u32 checksum=u32'),
  ...table('th', 'sport=port dport=port'),
];
export const tunnels: readonly Selector[] = [
  ...table('vxlan', 'vni=u24 flags=u8'),
  ...table('geneve', 'vni=u24 type=ethertype'),
  ...table('gre', 'version=u3 flags=greflags protocol=ethertype'),
];
const extensions: readonly Selector[] = [
  ...table('hbh', 'nexthdr=proto hdrlength=u8'),
  ...table('rt', 'nexthdr=proto hdrlength=u8 type=u8 seg-left=u8'),
  ...table('rt0', 'addr[1]=ip6 addr[2]=ip6'),
  ...table('rt2', 'addr=ip6'),
  ...table('srh', 'last-entry=u8 flags=u8 tag=u16 sid[1]=ip6 sid[2]=ip6'),
  ...table('frag', 'nexthdr=proto reserved=u8 frag-off=u13 reserved2=u2 more-fragments=u1 id=u32'),
  ...table('dst', 'nexthdr=proto hdrlength=u8'),
  ...table('mh', 'nexthdr=proto hdrlength=u8 type=mhtype reserved=u8 checksum=u16'),
  ...table('exthdr', 'hbh=bool rt=bool frag=bool dst=bool mh=bool'),
];
const chunks =
  'data init init-ack sack heartbeat heartbeat-ack abort shutdown shutdown-ack error cookie-echo cookie-ack ecne cwr shutdown-complete asconf-ack forward-tsn asconf'.split(
    ' ',
  );
const options: readonly Selector[] = [
  ...'lsrr rr ssrr ra'
    .split(' ')
    .flatMap(name => [
      ...table(`ip option ${name}`, 'type=u8 length=u8 value=u16 ptr=u8 addr=ip4'),
      { text: `ip option ${name}`, kind: 'bool' },
    ]),
  ...table(
    'tcp option',
    'eol=bool nop=bool maxseg=bool window=bool sack-perm=bool sack-permitted=bool sack=bool sack0=bool sack1=bool sack3=bool timestamp=bool mptcp=bool fastopen=bool md5sig=bool echo=bool 254=bool 6=bool 256=bool',
  ),
  ...table(
    'tcp option',
    'mss_size=u16 maxseg_size=u16 maxseg_length=u8 window_count=u8 window_length=u8 sack_left=u32 sack0_right=u32 sack1_left=u32 sack2_right=u32 sack3_length=u8 timestamp_tsval=u32 timestamp_tsecr=u32 timestamp_length=u8 mptcp_subtype=mptcp mptcp_length=u8 fastopen_length=u8 md5sig_length=u8 sack-perm_length=u8 nop_length=u8 eol_length=u8 99_length=u8 echo_length=u8',
  ),
  ...table(
    'tcp option',
    '@34,8,8=u8 @34,0,16=u16 @mss,16,16=u16 @254,3,5=u5 @255,32,128=u64 @sack,24,32=u32',
  ),
  ...chunks.map(name => ({ text: `sctp chunk ${name}`, kind: 'bool' })),
  ...chunks.flatMap(name => table(`sctp chunk ${name}`, 'type=u8 flags=u8 length=u16')),
  ...table(
    'sctp chunk',
    'data_tsn=u32 data_stream=u16 data_ssn=u16 data_ppid=u32 init_init-tag=u32 init_a-rwnd=u32 init_num-outbound-streams=u16 init-ack_num-inbound-streams=u16 init-ack_initial-tsn=u32 sack_cum-tsn-ack=u32 sack_a-rwnd=u32 sack_num-gap-ack-blocks=u16 sack_num-dup-tsns=u16 shutdown_cum-tsn-ack=u32 ecne_lowest-tsn=u32 cwr_lowest-tsn=u32 asconf-ack_seqno=u32 forward-tsn_new-cum-tsn=u32 asconf_seqno=u32 data_a-rwnd=u32',
  ),
];
const meta: readonly Selector[] = [
  ...table(
    'meta',
    'length=u32 protocol=ethertype priority=classid random=u32 secmark=secmark nfproto=nfproto l4proto=proto iifkind=ifkind oifkind=ifkind ibrpvid=u16 ibrvproto=ethertype sdif=ifindex sdifname=ifname broute=u1 ibrhwaddr=ether',
  ),
  ...['meta', ''].flatMap(prefix =>
    table(
      prefix,
      'mark=mark iif=ifindex iifname=ifname iiftype=iftype oif=ifindex oifname=ifname oiftype=iftype skuid=uid skgid=gid nftrace=u1 rtclassid=realm ibrname=ifname obrname=ifname pkttype=pkttype cpu=u32 iifgroup=devgroup oifgroup=devgroup cgroup=cgroup time=time day=day hour=hour',
    ),
  ),
  { text: 'meta ipsec', kind: 'bool' },
];
const conntrack: readonly Selector[] = [
  ...table(
    'ct',
    'l3proto=nfproto protocol=proto mark=mark state=ctstate direction=ctdir status=ctstatus expiration=duration helper=cthelper label=ctlabel event=ctevent secmark=secmark id=u32 bytes=u64 packets=u64 avgpkt=u64 zone=u16 saddr=ip4 proto-src=port proto-dst=port',
  ),
  ...['ct original', 'ct reply'].flatMap(prefix =>
    table(
      prefix,
      'saddr=ip4 daddr=ip4 l3proto=nfproto protocol=proto proto-src=port proto-dst=port bytes=u64 packets=u64 avgpkt=u64 zone=u16 ip_saddr=ip4 ip_daddr=ip4 ip6_saddr=ip6 ip6_daddr=ip6',
    ),
  ),
];
const machine: readonly Selector[] = [
  ...table(
    'socket',
    'transparent=u1 mark=mark wildcard=u1 cgroupv2_level_1=cgroup2 cgroupv2_level_2=cgroup2',
  ),
  ...table('rt', 'classid=realm nexthop=ip4 mtu=u16 ipsec=bool ip_nexthop=ip4 ip6_nexthop=ip6'),
  ...table('osf', 'name=osfname version=osfversion ttl_loose_name=osfname ttl_skip_version=osfversion'),
  ...table(
    'ipsec',
    'in_spi=u32 out_spi=u32 in_reqid=u32 out_spnum_1_reqid=u32 in_ip_saddr=ip4 in_ip_daddr=ip4 in_ip6_daddr=ip6 out_ip6_saddr=ip6 in_spnum_255_spi=u32 in_spnum_256_spi=u32',
  ),
  ...table('tunnel', 'path=bool id=u32'),
];

function fib(draw: Draw): Selector {
  const keys = draw.pick([
    'saddr',
    'daddr',
    'saddr . iif',
    'daddr . iif',
    'saddr . mark',
    'daddr . oif',
    'saddr . iif . mark',
    'mark . daddr . iif',
    'iif',
    'saddr . daddr',
    'mark . iif',
  ]);
  const [result, kind] = draw.pick([
    ['oif', 'ifindex'],
    ['oifname', 'ifname'],
    ['type', 'addrtype'],
    ['check', 'bool'],
  ] as const);
  return { text: `fib ${keys} ${result}`, kind };
}

function raw(draw: Draw): Selector {
  const base = draw.pick(['ll', 'nh', 'th', 'ih']);
  const bits = draw.pick([1, 3, 4, 8, 12, 16, 20, 24, 32, 48, 64, 128, draw.below(200)]);
  const offset = draw.pick([0, 8, 16, 32, 48, 96, 160, draw.below(400)]);
  return { text: `@${base},${offset},${bits}`, kind: bits <= 64 ? `u${bits}` : 'u64' };
}

function generated(draw: Draw): Selector {
  const offset = draw.maybe(d => `offset ${d.number(1000)}`, 3);
  const modulus = draw.number(1000) + (draw.oneIn(30) ? 0 : 1);
  const key = draw.several(d => anySelector(d).text, ' . ', 1, 3);
  const text = draw.one(
    `numgen ${draw.pick(['inc', 'random'])} mod ${modulus}`,
    `symhash mod ${modulus}`,
    `jhash ${key} mod ${modulus}`,
    `jhash ${key} mod ${modulus} seed ${draw.pick(['0xdeadbeef', '0x0', '1', '4294967295', '4294967296'])}`,
  );
  return { text: draw.words(text, offset), kind: draw.pick(['u8', 'u16', 'u32']) };
}

function inner(draw: Draw): Selector {
  const tunnel = draw.pick(['vxlan', 'geneve', 'gre', 'gretap']);
  if (draw.oneIn(4)) return draw.pick(tunnels);
  const { text, kind } = draw.pick(
    draw.oneIn(3) && tunnel !== 'gre' ? ethernet : draw.oneIn(2) ? [...ip4, ...ip6] : transport,
  );
  return { text: `${tunnel} ${text}`, kind };
}

/** Fields that a header has, and that statements may write. */
export function field(draw: Draw): Selector {
  const network =
    draw.family === 'ip'
      ? [ip4, ip4]
      : draw.family === 'ip6'
        ? [ip6, extensions]
        : draw.family === 'arp'
          ? [ethernet, ethernet]
          : [ip4, ip6, extensions];
  const all = [ethernet, ip4, ip6, transport, extensions, options, tunnels];
  return draw.pick(draw.oneIn(6) ? draw.pick(all) : draw.pick([...network, transport, options]));
}

export function anySelector(draw: Draw): Selector {
  const which = draw.below(20);
  if (which < 8) return field(draw);
  if (which < 11) return draw.pick(meta);
  if (which < 13) return draw.pick(conntrack);
  if (which < 15) return draw.pick(machine);
  if (which === 15) return fib(draw);
  if (which === 16) return raw(draw);
  if (which === 17) return generated(draw);
  if (which === 18) return inner(draw);
  return draw.pick(options);
}

export { conntrack, extensions, ip4, ip6, machine, meta, options };
