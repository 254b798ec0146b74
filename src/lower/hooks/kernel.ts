// What nf_tables does differently in other kernel versions (docs/hooks.md; section 11 of docs/semantics.md). Behaviour is known
// up to 6.18 and in 7.2; in between it is not known on which side of a change a version stands.

import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import type { Source } from '../flow/field.ts';
import type { KernelVersion, Place } from './target.ts';

const lastOld: KernelVersion = [6, 18];
const firstNew: KernelVersion = [7, 2];

function isOld(kernel: KernelVersion): boolean {
  return kernelAtLeast(lastOld, kernel);
}

/** Aligned loads from a transport header look at the fragment offset, as all others do. */
export function checksFragments(kernel: KernelVersion): boolean {
  return kernelAtLeast(kernel, firstNew);
}

function needsTransport(source: Source): boolean {
  if (source.from === 'payload') return source.base === 'transport';
  return source.from === 'exthdr' || (source.from === 'meta' && source.key === 'l4proto');
}

/** Why a load cannot be decided for this version; undefined if it can. */
export function refuseForKernel(source: Source, { kernel, protocols }: Place): string | undefined {
  if (isOld(kernel)) return undefined;
  const version = `Linux ${kernel.join('.')}`;
  const isPacket = source.from === 'payload' || source.from === 'exthdr' || source.from === 'meta';
  if (protocols.length === 0 && isPacket) {
    return `what nf_tables reads at the hooks of a device is not known well enough for ${version}, only up to 6.18`;
  }
  if (!needsTransport(source)) return undefined;
  if (!checksFragments(kernel)) {
    return `loads from fragments changed between 6.18 and 7.2, and it is not known what ${version} does`;
  }
  return protocols.includes(10)
    ? `the limits that ${version} has for IPv6 extension headers are not translated yet`
    : undefined;
}
