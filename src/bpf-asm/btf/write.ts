// BTF writer: collects types and strings, then lays out header, types and strings.
//
//   header (24) | types: record (12) + what its kind adds, in order of id | strings, the first one empty

import { ByteWriter, StringTable } from './bytes.ts';
import { failure, type Result, success } from './result.ts';
import {
  type BtfType,
  btfHeaderLength,
  btfMagic,
  btfVersion,
  intEncoding,
  kindNumber,
  linkageNumber,
  maxBtfSize,
  maxVlen,
  type TypeId,
} from './types.ts';

/** One type in bytes: its 12-byte record is name, info and `sizeOrType`; `rest` writes what follows. */
interface Encoded {
  readonly name?: string;
  readonly vlen?: number;
  readonly flag?: boolean;
  readonly sizeOrType: number;
  readonly rest?: (writer: ByteWriter) => void;
}

type Struct = Extract<BtfType, { kind: 'struct' | 'union' }>;
type Enum = Extract<BtfType, { kind: 'enum' | 'enum64' }>;

export class BtfBuilder {
  readonly #strings: StringTable = new StringTable();
  readonly #types: BtfType[] = [];
  readonly #known: Map<string, TypeId> = new Map();

  /** Appends a type and returns its id. A type may name ids that are added later. */
  add(type: BtfType): TypeId {
    return this.#types.push(type);
  }

  /** The id of an equal type that was added through `share` before, or of this one, added now. */
  share(type: BtfType): TypeId {
    const key = JSON.stringify(type, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.add(type);
    this.#known.set(key, id);
    return id;
  }

  /** Offset of a string that something outside the types refers to, .BTF.ext for one. */
  string(text: string): number {
    return this.#strings.add(text);
  }

  /** The bytes of a .BTF section. Fails where a count, an offset or the whole is larger than the format holds. */
  build(): Result<Uint8Array> {
    const types = new ByteWriter();
    for (const type of this.#types) {
      const problem = rangeProblem(type);
      if (problem !== undefined) return failure('out-of-range', problem);
      this.#write(types, type);
    }
    const strings = this.#strings.finish();
    const size = btfHeaderLength + types.length + strings.length;
    if (size > maxBtfSize)
      return failure('out-of-range', `BTF of ${size} bytes, the kernel takes ${maxBtfSize}`);
    return success(assemble(types.finish(), strings));
  }

  #write(writer: ByteWriter, type: BtfType): void {
    const encoded = encode(type, text => this.#strings.add(text));
    const kind = kindNumber.get(type.kind) ?? 0;
    const info = ((encoded.flag ? 0x80 : 0) << 24) | (kind << 24) | (encoded.vlen ?? 0);
    writer
      .u32(this.#strings.add(encoded.name ?? ''))
      .u32(info)
      .u32(encoded.sizeOrType);
    encoded.rest?.(writer);
  }
}

function assemble(types: Uint8Array, strings: Uint8Array): Uint8Array {
  return new ByteWriter()
    .u16(btfMagic)
    .u8(btfVersion)
    .u8(0)
    .u32(btfHeaderLength)
    .u32(0)
    .u32(types.length)
    .u32(types.length)
    .u32(strings.length)
    .bytes(types)
    .bytes(strings)
    .finish();
}

function encode(type: BtfType, string: (text: string) => number): Encoded {
  switch (type.kind) {
    case 'int':
      return {
        name: type.name,
        sizeOrType: type.size,
        rest: writer => writer.u32((intEncoding[type.encoding] << 24) | type.bits),
      };
    case 'ptr':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { sizeOrType: type.type };
    case 'array':
      return { sizeOrType: 0, rest: writer => writer.u32(type.type).u32(type.index).u32(type.length) };
    case 'struct':
    case 'union':
      return encodeStruct(type, string);
    case 'enum':
    case 'enum64':
      return encodeEnum(type, string);
    case 'fwd':
      return { name: type.name, flag: type.union, sizeOrType: 0 };
    case 'typedef':
    case 'type_tag':
      return { name: type.name, sizeOrType: type.type };
    case 'func':
      return { name: type.name, vlen: linkageNumber[type.linkage], sizeOrType: type.type };
    case 'func_proto':
      return {
        vlen: type.parameters.length,
        sizeOrType: type.returns,
        rest: writer => {
          for (const { name, type: id } of type.parameters) writer.u32(string(name)).u32(id);
        },
      };
    case 'var':
      return {
        name: type.name,
        sizeOrType: type.type,
        rest: writer => writer.u32(linkageNumber[type.linkage]),
      };
    case 'datasec':
      return {
        name: type.name,
        vlen: type.variables.length,
        sizeOrType: type.size,
        rest: writer => {
          for (const { type: id, offset, size } of type.variables) writer.u32(id).u32(offset).u32(size);
        },
      };
    case 'float':
      return { name: type.name, sizeOrType: type.size };
    case 'decl_tag':
      return { name: type.name, sizeOrType: type.type, rest: writer => writer.u32(type.component) };
  }
}

function hasBitFields(type: Struct): boolean {
  return type.members.some(member => member.bitSize !== 0);
}

/** With the kind flag, a member's offset word is `bitSize << 24 | bitOffset`; without, it is the offset alone. */
function encodeStruct(type: Struct, string: (text: string) => number): Encoded {
  return {
    name: type.name,
    vlen: type.members.length,
    flag: hasBitFields(type),
    sizeOrType: type.size,
    rest: writer => {
      for (const { name, type: id, bitOffset, bitSize } of type.members) {
        writer
          .u32(string(name))
          .u32(id)
          .u32((bitSize << 24) | bitOffset);
      }
    },
  };
}

function encodeEnum(type: Enum, string: (text: string) => number): Encoded {
  return {
    name: type.name,
    vlen: type.values.length,
    flag: type.signed,
    sizeOrType: type.size,
    rest: writer => {
      for (const { name, value } of type.values) {
        writer.u32(string(name)).u32(Number(BigInt.asUintN(32, value)));
        if (type.kind === 'enum64') writer.u32(Number(BigInt.asUintN(32, value >> 32n)));
      }
    },
  };
}

function vlenOf(type: BtfType): number {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.members.length;
    case 'enum':
    case 'enum64':
      return type.values.length;
    case 'func_proto':
      return type.parameters.length;
    case 'datasec':
      return type.variables.length;
    default:
      return 0;
  }
}

function memberProblem(type: Struct): string | undefined {
  const limit = hasBitFields(type) ? 0xffffff : 0xffffffff;
  const far = type.members.find(member => member.bitOffset > limit || member.bitSize > 255);
  return far && `${type.kind} ${type.name}: member ${far.name} lies too far for BTF`;
}

function rangeProblem(type: BtfType): string | undefined {
  if (vlenOf(type) > maxVlen) return `${type.kind} with ${vlenOf(type)} parts, BTF holds ${maxVlen}`;
  if (type.kind === 'struct' || type.kind === 'union') return memberProblem(type);
  if (type.kind === 'enum' && type.values.some(({ value }) => value !== enum32(value, type.signed))) {
    return `enum ${type.name}: a value needs 64 bits`;
  }
  return undefined;
}

function enum32(value: bigint, signed: boolean): bigint {
  return signed ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value);
}
