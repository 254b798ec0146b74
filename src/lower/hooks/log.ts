// The parts of a log record that differ from hook to hook. Registers are those of select/log.ts: R6 the context, R7 the
// network header's offset, R8 the packet's length, R9 the record.

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
  R8,
  R9,
  R10,
  store,
  storeImm,
  sub64,
} from '../../bpf-asm/build.ts';
import { type HelperName, helperNumber } from '../../bpf-asm/helpers.ts';
import { logRecord, longestLink } from '../../model/log-record.ts';
import type { Code } from '../select/code.ts';
import { netfilter, skb, xdp } from './context.ts';
import { loadCredentials } from './socket.ts';

const ethernetHeader = 14;
/** NFPROTO_NETDEV. */
const deviceFamily = 5;

/** Copies what lies in front of the network header, as far as there is room. */
function copyLink(code: Code, helper: HelperName): void {
  const [fits, done] = [code.fresh('fits'), code.fresh('link')];
  code.emit(mov64(R4, R7), jumpIf('slt', R4, 1, done), jumpIf('le', R4, longestLink, fits));
  code.emit(mov64(R4, longestLink));
  code.label(fits);
  code.emit(store(8, R10, -8, R4), mov64(R1, R6), mov32(R2, 0), mov64(R3, R9), add64(R3, logRecord.link));
  code.emit(call(helperNumber[helper]), jumpIf('ne', R0, 0, done));
  code.emit(load(8, R4, R10, -8), store(1, R9, logRecord.linkLength, R4));
  code.label(done);
}

/** Copies R8 bytes from the network header on. */
export function copyPacket(code: Code, helper: HelperName, fail: string): void {
  code.emit(mov64(R1, R6), mov64(R2, R7), mov64(R3, R9), add64(R3, logRecord.packet), mov64(R4, R8));
  code.emit(call(helperNumber[helper]), jumpIf('ne', R0, 0, fail));
}

/** Of the sk_buff at the hooks of a device: skb->dev is the input device at ingress, the output device at egress. */
export function fillTcLog(code: Code, device: 'input' | 'output'): void {
  const other = device === 'input' ? 'output' : 'input';
  code.emit(load(4, R1, R6, skb.ifindex), store(4, R9, logRecord[device], R1));
  code.emit(storeImm(4, R9, logRecord[other], 0));
  code.emit(load(4, R1, R6, skb.mark), store(4, R9, logRecord.mark, R1));
  code.emit(load(4, R1, R6, skb.protocol), store(2, R9, logRecord.protocol, R1));
  code.emit(storeImm(1, R9, logRecord.family, deviceFamily));
  copyLink(code, 'skb_load_bytes');
}

/** The type field in front of the network header is the last of the link header. */
export function fillXdpLog(code: Code): void {
  const done = code.fresh('type');
  code.emit(load(4, R1, R6, xdp.ingress_ifindex), store(4, R9, logRecord.input, R1));
  code.emit(storeImm(4, R9, logRecord.output, 0), storeImm(4, R9, logRecord.mark, 0));
  code.emit(storeImm(2, R9, logRecord.protocol, 0), storeImm(1, R9, logRecord.family, deviceFamily));
  code.emit(mov64(R1, R6), mov64(R2, R7), add64(R2, -2), mov64(R3, R9), add64(R3, logRecord.protocol));
  code.emit(mov32(R4, 2), call(helperNumber.xdp_load_bytes), jumpIf('ne', R0, 0, done));
  code.label(done);
  copyLink(code, 'xdp_load_bytes');
}

export function fillNetfilterLog(code: Code): void {
  code.emit(load(8, R1, R6, netfilter.state), loadField(1, R2, R1, 'nf_hook_state.pf'));
  code.emit(store(1, R9, logRecord.family, R2));
  for (const [device, member] of [
    ['in', 'input'],
    ['out', 'output'],
  ] as const) {
    const done = code.fresh(device);
    code.emit(loadField(8, R2, R1, `nf_hook_state.${device}`), storeImm(4, R9, logRecord[member], 0));
    code.emit(jumpIf('eq', R2, 0, done), loadField(4, R2, R2, 'net_device.ifindex'));
    code.emit(store(4, R9, logRecord[member], R2));
    code.label(done);
  }
  code.emit(load(8, R1, R6, netfilter.skb), loadField(4, R2, R1, 'sk_buff.mark'));
  code.emit(store(4, R9, logRecord.mark, R2), loadField(2, R2, R1, 'sk_buff.protocol'));
  code.emit(store(2, R9, logRecord.protocol, R2));
}

/** The user and group of the packet's socket, if there are any. */
export function fillUser(code: Code): void {
  const none = code.fresh('nobody');
  loadCredentials(code, none);
  code.emit(loadField(4, R2, R1, 'cred.fsuid.val'), store(4, R9, logRecord.user, R2));
  code.emit(loadField(4, R2, R1, 'cred.fsgid.val'), store(4, R9, logRecord.group, R2));
  code.label(none);
}

/** The Ethernet header in front of an sk_buff's network header, where the stack has set one. */
export function copyNetfilterLink(code: Code): void {
  const done = code.fresh('link');
  code.emit(load(8, R4, R6, netfilter.skb), loadField(2, R1, R4, 'sk_buff.mac_header'));
  code.emit(jumpIf('eq', R1, 0xffff, done), loadField(2, R2, R4, 'sk_buff.network_header'), sub64(R2, R1));
  code.emit(jumpIf('ne', R2, ethernetHeader, done), loadField(8, R2, R4, 'sk_buff.head'), add64(R1, R2));
  code.emit(mov32(R2, 0), callKfunc('bpf_rdonly_cast'));
  for (const [at, size] of [
    [0, 4],
    [4, 4],
    [8, 4],
    [12, 2],
  ] as const) {
    code.emit(load(size, R1, R0, at), store(size, R9, logRecord.link + at, R1));
  }
  code.emit(storeImm(1, R9, logRecord.linkLength, ethernetHeader));
  code.label(done);
}

/** Copies R8 bytes from the network header on, through a dynptr. */
export function copyNetfilterPacket(code: Code, fail: string): void {
  const dynptr = -16;
  code.emit(load(8, R1, R6, netfilter.skb), mov32(R2, 0), mov64(R3, R10), add64(R3, dynptr));
  code.emit(callKfunc('bpf_dynptr_from_skb'), mov64(R1, R9), add64(R1, logRecord.packet), mov64(R2, R8));
  code.emit(mov64(R3, R10), add64(R3, dynptr), mov32(R4, 0), mov32(R5, 0));
  code.emit(call(helperNumber.dynptr_read), jumpIf('ne', R0, 0, fail));
}
