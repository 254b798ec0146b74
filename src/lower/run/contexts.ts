// The parts of context structures that no translated program reads, but that the kernel fills in all the same; and what a
// program's return value means.

import { skb, verdictNumbers, xdp } from '../hooks/context.ts';

/** struct __sk_buff with its length. All members are 32 bits; `protocol` and `vlan_proto` in network order. */
export const skbContext: typeof skb & Readonly<Record<'data_meta' | 'wire_len' | 'size', number>> = {
  ...skb,
  data_meta: 140,
  wire_len: 160,
  size: 192,
};

/** struct xdp_md with its length. */
export const xdpContext: typeof xdp & Readonly<Record<'data_meta' | 'size', number>> = {
  ...xdp,
  data_meta: 8,
  size: 24,
};

type Verdict = 'accept' | 'drop' | undefined;

function verdictOf(
  value: number,
  { accept, drop }: { readonly accept: number; readonly drop: number },
): Verdict {
  return value === drop ? 'drop' : value === accept >>> 0 ? 'accept' : undefined;
}

export function xdpVerdict(value: number): Verdict {
  return verdictOf(value, verdictNumbers.xdp);
}

/** Besides the verdicts of translated programs TC_ACT_OK (0), which ends tc with the packet accepted. */
export function tcVerdict(value: number): Verdict {
  return value === 0 ? 'accept' : verdictOf(value, verdictNumbers.tc);
}

/** Programs of cgroups return the same. */
export function netfilterVerdict(value: number): Verdict {
  return verdictOf(value, verdictNumbers.netfilter);
}
