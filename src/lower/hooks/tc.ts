// tc programs on ingress and egress of an Ethernet device (docs/hooks.md). They run in front of nf_tables' ingress hook
// and behind its egress hook, on the same sk_buff. At ingress skb->data is the link header and the network header lies
// 14 bytes behind it: the outermost VLAN tag is in skb metadata. At egress the network header is asked of the sk_buff.

import {
  add64,
  call,
  jumpIf,
  load,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R10,
  store,
  sub64,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Source } from '../flow/field.ts';
import type { Code } from '../select/code.ts';
import { nothing } from '../select/facts.ts';
import { isClockKey, locateClock, refuseClock } from './clock.ts';
import type { TargetCode } from './code.ts';
import { skb, verdictNumbers } from './context.ts';
import { refuseHeader } from './headers.ts';
import { type InfoSource, loadInfo } from './info.ts';
import { ingressConstant } from './ingress.ts';
import { copyPacket, fillTcLog } from './log.ts';
import type { EffectKind, Place } from './target.ts';
import { copyFrame, locateTcLink } from './tc-link.ts';
import { locateTcMeta, tcMeta } from './tc-meta.ts';

export const linkHeader = 14;

function refuseSource(source: Source, place: Place): string | undefined {
  if (source.from === 'payload') return undefined;
  if (source.from === 'exthdr') return refuseHeader(source);
  if (source.from === 'ct')
    return 'connection tracking comes after this hook: nf_tables sees none here either';
  if (source.from === 'meta' && isClockKey(source.key)) return refuseClock(source.key, place);
  if (source.from === 'meta' && source.key !== 'l4proto' && !tcMeta.has(source.key)) {
    return `\`meta ${source.key}\` is not translated yet at ${place.hook}`;
  }
  return undefined;
}

function refuseEffect(effect: EffectKind): string | undefined {
  if (effect.do !== 'set_meta' || effect.key === 'mark' || effect.key === 'priority') return undefined;
  return `\`meta ${effect.key} set\` is not translated yet`;
}

export const tcInfo: InfoSource = {
  isChecked: true,
  needPresent: ({ code }, unknown) => {
    code.emit(load(4, R3, R6, skb.len), add64(R3, -linkHeader), jumpIf('gt', R2, R3, unknown));
  },
  loadProtocol: code => code.emit(load(4, R1, R6, skb.protocol)),
  laterFragment: (code, dst) => code.emit(mov32(dst, 0)),
  networkOffset: 0,
};

function loadPointers(code: Code): void {
  code.emit(load(4, R7, R6, skb.data), load(4, R5, R6, skb.data_end), add64(R7, linkHeader));
}

export const tcIngress: TargetCode = {
  name: 'tc',
  verdicts: verdictNumbers.tc,
  refuseSource,
  refuseEffect,
  constant: ingressConstant,
  enter: code => {
    code.emit(mov64(R6, R1));
    loadPointers(code);
    return { ...nothing, end: true };
  },
  enterSlow: code => code.emit(mov64(R6, R1)),
  loadEnd: code => code.emit(load(4, R5, R6, skb.data_end)),
  loadInfo: copy => loadInfo(copy, tcInfo),
  provenHeader: () => 0,
  hasPaged: true,
  prepareSlow: () => undefined,
  copyBytes: (code, { index, offset }, length, stack, fail) => {
    if (index === undefined) code.emit(mov32(R2, offset + linkHeader));
    else code.emit(mov64(R2, index), add64(R2, offset + linkHeader));
    copyFrame(code, length, stack, fail);
  },
  loadArguments: (code, { index, offset }) => {
    code.emit(mov64(R1, R6));
    if (index === undefined) code.emit(mov32(R2, offset + linkHeader));
    else code.emit(mov64(R2, index), add64(R2, offset + linkHeader));
  },
  copyInSubprogram: (code, fail) => {
    code.emit(mov64(R4, R3), mov64(R3, R10), add64(R3, -8), call(helperNumber.skb_load_bytes));
    code.emit(jumpIf('ne', R0, 0, fail));
  },
  loadLinear: code => {
    code.emit(load(4, R0, R1, skb.data_end), load(4, R5, R1, skb.data), sub64(R0, R5));
  },
  locateLink: locateTcLink,
  locate: (copy, source, absent) => {
    const key = source.from === 'meta' ? source.key : '';
    return isClockKey(key) ? locateClock(copy, key) : locateTcMeta(copy, key, absent);
  },
  loadLength: (code, dst) => code.emit(load(4, dst, R6, skb.len), add64(dst, -linkHeader)),
  loadLogArguments: ({ code }) => code.emit(mov64(R1, R6), mov32(R2, linkHeader)),
  fillLog: code => fillTcLog(code, 'input'),
  copyToLog: (code, fail) => copyPacket(code, 'skb_load_bytes', fail),
  isPreemptible: () => false,
  setMeta: (code, key) => code.emit(store(4, R6, key === 'mark' ? skb.mark : skb.priority, R1)),
};
