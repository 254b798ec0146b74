// Draws sets and maps for the comparison with the reference: the text of a declaration or of a rule with an anonymous
// set, and what `buildElements` is to be given for it. Values are drawn from few neighbours, so that they meet.

import type {
  ContentItem,
  ItemData,
  KeyRange,
  PartShape,
  SetShape,
} from '../../../src/lower/sets/contents.ts';
import { type Datatype, datatypes } from '../../../src/model/datatype.ts';
import type { FileId } from '../../../src/source/span.ts';
import type { Random } from '../../support/random.ts';

/** A value or a range, as text and as numbers. */
interface Drawn extends KeyRange {
  readonly text: string;
}

interface KeyType {
  readonly type: Datatype;
  /** A selector of this type, for anonymous sets. */
  readonly selector?: string;
  readonly text: (value: bigint) => string;
  /** Where values are drawn from; the numbers after it are drawn too. */
  readonly starts: readonly bigint[];
  readonly prefixes: boolean;
  readonly ranges: boolean;
}

const dotted = (value: bigint): string => [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.');
const groups = (value: bigint): string =>
  Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(
    ':',
  );
const hardware = (value: bigint): string =>
  Array.from({ length: 6 }, (_, index) => ((value >> BigInt(40 - 8 * index)) & 255n).toString(16)).join(':');

function keyType(
  name: string,
  selector: string | undefined,
  text: KeyType['text'],
  starts: readonly bigint[],
  prefixes: boolean,
): KeyType {
  const type = datatypes.get(name)!;
  const facts = { type, text, starts, prefixes, ranges: true };
  return selector === undefined ? facts : { ...facts, selector };
}

const top = (bits: bigint): bigint => (1n << bits) - 4n;

export const keyTypes: readonly KeyType[] = [
  keyType('ipv4_addr', 'ip saddr', dotted, [0n, 0x0a000000n, 0x0a0000fcn, top(32n)], true),
  keyType('ipv6_addr', 'ip6 saddr', groups, [0n, 1n << 64n, top(128n)], true),
  keyType('inet_service', 'tcp dport', String, [0n, 20n, 254n, top(16n)], false),
  keyType('ether_addr', 'ether saddr', hardware, [0n, 0x0242_0000_00fen, top(48n)], false),
  keyType('mark', 'meta mark', String, [0n, 5n, 254n, top(32n)], false),
  keyType('inet_proto', 'meta l4proto', String, [0n, 17n, top(8n)], false),
  // A rule on a bit field shifts its values, so it is drawn for declarations only.
  keyType('dscp', undefined, String, [0n, 10n, top(6n)], false),
  { ...keyType('ifname', 'iifname', String, [], false), ranges: false },
];

const interfaceNames = ['a', 'eth', 'eth0', 'eth1', 'etha', 'wlan0', 'zzzzzzzzzzzzzzz'];

/** The first character is the lowest byte. */
function stringValue(text: string): bigint {
  return [...text].reduceRight((value, character) => (value << 8n) | BigInt(character.charCodeAt(0)), 0n);
}

function drawName(random: Random, ranges: boolean): Drawn {
  const name = random.pick(interfaceNames);
  const from = stringValue(name);
  if (!ranges || name.length === 15 || random.oneIn(2)) return { text: `"${name}"`, from, to: from };
  const rest = ((1n << 128n) - 1n) ^ ((1n << BigInt(8 * name.length)) - 1n);
  return { text: `"${name}*"`, from, to: from | rest };
}

function drawPrefix(random: Random, key: KeyType, value: bigint): Drawn {
  const bits = key.type.bits;
  const length = bits - random.below(6);
  const host = (1n << BigInt(bits - length)) - 1n;
  const from = value & ~host;
  return { text: `${key.text(from)}/${length}`, from, to: from | host };
}

function drawValue(random: Random, key: KeyType, ranges: boolean): Drawn {
  if (key.type.class === 'string') return drawName(random, ranges);
  const from = random.pick(key.starts) + BigInt(random.below(4));
  const single = { text: key.text(from), from, to: from };
  if (!ranges || random.oneIn(2)) return single;
  if (key.prefixes && random.oneIn(2)) return drawPrefix(random, key, from);
  const maximum = (1n << BigInt(key.type.bits)) - 1n;
  const wide = random.oneIn(4) ? maximum : from + BigInt(random.below(6));
  const to = wide > maximum ? maximum : wide;
  return to <= from ? single : { text: `${key.text(from)}-${key.text(to)}`, from, to };
}

export interface DrawnSet {
  /** A declaration, or a rule. */
  readonly text: string;
  readonly shape: SetShape;
  readonly items: readonly ContentItem[];
}

const shapeOf = (key: KeyType): PartShape => ({
  bits: key.type.bits,
  order: key.type.order,
  class: key.type.class,
});

interface DrawnData {
  readonly text: string;
  readonly data: ItemData;
}

interface DataKind {
  readonly declared: string;
  readonly shape: NonNullable<SetShape['data']>;
  readonly draw: (random: Random) => DrawnData;
}

function valueData(name: string, ...keys: readonly KeyType[]): DataKind {
  return {
    declared: name,
    shape: { kind: 'value', parts: keys.map(shapeOf), interval: false },
    draw: random => {
      const parts = keys.map(key => drawValue(random, key, false));
      return { text: parts.map(part => part.text).join(' . '), data: { kind: 'value', parts } };
    },
  };
}

const findKey = (name: string): KeyType => keyTypes.find(key => key.type.name === name)!;

const verdictData: DataKind = {
  declared: 'verdict',
  shape: { kind: 'verdict' },
  draw: random => {
    const verdict = random.pick(['accept', 'drop', 'continue', 'return'] as const);
    return { text: verdict, data: { kind: 'verdict', verdict } };
  },
};

const intervalData: DataKind = {
  declared: 'interval ipv4_addr . inet_service',
  shape: {
    kind: 'value',
    parts: [shapeOf(findKey('ipv4_addr')), shapeOf(findKey('inet_service'))],
    interval: true,
  },
  draw: random => {
    const parts = ['ipv4_addr', 'inet_service'].map(name => drawValue(random, findKey(name), true));
    return { text: parts.map(part => part.text).join(' . '), data: { kind: 'value', parts } };
  },
};

const objectData: DataKind = {
  declared: 'counter',
  shape: { kind: 'object' },
  draw: random => {
    const name = random.pick(['one', 'two']);
    return { text: `"${name}"`, data: { kind: 'object', name } };
  },
};

const dataKinds: readonly DataKind[] = [
  verdictData,
  valueData('mark', findKey('mark')),
  valueData('ipv4_addr . inet_service', findKey('ipv4_addr'), findKey('inet_service')),
  valueData('mark . ether_addr', findKey('mark'), findKey('ether_addr')),
  intervalData,
  objectData,
];

const span = { file: 0 as FileId, from: 0, to: 0 };

function drawItems(
  random: Random,
  keys: readonly KeyType[],
  ranges: boolean,
  data: DataKind | undefined,
  catchall: boolean,
  least = 1,
): readonly (ContentItem & { readonly text: string })[] {
  return Array.from({ length: least + random.below(7) }, () => {
    const parts = keys.map(key => drawValue(random, key, ranges));
    const isCatchall = catchall && random.oneIn(8);
    const key = isCatchall ? '*' : parts.map(part => part.text).join(' . ');
    const base = { span, parts: isCatchall ? ('catchall' as const) : parts };
    if (data === undefined) return { ...base, text: key };
    const drawn = data.draw(random);
    return { ...base, text: `${key} : ${drawn.text}`, data: drawn.data };
  });
}

function drawKeys(random: Random, wanted: (key: KeyType) => boolean): readonly KeyType[] {
  const count = random.oneIn(2) ? 1 : 2 + random.below(2);
  return Array.from({ length: count }, () => random.pick(keyTypes.filter(wanted)));
}

export function drawNamedSet(random: Random, name: string): DrawnSet {
  const keys = drawKeys(random, () => true);
  const interval = random.oneIn(2);
  const data = random.oneIn(2) ? random.pick(dataKinds) : undefined;
  const autoMerge = interval && data === undefined && random.oneIn(2);
  const items = drawItems(random, keys, interval, data, true);
  const type = keys.map(key => key.type.name).join(' . ');
  const lines = [
    `type ${type}${data === undefined ? '' : ` : ${data.declared}`}`,
    ...(interval ? ['flags interval'] : []),
    ...(autoMerge ? ['auto-merge'] : []),
    `elements = { ${items.map(item => item.text).join(', ')} }`,
  ];
  const shape = { parts: keys.map(shapeOf), interval, anonymous: false, autoMerge };
  return {
    text: `${data === undefined ? 'set' : 'map'} ${name} { ${lines.join('; ')}; }`,
    shape: data === undefined ? shape : { ...shape, data: data.shape },
    items,
  };
}

/** A rule that compares, or a verdict map. nft makes no set of a single element. */
export function drawAnonymousSet(random: Random): DrawnSet {
  // One rule cannot match fields of both IP versions.
  const other = random.pick(['ip ', 'ip6 ']);
  const keys = drawKeys(random, key => key.selector?.startsWith(other) === false);
  const data = random.oneIn(3) ? verdictData : undefined;
  const items = drawItems(random, keys, random.oneIn(2), data, data !== undefined, 2);
  // A prefix of full length is a range to nft, too.
  const interval = items.some(
    ({ parts, text }) =>
      parts !== 'catchall' && (text.includes('/') || parts.some(part => part.from !== part.to)),
  );
  const selector = keys.map(key => key.selector).join(' . ');
  const word = data === undefined ? '' : 'vmap ';
  const shape = { parts: keys.map(shapeOf), interval, anonymous: true, autoMerge: false };
  return {
    text: `${selector} ${word}{ ${items.map(item => item.text).join(', ')} }`,
    shape: data === undefined ? shape : { ...shape, data: data.shape },
    items,
  };
}
