// Byte offsets in the context structures of uapi/linux/bpf.h, and what programs return.

/** struct __sk_buff. All members are 32 bits but where noted. */
export const skbContext = {
  len: 0,
  pkt_type: 4,
  mark: 8,
  queue_mapping: 12,
  /** Network order, as are vlan_proto and the like. */
  protocol: 16,
  vlan_present: 20,
  vlan_tci: 24,
  vlan_proto: 28,
  priority: 32,
  ingress_ifindex: 36,
  ifindex: 40,
  tc_index: 44,
  hash: 68,
  data: 76,
  data_end: 80,
  data_meta: 140,
  /** 64 bits. */
  tstamp: 152,
  wire_len: 160,
  gso_segs: 164,
  gso_size: 176,
  size: 192,
} as const;

/** struct xdp_md. */
export const xdpContext = {
  data: 0,
  data_end: 4,
  data_meta: 8,
  ingress_ifindex: 12,
  rx_queue_index: 16,
  egress_ifindex: 20,
  size: 24,
} as const;

type Verdict = 'accept' | 'drop' | undefined;

/** XDP_DROP and XDP_PASS. */
export function xdpVerdict(value: number): Verdict {
  return value === 1 ? 'drop' : value === 2 ? 'accept' : undefined;
}

/** TC_ACT_OK, TC_ACT_SHOT; TC_ACT_UNSPEC (-1) hands the packet to the next program. */
export function tcVerdict(value: number): Verdict {
  return value === 2 ? 'drop' : value === 0 || value === 0xffff_ffff ? 'accept' : undefined;
}

/** NF_DROP, NF_ACCEPT; cgroup programs return the same. */
export function netfilterVerdict(value: number): Verdict {
  return value === 0 ? 'drop' : value === 1 ? 'accept' : undefined;
}
