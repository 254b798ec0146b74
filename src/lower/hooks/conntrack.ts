// ct keys of the packet's own conntrack entry (nft_ct.c; facts 58 to 64 of docs/semantics.md). skb->_nfct holds the
// entry's address and, in its three low bits, how the packet belongs to it (enum ip_conntrack_info).

import {
  and32,
  and64,
  callKfunc,
  jump,
  jumpIf,
  load,
  loadField,
  loadImm64,
  lsh32,
  mov32,
  mov64,
  movType,
  R0,
  R1,
  R2,
  R4,
  R6,
  rsh64,
} from '../../bpf-asm/build.ts';
import type { Source } from '../flow/field.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall } from '../select/facts.ts';
import { type Located, toMember } from '../select/located.ts';
import { netfilter } from './context.ts';

type Conntrack = Extract<Source, { from: 'ct' }>;

/** Members, as wide as the kernel has them; the key may be narrower. */
const members: Readonly<Record<string, { readonly path: string; readonly size: 1 | 2 | 4 | 8 }>> = {
  status: { path: 'status', size: 8 },
  mark: { path: 'mark', size: 4 },
  l3protocol: { path: 'tuplehash[0].tuple.src.l3num', size: 2 },
  protocol: { path: 'tuplehash[0].tuple.dst.protonum', size: 1 },
};

const tupleMembers: Readonly<Record<string, { readonly path: string; readonly l3?: 2 | 10 }>> = {
  proto_src: { path: 'src.u.all' },
  proto_dst: { path: 'dst.u.all' },
  src_ip: { path: 'src.u3.all', l3: 2 },
  dst_ip: { path: 'dst.u3.all', l3: 2 },
  src_ip6: { path: 'src.u3.all', l3: 10 },
  dst_ip6: { path: 'dst.u3.all', l3: 10 },
};

export function refuseConntrack({ key, direction }: Conntrack): string | undefined {
  const isPlain = key === 'state' || key === 'direction' || key in members;
  if (isPlain || (direction !== undefined && key in tupleMembers)) return undefined;
  return `\`ct ${key}\` is not translated yet`;
}

/** The state bits of each ctinfo, a byte each: 1 << (ctinfo % 3 + 1); and where there is no entry: untracked, else invalid. */
const stateTable = [0, 1, 2, 3, 4, 5, 6, 7].reduce(
  (table, info) => table | (BigInt(2 << (info % 3)) << BigInt(info * 8)),
  0n,
);
const noEntryTable = 0x4001010101010101n;
const IS_REPLY = 3;
/** IPS_TEMPLATE: an entry that only carries a zone. */
const TEMPLATE = 1 << 11;

function state(copy: Copy): void {
  const { code } = copy;
  const [none, done] = [code.fresh('no_entry'), code.fresh('state')];
  code.emit(load(8, R1, R6, netfilter.skb), loadField(8, R1, R1, 'sk_buff._nfct'));
  code.emit(mov64(R2, R1), and32(R2, 7), lsh32(R2, 3));
  code.emit(jumpIf('le', R1, 7, none), loadImm64(R1, stateTable));
  code.label(done);
  code.emit(rsh64(R1, R2), and32(R1, 0xff));
  code.later(() => {
    code.label(none);
    code.emit(loadImm64(R1, noEntryTable), jump(done));
  });
}

/** R0 = the entry; R4 = ctinfo as a number of how the packet belongs to it. */
function entry(copy: Copy, absent: () => string): void {
  const { code } = copy;
  code.emit(load(8, R1, R6, netfilter.skb), loadField(8, R1, R1, 'sk_buff._nfct'), and64(R1, -8));
  code.emit(jumpIf('eq', R1, 0, absent()), movType(R2, 'nf_conn'), callKfunc('bpf_rdonly_cast'));
  copy.facts = afterCall(copy.facts);
  code.emit(loadField(8, R1, R0, 'nf_conn.status'), and32(R1, TEMPLATE), jumpIf('ne', R1, 0, absent()));
}

function direction(copy: Copy): void {
  const { code } = copy;
  code.emit(load(8, R2, R6, netfilter.skb), loadField(8, R2, R2, 'sk_buff._nfct'), and32(R2, 7));
  const done = code.fresh('direction');
  code.emit(mov32(R1, 0), jumpIf('lt', R2, IS_REPLY, done), mov32(R1, 1));
  code.label(done);
}

function tuple(copy: Copy, source: Conntrack, absent: () => string): Located {
  const { code } = copy;
  const { path, l3 } = tupleMembers[source.key]!;
  if (l3 !== undefined) {
    code.emit(loadField(2, R1, R0, 'nf_conn.tuplehash[0].tuple.src.l3num'), jumpIf('ne', R1, l3, absent()));
  }
  const place = `nf_conn.tuplehash[${source.direction === 'reply' ? 1 : 0}].tuple.${path}`;
  if (source.length === 16) {
    code.emit(mov64(R4, R0));
    return { kind: 'memory', ...toMember(code, R4, place) };
  }
  code.emit(loadField(source.length as 2 | 4, R1, R0, l3 === undefined ? place : `${place}[0]`));
  return { kind: 'value', register: R1 };
}

export function locateConntrack(copy: Copy, source: Conntrack, absent: () => string): Located {
  if (source.key === 'state') {
    state(copy);
    return { kind: 'value', register: R1 };
  }
  entry(copy, absent);
  const member = members[source.key];
  if (member !== undefined) {
    copy.code.emit(loadField(member.size, R1, R0, `nf_conn.${member.path}`));
    if (member.size > source.length) copy.code.emit(source.length === 1 ? and32(R1, 0xff) : mov32(R1, R1));
  } else if (source.key === 'direction') direction(copy);
  else return tuple(copy, source, absent);
  return { kind: 'value', register: R1 };
}
