// tc programs on ingress and egress of an Ethernet device (docs/hooks.md). They run in front of nf_tables' ingress hook
// and behind its egress hook, on the same sk_buff. At ingress skb->data is the link header and the network header lies
// 14 bytes behind it: the outermost VLAN tag is in skb metadata. At egress the network header is asked of the sk_buff.

import {
  add64,
  call,
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
import type { Copy } from '../select/copy.ts';
import { afterCall, nothing } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { guard } from '../select/packet.ts';
import { BUFFER, NETWORK } from '../select/stack.ts';
import type { TargetCode } from './code.ts';
import { loadedType, skb, verdictNumbers } from './context.ts';
import { ethernet } from './ethernet.ts';
import { type InfoSource, loadInfo } from './info.ts';
import { ingressConstant } from './ingress.ts';
import type { EffectKind, Place } from './target.ts';

const linkHeader = 14;

const supportedMeta: ReadonlySet<string> = new Set([
  'protocol',
  'l4proto',
  'nfproto',
  'mark',
  'priority',
  'len',
  'iif',
  'oif',
  'iiftype',
]);

function refuseSource(source: Source, place: Place): string | undefined {
  if (source.from === 'payload') return undefined;
  if (source.from === 'exthdr') return `${source.header} options are not translated yet`;
  if (source.from === 'ct')
    return 'connection tracking comes after this hook: nf_tables sees none here either';
  if (source.from === 'meta' && !supportedMeta.has(source.key)) {
    return `\`meta ${source.key}\` is not translated yet at ${place.hook}`;
  }
  return undefined;
}

function refuseEffect(effect: EffectKind): string | undefined {
  if (effect.do !== 'set_meta' || effect.key === 'mark' || effect.key === 'priority') return undefined;
  return `\`meta ${effect.key} set\` is not translated yet`;
}

const info: InfoSource = {
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

/** Where each `meta` key stands in the context. */
const contextFields: Readonly<Record<string, { readonly offset: number; readonly length: 1 | 2 | 4 }>> = {
  mark: { offset: skb.mark, length: 4 },
  priority: { offset: skb.priority, length: 4 },
  protocol: { offset: skb.protocol, length: 4 },
  iif: { offset: skb.ifindex, length: 4 },
  oif: { offset: skb.ifindex, length: 4 },
  pkttype: { offset: skb.pkt_type, length: 4 },
};

function locate({ code, target, compilation }: Copy, source: Source): Located {
  const key = source.from === 'meta' ? source.key : '';
  if (key === 'len') target.loadLength(code, R1, compilation.place);
  else code.emit(load(4, R1, R6, contextFields[key]!.offset));
  return { kind: 'value', register: R1 };
}

/** Copies bytes of the frame to the stack; R2 holds their offset from the link header. */
function copyFrame(code: Code, length: number, stack: number, fail: string): void {
  code.emit(mov64(R1, R6), mov64(R3, R10), add64(R3, stack), mov32(R4, length));
  code.emit(call(helperNumber.skb_load_bytes), jumpIf('ne', R0, 0, fail));
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
  loadInfo: copy => loadInfo(copy, info),
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
  locateLink: (copy, offset, length, absent) => locateLink(copy, offset, length, absent),
  locate,
  loadLength: (code, dst) => code.emit(load(4, dst, R6, skb.len), add64(dst, -linkHeader)),
  isPreemptible: () => false,
  setMeta: (code, key) => code.emit(store(4, R6, contextFields[key]!.offset, R1)),
};

/** Bytes of the link header: of the frame, or of the header that nf_tables rebuilds around a tag (fact 18). */
function locateLink(copy: Copy, offset: number, length: number, absent: () => string): Located {
  if (offset + length <= ethernet.addresses) return frameBytes(copy, offset, length, absent);
  return rebuiltBytes(copy, offset, length, absent);
}

/** The frame as it lies there. */
function frameBytes(copy: Copy, offset: number, length: number, absent: () => string): Located {
  const behind = offset - linkHeader;
  if (copy.isSlow) {
    copy.code.emit(mov32(R2, offset));
    copyFrame(copy.code, length, BUFFER, absent());
    copy.facts = afterCall(copy.facts);
    return { kind: 'memory', base: R10, offset: BUFFER };
  }
  guard(copy, 'network', behind + length, absent);
  return { kind: 'memory', base: R7, offset: behind };
}

/** Puts the bytes on the stack, from the frame and from the tag. */
function rebuiltBytes(copy: Copy, offset: number, length: number, absent: () => string): Located {
  const { code } = copy;
  const [plain, done] = [code.fresh('untagged'), code.fresh('link')];
  const fails = absent();
  code.emit(load(4, R1, R6, skb.vlan_present), jumpIf('eq', R1, 0, plain));
  for (const piece of ethernet.rebuilt(offset, length)) {
    if (piece.from === 'frame') {
      code.emit(mov32(R2, piece.offset));
      copyFrame(code, piece.length, BUFFER + piece.at, fails);
    } else tagBytes(code, piece);
  }
  code.emit(jump(done));
  code.label(plain);
  code.emit(mov32(R2, offset));
  copyFrame(code, length, BUFFER, fails);
  code.label(done);
  copy.facts = afterCall(copy.facts);
  return { kind: 'memory', base: R10, offset: BUFFER };
}

const tagFields = { protocol: skb.vlan_proto, tci: skb.vlan_tci, type: skb.protocol } as const;

/** Single bytes of the tag's protocol, its TCI or skb->protocol. Only the TCI is in host order. */
function tagBytes(
  code: Code,
  piece: Extract<ReturnType<typeof ethernet.rebuilt>[number], { from: 'tag' }>,
): void {
  code.emit(load(4, R1, R6, tagFields[piece.field]));
  if (piece.field === 'tci') code.emit(endian('be16', R1));
  ethernet.storeTwo(code, piece);
}

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
  ...info,
  laterFragment: (code, dst) => code.emit(mov64(dst, -linkHeader)),
};

export const tcEgress: TargetCode = {
  ...tcIngress,
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
};
