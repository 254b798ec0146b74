// An ELF file from sections and symbols. Knows nothing of BPF but the machine number.
//
//   file header | sections, each aligned | .symtab | .strtab | section headers

import { ByteWriter, StringTable } from '../btf/bytes.ts';
import {
  elfClass64,
  elfLittleEndian,
  elfMachineBpf,
  elfMagic,
  elfRelocatable,
  fileHeaderLength,
  relocationLength,
  sectionFlag,
  sectionHeaderLength,
  sectionType,
  symbolBinding,
  symbolLength,
  symbolType,
} from './format.ts';

export interface ImageRelocation {
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly symbol: ImageSymbol;
  readonly type: number;
}

export interface ImageSection {
  readonly name: string;
  readonly flags: number;
  readonly alignment: number;
  readonly bytes: Uint8Array;
  readonly relocations?: readonly ImageRelocation[];
}

export interface ImageSymbol {
  readonly name: string;
  /** Name of the section; absent: defined elsewhere. */
  readonly section?: string;
  /** Bytes from the start of the section. */
  readonly value: number;
  readonly size: number;
  readonly binding: (typeof symbolBinding)[keyof typeof symbolBinding];
  readonly type: (typeof symbolType)[keyof typeof symbolType];
}

/** A section symbol, for relocations that give an offset into the section. */
export function sectionSymbol(section: string): ImageSymbol {
  const { local: binding } = symbolBinding;
  return { name: '', section, value: 0, size: 0, binding, type: symbolType.section };
}

interface RawSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entryLength: number;
  readonly bytes: Uint8Array;
}

/** The order of the file: local symbols come first, as ELF demands. */
function sortSymbols(symbols: readonly ImageSymbol[]): ImageSymbol[] {
  const isLocal = (symbol: ImageSymbol): boolean => symbol.binding === symbolBinding.local;
  return [...symbols.filter(isLocal), ...symbols.filter(symbol => !isLocal(symbol))];
}

function symbolBytes(
  symbols: readonly ImageSymbol[],
  strings: StringTable,
  sectionIndex: ReadonlyMap<string, number>,
): Uint8Array {
  const writer = new ByteWriter().zeros(symbolLength);
  for (const { name, section, value, size, binding, type } of symbols) {
    writer.u32(strings.add(name));
    writer.u8((binding << 4) | type).u8(0);
    writer.u16(section === undefined ? 0 : (sectionIndex.get(section) ?? 0));
    writer.u64(BigInt(value)).u64(BigInt(size));
  }
  return writer.finish();
}

function relocationBytes(
  relocations: readonly ImageRelocation[],
  symbolIndex: ReadonlyMap<ImageSymbol, number>,
): Uint8Array {
  const writer = new ByteWriter();
  for (const { offset, symbol, type } of relocations) {
    writer
      .u64(BigInt(offset))
      .u32(type)
      .u32(symbolIndex.get(symbol) ?? 0);
  }
  return writer.finish();
}

/** Every section's index: 0 is the null section, each section's relocations follow it. */
function numberSections(sections: readonly ImageSection[]): Map<string, number> {
  const indexes = new Map<string, number>();
  let next = 1;
  for (const { name, relocations = [] } of sections) {
    indexes.set(name, next);
    next += relocations.length > 0 ? 2 : 1;
  }
  return indexes;
}

function dataSection({ name, flags, alignment, bytes }: ImageSection): RawSection {
  return { name, type: sectionType.progbits, flags, link: 0, info: 0, alignment, entryLength: 0, bytes };
}

function relSection(name: string, symtab: number, target: number, bytes: Uint8Array): RawSection {
  return {
    name: `.rel${name}`,
    type: sectionType.rel,
    flags: sectionFlag.infoLink,
    link: symtab,
    info: target,
    alignment: 8,
    entryLength: relocationLength,
    bytes,
  };
}

/** The bytes of the file. */
export function writeImage(sections: readonly ImageSection[], symbols: readonly ImageSymbol[]): Uint8Array {
  const sorted = sortSymbols(symbols);
  const symbolIndex = new Map(sorted.map((symbol, index) => [symbol, index + 1]));
  const sectionIndex = numberSections(sections);
  const strings = new StringTable();
  const withRelocations = sections.filter(({ relocations = [] }) => relocations.length > 0).length;
  const symtab = sections.length + withRelocations + 1;
  const raw = sections.flatMap(section => {
    const data = dataSection(section);
    if (section.relocations === undefined || section.relocations.length === 0) return [data];
    const bytes = relocationBytes(section.relocations, symbolIndex);
    return [data, relSection(section.name, symtab, sectionIndex.get(section.name) ?? 0, bytes)];
  });
  raw.push({
    name: '.symtab',
    type: sectionType.symtab,
    flags: 0,
    link: symtab + 1,
    info: 1 + sorted.filter(({ binding }) => binding === symbolBinding.local).length,
    alignment: 8,
    entryLength: symbolLength,
    bytes: symbolBytes(sorted, strings, sectionIndex),
  });
  return layOut(raw, strings);
}

/** `strings` becomes the last section and also names the sections, itself included. */
function layOut(sections: readonly RawSection[], strings: StringTable): Uint8Array {
  const names = [...sections.map(({ name }) => strings.add(name)), strings.add('.strtab')];
  const table: RawSection = {
    name: '.strtab',
    type: sectionType.strtab,
    flags: 0,
    link: 0,
    info: 0,
    alignment: 1,
    entryLength: 0,
    bytes: strings.finish(),
  };
  const body = new ByteWriter().zeros(fileHeaderLength);
  const headers = new ByteWriter().zeros(sectionHeaderLength);
  [...sections, table].forEach((section, index) => {
    body.align(section.alignment);
    writeSectionHeader(headers, section, names[index] ?? 0, body.length);
    body.bytes(section.bytes);
  });
  body.align(8);
  const bytes = body.finish();
  bytes.set(fileHeader(bytes.length, sections.length + 2));
  return new ByteWriter().bytes(bytes).bytes(headers.finish()).finish();
}

function writeSectionHeader(writer: ByteWriter, section: RawSection, name: number, offset: number): void {
  writer.u32(name).u32(section.type).u64(BigInt(section.flags)).u64(0n);
  writer.u64(BigInt(offset)).u64(BigInt(section.bytes.length));
  writer.u32(section.link).u32(section.info);
  writer.u64(BigInt(section.alignment)).u64(BigInt(section.entryLength));
}

function fileHeader(sectionHeaders: number, sectionCount: number): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(new Uint8Array([...elfMagic, elfClass64, elfLittleEndian, 1])).align(16);
  writer.u16(elfRelocatable).u16(elfMachineBpf).u32(1);
  writer.u64(0n).u64(0n).u64(BigInt(sectionHeaders));
  writer.u32(0).u16(fileHeaderLength).u16(0).u16(0);
  writer
    .u16(sectionHeaderLength)
    .u16(sectionCount)
    .u16(sectionCount - 1);
  return writer.finish();
}
