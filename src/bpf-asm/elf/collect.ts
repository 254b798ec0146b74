// What an object's code refers to, before anything is written: it decides which maps become data sections, which kfuncs
// are declared, and which members of kernel structures have a local declaration.

import { viewOf } from '../btf/bytes.ts';
import { failure, type Result, success } from '../btf/result.ts';
import type { Relocation } from '../instruction.ts';
import { CoreTypes, type FieldKind } from './core-types.ts';
import type { PlacedFunction } from './place.ts';
import { isMapValue, memoryAccessSize } from './relocate.ts';

export interface CollectOptions {
  /** Kinds of structure members, by path; needed for `field` references of 8 bytes or by number. */
  readonly fieldKinds?: Readonly<Record<string, FieldKind>>;
}

export interface References {
  /** Maps whose value is addressed directly. */
  readonly addressed: ReadonlySet<string>;
  /** Each once, in order of first use. */
  readonly kfuncs: readonly string[];
  readonly core: CoreTypes;
}

type Visit = (view: DataView, relocation: Relocation) => void;

function forEachRelocation(functions: readonly PlacedFunction[], visit: Visit): void {
  for (const placed of functions) {
    const view = viewOf(placed.code);
    for (const relocation of placed.relocations) visit(view, relocation);
  }
}

function namesOf(functions: readonly PlacedFunction[]): { addressed: Set<string>; kfuncs: Set<string> } {
  const addressed = new Set<string>();
  const kfuncs = new Set<string>();
  forEachRelocation(functions, (view, { kind, name, index }) => {
    if (kind === 'kfunc') kfuncs.add(name);
    if (kind === 'map' && isMapValue(view, index)) addressed.add(name);
  });
  return { addressed, kfuncs };
}

/** A map that is both looked up and addressed could be neither a definition nor a data section. */
function mixedMap(functions: readonly PlacedFunction[], addressed: ReadonlySet<string>): string | undefined {
  let mixed: string | undefined;
  forEachRelocation(functions, (view, { kind, name, index }) => {
    if (kind === 'map' && addressed.has(name) && !isMapValue(view, index)) mixed ??= name;
  });
  return mixed;
}

function collectCore(functions: readonly PlacedFunction[], options: CollectOptions): Result<CoreTypes> {
  const core = new CoreTypes();
  let problem: Result<void> = success(undefined);
  forEachRelocation(functions, (view, { kind, name, index }) => {
    if (kind === 'type') core.useType(name);
    if (kind !== 'field' || !problem.ok) return;
    const size = memoryAccessSize(view, index);
    const fieldKind = options.fieldKinds?.[name];
    problem = core.useField({
      path: name,
      ...(size === undefined ? {} : { size }),
      ...(fieldKind === undefined ? {} : { kind: fieldKind }),
    });
  });
  return problem.ok ? success(core) : problem;
}

/** Everything that the functions refer to. */
export function collectReferences(
  functions: readonly PlacedFunction[],
  options: CollectOptions,
): Result<References> {
  const { addressed, kfuncs } = namesOf(functions);
  const mixed = mixedMap(functions, addressed);
  if (mixed !== undefined) return failure('unsupported', `map ${mixed} is both looked up and addressed`);
  const core = collectCore(functions, options);
  return core.ok ? success({ addressed, kfuncs: [...kfuncs], core: core.value }) : core;
}
