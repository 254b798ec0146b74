// meta keys from the sk_buff and the nf_hook_state (nft_meta.c; facts 51 to 57 of docs/semantics.md).

import {
  and32,
  call,
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
  R7,
  R10,
  type Register,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { BUFFER } from '../select/stack.ts';
import { netfilter } from './context.ts';
import { loadCredentials } from './socket.ts';

/** Members of the sk_buff that are read as they are. */
const skbFields: Readonly<Record<string, { readonly field: string; readonly size: 1 | 2 | 4 }>> = {
  len: { field: 'sk_buff.len', size: 4 },
  protocol: { field: 'sk_buff.protocol', size: 2 },
  mark: { field: 'sk_buff.mark', size: 4 },
  priority: { field: 'sk_buff.priority', size: 4 },
};

/** Members of a device, and what a missing device gives. */
const deviceFields: Readonly<
  Record<
    string,
    {
      readonly device: 'in' | 'out' | 'skb';
      readonly field: string;
      readonly size: 2 | 4;
      readonly none: 'zero' | 'absent';
    }
  >
> = {
  iif: { device: 'in', field: 'net_device.ifindex', size: 4, none: 'zero' },
  oif: { device: 'out', field: 'net_device.ifindex', size: 4, none: 'zero' },
  iifgroup: { device: 'in', field: 'net_device.group', size: 4, none: 'absent' },
  oifgroup: { device: 'out', field: 'net_device.group', size: 4, none: 'absent' },
  iiftype: { device: 'skb', field: 'net_device.type', size: 2, none: 'absent' },
  oiftype: { device: 'out', field: 'net_device.type', size: 2, none: 'absent' },
};

export const netfilterMeta: ReadonlySet<string> = new Set([
  ...Object.keys(skbFields),
  ...Object.keys(deviceFields),
  'nfproto',
  'iifname',
  'oifname',
  'pkttype',
  'cpu',
  'skuid',
  'skgid',
]);

/** `dst` = the device, or null. */
function loadDevice(code: Code, dst: Register, device: 'in' | 'out' | 'skb'): void {
  if (device === 'skb') code.emit(load(8, dst, R6, netfilter.skb), loadField(8, dst, dst, 'sk_buff.dev'));
  else code.emit(load(8, dst, R6, netfilter.state), loadField(8, dst, dst, `nf_hook_state.${device}`));
}

function ofDevice(code: Code, key: string, absent: () => string): void {
  const { device, field, size, none } = deviceFields[key]!;
  loadDevice(code, R1, device);
  // Register 1 is zero where there is no device.
  const done = none === 'zero' ? code.fresh('device') : absent();
  code.emit(jumpIf('eq', R1, 0, done), loadField(size, R1, R1, field));
  if (none === 'zero') code.label(done);
}

const LOOPBACK = 5;
const BROADCAST = 1;
const MULTICAST = 2;

/** The first byte of an IPv4 destination. */
const destination4 = 16;

/** A looped-back copy reads as multicast or broadcast by its destination (fact 54). */
function packetType(copy: Copy): void {
  const { code, target } = copy;
  const [multicast, done] = [code.fresh('multicast'), code.fresh('type')];
  code.emit(load(8, R1, R6, netfilter.skb), loadField(1, R1, R1, 'sk_buff.__pkt_type_offset'), and32(R1, 7));
  code.emit(jumpIf('ne', R1, LOOPBACK, done));
  code.emit(
    load(8, R2, R6, netfilter.state),
    loadField(1, R2, R2, 'nf_hook_state.pf'),
    jumpIf('ne', R2, 2, multicast),
  );
  if (copy.isSlow) {
    target.copyBytes(code, { offset: 0 }, 20, BUFFER, multicast);
    copy.facts = afterCall(copy.facts);
    code.emit(load(1, R2, R10, BUFFER + destination4));
  } else code.emit(load(1, R2, R7, destination4));
  code.emit(and32(R2, 0xf0), mov32(R1, BROADCAST), jumpIf('ne', R2, 0xe0, done));
  code.label(multicast);
  code.emit(mov32(R1, MULTICAST));
  code.label(done);
}

export function locateMeta(copy: Copy, key: string, absent: () => string): Located {
  const { code } = copy;
  const skb = skbFields[key];
  if (key === 'iifname' || key === 'oifname') {
    loadDevice(code, R4, key === 'iifname' ? 'in' : 'out');
    return { kind: 'name', base: R4, field: 'net_device.name' };
  }
  if (skb !== undefined) code.emit(load(8, R1, R6, netfilter.skb), loadField(skb.size, R1, R1, skb.field));
  else if (key in deviceFields) ofDevice(code, key, absent);
  else if (key === 'pkttype') packetType(copy);
  else if (key === 'skuid' || key === 'skgid') {
    copy.facts = afterCall(copy.facts);
    loadCredentials(code, absent());
    code.emit(loadField(4, R1, R1, key === 'skuid' ? 'cred.fsuid.val' : 'cred.fsgid.val'));
  } else if (key === 'cpu') {
    code.emit(call(helperNumber.get_smp_processor_id), mov64(R1, R0));
    copy.facts = afterCall(copy.facts);
  } else code.emit(load(8, R1, R6, netfilter.state), loadField(1, R1, R1, 'nf_hook_state.pf'));
  return { kind: 'value', register: R1 };
}
