// BTF of functions: those that the object defines, and the kernel's that it calls.

import { addPrototype, intType, kfuncPrototypes } from '../btf/kfuncs.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { TypeId } from '../btf/types.ts';
import type { BtfBuilder } from '../btf/write.ts';
import { symbolBinding, symbolType } from './format.ts';
import type { ImageSymbol } from './image.ts';
import type { PlacedFunction } from './place.ts';

/** The structure that a program of each type gets a pointer to, by the first part of its section's name. */
const contextStructures: Readonly<Record<string, string>> = {
  xdp: 'xdp_md',
  tc: '__sk_buff',
  tcx: '__sk_buff',
  classifier: '__sk_buff',
  cgroup_skb: '__sk_buff',
  socket: '__sk_buff',
  netfilter: 'bpf_nf_ctx',
};

function contextType(builder: BtfBuilder, section: string): TypeId {
  const name = contextStructures[section.split('/')[0] ?? ''];
  if (name === undefined) return builder.share({ kind: 'ptr', type: 0 });
  const struct = builder.share({ kind: 'struct', name, size: 8, members: [] });
  return builder.share({ kind: 'ptr', type: struct });
}

/**
 * The FUNC of a function: `int name(struct context *)` for an entry. A subprogram is static, of which the kernel asks no
 * true prototype: it is verified at each call.
 */
export function functionType(builder: BtfBuilder, placed: PlacedFunction): TypeId {
  const { name, isEntry, section } = placed;
  const parameters = isEntry ? [{ name: 'context', type: contextType(builder, section) }] : [];
  const type = builder.share({ kind: 'func_proto', returns: intType(builder), parameters });
  return builder.add({ kind: 'func', name, type, linkage: isEntry ? 'global' : 'static' });
}

/** Declares kfuncs as externs: an undefined symbol each, and a FUNC in the section `.ksyms`. */
export function declareKfuncs(
  builder: BtfBuilder,
  names: readonly string[],
  prototypes: Readonly<Record<string, string>> = {},
): Result<Map<string, ImageSymbol>> {
  const symbols = new Map<string, ImageSymbol>();
  const ids: TypeId[] = [];
  for (const name of names) {
    const text = prototypes[name] ?? kfuncPrototypes[name];
    if (text === undefined) return failure('not-found', `the prototype of kfunc ${name} is not known`);
    const prototype = addPrototype(builder, text);
    if (!prototype.ok) return prototype;
    ids.push(builder.add({ kind: 'func', name, type: prototype.value, linkage: 'extern' }));
    const { global: binding } = symbolBinding;
    symbols.set(name, { name, value: 0, size: 0, binding, type: symbolType.none });
  }
  const variables = ids.map(type => ({ type, offset: 0, size: 0 }));
  if (ids.length > 0) builder.add({ kind: 'datasec', name: '.ksyms', size: 0, variables });
  return success(symbols);
}
