// Maps in an object file. Most are definitions in `.maps`: a variable of a structure type whose members' types say type,
// sizes and flags, since the numbers of an object's map are taken from BTF alone. Such a map is created empty.
//
// An array of one entry whose value the code addresses directly (`loadMapValue`) becomes a data section instead,
// `.data.NAME`, or `.rodata.NAME` if the program may only read it: that is the one kind of map that a loader fills.

import { failure, type Result, success } from '../btf/result.ts';
import type { TypeId } from '../btf/types.ts';
import type { BtfBuilder } from '../btf/write.ts';
import { type MapDefinition, mapTypeNumber } from '../map-spec.ts';
import { sectionFlag, symbolBinding, symbolType } from './format.ts';
import type { ImageSection, ImageSymbol } from './image.ts';

/** BPF_F_RDONLY_PROG and BPF_F_MMAPABLE: what libbpf itself sets on the maps that it makes of data sections. */
const readOnlyProgram = 0x80;
const memoryMappable = 0x400;
/** LIBBPF_PIN_BY_NAME. */
const pinByName = 1;

export interface MapSections {
  readonly sections: readonly ImageSection[];
  readonly symbols: ReadonlyMap<string, ImageSymbol>;
}

function unsignedInt(builder: BtfBuilder): TypeId {
  return builder.share({ kind: 'int', name: 'unsigned int', size: 4, bits: 32, encoding: 'unsigned' });
}

function byteArray(builder: BtfBuilder, length: number): TypeId {
  const type = builder.share({ kind: 'int', name: 'unsigned char', size: 1, bits: 8, encoding: 'unsigned' });
  return builder.share({ kind: 'array', type, index: unsignedInt(builder), length });
}

/**
 * The type `unsigned char (*)[value]`, which is how a map definition holds a number. (Bytes, because the kernel refuses
 * arrays of more than 4 GiB, even where nothing has such a type.)
 */
function numberType(builder: BtfBuilder, value: number): TypeId {
  return builder.share({ kind: 'ptr', type: byteArray(builder, value) });
}

function definitionFields(map: MapDefinition, pinned: boolean): [string, number][] {
  const fields: [string, number][] = [
    ['type', mapTypeNumber[map.type]],
    ['max_entries', map.maxEntries],
    ['map_flags', map.flags],
    ['key_size', map.keySize],
    ['value_size', map.valueSize],
  ];
  return pinned ? [...fields, ['pinning', pinByName]] : fields;
}

function mapSymbol(name: string, section: string, value: number, size: number): ImageSymbol {
  const { global: binding } = symbolBinding;
  return { name, section, value, size, binding, type: symbolType.object };
}

function definitionSection(
  builder: BtfBuilder,
  maps: readonly MapDefinition[],
  pinned: ReadonlySet<string>,
  symbols: Map<string, ImageSymbol>,
): ImageSection {
  let offset = 0;
  const variables = maps.map(map => {
    const fields = definitionFields(map, pinned.has(map.name));
    const members = fields.map(([name, value], index) => ({
      name,
      type: numberType(builder, value),
      bitOffset: index * 64,
      bitSize: 0,
    }));
    const size = fields.length * 8;
    const struct = builder.add({ kind: 'struct', name: '', size, members });
    const type = builder.add({ kind: 'var', name: map.name, type: struct, linkage: 'global' });
    symbols.set(map.name, mapSymbol(map.name, '.maps', offset, size));
    offset += size;
    return { type, offset: offset - size, size };
  });
  builder.add({ kind: 'datasec', name: '.maps', size: offset, variables });
  return {
    name: '.maps',
    flags: sectionFlag.alloc | sectionFlag.write,
    alignment: 8,
    bytes: new Uint8Array(offset),
  };
}

function dataProblem(map: MapDefinition): string | undefined {
  if (map.type !== 'array' || map.maxEntries !== 1) {
    return `map ${map.name} is addressed directly, which takes an array of one entry`;
  }
  if ((map.flags & ~(readOnlyProgram | memoryMappable)) !== 0) {
    return `map ${map.name}: flags ${map.flags} cannot be given to a data section`;
  }
  return undefined;
}

function dataSection(
  builder: BtfBuilder,
  map: MapDefinition,
  symbols: Map<string, ImageSymbol>,
): Result<ImageSection> {
  const problem = dataProblem(map);
  if (problem !== undefined) return failure('unsupported', problem);
  const isReadOnly = (map.flags & readOnlyProgram) !== 0;
  const name = `${isReadOnly ? '.rodata' : '.data'}.${map.name}`;
  const size = map.valueSize;
  const type = builder.add({
    kind: 'var',
    name: map.name,
    type: byteArray(builder, size),
    linkage: 'global',
  });
  builder.add({ kind: 'datasec', name, size, variables: [{ type, offset: 0, size }] });
  symbols.set(map.name, mapSymbol(map.name, name, 0, size));
  const bytes = new Uint8Array(size);
  if (map.count > 0) bytes.set(map.values.subarray(0, size));
  const flags = sectionFlag.alloc | (isReadOnly ? 0 : sectionFlag.write);
  return success({ name, flags, alignment: 8, bytes });
}

/**
 * Sections, symbols and BTF of the maps. `addressed` names the maps whose value the code addresses directly, `pinned`
 * those that a loader shares between objects by their name (LIBBPF_PIN_BY_NAME).
 */
export function writeMaps(
  builder: BtfBuilder,
  maps: readonly MapDefinition[],
  addressed: ReadonlySet<string>,
  pinned: ReadonlySet<string>,
): Result<MapSections> {
  const symbols = new Map<string, ImageSymbol>();
  const defined = maps.filter(({ name }) => !addressed.has(name));
  const sections: ImageSection[] =
    defined.length > 0 ? [definitionSection(builder, defined, pinned, symbols)] : [];
  for (const map of maps.filter(({ name }) => addressed.has(name))) {
    if (pinned.has(map.name) && (map.flags & readOnlyProgram) === 0) {
      return failure('unsupported', `map ${map.name} is a data section, which objects cannot share`);
    }
    const section = dataSection(builder, map, symbols);
    if (!section.ok) return section;
    sections.push(section.value);
  }
  return success({ sections, symbols });
}
