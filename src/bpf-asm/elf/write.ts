// An ELF object that libbpf, bpftool and other loaders take as if clang had made it:
//
//   .text      subprograms            .rel.text     (if there are any)
//   <section>  the program            .rel<section>
//   license    "Dual MIT/GPL"
//   .maps      map definitions        (if there are any), .data.NAME and .rodata.NAME for maps with contents
//   .BTF       types of all of it     .BTF.ext      functions, source lines, CO-RE relocations

import {
  type CoreRelocation,
  type LineInfo,
  maxColumn,
  maxLine,
  type SectionInfo,
  writeBtfExt,
} from '../btf/ext.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { TypeId } from '../btf/types.ts';
import { BtfBuilder } from '../btf/write.ts';
import type { MapDefinition } from '../map-spec.ts';
import { type CollectOptions, collectReferences } from './collect.ts';
import { sectionFlag, slotLength, symbolBinding, symbolType } from './format.ts';
import type { SourceLine } from './functions.ts';
import { declareKfuncs, functionType } from './functions-btf.ts';
import { type ImageSection, type ImageSymbol, writeImage } from './image.ts';
import { type MapSections, writeMaps } from './maps.ts';
import { type ElfProgram, type PlacedFunction, placeFunctions, textSection, textSymbol } from './place.ts';
import { type ObjectNames, type RelocatedFunction, relocateFunction } from './relocate.ts';

export interface ElfInput extends CollectOptions {
  readonly programs: readonly ElfProgram[];
  readonly maps: readonly MapDefinition[];
  /** `Dual MIT/GPL` by default: kfuncs and some helpers want a GPL-compatible one. */
  readonly license?: string;
  /** Names of maps that are pinned and shared with other objects by name (LIBBPF_PIN_BY_NAME). */
  readonly pinMaps?: readonly string[];
  /** Prototypes of kfuncs that `kfuncPrototypes` does not have, in its notation. */
  readonly kfuncPrototypes?: Readonly<Record<string, string>>;
  /** Further sections, which loaders pass over. */
  readonly notes?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

const identifier = /^[A-Za-z_]\w*$/;

function doubleName(parts: readonly { readonly name: string }[]): string | undefined {
  const names = parts.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) !== index);
}

/** A map may be called like a program: loaders find one by its section and the other by its place in `.maps`. */
function nameProblem({ programs, maps }: ElfInput): string | undefined {
  const bad = [...programs, ...maps].find(({ name }) => !identifier.test(name) || name.length > 127);
  if (bad !== undefined) return `\`${bad.name}\` cannot be a name in an object file`;
  const double = doubleName(programs) ?? doubleName(maps);
  return double && `two parts of the object are called ${double}`;
}

/** NUL would end the string early. */
function text(value: string): string {
  return value.replaceAll('\0', '\ufffd');
}

/** A line or column that its bits do not hold is unknown, which is 0. */
function lineInfo(
  builder: BtfBuilder,
  offset: number,
  { slot, file, text: line, ...at }: SourceLine,
): LineInfo {
  return {
    offset: offset + slot * slotLength,
    file: builder.string(text(file)),
    text: builder.string(text(line)),
    line: at.line > maxLine ? 0 : at.line,
    column: at.column > maxColumn ? 0 : at.column,
  };
}

interface Compiled {
  readonly placed: PlacedFunction;
  readonly type: TypeId;
  readonly relocated: RelocatedFunction;
}

function compileAll(functions: readonly PlacedFunction[], names: ObjectNames): Result<Compiled[]> {
  const compiled: Compiled[] = [];
  for (const placed of functions) {
    const relocated = relocateFunction(placed, names);
    if (!relocated.ok) return relocated;
    compiled.push({ placed, type: functionType(names.builder, placed), relocated: relocated.value });
  }
  return success(compiled);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bySection(compiled: readonly Compiled[]): Map<string, Compiled[]> {
  const sections = new Map<string, Compiled[]>();
  for (const one of compiled) {
    const { section } = one.placed;
    sections.set(section, [...(sections.get(section) ?? []), one]);
  }
  return sections;
}

function codeSection(name: string, parts: readonly Compiled[]): ImageSection {
  return {
    name,
    flags: sectionFlag.alloc | sectionFlag.execute,
    alignment: 8,
    bytes: concatenate(parts.map(({ relocated }) => relocated.code)),
    relocations: parts.flatMap(({ relocated }) => relocated.relocations),
  };
}

function sectionInfo(builder: BtfBuilder, name: string, parts: readonly Compiled[]): SectionInfo {
  const core: CoreRelocation[] = parts.flatMap(({ relocated }) => relocated.core);
  return {
    name: builder.string(name),
    functions: parts.map(({ placed, type }) => ({ offset: placed.offset, type })),
    lines: parts.flatMap(({ placed }) => placed.lines.map(line => lineInfo(builder, placed.offset, line))),
    relocations: core,
  };
}

function plainSection(name: string, bytes: Uint8Array, alignment: number, flags = 0): ImageSection {
  return { name, flags, alignment, bytes };
}

function licenseParts(license: string): { section: ImageSection; symbol: ImageSymbol } {
  const bytes = new TextEncoder().encode(`${license}\0`);
  const flags = sectionFlag.alloc | sectionFlag.write;
  const { global: binding } = symbolBinding;
  return {
    section: plainSection('license', bytes, 1, flags),
    symbol: {
      name: '_license',
      section: 'license',
      value: 0,
      size: bytes.length,
      binding,
      type: symbolType.object,
    },
  };
}

function image(
  input: ElfInput,
  builder: BtfBuilder,
  compiled: Compiled[],
  maps: MapSections,
  names: ObjectNames,
): Result<Uint8Array> {
  const sections = [...bySection(compiled)];
  const extension = writeBtfExt(sections.map(([name, parts]) => sectionInfo(builder, name, parts)));
  const btf = builder.build();
  if (!btf.ok) return btf;
  const license = licenseParts(input.license ?? 'Dual MIT/GPL');
  const hasText = sections.some(([name]) => name === textSection);
  return success(
    writeImage(
      [
        ...sections.map(([name, parts]) => codeSection(name, parts)),
        license.section,
        ...maps.sections,
        plainSection('.BTF', btf.value, 4),
        plainSection('.BTF.ext', extension, 4),
        ...(input.notes ?? []).map(({ name, bytes }) => plainSection(name, bytes, 1)),
      ],
      [
        ...(hasText ? [textSymbol] : []),
        ...compiled.map(({ placed }) => placed.symbol),
        ...maps.symbols.values(),
        ...names.kfuncs.values(),
        license.symbol,
      ],
    ),
  );
}

/**
 * Writes an object. Fails where a reference has no target, a name cannot stand in BTF, or something is larger than the
 * format holds.
 */
export function writeElf(input: ElfInput): Result<Uint8Array> {
  const badName = nameProblem(input);
  if (badName !== undefined) return failure('malformed', badName);
  const functions = placeFunctions(input.programs);
  if (!functions.ok) return functions;
  const builder = new BtfBuilder();
  const references = collectReferences(functions.value, input);
  if (!references.ok) return references;
  const { addressed, kfuncs, core } = references.value;
  const maps = writeMaps(builder, input.maps, addressed, new Set(input.pinMaps));
  if (!maps.ok) return maps;
  const externs = declareKfuncs(builder, kfuncs, input.kfuncPrototypes);
  if (!externs.ok) return externs;
  core.declareAll(builder);
  const names: ObjectNames = { builder, maps: maps.value.symbols, kfuncs: externs.value, core };
  const compiled = compileAll(functions.value, names);
  return compiled.ok ? image(input, builder, compiled.value, maps.value, names) : compiled;
}
