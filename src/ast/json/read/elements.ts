// Elements of sets and maps.

import type {
  Element,
  ElementList,
  Expression,
  SetExpression,
  StatefulStatement,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonArray, JsonValue } from '../value.ts';
import {
  anywhere,
  elementData,
  type Place,
  readExpression,
  readImmediate,
  rightSide,
} from './expressions.ts';
import { Fields, given, onlyMember, type Reading } from './reading.ts';
import { readStateful, statefulKinds } from './stateful.ts';

const listOf = (elements: readonly Element[]): ElementList => ({
  length: elements.length,
  at(index) {
    const element = elements[index];
    if (element === undefined) throw new RangeError(`no element ${index}`);
    return element;
  },
});

export function elementList(reading: Reading, value: JsonArray, place: Place): SetExpression {
  if (value.items.length === 0) return fail('empty-set', 'the set is empty', value.span);
  const elements = value.items.map(item => readElement(reading, item, place));
  return { kind: 'set', elements: listOf(elements), span: value.span };
}

/** A set of one value, written without brackets. */
export function singleElement(key: Expression): SetExpression {
  const { span } = key;
  return { kind: 'set', elements: listOf([{ kind: 'element', key, statements: [], span }]), span };
}

/** The `elem` of a declaration or command. A reference is not a list of elements. */
export function readElements(reading: Reading, value: JsonValue): SetExpression {
  if (value.kind === 'array') return elementList(reading, value, anywhere);
  const single = readImmediate(value);
  if (single.kind === 'set_reference') return fail('not-a-set', 'expected elements', value.span);
  return singleElement(single);
}

/** `[key, data]` or `key`, where the key may be `{ "elem": { "val": key, … } }`. */
function readElement(reading: Reading, value: JsonValue, place: Place): Element {
  if (value.kind !== 'array' || value.items.length !== 2) return readKey(reading, value, place | rightSide);
  const [left, right] = value.items;
  const key = readKey(reading, left!, place | rightSide);
  return { ...key, data: readExpression(reading, right!, place | elementData), span: value.span };
}

function isFormal(value: JsonValue): boolean {
  return value.kind === 'object' && value.members.size === 1 && value.members.has('elem');
}

/** A key, with what may stand beside it. nft lists statements of elements, but does not read them. */
export function readKey(reading: Reading, value: JsonValue, place: Place): Element {
  if (!isFormal(value))
    return { kind: 'element', key: readExpression(reading, value, place), statements: [], span: value.span };
  const inner = onlyMember(value).value;
  const known = ['val', 'timeout', 'expires', 'comment', ...statefulKinds];
  const fields = new Fields(reading, inner, known);
  return {
    kind: 'element',
    key: readExpression(reading, fields.require('val'), place),
    ...given('timeout', fields.seconds('timeout')),
    ...given('expires', fields.seconds('expires')),
    ...given('comment', fields.comment()),
    statements: statementsIn(reading, inner),
    span: value.span,
  };
}

/** In the order written. */
function statementsIn(reading: Reading, value: JsonValue): readonly StatefulStatement[] {
  if (value.kind !== 'object') return [];
  return [...value.members]
    .filter(([name]) => statefulKinds.includes(name))
    .map(([name, inner]) => readStateful(reading, name, inner));
}
