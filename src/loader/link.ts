// Attaching by links: a program stays attached as long as its link's descriptor is open, so nothing is left behind by a
// process that dies.

import type { Attach } from '../lower/program.ts';
import { Attribute } from './attribute.ts';
import { failure, type Result } from './error.ts';
import type { System } from './system.ts';

const attachTypes = { xdp: 37, netfilter: 45, ingress: 46, egress: 47 } as const;

/** XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE. */
const xdpModes = { generic: 2, native: 4 } as const;

const BPF_F_NETFILTER_IP_DEFRAG = 1;

export interface LinkOptions {
  /** How an XDP program is run; default: the kernel's choice. */
  readonly xdpMode?: keyof typeof xdpModes;
  /** A netfilter program behind priority -400 gets reassembled packets. */
  readonly defragment?: boolean;
}

function deviceLink(
  system: System,
  programFd: number,
  device: string,
  type: number,
  flags: number,
): Result<number> {
  const index = system.deviceIndex(device);
  if (index === undefined) return failure('system', 'BPF_LINK_CREATE', `there is no device ${device}`);
  const attribute = new Attribute(system).u32(0, programFd).u32(4, index).u32(8, type).u32(12, flags);
  return system.bpf('BPF_LINK_CREATE', attribute);
}

function netfilterLink(
  system: System,
  programFd: number,
  attach: Extract<Attach, { target: 'netfilter' }>,
  defragment: boolean,
): Result<number> {
  const attribute = new Attribute(system)
    .u32(0, programFd)
    .u32(8, attachTypes.netfilter)
    .u32(16, attach.pf)
    .u32(20, attach.hook)
    .u32(24, attach.priority)
    .u32(28, defragment ? BPF_F_NETFILTER_IP_DEFRAG : 0);
  return system.bpf('BPF_LINK_CREATE', attribute);
}

/** Attaches a loaded program in the calling thread's network namespace; the value is the link's descriptor. */
export function createLink(
  system: System,
  programFd: number,
  attach: Attach,
  options: LinkOptions = {},
): Result<number> {
  switch (attach.target) {
    case 'xdp': {
      const flags = options.xdpMode === undefined ? 0 : xdpModes[options.xdpMode];
      return deviceLink(system, programFd, attach.device, attachTypes.xdp, flags);
    }
    case 'tc':
      return deviceLink(system, programFd, attach.device, attachTypes[attach.direction], 0);
    case 'netfilter':
      return netfilterLink(system, programFd, attach, options.defragment ?? false);
    case 'cgroup_skb':
      return failure(
        'does-not-fit',
        'BPF_LINK_CREATE',
        'cgroup_skb programs are attached to a cgroup, not here',
      );
  }
}
