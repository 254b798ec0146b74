// XDP programs on an Ethernet device: before there is an sk_buff. The frame is as the wire had it, with its VLAN tags in
// place; the outermost is stepped over, as the kernel moves it into skb metadata before nf_tables' ingress hook. Programs
// are loaded without BPF_F_XDP_HAS_FRAGS, so all of a frame lies between data and data_end, and a guard that fails
// means that the bytes are not there.

import {
  add64,
  call,
  callKfunc,
  endian,
  exit,
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
  sub64,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Source } from '../flow/field.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall, nothing } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { needEnd } from '../select/packet.ts';
import { BUFFER } from '../select/stack.ts';
import { isClockKey, locateClock, refuseClock } from './clock.ts';
import type { TargetCode } from './code.ts';
import { loadedType, verdictNumbers, xdp } from './context.ts';
import { refuseHeader } from './headers.ts';
import { type InfoSource, loadInfo } from './info.ts';
import { ingressConstant } from './ingress.ts';
import { copyPacket, fillXdpLog } from './log.ts';
import type { EffectKind, Place } from './target.ts';

const linkHeader = 14;
const tagLength = 4;
/** Below this number an Ethernet header's type field is a length (802.3). */
const smallestType = 0x600;
/** ETH_P_802_2 and ETH_P_802_3, as loaded. */
const logicalLink = 0x0400;
const rawFrame = 0x0100;

const supportedMeta: ReadonlySet<string> = new Set([
  'protocol',
  'l4proto',
  'nfproto',
  'len',
  'iif',
  'iifname',
  'iifgroup',
]);

function refuseSource(source: Source, place: Place): string | undefined {
  if (source.from === 'payload') return undefined;
  if (source.from === 'exthdr') return refuseHeader(source);
  if (source.from === 'ct')
    return 'connection tracking comes after this hook: nf_tables sees none here either';
  if (source.from === 'meta' && isClockKey(source.key)) return refuseClock(source.key, place);
  if (source.from === 'meta' && !supportedMeta.has(source.key)) {
    return `\`meta ${source.key}\` is a property of an sk_buff, which there is none of at xdp`;
  }
  return undefined;
}

function refuseEffect(effect: EffectKind): string | undefined {
  return effect.do === 'set_meta'
    ? `\`meta ${effect.key} set\` writes to an sk_buff, which there is none of at xdp`
    : undefined;
}

const info: InfoSource = {
  isChecked: true,
  needPresent: ({ code, isSlow }, unknown) => {
    if (isSlow) code.emit(load(4, R4, R6, xdp.data_end));
    code.emit(mov64(R3, R7), add64(R3, R2), jumpIf('gt', R3, isSlow ? R4 : R5, unknown));
  },
  loadProtocol: code => code.emit(load(2, R1, R7, -2)),
  laterFragment: (code, dst) => code.emit(mov32(dst, 0)),
  networkOffset: 0,
};

/** R6 = the context, R7 = the network header, R5 = the end. Frames that the stack drops before any hook are let by. */
function loadHeader(code: Code): void {
  const [tagged, network, runt] = ['tagged', 'network', 'runt'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
  ];
  code.emit(mov64(R6, R1), load(4, R7, R1, xdp.data), load(4, R5, R1, xdp.data_end), add64(R7, linkHeader));
  code.emit(jumpIf('gt', R7, R5, runt), load(2, R2, R7, -2));
  for (const type of [loadedType.vlan, loadedType.serviceVlan]) {
    code.emit(jumpIf('eq', R2, type, tagged, { width: 32 }));
  }
  code.label(network);
  code.later(() => {
    code.label(tagged);
    // The kernel wants the tag and two bytes behind it.
    code.emit(
      mov64(R1, R7),
      add64(R1, tagLength + 2),
      jumpIf('gt', R1, R5, runt),
      add64(R7, tagLength),
      load(2, R2, R7, -2),
      jump(network),
    );
    code.label(runt);
    code.emit(mov32(R0, verdictNumbers.xdp.accept), exit());
  });
}

/** R1 = bytes from the network header to the end, of which skb->len consists. */
function loadLength(code: Code, dst: typeof R1): void {
  code.emit(load(4, dst, R6, xdp.data_end), sub64(dst, R7));
}

/** The type field, which is skb->protocol from 0x600 on. */
function locateType({ code, facts }: Copy): Located {
  if (facts.type) return { kind: 'value', register: R2 };
  code.emit(load(2, R1, R7, -2));
  return { kind: 'value', register: R1 };
}

/** skb->protocol as eth_type_trans and vlan_set_encap_proto have it. */
function locateProtocol(copy: Copy): Located {
  const { code } = copy;
  const done = code.fresh('protocol');
  needEnd(copy);
  code.emit(load(2, R1, R7, -2), mov64(R2, R1), endian('be16', R2), jumpIf('ge', R2, smallestType, done));
  code.emit(mov32(R1, logicalLink), mov64(R3, R7), add64(R3, 2), jumpIf('gt', R3, R5, done));
  code.emit(load(2, R2, R7, 0), jumpIf('ne', R2, 0xffff, done), mov32(R1, rawFrame));
  code.label(done);
  return { kind: 'value', register: R1 };
}

/** `dst` = the device. */
function loadDevice(copy: Copy, dst: typeof R1): void {
  copy.code.emit(mov64(R1, R6), callKfunc('bpf_cast_to_kern_ctx'), loadField(8, dst, R0, 'xdp_buff.rxq'));
  copy.code.emit(loadField(8, dst, dst, 'xdp_rxq_info.dev'));
  copy.facts = afterCall(copy.facts);
}

function locate(copy: Copy, source: Source): Located {
  const { code } = copy;
  const key = source.from === 'meta' ? source.key : '';
  if (isClockKey(key)) return locateClock(copy, key);
  switch (key) {
    case 'protocol':
      return locateProtocol(copy);
    case 'len':
      loadLength(code, R1);
      break;
    case 'iif':
      code.emit(load(4, R1, R6, xdp.ingress_ifindex));
      break;
    case 'iifgroup':
      loadDevice(copy, R1);
      code.emit(loadField(4, R1, R1, 'net_device.group'));
      break;
    default:
      loadDevice(copy, R4);
      return { kind: 'name', base: R4, field: 'net_device.name' };
  }
  return { kind: 'value', register: R1 };
}

/** The frame itself is what nf_tables rebuilds of a tagged one (fact 18). */
function locateLink(copy: Copy, offset: number, length: number, absent: () => string): Located {
  const { code } = copy;
  if (copy.isSlow) {
    code.emit(mov64(R1, R6), mov32(R2, offset), mov64(R3, R10), add64(R3, BUFFER), mov32(R4, length));
    code.emit(call(helperNumber.xdp_load_bytes), jumpIf('ne', R0, 0, absent()));
    copy.facts = afterCall(copy.facts);
    return { kind: 'memory', base: R10, offset: BUFFER };
  }
  needEnd(copy);
  code.emit(
    load(4, R4, R6, xdp.data),
    mov64(R1, R4),
    add64(R1, offset + length),
    jumpIf('gt', R1, R5, absent()),
  );
  return { kind: 'memory', base: R4, offset };
}

export const xdpTarget: TargetCode = {
  name: 'xdp',
  verdicts: verdictNumbers.xdp,
  refuseSource,
  refuseEffect,
  constant: ingressConstant,
  enter: code => {
    loadHeader(code);
    return { ...nothing, network: 0, end: true, type: true };
  },
  enterSlow: loadHeader,
  loadEnd: code => code.emit(load(4, R5, R6, xdp.data_end)),
  loadInfo: copy => loadInfo(copy, info),
  provenHeader: () => 0,
  hasPaged: false,
  prepareSlow: () => undefined,
  copyBytes: (code, { index, offset }, length, stack, fail) => {
    code.emit(load(4, R1, R6, xdp.data), mov64(R2, R7), sub64(R2, R1));
    if (index !== undefined) code.emit(add64(R2, index));
    if (offset !== 0) code.emit(add64(R2, offset));
    code.emit(mov64(R1, R6), mov64(R3, R10), add64(R3, stack), mov32(R4, length));
    code.emit(call(helperNumber.xdp_load_bytes), jumpIf('ne', R0, 0, fail));
  },
  loadArguments: (code, { index, offset }) => {
    code.emit(load(4, R1, R6, xdp.data), mov64(R2, R7), sub64(R2, R1), mov64(R1, R6));
    if (index !== undefined) code.emit(add64(R2, index));
    if (offset !== 0) code.emit(add64(R2, offset));
  },
  copyInSubprogram: (code, fail) => {
    code.emit(mov64(R4, R3), mov64(R3, R10), add64(R3, -8), call(helperNumber.xdp_load_bytes));
    code.emit(jumpIf('ne', R0, 0, fail));
  },
  loadLinear: code => {
    code.emit(load(4, R0, R1, xdp.data_end), load(4, R5, R1, xdp.data), sub64(R0, R5));
  },
  locateLink,
  locateType,
  locate,
  loadLength,
  loadLogArguments: ({ code }) => {
    code.emit(load(4, R1, R6, xdp.data), mov64(R2, R7), sub64(R2, R1), mov64(R1, R6));
  },
  fillLog: fillXdpLog,
  copyToLog: (code, fail) => copyPacket(code, 'xdp_load_bytes', fail),
  isPreemptible: () => false,
  setMeta: () => undefined,
};
