// Declarations of sets and maps.

import type {
  Expression,
  MapData,
  MapDeclaration,
  SetDeclaration,
  SetFlagName,
  SetKey,
  SetProperties,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { readElements } from './elements.ts';
import { anywhere, readExpression } from './expressions.ts';
import { type Heading, objectTypes } from './headings.ts';
import { type Fields, given, nameOf, onlyMember, type Reading, requireString } from './reading.ts';
import { readStatefulList } from './stateful.ts';

const setFlags: readonly SetFlagName[] = ['constant', 'interval', 'timeout', 'dynamic'];

/** `count` is how many elements there were when the set was listed. */
export const setProperties: readonly string[] = [
  'type',
  'map',
  'policy',
  'flags',
  'elem',
  'timeout',
  'gc-interval',
  'size',
  'count',
  'auto-merge',
  'stmt',
  'comment',
];

/** `set` and `map` are one object in JSON: it is a map if it says what it gives. */
export function readSet(reading: Reading, heading: Heading, fields: Fields): SetDeclaration | MapDeclaration {
  const properties = { ...heading, ...commonProperties(reading, fields) };
  const key = readKeyType(reading, fields.require('type'));
  const data = fields.value('map');
  if (data === undefined) return { kind: 'set_declaration', ...properties, key };
  const given = readMapData(reading, data);
  return {
    kind: 'map_declaration',
    ...properties,
    key: givesVerdicts(given) ? unlisted(key) : key,
    data: given,
  };
}

const givesVerdicts = (data: MapData): boolean =>
  data.kind === 'type' && data.parts.some(({ text }) => text === 'verdict');

/** From JSON nft keeps no expression for keys of what gives verdicts. */
const unlisted = (key: SetKey): SetKey => (key.kind === 'typeof' ? { ...key, unlisted: true } : key);

type Common = Omit<SetProperties, keyof Heading | 'key'>;

function commonProperties(reading: Reading, fields: Fields): Common {
  const elements = fields.value('elem');
  return {
    flags: fields.flags('flags', setFlags),
    ...given('policy', fields.optionalChoice('policy', ['performance', 'memory'], 'a policy')),
    ...given('timeout', fields.seconds('timeout')),
    ...given('gcInterval', fields.seconds('gc-interval')),
    ...given('size', fields.optionalNumber('size')),
    autoMerge: fields.isTrue('auto-merge'),
    ...given('elements', elements && readElements(reading, elements)),
    statements: readStatefulList(reading, fields.value('stmt')),
    ...given('comment', fields.comment()),
  };
}

/** A type's name, an array of names, or `{ "typeof": expression }`. */
function readKeyType(reading: Reading, value: JsonValue): SetKey {
  if (value.kind === 'object')
    return { kind: 'typeof', expression: readTypeof(reading, value), span: value.span };
  if (value.kind === 'string') return { kind: 'type', parts: [nameOf(value)], span: value.span };
  if (value.kind !== 'array' || value.items.length < 2)
    return fail(
      'malformed-object',
      'a type is a name, an array of two names or more, or `typeof`',
      value.span,
    );
  if (!value.items.some(item => item.kind === 'object'))
    return { kind: 'type', parts: value.items.map(item => nameOf(requireString(item))), span: value.span };
  return fail('malformed-object', 'write `{ "typeof": { "concat": […] } }` around all parts', value.span);
}

function readTypeof(reading: Reading, value: JsonValue): Expression {
  const { name, nameSpan, value: inner } = onlyMember(value);
  if (name !== 'typeof') fail('malformed-object', 'expected `typeof`', nameSpan);
  return readExpression(reading, inner, anywhere);
}

function readMapData(reading: Reading, value: JsonValue): MapData {
  const objectType = value.kind === 'string' ? objectTypes.find(type => type === value.text) : undefined;
  if (objectType !== undefined) return { kind: 'object', objectType, span: value.span };
  return { ...readKeyType(reading, value), interval: false };
}
