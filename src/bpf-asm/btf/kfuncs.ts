// Prototypes of kernel functions, as an object must declare them: libbpf compares each declaration with the running
// kernel's BTF and refuses a call if the kinds differ (bpf_core_types_are_compat). Names of structures and widths of
// integers do not count there, so `struct` stands for any structure and one row serves all kernel versions.

import { failure, type Result, success } from './result.ts';
import type { TypeId } from './types.ts';
import type { BtfBuilder } from './write.ts';

const dynptrFrom = 'int(struct*, u64, struct*)';
const dynptrSlice = 'void*(struct*, u32, void*, u32)';
const ctLookup = 'struct*(struct*, struct*, u32, struct*, u32)';

/** `result(parameter, ...)` of each kfunc that objects may declare without giving a prototype of their own. */
export const kfuncPrototypes: Readonly<Record<string, string>> = {
  bpf_cast_to_kern_ctx: 'void*(void*)',
  bpf_rdonly_cast: 'void*(void*, u32)',
  bpf_rcu_read_lock: 'void()',
  bpf_rcu_read_unlock: 'void()',
  bpf_dynptr_from_skb: dynptrFrom,
  bpf_dynptr_from_xdp: dynptrFrom,
  bpf_dynptr_slice: dynptrSlice,
  bpf_dynptr_slice_rdwr: dynptrSlice,
  bpf_skb_ct_lookup: ctLookup,
  bpf_xdp_ct_lookup: ctLookup,
  bpf_ct_release: 'void(struct*)',
  bpf_iter_num_new: 'int(struct*, int, int)',
  bpf_iter_num_next: 'int*(struct*)',
  bpf_iter_num_destroy: 'void(struct*)',
};

function baseType(builder: BtfBuilder, name: string): TypeId | undefined {
  switch (name) {
    case 'void':
      return 0;
    case 'int':
      return intType(builder);
    case 'u32':
      return builder.share({ kind: 'int', name: 'unsigned int', size: 4, bits: 32, encoding: 'unsigned' });
    case 'u64':
      return builder.share({
        kind: 'int',
        name: 'unsigned long long',
        size: 8,
        bits: 64,
        encoding: 'unsigned',
      });
    case 'struct':
      return builder.share({ kind: 'struct', name: 'kernel_object', size: 1, members: [] });
    default:
      return undefined;
  }
}

/** The C type `int`. */
export function intType(builder: BtfBuilder): TypeId {
  return builder.share({ kind: 'int', name: 'int', size: 4, bits: 32, encoding: 'signed' });
}

function typeNamed(builder: BtfBuilder, text: string): TypeId | undefined {
  const name = text.replaceAll('*', '');
  let type = baseType(builder, name);
  for (let i = name.length; i < text.length && type !== undefined; i++) {
    type = builder.share({ kind: 'ptr', type });
  }
  return type;
}

/** Adds a prototype in the notation of the table above. */
export function addPrototype(builder: BtfBuilder, text: string): Result<TypeId> {
  const [, result = '', list = ''] = /^([\w*]+)\((.*)\)$/.exec(text) ?? [];
  const returns = typeNamed(builder, result);
  const types = list === '' ? [] : list.split(', ').map(name => typeNamed(builder, name));
  if (returns === undefined || types.includes(undefined)) {
    return failure('malformed', `not a prototype: ${text}`);
  }
  // The kernel wants a name for every parameter.
  const parameters = types.map((type, index) => ({ name: `argument${index + 1}`, type: type ?? 0 }));
  return success(builder.share({ kind: 'func_proto', returns, parameters }));
}
