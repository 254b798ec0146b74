// Declarations of sets and maps.

import type {
  MapData,
  MapDeclaration,
  SetDeclaration,
  SetFlagName,
  SetKey,
  SetProperties,
  StatefulStatement,
} from '../../ast/nodes/index.ts';
import { objectKind } from '../../ast/type/object-types.ts';
import { type Datatype, integerType } from '../../model/datatype.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import { ElementFlag, type IrSet, type IrType } from '../linear/ir.ts';
import { liftElements } from './elements.ts';
import { handleOf, nameNode, numberNode, textNode, timeNode } from './make.ts';
import { listOf } from './node.ts';
import { statefulStatement } from './stateful.ts';
import type { TableContext } from './table-context.ts';
import { isKeptTypeof, isPlainField, listedTypeof } from './typeof.ts';

export function liftSet(context: TableContext, set: IrSet): SetDeclaration | MapDeclaration {
  const properties = propertiesOf(context, set);
  const data = dataOf(set);
  if (data === undefined) return { kind: 'set_declaration', ...properties };
  return { kind: 'map_declaration', ...properties, data };
}

/** In the order listed. */
const flagNames: readonly (readonly [number, SetFlagName])[] = [
  [SetFlag.constant, 'constant'],
  [SetFlag.eval, 'dynamic'],
  [SetFlag.interval, 'interval'],
  [SetFlag.timeout, 'timeout'],
];

/** With a timeout the flag of it is listed only beside others. */
function flagsOf({ flags, timeout }: IrSet): readonly SetFlagName[] {
  const shown = timeout === undefined ? flags : flags & ~SetFlag.timeout;
  const listed = flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return flagNames.some(([bit]) => (shown & bit) !== 0) ? listed : [];
}

/** The size that the kernel gives a set that rules add to. */
const dynamicSize = 65535;

/** In sets of ranges of one part the kernel keeps both ends, and counts in 32 bits what it halves for the listing. */
const isPaired = ({ flags }: IrSet): boolean =>
  (flags & SetFlag.interval) !== 0 && (flags & SetFlag.concat) === 0;

function sizeOf(context: TableContext, set: IrSet): number | undefined {
  const { size, id } = set;
  if (size === undefined) return context.changedSets.has(id) ? dynamicSize : undefined;
  return isPaired(set) ? size % 2 ** 31 : size;
}

/** The element for all other keys is not counted. */
function countOf(set: IrSet): number {
  const { count, flags } = set.elements;
  let points = 0;
  for (let index = 0; index < count; index++) if ((flags[index]! & ElementFlag.catchall) === 0) points++;
  return isPaired(set) ? Math.floor(points / 2) : liftedCount(set, points);
}

/** Elements that were written twice are there once. */
function liftedCount({ elements, keyLength }: IrSet, points: number): number {
  const { keys, keyEnds = keys, count, flags } = elements;
  const known = new Set<string>();
  for (let index = 0; index < count; index++) {
    if ((flags[index]! & ElementFlag.catchall) !== 0) continue;
    const part = (column: Uint8Array): string =>
      column.subarray(index * keyLength, (index + 1) * keyLength).join();
    known.add(`${part(keys)}-${part(keyEnds)}`);
  }
  return Math.min(points, known.size);
}

function propertiesOf(context: TableContext, set: IrSet): SetProperties {
  const { name, span, timeout, gcInterval, policy, userData, expressions = [] } = set;
  const size = sizeOf(context, set);
  const count = countOf(set);
  const isConstant = (set.flags & SetFlag.constant) !== 0;
  return {
    table: context.reference,
    name: nameNode(name, span),
    key: keyOf(set),
    flags: flagsOf(set),
    ...(timeout !== undefined && { timeout: timeNode(timeout, span) }),
    ...(gcInterval !== undefined && { gcInterval: timeNode(gcInterval, span) }),
    ...(size !== undefined && size > 0 && !isConstant && { size: numberNode(size, span) }),
    ...(count > 0 && { count }),
    ...handleOf(set),
    ...(policy === 'memory' && !isConstant && { policy }),
    autoMerge: userData?.autoMerge === true,
    ...(set.elements.count > 0 && {
      get elements() {
        return { kind: 'set', elements: listOf(liftElements(context, set)), span } as const;
      },
    }),
    statements: expressions.flatMap((expression): readonly StatefulStatement[] => {
      const statement = statefulStatement(expression, span);
      return statement === undefined ? [] : [statement];
    }),
    ...(userData?.comment !== undefined && { comment: textNode(userData.comment, span) }),
    span,
  };
}

function typeNames(types: readonly Datatype[], span: Span): SetKey & { readonly kind: 'type' } {
  return { kind: 'type', parts: types.map(type => nameNode(type.name, span)), span };
}

const typesOf = (type: IrType | undefined, count: number): readonly Datatype[] =>
  type?.parts.map(part => part.type) ?? Array.from({ length: count }, () => integerType);

/** The expression is listed if nft keeps one, and that of the data too. */
function usesTypeof({ userData, data }: IrSet): boolean {
  if (!isKeptTypeof(userData?.key.typeof)) return false;
  if (data?.kind !== 'value') return true;
  const written = userData?.data?.typeof;
  return isKeptTypeof(written) && !(data.interval === true && isPlainField(written));
}

function keyOf(set: IrSet): SetKey {
  const { userData, keyParts, span } = set;
  const written = userData?.key.typeof;
  if (written !== undefined && usesTypeof(set))
    return { kind: 'typeof', expression: listedTypeof(written), span };
  return typeNames(typesOf(userData?.key, keyParts.length), span);
}

function dataOf(set: IrSet): MapData | undefined {
  const { data, userData, span } = set;
  switch (data?.kind) {
    case 'verdict':
      return { kind: 'type', parts: [nameNode('verdict', span)], interval: false, span };
    case 'object':
      return { kind: 'object', objectType: objectKind(data.type), span };
    case 'value': {
      const interval = data.interval === true;
      const written = userData?.data?.typeof;
      if (written !== undefined && usesTypeof(set))
        return { kind: 'typeof', expression: listedTypeof(written), interval, span };
      return { ...typeNames(typesOf(userData?.data, data.parts.length), span), interval };
    }
    case undefined:
      return undefined;
  }
}
