// tc programs on egress: behind nf_tables' egress hook, on the same sk_buff. skb->data is the link header in both, and
// counts in skb->len.

import {
  add64,
  callKfunc,
  jumpIf,
  load,
  loadField,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  R8,
  R10,
  store,
  sub64,
} from '../../bpf-asm/build.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { NETWORK } from '../select/stack.ts';
import type { TargetCode } from './code.ts';
import { loadedType, skb } from './context.ts';
import { type InfoSource, loadInfo } from './info.ts';
import { fillTcLog } from './log.ts';
import type { EffectKind, Place } from './target.ts';
import { linkHeader, tcInfo, tcIngress } from './tc.ts';
import { copyFrame } from './tc-link.ts';

/**
 * A frame with its tags among its bytes, as packet sockets send them: the network header lies behind the tags. The fast copy
 * has it at a fixed place, so these frames take the slow one.
 */
function divertTagged(copy: Copy): void {
  copy.code.emit(load(4, R1, R6, skb.protocol));
  for (const type of [loadedType.vlan, loadedType.serviceVlan])
    copy.code.emit(jumpIf('eq', R1, type, copy.slowly(), { width: 32 }));
}

/** Offset of the network header from skb->data, which is the link header. */
function storeNetworkOffset(code: Code): void {
  code.emit(mov64(R1, R6), callKfunc('bpf_cast_to_kern_ctx'));
  code.emit(loadField(8, R1, R0, 'sk_buff.head'), loadField(2, R2, R0, 'sk_buff.network_header'));
  code.emit(loadField(8, R3, R0, 'sk_buff.data'), add64(R1, R2), sub64(R1, R3), store(8, R10, NETWORK, R1));
}

/** R2 = an offset behind the network header, as helpers count it. */
function egressOffset(code: Code, { index, offset }: Parameters<TargetCode['loadArguments']>[1]): void {
  code.emit(load(8, R2, R10, NETWORK));
  if (offset !== 0) code.emit(add64(R2, offset));
  if (index !== undefined) code.emit(add64(R2, index));
}

/** nf_tables counts a later fragment's transport header from skb->data, which is the link header here (fact 3). */
const egressInfo: InfoSource = {
  ...tcInfo,
  laterFragment: (code, dst) => code.emit(mov64(dst, -linkHeader)),
};

function refuseEffect(effect: EffectKind, place: Place): string | undefined {
  if (effect.do !== 'log' || !effect.withUser) return tcIngress.refuseEffect(effect, place);
  return '`log flags skuid` (which `flags all` includes) is not translated yet at egress';
}

export const tcEgress: TargetCode = {
  ...tcIngress,
  refuseEffect,
  loadInfo: copy => loadInfo(copy, egressInfo),
  divert: divertTagged,
  prepareSlow: storeNetworkOffset,
  copyBytes: (code, from, length, stack, fail) => {
    egressOffset(code, from);
    copyFrame(code, length, stack, fail);
  },
  loadArguments: (code, from) => {
    egressOffset(code, from);
    code.emit(mov64(R1, R6));
  },
  loadLength: (code, dst) => code.emit(load(4, dst, R6, skb.len)),
  // The fast copy has frames only whose network header is where it usually is.
  loadLogArguments: ({ code, isSlow }) => {
    code.emit(mov64(R1, R6), isSlow ? load(8, R2, R10, NETWORK) : mov32(R2, linkHeader));
  },
  fillLog: code => {
    code.emit(sub64(R8, R7));
    fillTcLog(code, 'output');
  },
};
