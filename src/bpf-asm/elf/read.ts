// A BPF object as programs and maps: what a disassembler shows of it. Objects that clang made are read as well as ours.

import { stringAt, viewOf } from '../btf/bytes.ts';
import { coreRelocationKind, readBtfExt, type SectionInfo } from '../btf/ext.ts';
import { type Btf, btfString, findTypes, readBtf, typeAt } from '../btf/read.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { BtfType, TypeId } from '../btf/types.ts';
import type { Reference, Relocation } from '../instruction.ts';
import { corePath } from './core-path.ts';
import { sectionFlag, sectionType, slotLength, symbolType } from './format.ts';
import { opcode, type SourceLine } from './functions.ts';
import {
  type ElfImage,
  type ElfSymbol,
  readImage,
  type Section,
  type SectionRelocation,
} from './read-image.ts';

/** A function of an object: a program, or a subprogram (in `.text`). Slots count from its start. */
export interface ObjectFunction {
  readonly name: string;
  readonly section: string;
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly lines: readonly SourceLine[];
}

export interface ObjectMap {
  readonly name: string;
  /** `.maps`, or the data section that holds the contents. */
  readonly section: string;
  /** The numbers of its definition: type, max_entries, key_size ...; empty for data sections. */
  readonly definition: Readonly<Record<string, number>>;
  /** Contents, of a data section only. */
  readonly bytes?: Uint8Array;
}

export interface BpfObject {
  readonly license?: string;
  readonly functions: readonly ObjectFunction[];
  readonly maps: readonly ObjectMap[];
  readonly image: ElfImage;
}

interface Source {
  readonly image: ElfImage;
  readonly btf: Btf | undefined;
  readonly extension: readonly SectionInfo[];
}

function sectionNamed(image: ElfImage, name: string): Section | undefined {
  return image.sections.find(section => section.name === name);
}

function readSource(image: ElfImage): Result<Source> {
  const btfSection = sectionNamed(image, '.BTF');
  const extSection = sectionNamed(image, '.BTF.ext');
  if (btfSection === undefined) return success({ image, btf: undefined, extension: [] });
  const btf = readBtf(btfSection.bytes);
  if (!btf.ok) return btf;
  if (extSection === undefined) return success({ image, btf: btf.value, extension: [] });
  const extension = readBtfExt(extSection.bytes);
  return extension.ok ? success({ image, btf: btf.value, extension: extension.value }) : extension;
}

/** What a relocation of the ELF file refers to, as the assembler would say it. */
function referenceOf(code: Uint8Array, offset: number, symbol: ElfSymbol, image: ElfImage): Reference {
  const isCall = code[offset] === opcode.call;
  const section = image.sections[symbol.section];
  const isCode = section !== undefined && (section.flags & sectionFlag.execute) !== 0;
  if (symbol.section === 0) return { kind: isCall ? 'kfunc' : 'map', name: symbol.name };
  if (!isCode) return { kind: 'map', name: symbol.name };
  const immediate = viewOf(code).getInt32(offset + 4, true);
  const target = symbol.value + (isCall ? (immediate + 1) * slotLength : immediate);
  return { kind: 'subprogram', name: functionAt(image, symbol.section, target)?.name ?? symbol.name };
}

function functionAt(image: ElfImage, section: number, offset: number): ElfSymbol | undefined {
  return image.symbols.find(
    symbol => symbol.type === symbolType.function && symbol.section === section && symbol.value === offset,
  );
}

function symbolRelocations(
  code: Uint8Array,
  rows: readonly SectionRelocation[],
  image: ElfImage,
): Relocation[] {
  return rows
    .filter(({ offset }) => offset % slotLength === 0 && offset + slotLength <= code.length)
    .map(({ offset, symbol }) => ({
      index: offset / slotLength,
      ...referenceOf(code, offset, symbol, image),
    }));
}

function isFieldOrType(kind: number): boolean {
  return kind === coreRelocationKind.fieldByteOffset || kind === coreRelocationKind.typeIdTarget;
}

function coreRelocations(btf: Btf, info: SectionInfo): Relocation[] {
  return info.relocations
    .filter(({ kind }) => isFieldOrType(kind))
    .map(({ offset, type, access, kind }) => ({
      index: offset / slotLength,
      kind: kind === coreRelocationKind.typeIdTarget ? 'type' : 'field',
      name: corePath(btf, type, btfString(btf, access)),
    }));
}

function sourceLines(btf: Btf, info: SectionInfo): SourceLine[] {
  return info.lines.map(({ offset, file, text, line, column }) => ({
    slot: offset / slotLength,
    file: btfString(btf, file),
    text: btfString(btf, text),
    line,
    column,
  }));
}

interface CodeRange {
  readonly name: string;
  /** Bytes. */
  readonly value: number;
  readonly size: number;
}

/** What the function symbols of a section cover; the whole section where there is none. */
function codeRanges(image: ElfImage, section: Section): Result<CodeRange[]> {
  const symbols = image.symbols.filter(
    ({ type, section: index }) => type === symbolType.function && index === section.index,
  );
  const whole = { name: section.name, value: 0, size: section.bytes.length };
  const ranges: CodeRange[] = symbols.length > 0 ? symbols : [whole];
  const isWrong = ({ value, size }: CodeRange): boolean =>
    value % slotLength !== 0 || size % slotLength !== 0 || value + size > section.bytes.length;
  const wrong = ranges.find(isWrong);
  if (wrong !== undefined) return failure('malformed', `${wrong.name} is not a row of instructions`);
  return success(ranges.sort((a, b) => a.value - b.value));
}

/** The parts of a list that lie within a range of code, counted from its start. */
function within<T>(rows: readonly T[], range: CodeRange, slotOf: (row: T) => number): [T, number][] {
  const from = range.value / slotLength;
  const to = from + range.size / slotLength;
  return rows
    .filter(row => slotOf(row) >= from && slotOf(row) < to)
    .map(row => [row, slotOf(row) - from] as [T, number]);
}

function functionsOf(source: Source, section: Section): Result<ObjectFunction[]> {
  const { image, btf, extension } = source;
  const ranges = codeRanges(image, section);
  if (!ranges.ok) return ranges;
  const infos = btf ? extension.filter(({ name }) => btfString(btf, name) === section.name) : [];
  const relocations = [
    ...symbolRelocations(section.bytes, image.relocations.get(section.index) ?? [], image),
    ...infos.flatMap(info => (btf ? coreRelocations(btf, info) : [])),
  ].sort((a, b) => a.index - b.index);
  const lines = infos.flatMap(info => (btf ? sourceLines(btf, info) : []));
  return success(
    ranges.value.map(range => ({
      name: range.name,
      section: section.name,
      code: section.bytes.subarray(range.value, range.value + range.size),
      relocations: within(relocations, range, r => r.index).map(([r, index]) => ({ ...r, index })),
      lines: within(lines, range, line => line.slot).map(([line, slot]) => ({ ...line, slot })),
    })),
  );
}

function numberOf(btf: Btf, type: TypeId): number | undefined {
  const pointer = typeAt(btf, type);
  const array = pointer?.kind === 'ptr' ? typeAt(btf, pointer.type) : undefined;
  return array?.kind === 'array' ? array.length : undefined;
}

function definitionOf(btf: Btf, name: string): Record<string, number> {
  const [id] = findTypes(btf, name, ['var']);
  const variable = id === undefined ? undefined : typeAt(btf, id);
  const struct: BtfType | undefined = variable?.kind === 'var' ? typeAt(btf, variable.type) : undefined;
  if (struct?.kind !== 'struct') return {};
  return Object.fromEntries(
    struct.members.flatMap(member => {
      const value = numberOf(btf, member.type);
      return value === undefined ? [] : [[member.name, value] as const];
    }),
  );
}

function mapsOf({ image, btf }: Source): ObjectMap[] {
  return image.symbols.flatMap(({ name, type, section: index, value, size }) => {
    const section = image.sections[index];
    if (type !== symbolType.object || section === undefined) return [];
    if (section.name === '.maps') {
      return [{ name, section: section.name, definition: btf ? definitionOf(btf, name) : {} }];
    }
    const isData = /^\.(ro)?data(\.|$)/.test(section.name);
    const bytes = section.bytes.subarray(value, value + size);
    return isData ? [{ name, section: section.name, definition: {}, bytes }] : [];
  });
}

/** Reads an object file. Malformed bytes give a failure. */
export function readElf(file: Uint8Array): Result<BpfObject> {
  const image = readImage(file);
  if (!image.ok) return image;
  const source = readSource(image.value);
  if (!source.ok) return source;
  const code = image.value.sections.filter(
    ({ type, flags, bytes }) =>
      type === sectionType.progbits && (flags & sectionFlag.execute) !== 0 && bytes.length > 0,
  );
  const functions: ObjectFunction[] = [];
  for (const section of code) {
    const found = functionsOf(source.value, section);
    if (!found.ok) return found;
    functions.push(...found.value);
  }
  const license = sectionNamed(image.value, 'license');
  return success({
    ...(license === undefined ? {} : { license: stringAt(license.bytes, 0) ?? '' }),
    functions,
    maps: mapsOf(source.value),
    image: image.value,
  });
}
