// One BTF type from bytes. The reader has checked that the whole record lies within the type section.

import { type BtfEnumValue, type BtfMember, type BtfType, kindRows, type Linkage } from './types.ts';

/** What the decoders of single kinds need: words by index after the common record, and strings. */
interface Record {
  readonly name: string;
  readonly vlen: number;
  readonly flag: boolean;
  readonly sizeOrType: number;
  readonly word: (index: number) => number;
  readonly string: (offset: number) => string;
}

const linkages: readonly Linkage[] = ['static', 'global', 'extern'];

function linkageOf(value: number): Linkage {
  return linkages[value] ?? 'static';
}

/** Calls `make` for the word index at which each of the `vlen` parts of `words` words begins. */
function parts<T>(record: Record, words: number, make: (at: number) => T): T[] {
  return Array.from({ length: record.vlen }, (_, index) => make(index * words));
}

function decodeInt({ name, sizeOrType, word }: Record): BtfType {
  const flags = (word(0) >>> 24) & 0x0f;
  const encoding = flags & 4 ? 'bool' : flags & 2 ? 'char' : flags & 1 ? 'signed' : 'unsigned';
  return { kind: 'int', name, size: sizeOrType, bits: word(0) & 0xff, encoding };
}

function decodeMember(record: Record, at: number): BtfMember {
  const place = record.word(at + 2);
  return {
    name: record.string(record.word(at)),
    type: record.word(at + 1),
    bitOffset: record.flag ? place & 0xffffff : place,
    bitSize: record.flag ? place >>> 24 : 0,
  };
}

function decodeStruct(kind: 'struct' | 'union', record: Record): BtfType {
  const members = parts(record, 3, at => decodeMember(record, at));
  return { kind, name: record.name, size: record.sizeOrType, members };
}

function enumValue(record: Record, at: number, wide: boolean): BtfEnumValue {
  const low = BigInt(record.word(at + 1));
  const value = wide ? low | (BigInt(record.word(at + 2)) << 32n) : low;
  const bits = wide ? 64 : 32;
  return {
    name: record.string(record.word(at)),
    value: record.flag ? BigInt.asIntN(bits, value) : value,
  };
}

function decodeEnum(kind: 'enum' | 'enum64', record: Record): BtfType {
  const wide = kind === 'enum64';
  const values = parts(record, wide ? 3 : 2, at => enumValue(record, at, wide));
  return { kind, name: record.name, size: record.sizeOrType, signed: record.flag, values };
}

function decodeProto(record: Record): BtfType {
  const parameters = parts(record, 2, at => ({
    name: record.string(record.word(at)),
    type: record.word(at + 1),
  }));
  return { kind: 'func_proto', returns: record.sizeOrType, parameters };
}

function decodeSection(record: Record): BtfType {
  const variables = parts(record, 3, at => ({
    type: record.word(at),
    offset: record.word(at + 1),
    size: record.word(at + 2),
  }));
  return { kind: 'datasec', name: record.name, size: record.sizeOrType, variables };
}

function decodeRecord(kind: BtfType['kind'], record: Record): BtfType {
  const { name, sizeOrType, word } = record;
  switch (kind) {
    case 'int':
      return decodeInt(record);
    case 'ptr':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { kind, type: sizeOrType };
    case 'array':
      return { kind, type: word(0), index: word(1), length: word(2) };
    case 'struct':
    case 'union':
      return decodeStruct(kind, record);
    case 'enum':
    case 'enum64':
      return decodeEnum(kind, record);
    case 'fwd':
      return { kind, name, union: record.flag };
    case 'typedef':
    case 'type_tag':
      return { kind, name, type: sizeOrType };
    case 'func':
      return { kind, name, type: sizeOrType, linkage: linkageOf(record.vlen) };
    case 'func_proto':
      return decodeProto(record);
    case 'var':
      return { kind, name, type: sizeOrType, linkage: linkageOf(word(0)) };
    case 'datasec':
      return decodeSection(record);
    case 'float':
      return { kind, name, size: sizeOrType };
    case 'decl_tag':
      return { kind, name, type: sizeOrType, component: word(0) | 0 };
  }
}

/** The type that begins at byte `at`, or undefined if its kind does not exist. */
export function decodeType(
  view: DataView,
  at: number,
  littleEndian: boolean,
  string: (offset: number) => string,
): BtfType | undefined {
  const info = view.getUint32(at + 4, littleEndian);
  const row = kindRows[(info >>> 24) & 0x1f];
  return (
    row &&
    decodeRecord(row.kind, {
      name: string(view.getUint32(at, littleEndian)),
      vlen: info & 0xffff,
      flag: info >>> 31 === 1,
      sizeOrType: view.getUint32(at + 8, littleEndian),
      word: index => view.getUint32(at + 12 + index * 4, littleEndian),
      string,
    })
  );
}
