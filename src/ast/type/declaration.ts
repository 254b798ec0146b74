// Declarations of sets and maps: their keys and data, flags, and elements.

import { type Datatype, datatypes, integerType, verdictType } from '../../model/datatype.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { MapData, MapDeclaration, Name, SetDeclaration, SetFlagName, SetKey } from '../nodes/index.ts';
import { dataFlags, intervalFlags } from './anonymous-set.ts';
import type { ElementChange } from './contents.ts';
import { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import { suggest } from './literal/suggest.ts';
import { lowBits } from './low-bits.ts';
import { evaluateElements } from './named-elements.ts';
import { objectTypes } from './object-types.ts';
import type { EvaluateOptions } from './options.ts';
import type { OpenSet, TableScope } from './scope.ts';
import { expectKey, keyBits } from './set-reference.ts';
import { evaluateElementState } from './stateful.ts';
import type { TypedElement, TypedMapData, TypedPart } from './typed.ts';
import type { TypedColumns } from './typed-columns.ts';
import { typeofParts } from './typeof.ts';
import { concatenation } from './types.ts';

const declaredFlags: Readonly<Record<SetFlagName, number>> = {
  constant: SetFlag.constant,
  interval: SetFlag.interval,
  timeout: SetFlag.timeout,
  dynamic: SetFlag.eval,
};

/** The type that a name stands for; it must have a width. */
function namedType(name: Name): Datatype {
  const type = datatypes.get(name.text);
  if (type === undefined)
    return fail(
      'unknown-type',
      `there is no type \`${name.text}\``,
      name.span,
      suggest(name.text, name.span, datatypes.keys()),
    );
  return type;
}

function namedPart(name: Name): TypedPart {
  const type = namedType(name);
  if (type.bits === 0)
    fail(
      'variable-width',
      `type ${name.text} has no width of its own; use \`typeof\` with an expression`,
      name.span,
    );
  return { type, bits: type.bits, order: type.order };
}

function typeOf(parts: readonly TypedPart[]): Datatype {
  return parts.length === 1 ? parts[0]!.type : concatenation(parts.map(part => part.type));
}

const longestKey = 512;

function keyPartsOf(key: SetKey): readonly TypedPart[] {
  const parts = key.kind === 'type' ? key.parts.map(namedPart) : typeofParts(key.expression);
  if (keyBits(parts) > longestKey) fail('key-too-long', `a key has at most ${longestKey} bits`, key.span);
  return parts;
}

function dataOf(data: MapData): TypedMapData {
  switch (data.kind) {
    case 'object':
      return { kind: 'object', objectType: objectTypes[data.objectType] };
    case 'queue':
      return valueData([{ type: integerType, bits: 16, order: 'host' }], false);
    case 'typeof':
      return valueData(typeofParts(data.expression), data.interval);
    case 'type': {
      const [only] = data.parts;
      if (data.parts.length === 1 && only?.text === verdictType.name)
        return { kind: 'verdict', type: verdictType };
      return valueData(data.parts.map(namedPart), data.interval);
    }
  }
}

function valueData(parts: readonly TypedPart[], interval: boolean): TypedMapData {
  const order = parts.length === 1 ? parts[0]!.order : 'none';
  return { kind: 'value', type: typeOf(parts), bits: keyBits(parts), order, parts, interval };
}

function size32(table: TableScope, literal: SetDeclaration['size']): number | undefined {
  const size = literal === undefined ? 0n : lowBits(table, literal.value, 32, literal.span);
  return size === 0n ? undefined : Number(size);
}

export function milliseconds(literal: SetDeclaration['timeout']): bigint | undefined {
  const value = literal?.milliseconds;
  return typeof value === 'bigint' && value > 0n ? value : undefined;
}

function flagsOf(declaration: SetDeclaration | MapDeclaration, parts: number, data?: TypedMapData): number {
  const written = declaration.flags.reduce((sum, flag) => sum | declaredFlags[flag], 0);
  const timeout = milliseconds(declaration.timeout) === undefined ? 0 : SetFlag.timeout;
  const statements = declaration.statements.length > 1 ? SetFlag.expr : 0;
  const interval = intervalFlags((written & SetFlag.interval) !== 0, parts);
  return written | timeout | statements | interval | dataFlags(data);
}

/** A set or map without elements yet: those may name chains and objects that come later. */
export function declareSet(table: TableScope, declaration: SetDeclaration | MapDeclaration): OpenSet {
  const { key, name, span } = declaration;
  const isMap = declaration.kind === 'map_declaration';
  if (key === undefined) return fail('missing-type', `the type of \`${name.text}\` is missing`, name.span);
  const keyParts = keyPartsOf(key);
  const data = isMap && declaration.data !== undefined ? dataOf(declaration.data) : undefined;
  if (isMap && data === undefined)
    fail('missing-type', `what map \`${name.text}\` gives is missing`, name.span);
  const flags = flagsOf(declaration, keyParts.length, data);
  if (declaration.autoMerge && data !== undefined)
    fail('auto-merge', 'auto-merge is for sets, not for maps', name.span);
  if (declaration.autoMerge && (flags & SetFlag.interval) === 0)
    fail('auto-merge', 'auto-merge is for sets with `flags interval`', name.span);
  // Of a constant set nft tells the kernel neither.
  const isConstant = (flags & SetFlag.constant) !== 0;
  const policy = isConstant ? undefined : declaration.policy;
  const given = size32(table, declaration.size);
  const size = isConstant ? undefined : given;
  const timeout = milliseconds(declaration.timeout);
  const gcInterval = milliseconds(declaration.gcInterval);
  return {
    id: table.ordinals.set(),
    name: name.text,
    span,
    keyType: typeOf(keyParts),
    keyParts,
    ...(data !== undefined && { data }),
    flags,
    autoMerge: declaration.autoMerge && keyParts.length === 1,
    ...(policy === 'memory' && { policy }),
    ...(size !== undefined && { size }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { gcInterval }),
    statements: declaration.statements.map(each => evaluateElementState(table, each)),
    elements: [],
    ...(declaration.comment !== undefined && { comment: declaration.comment.text }),
    ...typeofsOf(declaration),
  };
}

/** The expressions that `typeof` names in a declaration. */
function typeofsOf(declaration: SetDeclaration | MapDeclaration): Pick<OpenSet, 'keyTypeof' | 'dataTypeof'> {
  const { key } = declaration;
  const data = declaration.kind === 'map_declaration' ? declaration.data : undefined;
  return {
    ...(key?.kind === 'typeof' && !key.unlisted && { keyTypeof: key.expression }),
    ...(data?.kind === 'typeof' && { dataTypeof: data.expression }),
  };
}

/** The elements that `change` adds or takes away, as elements of `set`. */
export function readElements(
  table: TableScope,
  set: OpenSet,
  change: ElementChange,
  options: EvaluateOptions,
): TypedElement[] | TypedColumns {
  const written = unwrap(change.elements);
  if (written.kind !== 'set')
    return fail('not-a-set', `\`${set.name}\` takes elements in braces`, change.elements.span);
  const isAddition = change.verb === 'add' || change.verb === 'create';
  const evaluation = new Evaluation(table, options);
  expectKey(evaluation, set);
  return evaluateElements(evaluation, written, set, {
    keyType: set.keyType,
    ...(set.data !== undefined && { data: set.data }),
    ranges: (set.flags & SetFlag.interval) !== 0,
    isMap: set.data !== undefined,
    ...(!isAddition && { removed: true }),
    statements: set.statements,
    anonymous: false,
    dynamic: (set.flags & SetFlag.eval) !== 0,
    merges: set.autoMerge && (set.flags & SetFlag.timeout) === 0,
    ...((set.flags & SetFlag.timeout) !== 0 && {
      timeouts: set.timeout === undefined ? {} : { standard: set.timeout },
    }),
  });
}
