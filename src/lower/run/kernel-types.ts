// Where members of kernel structures lie: in the kernel whose BTF is given, or in a small model kernel. The model is BTF
// too, so that one resolver serves both. Its layout is deliberately nobody's: a program that has an offset built in
// reads nonsense here.

import { enumValue, type FieldPlace, findField, sizeOf } from '../../bpf-asm/btf/layout.ts';
import { type Btf, findTypes, readBtf } from '../../bpf-asm/btf/read.ts';
import type { BtfMember, TypeId } from '../../bpf-asm/btf/types.ts';
import { BtfBuilder } from '../../bpf-asm/btf/write.ts';

/**
 * Structures by name; a member is `type name`, where a type is u8 ... u64, a structure of this table, either with [n] behind
 * the name, or `bits:n` within the byte. Members of a `union` all begin at 0.
 */
const structures: Readonly<Record<string, readonly string[]>> = {
  atomic64_t: ['u64 counter'],
  possible_net_t: ['u64 net'],
  kuid_t: ['u32 val'],
  kgid_t: ['u32 val'],
  net: ['u64 unused'],
  net_device: [
    'u64 unused[2]',
    'u64 rtnl_link_ops',
    'u8 name[16]',
    'u32 group',
    'u16 type',
    'u16 hole',
    'u32 ifindex',
    'u32 mtu',
    'possible_net_t nd_net',
  ],
  rtnl_link_ops: ['u64 unused[3]', 'u64 kind'],
  sk_buff: [
    'u64 unused[2]',
    'u16 mac_header',
    'u16 network_header',
    'u16 transport_header',
    'u16 protocol',
    'u32 len',
    'u32 data_len',
    'u16 mac_len',
    'u8 __pkt_type_offset[0]',
    'bits:3 pkt_type',
    'u8 hole',
    'u32 priority',
    'u32 mark',
    'u32 skb_iif',
    'u32 hash',
    'vlan_union vlan',
    'u32 tail',
    'u32 end',
    'u64 head',
    'u64 data',
    'u64 _nfct',
    'u64 _skb_refdst',
    'u64 sk',
    'u64 dev',
    'u64 tstamp',
    'u64 extensions',
    'u8 active_extensions',
  ],
  bpf_nf_ctx: ['u64 state', 'u64 skb'],
  nf_hook_state: ['u64 unused', 'u64 net', 'u64 sk', 'u64 out', 'u64 in', 'u8 pf', 'u8 hook'],
  sock_common: ['u64 unused', 'u16 skc_family', 'u8 skc_state', 'possible_net_t skc_net', 'u64 skc_listener'],
  sock_cgroup_data: ['u64 cgroup', 'u32 classid'],
  sock: ['sock_common __sk_common', 'u64 unused', 'sock_cgroup_data sk_cgrp_data', 'u64 sk_socket'],
  socket: ['u64 unused[2]', 'u64 file'],
  file: ['u64 unused', 'u64 f_cred'],
  cred: ['u64 unused', 'kgid_t fsgid', 'kuid_t fsuid'],
  xdp_buff: ['u64 unused', 'u64 rxq', 'u64 data', 'u64 data_end'],
  xdp_rxq_info: ['u64 unused', 'u64 dev'],
  'union nf_inet_addr': ['u32 all[4]', 'u32 ip', 'u32 ip6[4]'],
  tuple_port: ['u16 port'],
  'union tuple_proto': ['u16 all', 'tuple_port tcp', 'tuple_port udp'],
  nf_conntrack_man: ['nf_inet_addr u3', 'u16 l3num', 'tuple_proto u'],
  tuple_dst: ['nf_inet_addr u3', 'u8 dir', 'u8 protonum', 'tuple_proto u'],
  nf_conntrack_tuple: ['tuple_dst dst', 'nf_conntrack_man src'],
  nf_conntrack_tuple_hash: ['u64 unused', 'nf_conntrack_tuple tuple'],
  nf_conntrack_zone: ['u8 dir', 'u8 flags', 'u16 id'],
  nf_conn: [
    'u64 unused',
    'nf_conntrack_tuple_hash tuplehash[2]',
    'u64 ext',
    'u64 master',
    'u32 mark',
    'u32 timeout',
    'nf_conntrack_zone zone',
    'u64 status',
  ],
  nf_ct_ext: ['u8 len', 'u8 offset[9]'],
  nf_conn_counter: ['atomic64_t bytes', 'atomic64_t packets'],
  nf_conn_acct: ['nf_conn_counter counter[2]'],
  nf_conn_labels: ['u64 bits[2]'],
  nf_conn_help: ['u64 helper'],
  nf_conntrack_helper: ['u64 unused', 'u8 name[16]'],
};

/** Without a name, as in the kernel: sk_buff.vlan_all lies over vlan_proto and vlan_tci. */
const anonymousMembers: Readonly<
  Record<string, { readonly key: string; readonly members: readonly string[] }>
> = {
  vlan_union: { key: 'union vlan_union', members: ['u32 vlan_all', 'vlan_pair pair'] },
  vlan_pair: { key: 'vlan_pair', members: ['u16 vlan_tci', 'u16 vlan_proto'] },
};

/** Extensions of a conntrack entry; their order depends on the kernel's configuration. */
const extensionIds = ['LABELS', 'ACCT', 'HELPER', 'TSTAMP', 'NUM'];

interface Shape {
  readonly id: TypeId;
  readonly size: number;
  readonly align: number;
}

class ModelBuilder {
  readonly #builder: BtfBuilder = new BtfBuilder();
  readonly #shapes: Map<string, Shape> = new Map();

  build(): Btf {
    for (const [key, members] of Object.entries(structures)) this.#add(key, members);
    const values = extensionIds.map((name, index) => ({ name: `NF_CT_EXT_${name}`, value: BigInt(index) }));
    this.#builder.add({ kind: 'enum', name: 'nf_ct_ext_id', size: 4, signed: false, values });
    const bytes = this.#builder.build();
    if (!bytes.ok) throw new Error(bytes.failure.message);
    const btf = readBtf(bytes.value);
    if (!btf.ok) throw new Error(btf.failure.message);
    return btf.value;
  }

  #add(key: string, members: readonly string[]): Shape {
    const [kind, name = ''] = key.startsWith('union ')
      ? ['union' as const, key.slice(6)]
      : ['struct' as const, key];
    let size = 0;
    let align = 1;
    const laidOut = members.map((text): BtfMember => {
      const member = this.#member(text);
      align = Math.max(align, member.align);
      const at = kind === 'union' ? 0 : Math.ceil(size / member.align) * member.align;
      size = kind === 'union' ? Math.max(size, member.size) : at + member.size;
      return { name: member.name, type: member.id, bitOffset: at * 8, bitSize: member.bitSize };
    });
    size = Math.ceil(size / align) * align;
    const anonymous = name in anonymousMembers ? '' : name;
    const shape = { id: this.#builder.add({ kind, name: anonymous, size, members: laidOut }), size, align };
    this.#shapes.set(name, shape);
    return shape;
  }

  #member(text: string): Shape & { name: string; bitSize: number } {
    const [typeName = '', declarator = ''] = text.split(' ');
    const [name = '', count] = declarator.replace(']', '').split('[');
    const anonymous = anonymousMembers[typeName];
    if (anonymous) return { ...this.#add(anonymous.key, anonymous.members), name: '', bitSize: 0 };
    const [base, bits] = typeName.startsWith('bits:') ? ['u8', Number(typeName.slice(5))] : [typeName, 0];
    const shape = this.#shapes.get(base) ?? this.#integer(base);
    if (count === undefined) return { ...shape, name, bitSize: bits };
    const length = Number(count);
    const index = this.#integer('u32').id;
    const id = this.#builder.share({ kind: 'array', type: shape.id, index, length });
    return { id, size: shape.size * length, align: shape.align, name, bitSize: 0 };
  }

  #integer(name: string): Shape {
    const size = Number(name.slice(1)) / 8;
    return {
      id: this.#builder.share({ kind: 'int', name, size, bits: size * 8, encoding: 'unsigned' }),
      size,
      align: size,
    };
  }
}

/** The BTF of the model kernel. */
export function modelBtf(): Btf {
  return new ModelBuilder().build();
}

export interface MemberPlace {
  /** Bytes from the start of the structure. */
  readonly offset: number;
  /** Bytes that a write covers. */
  readonly size: number;
  /** 0, or the width of a bit-field, whose lowest bit is `shift` bits into the byte. */
  readonly bits: number;
  readonly shift: number;
}

/** Members and sizes of one kernel's structures, looked up once each. */
export class KernelTypes {
  readonly btf: Btf;
  readonly #places: Map<string, MemberPlace | undefined> = new Map();

  constructor(btf: Btf) {
    this.btf = btf;
  }

  /** The place of `struct.member...`; undefined if this kernel has none. */
  place(path: string): MemberPlace | undefined {
    if (this.#places.has(path)) return this.#places.get(path);
    const found = findField(this.btf, path);
    const place = found.ok ? this.#measure(found.value) : undefined;
    this.#places.set(path, place);
    return place;
  }

  #measure({ bitOffset, bitSize, type }: FieldPlace): MemberPlace {
    const offset = Math.floor(bitOffset / 8);
    const shift = bitOffset % 8;
    const size = bitSize > 0 ? Math.ceil((shift + bitSize) / 8) : (sizeOf(this.btf, type) ?? 0);
    return { offset, size, bits: bitSize, shift };
  }

  /** Bytes of a structure; undefined if this kernel has none of that name. */
  size(structure: string): number | undefined {
    const sizes = findTypes(this.btf, structure, ['struct', 'union']).map(id => sizeOf(this.btf, id) ?? 0);
    return sizes.length === 0 ? undefined : Math.max(...sizes);
  }

  /** A number that an enumeration gives a name, or undefined. */
  enumerator(enumeration: string, name: string): number | undefined {
    const value = enumValue(this.btf, enumeration, name);
    return value.ok ? Number(value.value) : undefined;
  }
}
