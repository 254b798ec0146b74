// A translation as object files, one for each program: a loader that does not know one section's name refuses the whole
// object, so programs of different hooks do not share one. A program that is attached in several places is one object.

import type { FieldKind } from '../../bpf-asm/elf/core-types.ts';
import type { SourceLine } from '../../bpf-asm/elf/functions.ts';
import { writeElf } from '../../bpf-asm/elf/write.ts';
import { type Diagnostic, hasFailure } from '../../source/diagnostic.ts';
import type { Attach, BpfMap, Program } from '../program.ts';
import { ambiguousTypes, fieldKinds } from './field-kinds.ts';
import { programLicense, toManifest } from './manifest.ts';
import { Places } from './places.ts';
import { printJson } from './print-json.ts';
import { sourceLines } from './source-lines.ts';
import type { Translated } from './translated.ts';

/** Section that holds the manifest without code: contents of maps, counters, where to attach. */
export const manifestSection = '.nft2bpf';

export interface ElfObject {
  /** The program's name; a file name is made of it. */
  readonly name: string;
  readonly attach: readonly Attach[];
  readonly bytes: Uint8Array;
}

export interface ElfOptions {
  /** Kinds of kernel structure members, beside those that are known. */
  readonly fieldKinds?: Readonly<Record<string, FieldKind>>;
}

export interface ElfResult {
  readonly ok: boolean;
  /** Empty if `ok` is false. */
  readonly objects: readonly ElfObject[];
  readonly diagnostics: readonly Diagnostic[];
}

function mapNames({ relocations }: Program): Set<string> {
  return new Set(relocations.filter(({ kind }) => kind === 'map').map(({ name }) => name));
}

/** Maps of more than one program: their objects must share them, or each would count and look up in its own. */
function sharedMaps(programs: readonly Program[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of programs.flatMap(program => [...mapNames(program)])) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

function manifestOf(program: Program, maps: readonly BpfMap[], { sources }: Translated): Uint8Array {
  const manifest = toManifest({ programs: [program], maps, sources }, { code: false });
  return new TextEncoder().encode(`${printJson(manifest)}\n`);
}

type Written = ReturnType<typeof writeElf>;

/** What the objects of one translation have in common. */
interface Writing {
  readonly translated: Translated;
  readonly shared: ReadonlySet<string>;
  readonly places: Places;
  readonly options: ElfOptions;
}

function objectOf(program: Program, lines: readonly SourceLine[], writing: Writing): Written {
  const { translated, shared, options } = writing;
  const used = mapNames(program);
  const maps = translated.maps.filter(({ name }) => used.has(name));
  const { name, section, code, relocations } = program;
  return writeElf({
    programs: [{ name, section, code, relocations, lines }],
    maps,
    license: programLicense,
    pinMaps: [...shared],
    fieldKinds: { ...fieldKinds, ...options.fieldKinds },
    notes: [{ name: manifestSection, bytes: manifestOf(program, maps, translated) }],
  });
}

/** The kernel takes 16 MiB of BTF: of a very long ruleset only the numbers of the lines, not their texts. */
function fittingObject(program: Program, writing: Writing, diagnostics: Diagnostic[]): Written {
  const lines = sourceLines(program, writing.places);
  const full = objectOf(program, lines, writing);
  if (full.ok || full.failure.code !== 'out-of-range') return full;
  const bare = objectOf(
    program,
    lines.map(line => ({ ...line, text: '' })),
    writing,
  );
  if (!bare.ok) return full;
  const message = `the object of program ${program.name} has line numbers without text: ${full.failure.message}`;
  diagnostics.push({ code: 'lines-without-text', severity: 'warning', message });
  return bare;
}

/** The object is right, but one loader will not take it: better said here than found out there. */
function libbpfWarnings({ name, relocations }: Program): Diagnostic[] {
  const types = new Set(relocations.filter(({ kind }) => kind === 'type').map(relocation => relocation.name));
  return [...types]
    .filter(type => ambiguousTypes.has(type))
    .map(type => ({
      code: 'ambiguous-for-libbpf',
      severity: 'warning',
      message: `libbpf cannot find out the type id of \`${type}\` in program ${name}: give the target's vmlinux BTF`,
    }));
}

/**
 * Writes the objects. What an object file cannot hold is a diagnostic; then there are no objects.
 *
 * @example
 * ```ts
 * import { toElf, translate } from 'nft2bpf';
 *
 * const text = 'table netdev t { chain c { type filter hook ingress device "eth0" priority 0; drop; }; }';
 * const { objects } = toElf(translate(text, { target: 'xdp' }));
 * console.log(objects.map(({ name, bytes }) => `${name}: ${bytes[0]?.toString(16)} ELF`));
 * // [ 'ingress: 7f ELF' ]
 * ```
 */
export function toElf(translated: Translated, options: ElfOptions = {}): ElfResult {
  const shared = sharedMaps(translated.programs);
  const writing: Writing = { translated, shared, places: new Places(translated.sources), options };
  const objects: ElfObject[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const program of translated.programs) {
    const object = fittingObject(program, writing, diagnostics);
    diagnostics.push(...libbpfWarnings(program));
    if (object.ok) objects.push({ name: program.name, attach: program.attach, bytes: object.value });
    else {
      const message = `program ${program.name} cannot become an object file: ${object.failure.message}`;
      diagnostics.push({ code: 'no-object-file', severity: 'refusal', message });
    }
  }
  const ok = !hasFailure(diagnostics);
  return { ok, objects: ok ? objects : [], diagnostics };
}
