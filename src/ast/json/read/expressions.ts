// Expressions. What may stand where is nft's own table: a reader is allowed in all places that are open at once.

import type {
  BinaryOperator,
  ConcatExpression,
  Expression,
  ListExpression,
  MapExpression,
  Name,
  PrefixExpression,
  RangeExpression,
  SetExpression,
  SetReference,
  TypedSymbolExpression,
  VerdictExpression,
  VerdictName,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { elementList, singleElement } from './elements.ts';
import * as headers from './headers.ts';
import {
  Fields,
  nameOf,
  numberOf,
  onlyMember,
  quoted,
  type Reading,
  requireItems,
  wrongType,
} from './reading.ts';
import * as selectors from './selectors.ts';

/** A set of the places below; where an expression stands inside of another, both count. */
export type Place = number;

export const anywhere: Place = 0;
/** The right-hand side of a match, an element. */
export const rightSide: Place = 1;
/** The argument of a statement. */
export const argument: Place = 2;
/** An operand. */
export const primary: Place = 4;
/** What a map's element gives. */
export const elementData: Place = 16;
/** What a statement changes. */
export const target: Place = 32;
/** The key of a statement that changes a set. */
export const updateKey: Place = 64;
/** The key of a map. */
export const mapKey: Place = 128;
/** A part of a concatenation. */
export const concatPart: Place = 256;

interface ExpressionReader {
  readonly places: Place;
  readonly read: (reading: Reading, value: JsonValue, place: Place, name: string) => Expression;
}

const plainPlaces = primary | elementData | updateKey | mapKey | concatPart;
const optionPlaces = primary | elementData | target | updateKey | concatPart;
const operationPlaces = rightSide | argument | plainPlaces;
const multitonPlaces = rightSide | elementData | argument | concatPart;
const verdictPlaces = rightSide | elementData;

const readers: Readonly<Record<string, ExpressionReader>> = {
  concat: { places: rightSide | argument | elementData | updateKey | mapKey, read: readConcat },
  set: { places: rightSide | argument, read: readSet },
  map: { places: argument | primary | elementData, read: readMap },
  prefix: { places: multitonPlaces, read: readPrefix },
  range: { places: multitonPlaces, read: readRange },
  payload: { places: argument | plainPlaces | target, read: headers.readPayload },
  exthdr: { places: plainPlaces, read: headers.readExthdr },
  'tcp option': { places: optionPlaces, read: headers.readTcpOption },
  'ip option': { places: optionPlaces, read: headers.readIpOption },
  'sctp chunk': { places: optionPlaces, read: headers.readSctpChunk },
  'dccp option': { places: primary, read: headers.readDccpOption },
  meta: { places: rightSide | argument | plainPlaces | target, read: selectors.readMeta },
  osf: { places: argument | primary | mapKey | concatPart, read: selectors.readOsf },
  ipsec: { places: primary | mapKey | concatPart, read: selectors.readIpsec },
  socket: { places: primary | concatPart, read: selectors.readSocket },
  rt: { places: argument | plainPlaces, read: selectors.readRt },
  ct: { places: rightSide | argument | plainPlaces | target, read: selectors.readCt },
  numgen: { places: argument | plainPlaces, read: selectors.readNumgen },
  tunnel: { places: rightSide | argument | primary | updateKey | mapKey, read: selectors.readTunnelKey },
  jhash: { places: argument | plainPlaces, read: selectors.readJhash },
  symhash: { places: argument | plainPlaces, read: selectors.readSymhash },
  fib: { places: argument | plainPlaces, read: selectors.readFib },
  '|': { places: operationPlaces, read: readOperation },
  '^': { places: operationPlaces, read: readOperation },
  '&': { places: operationPlaces, read: readOperation },
  '>>': { places: operationPlaces, read: readOperation },
  '<<': { places: operationPlaces, read: readOperation },
  accept: { places: verdictPlaces, read: readVerdict },
  drop: { places: verdictPlaces, read: readVerdict },
  continue: { places: verdictPlaces, read: readVerdict },
  jump: { places: verdictPlaces, read: readVerdict },
  goto: { places: verdictPlaces, read: readVerdict },
  return: { places: verdictPlaces, read: readVerdict },
};

export function readExpression(reading: Reading, value: JsonValue, place: Place): Expression {
  switch (value.kind) {
    case 'array':
      return readList(reading, value, place);
    case 'object':
      return readTagged(reading, value, place);
    case 'boolean':
      if ((place & (rightSide | primary)) === 0)
        fail('misplaced-expression', 'true and false cannot stand here', value.span);
      return readImmediate(value);
    default:
      return readImmediate(value);
  }
}

function readTagged(reading: Reading, value: JsonValue, place: Place): Expression {
  const { name, nameSpan, value: inner } = onlyMember(value);
  if (name === 'elem') fail('misplaced-expression', 'an element stands in a set only', nameSpan);
  if (!Object.hasOwn(readers, name))
    fail(
      'unknown-word',
      `there is no expression \`${name}\``,
      nameSpan,
      quoted(name, nameSpan, Object.keys(readers)),
    );
  const { places, read } = readers[name]!;
  if ((places & place) !== place) fail('misplaced-expression', `\`${name}\` cannot stand here`, nameSpan);
  // The node stands for the whole object, so that a place is named by it and not by what is in it.
  return { ...read(reading, inner, place, name), span: value.span };
}

function readList(reading: Reading, value: JsonValue, place: Place): ListExpression {
  if ((place & (rightSide | argument)) === 0 || (place & primary) !== 0)
    fail('misplaced-expression', 'a list cannot stand here', value.span);
  const items = requireItems(value).map(item => readExpression(reading, item, place));
  return { kind: 'list', items, span: value.span };
}

const protocolWords = 'tcp udp udplite esp ah icmp icmpv6 comp dccp sctp'.split(' ');

/** A value by itself. `@` refers to a set, `*` stands for all other keys, some words bring their type. */
export function readImmediate(value: JsonValue): Expression {
  const { span } = value;
  switch (value.kind) {
    case 'string':
      return readWord(value.text, span);
    case 'integer':
      return numberOf(value);
    case 'boolean':
      return { kind: 'typed_symbol', text: value.value ? 'exists' : 'missing', type: 'boolean', span };
    default:
      return wrongType(value, 'a value');
  }
}

function readWord(text: string, span: Expression['span']): Expression {
  if (text.startsWith('@'))
    return { kind: 'set_reference', name: text.slice(1), span } satisfies SetReference;
  if (text === '*') return { kind: 'catchall', span };
  const type = protocolWords.includes(text) ? 'inet_proto' : text === 'redirect' ? 'icmp_type' : undefined;
  if (type !== undefined) return { kind: 'typed_symbol', text, type, span } satisfies TypedSymbolExpression;
  return { kind: 'symbol', text, form: 'quoted', span };
}

function readConcat(reading: Reading, value: JsonValue, place: Place): ConcatExpression {
  const parts = requireItems(value).map(item => readExpression(reading, item, place | concatPart));
  if (parts.length < 2) fail('malformed-object', 'a concatenation has at least two parts', value.span);
  return { kind: 'concat', parts, span: value.span };
}

function readSet(reading: Reading, value: JsonValue, place: Place): SetExpression | SetReference {
  if (value.kind === 'array') return elementList(reading, value, place);
  const single = readImmediate(value);
  return single.kind === 'set_reference' ? single : singleElement(single);
}

function readMap(reading: Reading, value: JsonValue, place: Place): MapExpression {
  return { kind: 'map', ...readMapping(reading, value, place), span: value.span };
}

/** Key and data of a map, also of a verdict map. */
export function readMapping(
  reading: Reading,
  value: JsonValue,
  place: Place,
): Pick<MapExpression, 'key' | 'map'> {
  const fields = new Fields(reading, value, ['key', 'data']);
  return {
    key: readExpression(reading, fields.require('key'), place | mapKey),
    map: readExpression(reading, fields.require('data'), place | rightSide),
  };
}

function readPrefix(reading: Reading, value: JsonValue, place: Place): PrefixExpression {
  const fields = new Fields(reading, value, ['addr', 'len']);
  return {
    kind: 'prefix',
    base: readExpression(reading, fields.require('addr'), place | primary),
    length: fields.number('len'),
    span: value.span,
  };
}

function readRange(reading: Reading, value: JsonValue, place: Place): RangeExpression {
  const [from, to, more] = requireItems(value);
  if (from === undefined || to === undefined || more !== undefined)
    return fail('malformed-object', 'a range has two ends', value.span);
  return {
    kind: 'range',
    from: readExpression(reading, from, place | primary),
    to: readExpression(reading, to, place | primary),
    span: value.span,
  };
}

/** Two operands, of which the second may be what stands right of a match, or more, from left to right. */
function readOperation(reading: Reading, value: JsonValue, place: Place, name: string): Expression {
  const items = requireItems(value);
  const [first, second] = items;
  if (first === undefined || second === undefined)
    return fail('malformed-object', `\`${name}\` takes two operands or more`, value.span);
  reading.countOperations(items.length - 1, value.span);
  const last = items.length === 2 ? rightSide : primary;
  const operands = items.map((item, index) =>
    readExpression(reading, item, place | (index === 0 ? primary : last)),
  );
  return operands.reduce((left, right) => ({
    kind: 'binary',
    operator: name as BinaryOperator,
    left,
    right,
    span: value.span,
  }));
}

export const verdicts: readonly VerdictName[] = ['accept', 'drop', 'continue', 'jump', 'goto', 'return'];

export function readVerdict(reading: Reading, value: JsonValue, _: Place, name: string): VerdictExpression {
  const verdict = name as VerdictName;
  if (verdict !== 'jump' && verdict !== 'goto') {
    requireNothing(value);
    return { kind: 'verdict', verdict, span: value.span };
  }
  const chain: Name = nameOf(new Fields(reading, value, ['target']).string('target'));
  return { kind: 'verdict', verdict, chain, span: value.span };
}

/** `{ "accept": null }`: anything else would be passed over. */
export function requireNothing(value: JsonValue): void {
  if (value.kind !== 'null') wrongType(value, 'null');
}
