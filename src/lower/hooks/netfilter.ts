// netfilter programs (Linux 6.4) at the five inet hooks. They see the kernel's own sk_buff and nf_hook_state. Headers are
// read directly: `bpf_rdonly_cast(pointer, 0)` gives memory that may be read anywhere (Linux 6.17), a fault reads as
// zero, and bounds are checked only because nf_tables' loads depend on them. At all five hooks skb->data is the network
// header, and the stack has checked that header and has it in the linear part.

import {
  add64,
  call,
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
  R4,
  R5,
  R6,
  R7,
  R10,
  sub64,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import type { Source } from '../flow/field.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { type Facts, nothing } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { DYNPTR } from '../select/stack.ts';
import { isClockKey, locateClock, refuseClock } from './clock.ts';
import type { TargetCode } from './code.ts';
import { locateConntrack, refuseConntrack } from './conntrack.ts';
import { loadedType, netfilter, verdictNumbers } from './context.ts';
import { refuseHeader } from './headers.ts';
import { type InfoSource, loadInfo } from './info.ts';
import { copyNetfilterLink, copyNetfilterPacket, fillNetfilterLog, fillUser } from './log.ts';
import { locateNetfilterLink, refuseLink } from './netfilter-link.ts';
import { locateMeta, netfilterMeta } from './netfilter-meta.ts';
import type { EffectKind, KernelVersion, Place } from './target.ts';

const header4 = 20;
const header6 = 40;

function refuseSource(source: Source, place: Place): string | undefined {
  if (source.from === 'ct') return refuseConntrack(source);
  if (source.from === 'exthdr') return refuseHeader(source);
  if (source.from === 'payload' && source.base === 'link') {
    return refuseLink(source.offset + source.length, place.kernel, castKernel);
  }
  if (source.from === 'meta' && isClockKey(source.key)) return refuseClock(source.key, place);
  if (source.from === 'meta' && source.key !== 'l4proto' && !netfilterMeta.has(source.key)) {
    return `\`meta ${source.key}\` is not translated yet at ${place.hook}`;
  }
  return undefined;
}

function refuseEffect(effect: EffectKind): string | undefined {
  if (effect.do !== 'set_meta') return undefined;
  return `netfilter programs may not write \`meta ${effect.key}\``;
}

function constant(source: Source, { protocols }: Place): Uint8Array | undefined {
  if (source.from !== 'meta' || source.key !== 'nfproto') return undefined;
  const [only] = protocols;
  return protocols.length === 1 ? Uint8Array.of(only!) : undefined;
}

/** `dst` = the sk_buff. */
export function loadSkb(code: Code, dst: typeof R1): void {
  code.emit(load(8, dst, R6, netfilter.skb));
}

const info: InfoSource = {
  isChecked: false,
  needPresent: () => undefined,
  loadProtocol: code => {
    const done = code.fresh('protocol');
    code.emit(load(8, R2, R6, netfilter.state), loadField(1, R2, R2, 'nf_hook_state.pf'));
    code.emit(mov32(R1, loadedType.ip), jumpIf('eq', R2, 2, done), mov32(R1, loadedType.ip6));
    code.label(done);
  },
  laterFragment: (code, dst) => code.emit(mov32(dst, 0)),
  networkOffset: 0,
};

/** Casts the address in R1 to memory that may be read: R0. */
function castToMemory(code: Code): void {
  code.emit(mov32(R2, 0), callKfunc('bpf_rdonly_cast'));
}

/** R6 = the context, R7 = the network header. */
function loadHeader(code: Code): void {
  code.emit(mov64(R6, R1), load(8, R1, R6, netfilter.skb), loadField(8, R1, R1, 'sk_buff.data'));
  castToMemory(code);
  code.emit(mov64(R7, R0));
}

function enter(code: Code, { protocols }: Place): Facts {
  loadHeader(code);
  const [only] = protocols;
  if (protocols.length > 1) return { ...nothing, network: header4 };
  return only === 2
    ? { ...nothing, network: header4, protocol: 0x0800 }
    : { ...nothing, network: header6, protocol: 0x86dd };
}

function locate(copy: Copy, source: Source, absent: () => string): Located {
  if (source.from === 'ct') return locateConntrack(copy, source, absent);
  const key = source.from === 'meta' ? source.key : '';
  return isClockKey(key) ? locateClock(copy, key) : locateMeta(copy, key, absent);
}

/** From this version on memory may be read through a cast to no type. */
const castKernel: KernelVersion = [6, 17];

export const netfilterTarget: TargetCode = {
  name: 'netfilter',
  verdicts: verdictNumbers.netfilter,
  refuseSource,
  refuseEffect,
  constant,
  enter,
  fastSince: castKernel,
  enterSlow: code => code.emit(mov64(R6, R1)),
  loadEnd: code => {
    loadSkb(code, R1);
    code.emit(loadField(8, R5, R1, 'sk_buff.head'), loadField(4, R2, R1, 'sk_buff.tail'), add64(R5, R2));
  },
  loadInfo: copy => loadInfo(copy, info),
  provenHeader: protocol => (protocol === 0x0800 ? header4 : protocol === 0x86dd ? header6 : 0),
  hasPaged: true,
  prepareSlow: code => {
    loadSkb(code, R1);
    code.emit(mov32(R2, 0), mov64(R3, R10), add64(R3, DYNPTR), callKfunc('bpf_dynptr_from_skb'));
  },
  copyBytes: (code, { index, offset }, length, stack, fail) => {
    code.emit(mov64(R1, R10), add64(R1, stack), mov32(R2, length), mov64(R3, R10), add64(R3, DYNPTR));
    if (index === undefined) code.emit(mov32(R4, offset));
    else code.emit(mov64(R4, index), add64(R4, offset));
    code.emit(mov32(R5, 0), call(helperNumber.dynptr_read), jumpIf('ne', R0, 0, fail));
  },
  loadArguments: (code, { index, offset }) => {
    loadSkb(code, R1);
    if (index === undefined) code.emit(mov32(R2, offset));
    else code.emit(mov64(R2, index), add64(R2, offset));
  },
  copyInSubprogram: (code, fail) => {
    code.emit(mov64(R6, R2), mov64(R7, R3), mov32(R2, 0), mov64(R3, R10), add64(R3, -24));
    code.emit(callKfunc('bpf_dynptr_from_skb'), mov64(R1, R10), add64(R1, -8), mov64(R2, R7));
    code.emit(mov64(R3, R10), add64(R3, -24), mov64(R4, R6), mov32(R5, 0));
    code.emit(call(helperNumber.dynptr_read), jumpIf('ne', R0, 0, fail));
  },
  loadLinear: code => {
    code.emit(loadField(4, R0, R1, 'sk_buff.len'), loadField(4, R5, R1, 'sk_buff.data_len'), sub64(R0, R5));
  },
  locateLink: locateNetfilterLink,
  locate,
  loadLength: (code, dst) => {
    loadSkb(code, R3);
    code.emit(loadField(4, dst, R3, 'sk_buff.len'));
  },
  loadLogArguments: ({ code }) => code.emit(mov64(R1, R6), mov32(R2, 0)),
  fillLog: (code, { kernel, withUser }) => {
    fillNetfilterLog(code);
    if (withUser) fillUser(code);
    if (kernelAtLeast(kernel, castKernel)) copyNetfilterLink(code);
  },
  copyToLog: copyNetfilterPacket,
  isPreemptible: ({ hook }) => hook === 'output' || hook === 'postrouting',
  setMeta: () => undefined,
};
