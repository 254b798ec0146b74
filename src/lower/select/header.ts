// Extension headers and options of a packet: found by subprograms (walk.ts) in the slow copy. The fast copy knows only that
// there are none: an IPv6 packet whose first header is no extension header, a packet that is not TCP.

import {
  add64,
  and32,
  callLocal,
  jump,
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
  R7,
  R8,
  R9,
  R10,
} from '../../bpf-asm/build.ts';
import type { Source } from '../flow/field.ts';
import { laterFragment } from '../hooks/code.ts';
import { loadedType } from '../hooks/context.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import type { Located } from './located.ts';
import { needEnd } from './packet.ts';
import { BUFFER } from './stack.ts';
import type { SubprogramName } from './subprograms.ts';
import { extensionHeaders } from './walk.ts';

type Header = Extract<Source, { from: 'exthdr' }>;

const IPV6 = 0x86dd;
const TCP = 6;
const SCTP = 132;
/** More than lies between a later fragment's start, as nf_tables counts it, and its network header. */
const largestLink = 64;
const header6 = 40;
const next6 = 6;

const finders: Readonly<Partial<Record<Header['header'], SubprogramName>>> = {
  ipv6: 'find_ipv6_header',
  tcpopt: 'find_tcp_option',
  sctp: 'find_sctp_chunk',
};

/** Leaves for `absent` unless skb->protocol is IPv6, for presence tests too (fact 69). */
function needIpv6(copy: Copy, absent: string): void {
  const { code, facts, compilation } = copy;
  const { protocols } = compilation.place;
  if (facts.protocol === IPV6 || (protocols.length === 1 && protocols[0] === 10)) return;
  const located = copy.target.locate(copy, { from: 'meta', key: 'protocol', length: 2 }, () => absent);
  if (located.kind === 'value')
    code.emit(jumpIf('ne', located.register, loadedType.ip6, absent, { width: 32 }));
}

/** In the fast copy: what has no extension header goes to `missing`, all else to the slow copy. */
function fastHeader(copy: Copy, { type }: Header, missing: string): void {
  const { code } = copy;
  const slow = copy.slowly();
  if (copy.facts.network < header6) {
    needEnd(copy);
    code.emit(mov64(R1, R7), add64(R1, header6), jumpIf('gt', R1, R5, slow));
  }
  code.emit(load(1, R1, R7, next6));
  for (const header of new Set([...extensionHeaders, type])) code.emit(jumpIf('eq', R1, header, slow));
  code.emit(jump(missing));
}

/** Arguments of the subprogram: what to read from, where the walk begins, what it looks for. */
function findHeader(copy: Copy, source: Header, missing: string): void {
  const { code, target, compilation } = copy;
  const { header, type, reach } = source;
  const name = finders[header]!;
  compilation.subprograms.add(name);
  if (header === 'ipv6') target.loadArguments(code, { offset: 0 });
  else {
    code.emit(jumpIf('ne', R9, header === 'tcpopt' ? TCP : SCTP, missing));
    if (header === 'tcpopt') code.emit(jumpIf('ge', R8, laterFragment, missing));
    target.loadArguments(code, { index: R8, offset: 0 });
    // Chunks are looked for in later fragments as well (fact 72).
    if (header === 'sctp') code.emit(and32(R2, laterFragment - 1));
  }
  const needed = header === 'sctp' && source.present ? 0 : reach;
  code.emit(mov32(R3, type), mov32(R4, needed), callLocal(name), jumpIf('slt', R0, 0, missing));
  if (header !== 'ipv6') code.emit(add64(R0, R8));
  if (header !== 'sctp' || source.present) return;
  const whole = code.fresh('whole');
  code.emit(jumpIf('lt', R0, laterFragment - largestLink, whole), add64(R0, -laterFragment));
  code.label(whole);
}

export function locateHeader(copy: Copy, source: Header, absentOf: () => string): Located {
  const { code, target } = copy;
  copy.facts = afterCall(copy.facts);
  const absent = absentOf();
  if (source.header === 'ipv6') needIpv6(copy, absent);
  const missing = source.present ? code.fresh('missing') : absent;
  const done = code.fresh('done');
  if (copy.isSlow) findHeader(copy, source, missing);
  else if (source.header === 'ipv6') fastHeader(copy, source, missing);
  else code.emit(jumpIf('ne', R9, source.header === 'tcpopt' ? TCP : SCTP, missing), jump(copy.slowly()));
  copy.facts = afterCall(copy.facts);
  if (!source.present) {
    if (copy.isSlow)
      target.copyBytes(code, { index: R0, offset: source.offset }, source.length, BUFFER, absent);
    return { kind: 'memory', base: R10, offset: BUFFER };
  }
  if (copy.isSlow) code.emit(mov32(R1, 1), jump(done));
  code.label(missing);
  code.emit(mov32(R1, 0));
  code.label(done);
  return { kind: 'value', register: R1 };
}
