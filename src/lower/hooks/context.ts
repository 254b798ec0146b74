// Offsets and numbers of the kernel's interface to programs: uapi/linux/bpf.h, uapi/linux/pkt_cls.h.

/** struct __sk_buff: what tc programs see. */
export const skb = {
  len: 0,
  pkt_type: 4,
  mark: 8,
  protocol: 16,
  vlan_present: 20,
  vlan_tci: 24,
  vlan_proto: 28,
  priority: 32,
  ingress_ifindex: 36,
  ifindex: 40,
  data: 76,
  data_end: 80,
} as const;

/** struct xdp_md. */
export const xdp = {
  data: 0,
  data_end: 4,
  ingress_ifindex: 12,
} as const;

/** struct bpf_nf_ctx: two pointers. */
export const netfilter = {
  state: 0,
  skb: 8,
} as const;

/**
 * What a program returns. tc: TCX_NEXT (TC_ACT_UNSPEC) hands the packet to the next program, and then to nf_tables, as
 * nft's accept ends only its own base chain; TC_ACT_SHOT drops. netfilter: NF_ACCEPT, NF_DROP.
 */
export const verdictNumbers = {
  tc: { accept: -1, drop: 2 },
  xdp: { accept: 2, drop: 1 },
  netfilter: { accept: 1, drop: 0 },
} as const;

/** An EtherType as a 16-bit load of the frame gives it on a little-endian machine. */
export const loadedType = {
  ip: 0x0008,
  ip6: 0xdd86,
  vlan: 0x0081,
  serviceVlan: 0xa888,
} as const;
