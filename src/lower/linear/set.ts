// Sets and maps with their elements, as nf_tables is given them.

import type { TypedElement, TypedMapData, TypedSet } from '../../ast/type/typed.ts';
import { listOf, TypedColumns, type TypedElements } from '../../ast/type/typed-columns.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import {
  type BuiltElements,
  buildElements,
  type ContentItem,
  type SetLayout,
  type SetShape,
  setLayout,
} from '../sets/contents.ts';
import { buildColumns } from '../sets/word-columns.ts';
import type { Elements, IrSet, IrSetUserData, SetId } from './ir.ts';
import { statefulExpression } from './stateful.ts';

function shapeOf(set: TypedSet): SetShape {
  const { keyParts, data, flags, autoMerge, size, capacity = size } = set;
  const part = ({ type, bits, order }: TypedSet['keyParts'][number]) => ({
    bits,
    ...(type.bits > 0 && type.bits < bits && { fieldBits: type.bits }),
    order,
    class: type.class,
  });
  return {
    parts: keyParts.map(part),
    interval: (flags & SetFlag.interval) !== 0,
    anonymous: (flags & SetFlag.anonymous) !== 0,
    autoMerge,
    ...(data !== undefined && {
      data:
        data.kind === 'value'
          ? { kind: 'value', parts: data.parts.map(part), interval: data.interval }
          : { kind: data.kind },
    }),
    ...(capacity !== undefined && { size: capacity }),
  };
}

/** nft sends no time of zero: it is as if it had not been written. */
const isTime = (time: bigint | 'never' | undefined): time is bigint | 'never' =>
  time !== undefined && time !== 0n;

export function contentItem(element: TypedElement): ContentItem {
  const { span, parts, data, extras } = element;
  if (extras === undefined) return element as ContentItem;
  const { timeout, expires, comment, statements } = extras;
  return {
    span,
    parts,
    ...(data !== undefined && { data }),
    extras: {
      ...(isTime(timeout) && { timeout: timeout === 'never' ? 0n : timeout }),
      ...(isTime(expires) && { expires }),
      ...(statements !== undefined && { expressions: statements.map(statefulExpression) }),
      ...(comment !== undefined && { comment }),
    },
  };
}

type IrData = NonNullable<IrSet['data']>;

function dataOf(data: TypedMapData, layout: SetLayout['data']): IrData {
  switch (data.kind) {
    case 'object':
      return { kind: 'object', type: data.objectType };
    case 'verdict':
      return { kind: 'verdict' };
    case 'value':
      return {
        kind: 'value',
        ...(layout ?? { length: 0, parts: [] }),
        ...(data.interval && { interval: true }),
      };
  }
}

/** The kernel pads no single value: both ends of a range must fill whole registers. */
function checkRanges({ data, elements }: TypedSet): readonly Diagnostic[] {
  if (data?.kind !== 'value' || !data.interval || data.parts.length > 1 || data.bits % 32 === 0) return [];
  const [first] = listOf(elements);
  if (first === undefined) return [];
  const message = `nf_tables has no maps to ranges of type ${data.type.name}`;
  return [{ code: 'unsupported-interval', severity: 'error', message, span: first.span }];
}

/** Columns with something to report are built as a list: that finds what it is. */
function builtElements(shape: SetShape, elements: TypedElements): BuiltElements {
  const columns = elements instanceof TypedColumns ? buildColumns(shape, elements) : undefined;
  if (columns !== undefined) return { elements: columns, diagnostics: [] };
  return buildElements(shape, listOf(elements).map(contentItem));
}

/** The elements of a set in which none contradicts another. */
export function elementsOf(set: TypedSet): Elements {
  return builtElements(shapeOf(set), set.elements).elements;
}

/** Elements that have kept their times when others merged. */
function checkTimes(
  { flags, autoMerge, span }: TypedSet,
  { extras }: BuiltElements['elements'],
): readonly Diagnostic[] {
  if (!autoMerge || (flags & SetFlag.timeout) !== 0 || extras === undefined) return [];
  const isTimed = [...extras.values()].some(({ timeout, expires }) => (timeout ?? expires) !== undefined);
  if (!isTimed) return [];
  const message = 'elements expire in sets with `flags timeout` only';
  return [{ code: 'unexpected-timeout', severity: 'error', message, span }];
}

/** A set or map with its elements as nf_tables keeps them. */
export function linearizeSet(set: TypedSet, diagnostics: Diagnostic[]): IrSet {
  const shape = shapeOf(set);
  const { keyLength, keyParts, fieldLengths, data: dataLayout } = setLayout(shape);
  const built = builtElements(shape, set.elements);
  diagnostics.push(...checkRanges(set), ...checkTimes(set, built.elements), ...built.diagnostics);
  const { id, name, span, flags, data, policy, size, timeout, gcInterval, statements } = set;
  return {
    id: id as SetId,
    name,
    span,
    flags,
    keyLength,
    keyParts,
    ...(fieldLengths !== undefined && { fieldLengths }),
    ...(data !== undefined && { data: dataOf(data, dataLayout) }),
    ...(policy !== undefined && { policy }),
    ...(size !== undefined && { size }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { gcInterval }),
    ...(statements.length > 0 && { expressions: statements.map(statefulExpression) }),
    elements: built.elements,
    userData: userDataOf(set),
    ...(set.handle !== undefined && { handle: set.handle }),
  };
}

function userDataOf(set: TypedSet): IrSetUserData {
  const { keyParts, keyTypeof, data, dataTypeof, autoMerge, comment } = set;
  return {
    key: { parts: keyParts, ...(keyTypeof !== undefined && { typeof: keyTypeof }) },
    ...(data?.kind === 'value' && {
      data: { parts: data.parts, ...(dataTypeof !== undefined && { typeof: dataTypeof }) },
    }),
    ...(autoMerge && { autoMerge }),
    ...(comment !== undefined && { comment }),
  };
}
