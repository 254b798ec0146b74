// Where a set lives: in code or in a BPF map. The contents of a set that may change at run time are never compiled into
// control flow; small constant ones are, since a binary search in code costs less than a look-up (docs/architecture.md).

import { type IrSet, SetFlag, type Verdict } from '../linear/ir.ts';
import type { BpfMap } from '../program.ts';
import type { ElementForm, FormRefusal } from './element-form.ts';
import { partLengths, type RangeSet, rangeSet } from './layout-elements.ts';
import { hashMap, lpmMap, type MapInput, verdictsOf } from './layout-map.ts';
import { scanMap, wordCount } from './layout-scan.ts';

export type SetLayout =
  | { readonly kind: 'code'; readonly contents: RangeSet }
  | {
      readonly kind: 'map';
      readonly lookup: 'hash' | 'lpm' | 'scan';
      readonly map: BpfMap;
      readonly contents: RangeSet;
      readonly form?: ElementForm;
      readonly verdicts: readonly Verdict[];
      readonly objects?: readonly string[];
    };

/** Single numbers are searched in code up to this many; each costs about 15 bytes of code, a look-up 30-40 ns. */
const mostInCode = 1024;
/** Concatenations become nested searches, which can be as many as the product of the parts. */
const mostConcatenated = 64;

function isFixed(set: IrSet): boolean {
  return (set.flags & (SetFlag.anonymous | SetFlag.constant)) !== 0;
}

function fitsCode(set: IrSet): boolean {
  const parts = partLengths(set);
  if (parts.some(length => length > 16)) return false;
  return set.elements.count <= (parts.length > 1 ? mostConcatenated : mostInCode);
}

/** Why a set cannot be asked exactly; undefined if it can. `form` is how its elements are kept, if they carry something. */
export function refuseSet(set: IrSet, form: ElementForm | FormRefusal | undefined): string | undefined {
  if (form !== undefined && 'refused' in form) return form.refused;
  if (isFixed(set) && fitsCode(set) && form === undefined) return undefined;
  return refuseMap(set, form !== undefined);
}

/** The key of a list is built as numbers of 8 bytes on the stack. */
const mostScanWords = 8;

/** A range that is several prefixes cannot have one state. */
function isScanned(set: IrSet, carries: boolean): boolean {
  return (set.flags & SetFlag.interval) !== 0 && (partLengths(set).length > 1 || carries);
}

function refuseMap(set: IrSet, carries: boolean): string | undefined {
  if (isScanned(set, carries) && wordCount(partLengths(set)) > mostScanWords) {
    return `the key of \`${set.name}\` has too many parts for a list of ranges`;
  }
  const isTree = (set.flags & SetFlag.interval) !== 0 && !isScanned(set, carries);
  if (!isTree && rangeSet(set).catchAll !== undefined) {
    return `a catch-all element in a set that may change is not translated yet (\`${set.name}\`)`;
  }
  return undefined;
}

/** A set as a map, whatever it holds. */
export function layOutMap(input: MapInput): {
  readonly lookup: 'hash' | 'lpm' | 'scan';
  readonly map: BpfMap;
} {
  const { set, form } = input;
  if (isScanned(set, form !== undefined)) return { lookup: 'scan', map: scanMap(input) };
  const isInterval = (set.flags & SetFlag.interval) !== 0;
  return isInterval ? { lookup: 'lpm', map: lpmMap(input) } : { lookup: 'hash', map: hashMap(input) };
}

/** `mapName` is a name that no other map has. Call it only if `refuseSet` has nothing to say. */
export function layOutSet(
  set: IrSet,
  owner: MapInput['owner'],
  mapName: () => string,
  { form, objects }: { readonly form?: ElementForm; readonly objects?: readonly string[] } = {},
): SetLayout {
  const contents = rangeSet(set);
  if (isFixed(set) && fitsCode(set) && form === undefined) return { kind: 'code', contents };
  const verdicts = verdictsOf(set, contents);
  const made = layOutMap({
    set,
    contents,
    verdicts,
    name: mapName(),
    owner,
    ...(form && { form }),
    ...(objects && { objects }),
  });
  return { kind: 'map', ...made, contents, verdicts, ...(form && { form }), ...(objects && { objects }) };
}
