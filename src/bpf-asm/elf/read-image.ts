// An ELF file as sections, symbols and relocations. Every offset is checked against the file before it is used.

import { stringAt, viewOf } from '../btf/bytes.ts';
import { failure, type Result, success } from '../btf/result.ts';
import {
  elfClass64,
  elfLittleEndian,
  elfMachineBpf,
  elfMagic,
  elfRelocatable,
  fileHeaderLength,
  relocationLength,
  sectionHeaderLength,
  sectionType,
  symbolLength,
} from './format.ts';

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly bytes: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly binding: number;
  readonly type: number;
  /** Index of a section; 0: defined elsewhere. */
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

export interface SectionRelocation {
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
}

export interface ElfImage {
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  /** By index of the section that they apply to. */
  readonly relocations: ReadonlyMap<number, readonly SectionRelocation[]>;
}

/** A 64-bit number of the file; what a double does not hold exactly lies outside of any file. */
function longAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function headerFailure(view: DataView): Result<never> | undefined {
  if (view.byteLength < fileHeaderLength) return failure('truncated', 'ELF ends within its header', 0);
  if (elfMagic.some((byte, index) => view.getUint8(index) !== byte))
    return failure('bad-magic', 'not ELF', 0);
  if (view.getUint8(4) !== elfClass64 || view.getUint8(5) !== elfLittleEndian) {
    return failure('unsupported', 'not a 64-bit little-endian ELF file', 4);
  }
  if (view.getUint16(16, true) !== elfRelocatable || view.getUint16(18, true) !== elfMachineBpf) {
    return failure('unsupported', 'not a BPF object file', 16);
  }
  return undefined;
}

interface SectionHeader extends Section {
  readonly nameOffset: number;
}

function readSectionHeader(file: Uint8Array, index: number, at: number): Result<SectionHeader> {
  const view = viewOf(file);
  const type = view.getUint32(at + 4, true);
  const offset = longAt(view, at + 24);
  const size = longAt(view, at + 32);
  const hasBytes = type !== sectionType.null && type !== sectionType.nobits;
  if (hasBytes && offset + size > file.length) return failure('truncated', 'section outside of the file', at);
  return success({
    index,
    nameOffset: view.getUint32(at, true),
    name: '',
    type,
    flags: longAt(view, at + 8),
    link: view.getUint32(at + 40, true),
    info: view.getUint32(at + 44, true),
    bytes: hasBytes ? file.subarray(offset, offset + size) : new Uint8Array(),
  });
}

function readSections(file: Uint8Array): Result<Section[]> {
  const view = viewOf(file);
  const at = longAt(view, 40);
  const count = view.getUint16(60, true);
  if (view.getUint16(58, true) !== sectionHeaderLength)
    return failure('malformed', 'length of section headers', 58);
  if (at + count * sectionHeaderLength > file.length) {
    return failure('truncated', 'section headers outside of the file', 40);
  }
  const headers: SectionHeader[] = [];
  for (let index = 0; index < count; index++) {
    const header = readSectionHeader(file, index, at + index * sectionHeaderLength);
    if (!header.ok) return header;
    headers.push(header.value);
  }
  const names = headers[view.getUint16(62, true)]?.bytes ?? new Uint8Array();
  return success(
    headers.map(({ nameOffset, ...section }) => ({ ...section, name: stringAt(names, nameOffset) ?? '' })),
  );
}

function readSymbols(sections: readonly Section[]): ElfSymbol[] {
  const table = sections.find(({ type }) => type === sectionType.symtab);
  if (table === undefined) return [];
  const names = sections[table.link]?.bytes ?? new Uint8Array();
  const view = viewOf(table.bytes);
  return Array.from({ length: Math.floor(table.bytes.length / symbolLength) }, (_, index) => {
    const at = index * symbolLength;
    const section = view.getUint16(at + 6, true);
    const name = stringAt(names, view.getUint32(at, true)) ?? '';
    const info = view.getUint8(at + 4);
    return {
      name: name === '' ? (sections[section]?.name ?? '') : name,
      binding: info >>> 4,
      type: info & 0x0f,
      section,
      value: longAt(view, at + 8),
      size: longAt(view, at + 16),
    };
  });
}

function readRelocations(section: Section, symbols: readonly ElfSymbol[]): Result<SectionRelocation[]> {
  const view = viewOf(section.bytes);
  const rows: SectionRelocation[] = [];
  for (let at = 0; at + relocationLength <= section.bytes.length; at += relocationLength) {
    const symbol = symbols[view.getUint32(at + 12, true)];
    if (symbol === undefined) return failure('malformed', `${section.name}: symbol that is not there`);
    rows.push({ offset: longAt(view, at), type: view.getUint32(at + 8, true), symbol });
  }
  return success(rows);
}

/** Reads a little-endian relocatable BPF object. Section bytes are views into `file`. */
export function readImage(file: Uint8Array): Result<ElfImage> {
  const view = viewOf(file);
  const wrong = headerFailure(view);
  if (wrong !== undefined) return wrong;
  const sections = readSections(file);
  if (!sections.ok) return sections;
  const symbols = readSymbols(sections.value);
  const relocations = new Map<number, readonly SectionRelocation[]>();
  for (const section of sections.value.filter(({ type }) => type === sectionType.rel)) {
    const rows = readRelocations(section, symbols);
    if (!rows.ok) return rows;
    relocations.set(section.info, rows.value);
  }
  return success({ sections: sections.value, symbols, relocations });
}
