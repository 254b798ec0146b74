// Where things lie in the kernel whose BTF is given: members of structures by path, sizes, type ids, functions, enum
// values. A name that stands for different layouts is a failure, never a guess.

import { type Btf, findTypes, typeAt } from './read.ts';
import { failure, type Result, success } from './result.ts';
import type { BtfType, TypeId } from './types.ts';

/** One step of a path: a member's name or an array index. */
export type PathStep = string | number;

export interface FieldPath {
  readonly root: string;
  readonly steps: readonly PathStep[];
}

/** Parses `struct.member[.member]`, with `[n]` for elements of arrays: `nf_conn.tuplehash[0].tuple.src.l3num`. */
export function parseFieldPath(name: string): Result<FieldPath> {
  const bad = failure('malformed', `\`${name}\` is not a path like struct.member`);
  const [root = '', ...rest] = name.split('.');
  if (!/^\w+$/.test(root) || rest.length === 0) return bad;
  const steps: PathStep[] = [];
  for (const part of rest) {
    if (!/^\w+(\[\d+\])*$/.test(part)) return bad;
    const [member = '', ...indexes] = part.split(/[[\]]+/).filter(text => text !== '');
    steps.push(member, ...indexes.map(Number));
  }
  return success({ root, steps });
}

export interface FieldPlace {
  /** Bits from the start of the outermost structure. */
  readonly bitOffset: number;
  /** Width of a bit-field, 0 for other members. */
  readonly bitSize: number;
  /** Type of the member, typedefs and qualifiers not removed. */
  readonly type: TypeId;
}

/** Chains of typedefs longer than this are cycles in malformed BTF. */
const maxDepth = 64;

/** The type behind typedefs, qualifiers and tags. */
export function resolveType(btf: Btf, id: TypeId): { id: TypeId; type: BtfType | undefined } {
  let at = id;
  for (let depth = 0; depth < maxDepth; depth++) {
    const type = typeAt(btf, at);
    switch (type?.kind) {
      case 'typedef':
      case 'type_tag':
      case 'volatile':
      case 'const':
      case 'restrict':
        at = type.type;
        break;
      default:
        return { id: at, type };
    }
  }
  return { id: at, type: undefined };
}

/** Bytes that a value of the type takes, or undefined where it has no size (functions, forward declarations). */
export function sizeOf(btf: Btf, id: TypeId, depth = 0): number | undefined {
  const { type } = resolveType(btf, id);
  switch (type?.kind) {
    case 'int':
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
    case 'float':
      return type.size;
    case 'ptr':
      return 8;
    case 'array': {
      const element = depth < maxDepth ? sizeOf(btf, type.type, depth + 1) : undefined;
      return element === undefined ? undefined : element * type.length;
    }
    default:
      return undefined;
  }
}

/**
 * A member of the structure, or of the anonymous structures and unions within it. A type that was searched once is not
 * searched again, so that malformed BTF (a structure that contains itself) costs no more than its size.
 */
function findMember(btf: Btf, from: TypeId, name: string, searched: Set<TypeId>): FieldPlace | undefined {
  const { id, type } = resolveType(btf, from);
  if ((type?.kind !== 'struct' && type?.kind !== 'union') || searched.has(id)) return undefined;
  searched.add(id);
  const direct = type.members.find(member => member.name === name);
  if (direct !== undefined) return direct;
  for (const member of type.members) {
    const inner = member.name === '' ? findMember(btf, member.type, name, searched) : undefined;
    if (inner !== undefined) return { ...inner, bitOffset: inner.bitOffset + member.bitOffset };
  }
  return undefined;
}

function findElement(btf: Btf, id: TypeId, index: number): FieldPlace | undefined {
  const { type } = resolveType(btf, id);
  if (type?.kind !== 'array' || (index >= type.length && type.length > 0)) return undefined;
  const size = sizeOf(btf, type.type);
  return size === undefined ? undefined : { bitOffset: size * index * 8, bitSize: 0, type: type.type };
}

/** Follows the steps from the type `id`; undefined if one of them is not there. */
export function placeOf(btf: Btf, id: TypeId, steps: readonly PathStep[]): FieldPlace | undefined {
  let place: FieldPlace = { bitOffset: 0, bitSize: 0, type: id };
  for (const step of steps) {
    const next: FieldPlace | undefined =
      typeof step === 'number'
        ? findElement(btf, place.type, step)
        : findMember(btf, place.type, step, new Set());
    if (next === undefined) return undefined;
    place = { ...next, bitOffset: place.bitOffset + next.bitOffset };
  }
  return place;
}

/** The place of a member named by a path. Structures of one name must agree where they have the member. */
export function findField(btf: Btf, path: string): Result<FieldPlace> {
  const parsed = parseFieldPath(path);
  if (!parsed.ok) return parsed;
  const { root, steps } = parsed.value;
  const candidates = findTypes(btf, root, ['struct', 'union']);
  if (candidates.length === 0) return failure('not-found', `no structure is called ${root}`);
  const places = candidates.flatMap(id => placeOf(btf, id, steps) ?? []);
  const [first] = places;
  if (first === undefined)
    return failure('not-found', `struct ${root} has no member \`${path.slice(root.length + 1)}\``);
  const same = places.every(p => p.bitOffset === first.bitOffset && p.bitSize === first.bitSize);
  return same ? success(first) : failure('ambiguous', `several structures are called ${root}`);
}

/** The place of `path` in bytes; a bit-field must begin at a whole one. */
export function byteOffset(path: string, { bitOffset }: FieldPlace): Result<number> {
  return bitOffset % 8 === 0
    ? success(bitOffset / 8)
    : failure('unsupported', `\`${path}\` is a bit-field that begins within a byte`);
}

/** Byte offset of a member named by a path. */
export function fieldOffset(btf: Btf, path: string): Result<number> {
  const place = findField(btf, path);
  return place.ok ? byteOffset(path, place.value) : place;
}

function onlyOne(ids: readonly TypeId[], what: string): Result<TypeId> {
  const [id] = ids;
  if (id === undefined) return failure('not-found', `no ${what}`);
  return ids.length === 1 ? success(id) : failure('ambiguous', `several types: ${what}`);
}

/** Id of the structure or union of exactly that name. */
export function structureId(btf: Btf, name: string): Result<TypeId> {
  return onlyOne(findTypes(btf, name, ['struct', 'union']), `structure is called ${name}`);
}

/** Id of a function, as a kfunc call names it. */
export function functionId(btf: Btf, name: string): Result<TypeId> {
  return onlyOne(findTypes(btf, name, ['func']), `function is called ${name}`);
}

/** Value of an enumerator, e.g. (`ip_conntrack_status`, `IPS_CONFIRMED`); an empty `enumName` searches anonymous enums. */
export function enumValue(btf: Btf, enumName: string, name: string): Result<bigint> {
  const values = findTypes(btf, enumName, ['enum', 'enum64']).flatMap(id => {
    const type = typeAt(btf, id);
    if (type?.kind !== 'enum' && type?.kind !== 'enum64') return [];
    return type.values.filter(value => value.name === name).map(({ value }) => value);
  });
  const [first] = values;
  if (first === undefined) return failure('not-found', `enum ${enumName} has no ${name}`);
  return values.every(value => value === first)
    ? success(first)
    : failure('ambiguous', `several values: ${name}`);
}
