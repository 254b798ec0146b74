// meta keys in tc programs: from the context, or from the kernel's own sk_buff (nft_meta.c; facts 51 to 57).

import {
  and32,
  call,
  callKfunc,
  jump,
  jumpIf,
  load,
  loadField,
  mov32,
  mov64,
  R0,
  R1,
  R4,
  R6,
  R10,
  type Register,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { BUFFER } from '../select/stack.ts';
import { loadedType, skb } from './context.ts';

/** Keys that stand in the context as they are. At ingress skb->dev is the input device, at egress the output device. */
const contextFields: Readonly<Record<string, number>> = {
  mark: skb.mark,
  priority: skb.priority,
  protocol: skb.protocol,
  iif: skb.ifindex,
  oif: skb.ifindex,
};

export const tcMeta: ReadonlySet<string> = new Set([
  ...Object.keys(contextFields),
  'nfproto',
  'len',
  'iifname',
  'oifname',
  'iifgroup',
  'oifgroup',
  'iiftype',
  'oiftype',
  'pkttype',
  'cpu',
]);

/** `dst` = skb->dev. */
function loadDevice(copy: Copy, dst: Register): void {
  copy.code.emit(mov64(R1, R6), callKfunc('bpf_cast_to_kern_ctx'), loadField(8, dst, R0, 'sk_buff.dev'));
  copy.facts = afterCall(copy.facts);
}

/** The output device at ingress, the input device at egress: there is none, and most keys end the rule then. */
function isOtherSide(copy: Copy, key: string): boolean {
  return key.startsWith(copy.compilation.place.hook === 'ingress' ? 'oif' : 'iif');
}

const PACKET_LOOPBACK = 5;
const BROADCAST = 1;
const MULTICAST = 2;
/** The first byte of an IPv4 destination. */
const destination4 = 16;

/** A looped-back copy reads as multicast or broadcast by its destination; what is not IP has no answer (fact 54). */
function packetType(copy: Copy, absent: string): void {
  const { code, target } = copy;
  const [done, ip, multicast] = ['type', 'ip', 'multicast'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
  ];
  code.emit(load(4, R1, R6, skb.pkt_type), jumpIf('ne', R1, PACKET_LOOPBACK, done));
  code.emit(load(4, R1, R6, skb.protocol), jumpIf('eq', R1, loadedType.ip, ip));
  code.emit(jumpIf('ne', R1, loadedType.ip6, absent), jump(multicast));
  code.label(ip);
  target.copyBytes(code, { offset: 0 }, 20, BUFFER, absent);
  code.emit(load(1, R0, R10, BUFFER + destination4), and32(R0, 0xf0), mov32(R1, BROADCAST));
  code.emit(jumpIf('ne', R0, 0xe0, done));
  code.label(multicast);
  code.emit(mov32(R1, MULTICAST));
  code.label(done);
  copy.facts = afterCall(copy.facts);
}

function loadValue(copy: Copy, key: string, absent: () => string): void {
  const { code, target, compilation } = copy;
  switch (key) {
    case 'len':
      target.loadLength(code, R1, compilation.place);
      return;
    case 'pkttype':
      packetType(copy, absent());
      return;
    case 'cpu':
      code.emit(call(helperNumber.get_smp_processor_id), mov64(R1, R0));
      copy.facts = afterCall(copy.facts);
      return;
    case 'iifgroup':
    case 'oifgroup':
      loadDevice(copy, R1);
      code.emit(loadField(4, R1, R1, 'net_device.group'));
      return;
    default:
      code.emit(load(4, R1, R6, contextFields[key]!));
  }
}

export function locateTcMeta(copy: Copy, key: string, absent: () => string): Located {
  if (key === 'iifname' || key === 'oifname') {
    loadDevice(copy, R4);
    return { kind: 'name', base: R4, field: 'net_device.name' };
  }
  if (isOtherSide(copy, key)) copy.code.emit(jump(absent()));
  else loadValue(copy, key, absent);
  return { kind: 'value', register: R1 };
}
