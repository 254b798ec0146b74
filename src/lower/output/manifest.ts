// The manifest: everything a loader needs, as JSON. docs/manifest.schema.json is its schema, docs/loading.md explains it.
// Bytes are base64, 64-bit numbers are decimal strings, places are lines and columns from 1.

import { mapTypeNumber } from '../../bpf-asm/map-spec.ts';
import type {
  Attach,
  BesideChain,
  BpfMap,
  CarriedRole,
  CounterSlot,
  MapRole,
  Program,
  SetRole,
} from '../program.ts';
import { toBase64 } from './base64.ts';
import { type Place, Places } from './places.ts';
import { printJson } from './print-json.ts';
import type { Translated } from './translated.ts';

/** Raised when a reader of the version before would misread the manifest. */
export const manifestVersion = 1;
/** What every program declares to the kernel. */
export const programLicense = 'Dual MIT/GPL';

export interface ManifestSpan {
  /** Index into `sources`. */
  readonly file: number;
  readonly from: Place;
  /** The place after the last character. */
  readonly to: Place;
}

export interface ManifestRelocation {
  /** Slot of 8 bytes, from the start of the program. */
  readonly index: number;
  readonly kind: string;
  readonly name: string;
}

export interface ManifestProgram {
  readonly name: string;
  readonly section: string;
  readonly target: string;
  readonly license: string;
  readonly attach: readonly Attach[];
  readonly requires: readonly string[];
  /** Base chains that stay in nf_tables and decide the same packets at the same hook; absent if the whole ruleset was translated. */
  readonly beside?: readonly BesideChain[];
  /** Ordinals of the rules that it decides, in order. */
  readonly covers: readonly number[];
  /** Number of slots. */
  readonly slots: number;
  /** Absent in the manifest within an object file, which has the code itself; `relocations`, `spans`, `origins` too. */
  readonly code?: string;
  readonly relocations?: readonly ManifestRelocation[];
  readonly spans?: readonly ManifestSpan[];
  /** [slot, index into `spans` or -1], wherever it changes. */
  readonly origins?: readonly (readonly [number, number])[];
}

export type ManifestCounter = {
  readonly family: string;
  readonly table: string;
  readonly packets: string;
  readonly bytes: string;
} & ({ readonly rule: number; readonly counter: number } | { readonly object: string });

/** As `CarriedRole` has them; numbers of 64 bits are text. */
export interface ManifestCarried extends Omit<CarriedRole, 'statements'> {
  readonly statements: readonly Readonly<Record<string, string | number | boolean>>[];
}

export type ManifestRole =
  | Exclude<MapRole, { kind: 'rule_counters' | 'set' }>
  | (Omit<SetRole, 'carried'> & { readonly carried?: ManifestCarried })
  | { readonly kind: 'rule_counters'; readonly slots: readonly ManifestCounter[] };

export interface ManifestMap {
  readonly name: string;
  readonly type: string;
  /** BPF_MAP_TYPE_* */
  readonly typeNumber: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** Number of entries to put in before a program is attached; their keys and values one after the other. */
  readonly count: number;
  readonly keys: string;
  readonly values: string;
  readonly role: ManifestRole;
}

export interface Manifest {
  readonly format: 'nft2bpf';
  readonly version: number;
  /** Names of the files that spans refer to. */
  readonly sources: readonly string[];
  readonly programs: readonly ManifestProgram[];
  readonly maps: readonly ManifestMap[];
  /**
   * What stays in nf_tables, as text for `nft -f`; absent if the whole ruleset was translated, and in the manifest within an
   * object file.
   */
  readonly remainder?: string;
}

function originRuns(origins: Int32Array): [number, number][] {
  const runs: [number, number][] = [];
  origins.forEach((origin, slot) => {
    if (slot === 0 || origin !== origins[slot - 1]) runs.push([slot, origin]);
  });
  return runs;
}

function codeOf(
  { code, relocations, spans, origins }: Program,
  { sources }: Translated,
): Partial<ManifestProgram> {
  const places = new Places(sources);
  return {
    code: toBase64(code),
    relocations: relocations.map(({ index, kind, name }) => ({ index, kind, name })),
    spans: spans.map(span => ({
      file: sources.findIndex(({ id }) => id === span.file),
      from: places.from(span),
      to: places.to(span),
    })),
    origins: originRuns(origins),
  };
}

function programOf(program: Program, translated: Translated, withCode: boolean): ManifestProgram {
  const { name, section, target, attach, requires, beside, covers, code } = program;
  return {
    name,
    section,
    target,
    license: programLicense,
    attach,
    requires,
    ...(beside && { beside }),
    covers,
    slots: code.length / 8,
    ...(withCode ? codeOf(program, translated) : {}),
  };
}

function counterOf(slot: CounterSlot): ManifestCounter {
  return { ...slot, packets: slot.packets.toString(), bytes: slot.bytes.toString() };
}

function carriedOf({ statements, ...carried }: CarriedRole): ManifestCarried {
  const textOf = (value: string | number | boolean | bigint): string | number | boolean =>
    typeof value === 'bigint' ? value.toString() : value;
  return {
    ...carried,
    statements: statements.map(statement =>
      Object.fromEntries(Object.entries(statement).map(([name, value]) => [name, textOf(value)])),
    ),
  };
}

function roleOf(role: MapRole): ManifestRole {
  if (role.kind === 'rule_counters') return { kind: role.kind, slots: role.slots.map(counterOf) };
  if (role.kind !== 'set' || role.carried === undefined) return role as ManifestRole;
  return { ...role, carried: carriedOf(role.carried) };
}

function mapOf({
  name,
  type,
  keySize,
  valueSize,
  maxEntries,
  flags,
  count,
  keys,
  values,
  role,
}: BpfMap): ManifestMap {
  return {
    name,
    type,
    typeNumber: mapTypeNumber[type],
    keySize,
    valueSize,
    maxEntries,
    flags,
    count,
    keys: toBase64(keys),
    values: toBase64(values),
    role: roleOf(role),
  };
}

/** The manifest as data. Without code it is what an object file carries. */
export function toManifest(translated: Translated, options: { readonly code?: boolean } = {}): Manifest {
  const withCode = options.code ?? true;
  return {
    format: 'nft2bpf',
    version: manifestVersion,
    sources: translated.sources.map(({ name }) => name),
    programs: translated.programs.map(program => programOf(program, translated, withCode)),
    maps: translated.maps.map(mapOf),
    ...(withCode && translated.remainder !== undefined && { remainder: translated.remainder }),
  };
}

/**
 * The manifest as JSON text: the same bytes for the same translation.
 *
 * @example
 * ```ts
 * import { toJson, translate } from 'nft2bpf';
 *
 * const text = 'table netdev t { chain c { type filter hook ingress device "eth0" priority 0; drop; }; }';
 * const manifest = JSON.parse(toJson(translate(text, { target: 'xdp' })));
 * console.log(manifest.programs[0].attach);
 * // [ { target: 'xdp', device: 'eth0' } ]
 * ```
 */
export function toJson(translated: Translated): string {
  return `${printJson(toManifest(translated))}\n`;
}
