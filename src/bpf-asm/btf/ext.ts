// .BTF.ext: what belongs to single instructions. Three tables (functions, source lines, CO-RE relocations), each cut by
// section, each opened by the size of its records.
//
//   header (32) | u32 record size, { u32 section name, u32 count, records } ... | the same for lines | for relocations

import { ByteWriter, viewOf } from './bytes.ts';
import { failure, type Result, success } from './result.ts';
import { btfMagic, btfVersion, type TypeId } from './types.ts';

/** Offsets are bytes from the start of the section that holds the instruction. */
export interface FunctionInfo {
  readonly offset: number;
  /** Id of the FUNC. */
  readonly type: TypeId;
}

export interface LineInfo {
  readonly offset: number;
  /** Offsets of strings in .BTF. */
  readonly file: number;
  readonly text: number;
  /** From 1; 0 is unknown. At most `maxLine` and `maxColumn`. */
  readonly line: number;
  readonly column: number;
}

/** `enum bpf_core_relo_kind`, as far as it is used here. */
export const coreRelocationKind = { fieldByteOffset: 0, typeIdTarget: 7 } as const;

export interface CoreRelocation {
  readonly offset: number;
  /** Id of the local structure. */
  readonly type: TypeId;
  /** Offset of the access string in .BTF, `0:1:2` for member 2 of member 1. */
  readonly access: number;
  readonly kind: number;
}

/** The tables of one section. */
export interface SectionInfo {
  /** Offset of the section's name in .BTF. */
  readonly name: number;
  readonly functions: readonly FunctionInfo[];
  readonly lines: readonly LineInfo[];
  readonly relocations: readonly CoreRelocation[];
}

/** Line and column share a word: 22 and 10 bits. */
export const maxLine = 0x3fffff;
export const maxColumn = 0x3ff;

const headerLength = 32;

type Words = readonly number[];

function functionWords({ offset, type }: FunctionInfo): Words {
  return [offset, type];
}

function lineWords({ offset, file, text, line, column }: LineInfo): Words {
  return [offset, file, text, (line << 10) | column];
}

function relocationWords({ offset, type, access, kind }: CoreRelocation): Words {
  return [offset, type, access, kind];
}

/** A table; nothing at all if no section has a record, since a loader takes an empty table for a broken one. */
function table(recordWords: number, sections: readonly { name: number; records: Words[] }[]): Uint8Array {
  const writer = new ByteWriter();
  const filled = sections.filter(({ records }) => records.length > 0);
  if (filled.length === 0) return writer.finish();
  writer.u32(recordWords * 4);
  for (const { name, records } of filled) {
    writer.u32(name).u32(records.length);
    for (const word of records.flat()) writer.u32(word);
  }
  return writer.finish();
}

/** The bytes of a .BTF.ext section. */
export function writeBtfExt(sections: readonly SectionInfo[]): Uint8Array {
  const functions = table(
    2,
    sections.map(({ name, functions: rows }) => ({ name, records: rows.map(functionWords) })),
  );
  const lines = table(
    4,
    sections.map(({ name, lines: rows }) => ({ name, records: rows.map(lineWords) })),
  );
  const relocations = table(
    4,
    sections.map(({ name, relocations: rows }) => ({ name, records: rows.map(relocationWords) })),
  );
  const writer = new ByteWriter().u16(btfMagic).u8(btfVersion).u8(0).u32(headerLength);
  let at = 0;
  for (const { length } of [functions, lines, relocations]) {
    writer.u32(at).u32(length);
    at += length;
  }
  return writer.bytes(functions).bytes(lines).bytes(relocations).finish();
}

interface TableSection {
  readonly name: number;
  readonly records: readonly Words[];
}

/** The records of the table whose offset and length stand at `at` in the header; longer records are cut to `words`. */
function readTable(view: DataView, header: number, at: number, words: number): Result<TableSection[]> {
  const word = (offset: number): number => view.getUint32(offset, true);
  const begin = header + word(at);
  const end = begin + word(at + 4);
  if (end > view.byteLength) return failure('truncated', '.BTF.ext table reaches past the end', at);
  if (end === begin) return success([]);
  if (end - begin < 4) return failure('truncated', '.BTF.ext table without a record size', begin);
  const size = word(begin);
  if (size < words * 4 || size % 4 !== 0) return failure('malformed', '.BTF.ext record size', begin);
  const sections: TableSection[] = [];
  for (let position = begin + 4; position < end; ) {
    if (position + 8 > end) return failure('truncated', '.BTF.ext ends within a section', position);
    const count = word(position + 4);
    const first = position + 8;
    if (first + count * size > end) return failure('truncated', '.BTF.ext ends within a section', position);
    const record = (row: number): Words =>
      Array.from({ length: words }, (_, index) => word(first + row * size + index * 4));
    sections.push({
      name: word(position),
      records: Array.from({ length: count }, (_, row) => record(row)),
    });
    position = first + count * size;
  }
  return success(sections);
}

function lineInfo([offset = 0, file = 0, text = 0, place = 0]: Words): LineInfo {
  return { offset, file, text, line: place >>> 10, column: place & maxColumn };
}

function coreRelocation([offset = 0, type = 0, access = 0, kind = 0]: Words): CoreRelocation {
  return { offset, type, access, kind };
}

function functionInfo([offset = 0, type = 0]: Words): FunctionInfo {
  return { offset, type };
}

/** Reads a little-endian .BTF.ext section. Old producers have no relocations in the header (24 bytes). */
export function readBtfExt(bytes: Uint8Array): Result<SectionInfo[]> {
  const view = viewOf(bytes);
  if (bytes.length < 24) return failure('truncated', '.BTF.ext ends within its header', 0);
  if (view.getUint16(0, true) !== btfMagic) return failure('bad-magic', 'not little-endian .BTF.ext', 0);
  const header = view.getUint32(4, true);
  const functions = readTable(view, header, 8, 2);
  const lines = readTable(view, header, 16, 4);
  const empty: Result<TableSection[]> = success([]);
  const relocations =
    header >= headerLength && bytes.length >= headerLength ? readTable(view, header, 24, 4) : empty;
  if (!functions.ok) return functions;
  if (!lines.ok) return lines;
  if (!relocations.ok) return relocations;
  return success(joinTables(functions.value, lines.value, relocations.value));
}

function joinTables(
  functions: readonly TableSection[],
  lines: readonly TableSection[],
  relocations: readonly TableSection[],
): SectionInfo[] {
  const names = new Set([...functions, ...lines, ...relocations].map(({ name }) => name));
  const rows = (sections: readonly TableSection[], name: number): Words[] =>
    sections.filter(section => section.name === name).flatMap(({ records }) => records);
  return [...names].map(name => ({
    name,
    functions: rows(functions, name).map(functionInfo),
    lines: rows(lines, name).map(lineInfo),
    relocations: rows(relocations, name).map(coreRelocation),
  }));
}
