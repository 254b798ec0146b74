// The path that a CO-RE access string stands for: `0:1:2` on a structure is `struct.member.member`.

import { resolveType } from '../btf/layout.ts';
import type { Btf } from '../btf/read.ts';
import type { TypeId } from '../btf/types.ts';

/** Steps that lead nowhere, in malformed BTF, are left out. */
export function corePath(btf: Btf, root: TypeId, access: string): string {
  let { type } = resolveType(btf, root);
  let path = type !== undefined && 'name' in type ? type.name : '';
  for (const index of access.split(':').slice(1).map(Number)) {
    if (type?.kind === 'struct' || type?.kind === 'union') {
      const member = type.members[index];
      if (member === undefined) return path;
      if (member.name !== '') path += `.${member.name}`;
      type = resolveType(btf, member.type).type;
    } else if (type?.kind === 'array') {
      path += `[${index}]`;
      type = resolveType(btf, type.type).type;
    }
  }
  return path;
}
