// What registers hold while a rule is lifted: expressions whose types are found bit by bit, from the protocols that
// earlier matches tell. A constant begins as its bytes read as one big-endian number and gets its meaning from what it is
// compared with. Trees are changed in place; what is read from a register is a copy.

import type { Expression as Node } from '../../ast/nodes/index.ts';
import type { ConntrackKey } from '../../model/ct-keys.ts';
import {
  type ByteOrder,
  type Datatype,
  inetProtocolType,
  integerType,
  invalidType,
} from '../../model/datatype.ts';
import type { MetaKey } from '../../model/meta-keys.ts';
import type { OptionHeader } from '../../model/option-header.ts';
import type { HeaderBase, HeaderField, Protocol } from '../../model/protocol.ts';
import type { IrSet, Value } from '../linear/ir.ts';

/** What every tree has: its type, width in bits and byte order, as far as they are known. */
export interface Shape {
  type: Datatype;
  bits: number;
  order: ByteOrder;
}

export interface Constant extends Shape {
  kind: 'value';
  value: bigint;
}

/** A string, once it is known to be one: without the zeros behind it. `wildcard`: any text may follow. */
export interface Text extends Shape {
  kind: 'text';
  text: string;
  wildcard: boolean;
}

export interface Prefix extends Shape {
  kind: 'prefix';
  base: Tree;
  length: number;
}

export interface Range extends Shape {
  kind: 'range';
  from: Tree;
  to: Tree;
}

/** Flags of which any counts. */
export interface List extends Shape {
  kind: 'list';
  items: Tree[];
}

/** `offset` in bits. `protocol` and `field` are absent as long as only base and place are known. */
export interface Payload extends Shape {
  kind: 'payload';
  base: HeaderBase;
  offset: number;
  protocol?: Protocol | undefined;
  field?: HeaderField | undefined;
  /** The field says what protocol follows. */
  announces: boolean;
  tunnel?: Protocol;
}

export interface Exthdr extends Shape {
  kind: 'exthdr';
  space: OptionHeader['space'];
  /** Header, option or chunk number. */
  number: number;
  offset: number;
  present: boolean;
  header?: OptionHeader | undefined;
  field?: HeaderField | undefined;
}

export interface Meta extends Shape {
  kind: 'meta';
  key: MetaKey;
  tunnel?: Protocol;
}

export interface Ct extends Shape {
  kind: 'ct';
  key: ConntrackKey;
  direction?: 'original' | 'reply';
  /** Of `saddr` and `daddr` without a family of their own. */
  family?: 'ip' | 'ip6';
}

/** What is known whole from its expression alone. */
export interface Selector extends Shape {
  kind: 'selector';
  node: Node;
}

export interface Hash extends Shape {
  kind: 'hash';
  source?: Tree;
  modulus: number;
  seed?: number;
  offset: number;
}

export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>';

export interface Binary extends Shape {
  kind: 'binary';
  operator: BinaryOperator;
  left: Tree;
  right: Tree;
}

/** A change of byte order: listed as what it is applied to. */
export interface Swapped extends Shape {
  kind: 'swapped';
  argument: Tree;
}

/** `partTypes`: what the parts are, if that is known from elsewhere. */
export interface Concat extends Shape {
  kind: 'concat';
  parts: Tree[];
  partTypes?: readonly Datatype[] | undefined;
}

/** A set or map; `keyType` is what the constants of an anonymous one are, once it is known. */
export interface SetUse extends Shape {
  kind: 'set';
  set: IrSet;
  keyType?: { type: Datatype; order: ByteOrder };
  /** Of an anonymous set: what the parts of its keys are compared with. */
  partTypes?: readonly Datatype[] | undefined;
  /** Keys of an anonymous set are to be shifted down by so many bits, and are then so wide. */
  shifted?: { by: number; bits: number };
}

export interface MapUse extends Shape {
  kind: 'map';
  key: Tree;
  map: SetUse;
}

export type Tree =
  | Constant
  | Text
  | Prefix
  | Range
  | List
  | Payload
  | Exthdr
  | Meta
  | Ct
  | Selector
  | Hash
  | Binary
  | Swapped
  | Concat
  | SetUse
  | MapUse;

export type RelationOperator = 'implicit' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '!';

export interface Relation {
  operator: RelationOperator;
  left: Tree;
  right: Tree;
}

const untyped = { type: invalidType, order: 'none' } as const;

export function constant(bytes: Uint8Array): Constant {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { kind: 'value', value, bits: bytes.length * 8, ...untyped };
}

export function constantOf({ bytes }: Value): Constant {
  return constant(bytes);
}

export function prefix(base: Tree, length: number): Prefix {
  return { kind: 'prefix', base, length, ...untyped, bits: base.bits };
}

export function range(from: Tree, to: Tree): Range {
  return { kind: 'range', from, to, ...untyped, bits: from.bits };
}

export function binary(operator: BinaryOperator, left: Tree, right: Tree, bits: number = left.bits): Binary {
  const { type, order } = left;
  return { kind: 'binary', operator, left, right, type, order, bits };
}

export function concat(parts: Tree[]): Concat {
  return { kind: 'concat', parts, ...untyped, bits: 0 };
}

export function setUse(set: IrSet): SetUse {
  return { kind: 'set', set, ...untyped, bits: set.keyLength * 8 };
}

/** What the keys of an anonymous set that are compared with these parts are. For nft an option without a field is its first. */
export function keyPartTypes(parts: readonly Tree[]): readonly Datatype[] {
  return parts.map(part => {
    if (part.kind !== 'exthdr' || !part.present) return part.type;
    return part.space === 'ipv6' ? inetProtocolType : integerType;
  });
}

/** A copy that can be changed without changing `tree`; facts (types, protocols, sets) are shared. */
export function copyTree<T extends Tree>(tree: T): T {
  const copy: Tree = { ...(tree as Tree) };
  switch (copy.kind) {
    case 'prefix':
      copy.base = copyTree(copy.base);
      break;
    case 'range':
      copy.from = copyTree(copy.from);
      copy.to = copyTree(copy.to);
      break;
    case 'list':
      copy.items = copy.items.map(copyTree);
      break;
    case 'hash':
      if (copy.source !== undefined) copy.source = copyTree(copy.source);
      break;
    case 'binary':
      copy.left = copyTree(copy.left);
      copy.right = copyTree(copy.right);
      break;
    case 'swapped':
      copy.argument = copyTree(copy.argument);
      break;
    case 'concat':
      copy.parts = copy.parts.map(copyTree);
      break;
    case 'map':
      copy.key = copyTree(copy.key);
      copy.map = copyTree(copy.map);
      break;
    default:
      break;
  }
  return copy as T;
}

/** Says what `tree` is; the constants of what is made of several get it, those of named sets have their own. */
export function setType(tree: Tree, type: Datatype, order: ByteOrder): void {
  switch (tree.kind) {
    case 'prefix':
      setType(tree.base, type, order);
      return;
    case 'range':
      setType(tree.from, type, order);
      setType(tree.to, type, order);
      return;
    case 'set':
      if (tree.set.flags & 1) tree.keyType = { type, order };
      return;
    default:
      tree.type = type;
      tree.order = order;
  }
}
