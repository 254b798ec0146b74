// Local declarations of kernel structures for CO-RE relocations. A loader compares each with the running kernel's: the
// structure by name, members by name and kind. Only the members that the code uses are declared; where they stand here
// does not matter, as long as the code and the declaration say the same.

import { type FieldPath, type PathStep, parseFieldPath } from '../btf/layout.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { TypeId } from '../btf/types.ts';
import type { BtfBuilder } from '../btf/write.ts';

/**
 * What kind of thing a member is in the kernel; `[]` is an array of such things. Typedefs count as what they stand for. A
 * marker is an array of no bytes that names a place (`sk_buff.__pkt_type_offset`, where bit-fields begin).
 */
export type FieldKind =
  | 'unsigned'
  | 'signed'
  | 'enum'
  | 'pointer'
  | 'structure'
  | 'marker'
  | 'unsigned[]'
  | 'pointer[]'
  | 'structure[]';

/** How one instruction uses a member. */
export interface FieldUse {
  readonly path: string;
  /** Bytes that are loaded or stored; absent where the offset is taken as a number. */
  readonly size?: number;
  /** If it is known. Without it, what is loaded in 1, 2 or 4 bytes counts as an unsigned integer. */
  readonly kind?: FieldKind;
}

/** Where the local declaration has a member: what an instruction holds before it is relocated. */
export interface LocalField {
  /** Id of the outermost structure. */
  readonly type: TypeId;
  /** Bytes from the start of it. */
  readonly offset: number;
  /** Indexes of members and elements, as CO-RE writes them: `0:1:2`. */
  readonly access: string;
}

type Leaf = { readonly kind: 'leaf'; readonly type: FieldKind; readonly size: number | undefined };
type Struct = { readonly kind: 'struct'; readonly members: Map<string, Node> };
type Elements = { readonly kind: 'array'; element: Node; length: number };
type Node = Leaf | Struct | Elements;

function kindOf({ path, size, kind }: FieldUse): Result<FieldKind> {
  if (kind === undefined) {
    return size === undefined || size === 8
      ? failure('unsupported', `the kind of \`${path}\` is not known, so it cannot be relocated`)
      : success('unsigned');
  }
  const isAggregate = kind === 'structure' || kind.endsWith('[]');
  return isAggregate && size !== undefined
    ? failure('unsupported', `\`${path}\` is not a number or pointer, so it cannot be loaded as one`)
    : success(kind);
}

function mergeLeaf(path: string, known: Node, leaf: Leaf): Result<Node> {
  if (known.kind !== 'leaf') return success(known);
  const clash = known.size !== undefined && leaf.size !== undefined && known.size !== leaf.size;
  if (clash)
    return failure('ambiguous', `\`${path}\` is used with ${known.size} and with ${leaf.size} bytes`);
  return success(known.size === undefined ? leaf : known);
}

/** Adds the way along `steps` to `known`, which is what another use of the same place declared. */
function insert(path: string, known: Node | undefined, steps: readonly PathStep[], leaf: Leaf): Result<Node> {
  const [step, ...rest] = steps;
  if (step === undefined) return known === undefined ? success(leaf) : mergeLeaf(path, known, leaf);
  if (typeof step === 'number') {
    const array = known?.kind === 'array' ? known : undefined;
    const element = insert(path, array?.element, rest, leaf);
    if (!element.ok) return element;
    return success({
      kind: 'array',
      element: element.value,
      length: Math.max(array?.length ?? 0, step + 1),
    });
  }
  const struct: Struct = known?.kind === 'struct' ? known : { kind: 'struct', members: new Map() };
  const member = insert(path, struct.members.get(step), rest, leaf);
  if (!member.ok) return member;
  struct.members.set(step, member.value);
  return success(struct);
}

const leafSizes: Readonly<Record<FieldKind, number>> = {
  unsigned: 4,
  signed: 4,
  enum: 4,
  pointer: 8,
  structure: 8,
  marker: 0,
  'unsigned[]': 8,
  'pointer[]': 8,
  'structure[]': 8,
};

/** Bytes of a local declaration. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'leaf':
      return node.type === 'marker' ? 0 : (node.size ?? leafSizes[node.type]);
    case 'array':
      return sizeOf(node.element) * node.length;
    case 'struct':
      return Math.max(8, memberOffsets(node).size);
  }
}

/** Members stand one after the other, each on a multiple of 8 bytes. */
function memberOffsets(struct: Struct): { offsets: Map<string, number>; size: number } {
  const offsets = new Map<string, number>();
  let size = 0;
  for (const [name, member] of struct.members) {
    offsets.set(name, size);
    size += Math.ceil(sizeOf(member) / 8) * 8;
  }
  return { offsets, size };
}

function locate(root: Node, steps: readonly PathStep[]): { offset: number; access: string } {
  let node = root;
  let offset = 0;
  const access = ['0'];
  for (const step of steps) {
    if (node.kind === 'array') {
      offset += sizeOf(node.element) * Number(step);
      access.push(String(step));
      node = node.element;
    } else if (node.kind === 'struct') {
      offset += memberOffsets(node).offsets.get(String(step)) ?? 0;
      access.push(String([...node.members.keys()].indexOf(String(step))));
      node = node.members.get(String(step)) ?? node;
    }
  }
  return { offset, access: access.join(':') };
}

function integer(builder: BtfBuilder, size: number, encoding: 'signed' | 'unsigned'): TypeId {
  return builder.share({ kind: 'int', name: `${encoding}_${size * 8}`, size, bits: size * 8, encoding });
}

function arrayOf(builder: BtfBuilder, type: TypeId, length: number): TypeId {
  return builder.share({ kind: 'array', type, index: integer(builder, 4, 'unsigned'), length });
}

function opaque(builder: BtfBuilder): TypeId {
  return builder.share({ kind: 'struct', name: '', size: 8, members: [] });
}

function leafType(builder: BtfBuilder, kind: FieldKind, size: number): TypeId {
  switch (kind) {
    case 'unsigned':
    case 'signed':
      return integer(builder, size, kind);
    case 'enum':
      return builder.share({ kind: 'enum', name: '', size, signed: false, values: [] });
    case 'pointer':
      return builder.share({ kind: 'ptr', type: 0 });
    case 'structure':
      return opaque(builder);
    case 'marker':
      return arrayOf(builder, integer(builder, 1, 'unsigned'), 0);
    case 'unsigned[]':
      return arrayOf(builder, integer(builder, 1, 'unsigned'), 8);
    case 'pointer[]':
      return arrayOf(builder, builder.share({ kind: 'ptr', type: 0 }), 1);
    case 'structure[]':
      return arrayOf(builder, opaque(builder), 1);
  }
}

function declare(builder: BtfBuilder, node: Node, name: string): TypeId {
  if (node.kind === 'leaf') return leafType(builder, node.type, sizeOf(node));
  if (node.kind === 'array') return arrayOf(builder, declare(builder, node.element, ''), node.length);
  const { offsets } = memberOffsets(node);
  const members = [...node.members].map(([member, inner]) => ({
    name: member,
    type: declare(builder, inner, ''),
    bitOffset: (offsets.get(member) ?? 0) * 8,
    bitSize: 0,
  }));
  return builder.add({ kind: 'struct', name, size: sizeOf(node), members });
}

/** Collects the uses of kernel structures, then declares each structure once. */
export class CoreTypes {
  readonly #roots: Map<string, Struct> = new Map();
  readonly #declared: Map<string, TypeId> = new Map();

  /** A structure that is used by its type id. */
  useType(name: string): void {
    this.#root(name);
  }

  /** A member that is used by its offset. */
  useField(use: FieldUse): Result<void> {
    const path = parseFieldPath(use.path);
    if (!path.ok) return path;
    const kind = kindOf(use);
    if (!kind.ok) return kind;
    const { root, steps } = path.value;
    const leaf: Leaf = { kind: 'leaf', type: kind.value, size: use.size };
    const inserted = insert(use.path, this.#root(root), steps, leaf);
    return inserted.ok ? success(undefined) : inserted;
  }

  declareAll(builder: BtfBuilder): void {
    for (const [name, struct] of this.#roots) this.#declared.set(name, declare(builder, struct, name));
  }

  /** Id of a structure that was used; call `declareAll` first. */
  typeId(name: string): TypeId {
    return this.#declared.get(name) ?? 0;
  }

  /** Local place of a member that was used; call `declareAll` first. */
  field({ root, steps }: FieldPath): LocalField {
    return { type: this.typeId(root), ...locate(this.#root(root), steps) };
  }

  #root(name: string): Struct {
    const known = this.#roots.get(name);
    if (known !== undefined) return known;
    const struct: Struct = { kind: 'struct', members: new Map() };
    this.#roots.set(name, struct);
    return struct;
  }
}
