// What a map tells of the set that it holds: all that is needed to read and write its elements without the ruleset.

import { uniqueName } from '../../model/datatype.ts';
import { type IrSet, type IrType, SetFlag, type Verdict } from '../linear/ir.ts';
import type { CarriedRole, DataRole, PartRole, SetRole, SetRoleFlag } from '../program.ts';
import {
  intervalLayoutOf,
  type Layout,
  layoutOf,
  type PartLayout,
  type PartShape,
} from './contents-layout.ts';
import { type ElementForm, expiryOffset, timeoutOffset } from './element-form.ts';

/** Where the set's parts are in a map's keys and values. */
export interface EntryForm {
  /** Bytes of a key in front of the set's own. */
  readonly keyOffset: number;
  /** Of lists of ranges: where the bounds of each part stand, instead of its place in a key. */
  readonly bounds?: readonly { readonly from: number; readonly to: number }[];
  readonly dataOffset: number;
  readonly start?: number;
  /** What the elements carry. */
  readonly carried?: ElementForm;
}

/** A set, where it is, and what the values of a verdict map, or of a map to objects, number. */
export interface SetInput {
  readonly set: IrSet;
  readonly owner: { readonly family: string; readonly table: string };
  readonly verdicts: readonly Verdict[];
  readonly objects?: readonly string[];
}

type PartType = IrType['parts'][number];

const shapeOf = ({ type, bits, order }: PartType): PartShape => ({ bits, order, class: type.class });

function partRole({ type }: PartType, { part, bits, littleEndian }: PartLayout, offset: number): PartRole {
  const order = littleEndian && part.order === 'host' ? 'host' : 'network';
  return { type: uniqueName(type), bits, bytes: part.length, order, offset };
}

function keyRole(
  types: readonly PartType[],
  interval: boolean,
  { keyOffset, bounds }: EntryForm,
): readonly PartRole[] {
  return layoutOf(types.map(shapeOf), interval).parts.map((part, index) => {
    const bound = bounds?.[index];
    if (bound === undefined) return partRole(types[index]!, part, keyOffset + part.offset);
    return { ...partRole(types[index]!, part, bound.from), order: 'host', upper: bound.to };
  });
}

function valueRole(types: readonly PartType[], isInterval: boolean): readonly PartRole[] {
  const shapes = types.map(shapeOf);
  const layout: Layout = isInterval ? intervalLayoutOf(shapes) : layoutOf(shapes, false);
  return layout.parts.map((part, index) => partRole(types[index % types.length]!, part, part.offset));
}

function dataRole(
  { data, userData }: IrSet,
  { verdicts, objects }: SetInput,
  offset: number,
): DataRole | undefined {
  if (data?.kind === 'object') return { kind: 'object', offset, objects: objects ?? [] };
  if (data?.kind === 'verdict') return { kind: 'verdict', offset, verdicts };
  if (data?.kind !== 'value' || userData?.data === undefined) return undefined;
  const isInterval = data.interval === true;
  const parts = valueRole(userData.data.parts, isInterval);
  return { kind: 'value', offset, parts, ...(isInterval && { interval: true }) };
}

function flagsOf({ flags, userData }: IrSet): readonly SetRoleFlag[] {
  return [
    ...((flags & SetFlag.anonymous) !== 0 ? (['anonymous'] as const) : []),
    ...((flags & SetFlag.constant) !== 0 ? (['constant'] as const) : []),
    ...((flags & SetFlag.interval) !== 0 ? (['interval'] as const) : []),
    ...((flags & SetFlag.timeout) !== 0 ? (['timeout'] as const) : []),
    ...((flags & SetFlag.eval) !== 0 ? (['dynamic'] as const) : []),
    ...(userData?.autoMerge ? (['auto-merge'] as const) : []),
  ];
}

function carriedRole({ expires, declared, states }: ElementForm): CarriedRole {
  return {
    ...(expires && { expires: expiryOffset, timeout: timeoutOffset }),
    ...(declared && { declared }),
    statements: states,
  };
}

export function setRole(input: SetInput, form: EntryForm): SetRole {
  const { set, owner } = input;
  const data = dataRole(set, input, form.dataOffset);
  const isInterval = (set.flags & SetFlag.interval) !== 0;
  return {
    kind: 'set',
    ...owner,
    set: set.name,
    flags: flagsOf(set),
    ...(set.userData && { key: keyRole(set.userData.key.parts, isInterval, form) }),
    ...(data && { data }),
    ...(set.size !== undefined && { size: set.size }),
    ...(set.timeout !== undefined && { timeout: Number(set.timeout) }),
    ...(form.start !== undefined && { start: form.start }),
    ...(form.carried && { carried: carriedRole(form.carried) }),
  };
}
