// What the members of kernel structures are that programs read: CO-RE compares it, and the width of a load does not tell
// (8 bytes may be a number or a pointer). And what it cannot compare.

import type { FieldKind } from '../../bpf-asm/elf/core-types.ts';

export const fieldKinds: Readonly<Record<string, FieldKind>> = {
  'bpf_nf_ctx.state': 'pointer',
  'bpf_nf_ctx.skb': 'pointer',
  'nf_hook_state.in': 'pointer',
  'nf_hook_state.out': 'pointer',
  'nf_hook_state.sk': 'pointer',
  'nf_hook_state.net': 'pointer',
  'sk_buff.__pkt_type_offset': 'marker',
  'sk_buff._nfct': 'unsigned',
  'sk_buff._skb_refdst': 'unsigned',
  'sk_buff.cb': 'unsigned[]',
  'sk_buff.data': 'pointer',
  'sk_buff.dev': 'pointer',
  'sk_buff.head': 'pointer',
  'sk_buff.sk': 'pointer',
  'sk_buff.skb_iif': 'signed',
  'sk_buff.tstamp': 'signed',
  'net_device.ifindex': 'signed',
  'net_device.name': 'unsigned[]',
  'net_device.rtnl_link_ops': 'pointer',
  'nf_conn.ext': 'pointer',
  'nf_conn.status': 'unsigned',
  'nf_hook_state.pf': 'unsigned',
  'sock.__sk_common.skc_listener': 'pointer',
  'sock.__sk_common.skc_net.net': 'pointer',
  'sock.sk_socket': 'pointer',
  'socket.file': 'pointer',
  'file.f_cred': 'pointer',
  'xdp_buff.rxq': 'pointer',
  'xdp_rxq_info.dev': 'pointer',
};

/**
 * Structures whose type id libbpf cannot find out, because kernels have another one that differs by a suffix which it
 * ignores (`nf_conn___init`).
 */
export const ambiguousTypes: ReadonlySet<string> = new Set(['nf_conn']);
