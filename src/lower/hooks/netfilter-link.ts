// The link header at the inet hooks: that of the frame as it was received (fact 17 of docs/semantics.md). It lies in front of
// skb->data, in the linear part; if its tag is in skb metadata, nf_tables shows the header rebuilt around it (fact 18).

import {
  add64,
  callKfunc,
  endian,
  jump,
  jumpIf,
  load,
  loadField,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R4,
  R6,
  R10,
  store,
} from '../../bpf-asm/build.ts';
import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import { chunks } from '../select/chunks.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import type { Located } from '../select/located.ts';
import { BUFFER } from '../select/stack.ts';
import { netfilter } from './context.ts';
import { ethernet } from './ethernet.ts';
import type { KernelVersion } from './target.ts';

/** The Ethernet header and the IPv4 header behind it, which are always in the linear part. */
const surelyLinear = 14 + 20;

/** `cast` is the first kernel in which memory may be read through a cast to no type. */
export function refuseLink(end: number, kernel: KernelVersion, cast: KernelVersion): string | undefined {
  if (!kernelAtLeast(kernel, cast)) {
    return `the link header can be read in netfilter programs from Linux ${cast.join('.')} on`;
  }
  if (end <= surelyLinear) return undefined;
  return 'a load from the link header that ends behind the IP header is not translated at this hook';
}

/** R4 = the link header; one that was never set, or has no length, is absent. */
function loadHeader(copy: Copy, absent: string): void {
  const { code } = copy;
  code.emit(load(8, R4, R6, netfilter.skb), loadField(2, R1, R4, 'sk_buff.mac_header'));
  code.emit(jumpIf('eq', R1, 0xffff, absent), loadField(2, R2, R4, 'sk_buff.network_header'));
  code.emit(jumpIf('eq', R1, R2, absent), loadField(8, R2, R4, 'sk_buff.head'), add64(R1, R2));
  code.emit(mov32(R2, 0), callKfunc('bpf_rdonly_cast'), mov64(R4, R0));
  copy.facts = { ...copy.facts, end: false };
}

/** Copies bytes of the frame to the stack. */
function copyFrame(code: Code, offset: number, at: number, length: number): void {
  for (const chunk of chunks(R10, BUFFER + at, length)) {
    code.emit(
      load(chunk.size, R1, R4, offset + chunk.at),
      store(chunk.size, R10, BUFFER + at + chunk.at, R1),
    );
  }
}

const tagFields = {
  protocol: 'sk_buff.vlan_proto',
  tci: 'sk_buff.vlan_tci',
  type: 'sk_buff.protocol',
} as const;

export function locateNetfilterLink(
  copy: Copy,
  offset: number,
  length: number,
  absent: () => string,
): Located {
  const { code } = copy;
  loadHeader(copy, absent());
  if (offset + length <= ethernet.addresses) return { kind: 'memory', base: R4, offset };
  const [plain, done] = [code.fresh('untagged'), code.fresh('link')];
  code.emit(
    load(8, R2, R6, netfilter.skb),
    loadField(4, R1, R2, 'sk_buff.vlan_all'),
    jumpIf('eq', R1, 0, plain),
  );
  for (const piece of ethernet.rebuilt(offset, length)) {
    if (piece.from === 'frame') copyFrame(code, piece.offset, piece.at, piece.length);
    else {
      code.emit(loadField(2, R1, R2, tagFields[piece.field]));
      if (piece.field === 'tci') code.emit(endian('be16', R1));
      ethernet.storeTwo(code, piece);
    }
  }
  code.emit(jump(done));
  code.label(plain);
  copyFrame(code, offset, 0, length);
  code.label(done);
  return { kind: 'memory', base: R10, offset: BUFFER };
}
