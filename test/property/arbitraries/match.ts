// Arbitraries of one test in a rule: a field, an operator and a value; sets, maps and concatenations.

import fc from 'fast-check';
import { type Field, fieldsFor, formatValue, type Profile } from './fields.ts';
import { near } from './values.ts';

/** A set or map that the table declares; its name is given when the ruleset is put together. */
export interface Declaration {
  readonly keyword: 'set' | 'map';
  readonly body: string;
}

/** Text in which `@%` stands for the name of the declared set. */
export interface Fragment {
  readonly text: string;
  readonly declaration?: Declaration;
}

const inline = (text: string): Fragment => ({ text });

/** Verdict-map values: `%0` and so on stand for chains behind the rule's own. */
export const verdictText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('accept', 'drop') },
  { weight: 2, arbitrary: fc.constantFrom('continue', 'return') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('jump', 'goto'), fc.nat(2))
      .map(([verb, index]) => `${verb} %${index}`),
  },
);

function isOrdered({ kind }: Field): boolean {
  return kind !== 'name' && kind !== 'flags' && kind !== 'state';
}

function valueIn(field: Field): fc.Arbitrary<bigint> {
  const count = BigInt(field.names?.length ?? 0);
  return field.kind === 'name' ? fc.bigInt({ min: 0n, max: count - 1n }) : near(field.points, field.bits);
}

/** Two different values in order. */
function bounds(field: Field): fc.Arbitrary<[string, string]> {
  return fc
    .tuple(valueIn(field), valueIn(field))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (a < b ? [a, b] : [b, a]).map(value => formatValue(field, value)) as [string, string]);
}

function equality(field: Field): fc.Arbitrary<Fragment> {
  const operator = fc.constantFrom('', '== ', '!= ');
  return fc
    .tuple(operator, valueIn(field))
    .map(([sign, value]) => inline(`${field.text} ${sign}${formatValue(field, value)}`));
}

/** Nothing is below the least or above the greatest value: nft refuses to ask. */
function ordering(field: Field): fc.Arbitrary<Fragment> {
  const last = (1n << BigInt(field.bits)) - 1n;
  return fc
    .tuple(fc.constantFrom('<', '<=', '>', '>='), valueIn(field))
    .filter(([sign, value]) => !(sign === '<' && value === 0n) && !(sign === '>' && value === last))
    .map(([sign, value]) => inline(`${field.text} ${sign} ${formatValue(field, value)}`));
}

function range(field: Field): fc.Arbitrary<Fragment> {
  return fc
    .tuple(fc.constantFrom('', '!= '), bounds(field))
    .map(([sign, [from, to]]) => inline(`${field.text} ${sign}${from}-${to}`));
}

/** The `length` first bits of `bits`. */
function prefixMask(bits: number, length: number): bigint {
  return ((1n << BigInt(length)) - 1n) << BigInt(bits - length);
}

function prefixText(field: Field, value: bigint, length: number): string {
  return `${formatValue(field, value & prefixMask(field.bits, length))}/${length}`;
}

function prefix(field: Field): fc.Arbitrary<Fragment> {
  return fc
    .tuple(fc.constantFrom('', '!= '), valueIn(field), fc.integer({ min: 1, max: field.bits - 1 }))
    .map(([sign, value, length]) => inline(`${field.text} ${sign}${prefixText(field, value, length)}`));
}

function masked(field: Field): fc.Arbitrary<Fragment> {
  const last = (1n << BigInt(field.bits)) - 1n;
  const mask = fc.oneof(
    fc.integer({ min: 1, max: field.bits - 1 }).map(length => prefixMask(field.bits, length)),
    fc.bigInt({ min: 1n, max: last - 1n }),
  );
  return fc
    .tuple(fc.constantFrom('==', '!='), mask, valueIn(field))
    .map(([sign, bits, value]) =>
      inline(`${field.text} & ${formatValue(field, bits)} ${sign} ${formatValue(field, value & bits)}`),
    );
}

const tcpFlags: fc.Arbitrary<Fragment> = fc
  .constantFrom(
    'syn',
    '!= syn',
    '== syn',
    'syn,ack',
    '& (syn | ack) == syn',
    '& (fin | syn | rst | ack) != syn',
    '! fin,rst',
    'syn / syn,ack',
    '{ syn, syn | ack }',
    '& (fin | syn) == 0x0',
  )
  .map(text => inline(`tcp flags ${text}`));

const conntrackTexts: Readonly<Record<string, readonly string[]>> = {
  'ct state': [
    'new',
    'invalid',
    'untracked',
    'established,related',
    '!= new',
    '== invalid',
    '{ new, untracked }',
    '!= { new, invalid }',
    '& (new | invalid) != 0',
    'vmap { new : accept, invalid : drop }',
  ],
  'ct status': ['confirmed', '!= confirmed', 'seen-reply', '== 0', '& (assured | confirmed) == 0'],
};

function conntrackBits(field: Field): fc.Arbitrary<Fragment> {
  return fc.constantFrom(...conntrackTexts[field.text]!).map(text => inline(`${field.text} ${text}`));
}

/** Single values, and intervals that do not touch: consecutive pairs of a sorted list. */
function elements(field: Field, withIntervals: boolean): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.uniqueArray(valueIn(field), { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    )
    .map(([values, joins]) => {
      const sorted = values.sort((a, b) => (a < b ? -1 : 1)).map(value => formatValue(field, value));
      const list: string[] = [];
      for (let index = 0; index < sorted.length; index++) {
        const isJoined = withIntervals && joins[index] === true && index + 1 < sorted.length;
        list.push(isJoined ? `${sorted[index]}-${sorted[++index]}` : sorted[index]!);
      }
      return list;
    });
}

function keyElements(field: Field): fc.Arbitrary<{ keys: string[]; isInterval: boolean }> {
  return fc
    .tuple(elements(field, isOrdered(field)), elements(field, false), fc.boolean())
    .map(([withIntervals, plain, isInterval]) =>
      isInterval
        ? { keys: withIntervals, isInterval: withIntervals.some(key => key.includes('-')) }
        : { keys: plain, isInterval: false },
    );
}

/** Written in place, or declared in the table where the field has a datatype. */
function asSet(
  selector: string,
  type: string | undefined,
  sign: string,
  keys: readonly string[],
  isInterval: boolean,
  isNamed: boolean,
): Fragment {
  const list = keys.join(', ');
  if (!isNamed || type === undefined) return inline(`${selector} ${sign}{ ${list} }`);
  const flags = isInterval ? 'flags interval; ' : '';
  return {
    text: `${selector} ${sign}@%`,
    declaration: { keyword: 'set', body: `type ${type}; ${flags}elements = { ${list} }` },
  };
}

function set(field: Field): fc.Arbitrary<Fragment> {
  return fc
    .tuple(fc.constantFrom('', '!= '), keyElements(field), fc.boolean())
    .map(([sign, { keys, isInterval }, isNamed]) =>
      asSet(field.text, field.type, sign, keys, isInterval, isNamed),
    );
}

/** Fields of a concatenation: each declared by its datatype, none of them a name with a wildcard. */
function concatenable(profile: Profile): readonly Field[] {
  return fieldsFor(profile).filter(({ type, kind }) => type !== undefined && kind !== 'name');
}

/** One part of a concatenated key: from and to, equal for a single value. */
type Part = readonly [from: bigint, to: bigint];

function part(field: Field, withRanges: boolean): fc.Arbitrary<Part> {
  const single = valueIn(field).map((value): Part => [value, value]);
  if (!withRanges) return single;
  const range = fc.tuple(valueIn(field), valueIn(field)).map(([a, b]): Part => (a < b ? [a, b] : [b, a]));
  return fc.oneof({ weight: 2, arbitrary: single }, { weight: 1, arbitrary: range });
}

function lies(point: readonly bigint[], key: readonly Part[]): boolean {
  return key.every(([from, to], index) => from <= point[index]! && point[index]! <= to);
}

/** nf_tables refuses a key whose start or end lies in an earlier one; other overlaps it takes, and the first wins. */
function withoutClashes(keys: readonly (readonly Part[])[]): readonly (readonly Part[])[] {
  return keys.filter((key, index) => {
    const ends = [key.map(([from]) => from), key.map(([, to]) => to)];
    return !keys.slice(0, index).some(earlier => ends.some(end => lies(end, earlier)));
  });
}

function partText(field: Field, [from, to]: Part): string {
  const text = formatValue(field, from);
  return from === to ? text : `${text}-${formatValue(field, to)}`;
}

function concatenatedKeys(parts: readonly Field[]): fc.Arbitrary<{ keys: string[]; isInterval: boolean }> {
  return fc.boolean().chain(isInterval =>
    fc
      .array(fc.tuple(...parts.map(field => part(field, isInterval))), { minLength: 1, maxLength: 5 })
      .map(drawn => ({
        keys: withoutClashes(drawn).map(key =>
          key.map((one, index) => partText(parts[index]!, one)).join(' . '),
        ),
        isInterval: drawn.some(key => key.some(([from, to]) => from !== to)),
      })),
  );
}

function selectorOf(parts: readonly Field[]): { selector: string; type: string } {
  return {
    selector: parts.map(({ text }) => text).join(' . '),
    type: parts.map(({ type }) => type).join(' . '),
  };
}

function concatenation(profile: Profile): fc.Arbitrary<Fragment> {
  const candidates = concatenable(profile);
  if (candidates.length < 2) return fc.constant(inline('meta mark 0'));
  return fc.uniqueArray(fc.constantFrom(...candidates), { minLength: 2, maxLength: 3 }).chain(parts => {
    const { selector, type } = selectorOf(parts);
    return fc
      .tuple(fc.constantFrom('', '!= '), concatenatedKeys(parts), fc.boolean())
      .map(([sign, { keys, isInterval }, isNamed]) => asSet(selector, type, sign, keys, isInterval, isNamed));
  });
}

function ofField(field: Field): fc.Arbitrary<Fragment> {
  if (field.kind === 'flags') return tcpFlags;
  if (field.kind === 'state') return conntrackBits(field);
  if (field.kind === 'name')
    return fc.oneof({ weight: 3, arbitrary: equality(field) }, { weight: 1, arbitrary: set(field) });
  const isAddress = field.kind === 'ipv4' || field.kind === 'ipv6';
  return fc.oneof(
    { weight: 6, arbitrary: equality(field) },
    { weight: 3, arbitrary: ordering(field) },
    { weight: 3, arbitrary: range(field) },
    { weight: 2, arbitrary: field.bits > 1 ? masked(field) : equality(field) },
    { weight: 5, arbitrary: set(field) },
    { weight: isAddress ? 5 : 1, arbitrary: isAddress ? prefix(field) : equality(field) },
  );
}

/** One test of a rule. */
export function match(profile: Profile): fc.Arbitrary<Fragment> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...fieldsFor(profile)).chain(ofField) },
    { weight: 1, arbitrary: concatenation(profile) },
  );
}

/** A test of what conntrack knows. */
export function conntrackMatch(profile: Profile): fc.Arbitrary<Fragment> {
  return fc.constantFrom(...fieldsFor(profile).filter(field => field.conntrack)).chain(ofField);
}

function asMap(
  selector: string,
  type: string | undefined,
  keys: readonly string[],
  isInterval: boolean,
  isNamed: boolean,
  data: string,
  dataType: string,
  keyword: 'map' | 'vmap',
  values: readonly string[],
): Fragment {
  const list = keys.map((key, index) => `${key} : ${values[index % values.length]}`).join(', ');
  if (!isNamed || type === undefined) return inline(`${data}${selector} ${keyword} { ${list} }`);
  const flags = isInterval ? 'flags interval; ' : '';
  return {
    text: `${data}${selector} ${keyword} @%`,
    declaration: { keyword: 'map', body: `type ${type} : ${dataType}; ${flags}elements = { ${list} }` },
  };
}

function mapOver(
  profile: Profile,
  values: fc.Arbitrary<string[]>,
  data: string,
  dataType: string,
  keyword: 'map' | 'vmap',
): fc.Arbitrary<Fragment> {
  const single = fieldsFor(profile).filter(
    ({ kind }) => kind !== 'flags' && kind !== 'name' && kind !== 'state',
  );
  const ofOne = fc
    .constantFrom(...single)
    .chain(field =>
      fc
        .tuple(keyElements(field), values, fc.boolean())
        .map(([{ keys, isInterval }, list, isNamed]) =>
          asMap(field.text, field.type, keys, isInterval, isNamed, data, dataType, keyword, list),
        ),
    );
  const candidates = concatenable(profile);
  if (candidates.length < 2) return ofOne;
  const ofMany = fc
    .uniqueArray(fc.constantFrom(...candidates), { minLength: 2, maxLength: 2 })
    .chain(parts => {
      const { selector, type } = selectorOf(parts);
      return fc
        .tuple(concatenatedKeys(parts), values, fc.boolean())
        .map(([{ keys, isInterval }, list, isNamed]) =>
          asMap(selector, type, keys, isInterval, isNamed, data, dataType, keyword, list),
        );
    });
  return fc.oneof({ weight: 3, arbitrary: ofOne }, { weight: 1, arbitrary: ofMany });
}

const fewVerdicts = fc.array(verdictText, { minLength: 1, maxLength: 4 });
const fewNumbers = fc.array(fc.nat(3).map(String), { minLength: 1, maxLength: 4 });

/** A verdict map over a field or a concatenation. */
export function verdictMap(profile: Profile): fc.Arbitrary<Fragment> {
  return mapOver(profile, fewVerdicts, '', 'verdict', 'vmap');
}

/** `meta mark set` from a map. */
export function markMap(profile: Profile): fc.Arbitrary<Fragment> {
  return mapOver(profile, fewNumbers, 'meta mark set ', 'mark', 'map');
}

/** Statements that keep state, with rates so low that no token comes back while a test runs. */
export const stateful: fc.Arbitrary<Fragment> = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'over '), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }))
    .map(([sign, rate, burst]) => inline(`limit rate ${sign}${rate}/day burst ${burst} packets`)),
  fc
    .tuple(fc.constantFrom('', 'over '), fc.constantFrom(100, 1000), fc.constantFrom(1, 60, 500))
    .map(([sign, rate, burst]) => inline(`limit rate ${sign}${rate} bytes/day burst ${burst} bytes`)),
  fc
    .tuple(fc.constantFrom('', 'over '), fc.constantFrom(0, 60, 100, 500), fc.constantFrom(0, 40))
    .map(([sign, bytes, used]) => inline(`quota ${sign}${Math.max(bytes, used)} bytes used ${used} bytes`)),
  fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.nat(3))
    .map(([modulus, value]) => inline(`numgen inc mod ${modulus} ${value % modulus}`)),
);

/** `jhash` of one field or of several. */
export function jenkinsHash(profile: Profile): fc.Arbitrary<Fragment> {
  const candidates = concatenable(profile);
  if (candidates.length === 0) return fc.constant(inline('meta mark 0'));
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...candidates), { minLength: 1, maxLength: 3 }),
      fc.nat(0xffffffff),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(3),
    )
    .map(([parts, seed, modulus, value]) => {
      const key = parts.map(({ text }) => text).join(' . ');
      return inline(`jhash ${key} mod ${modulus} seed 0x${seed.toString(16)} ${value % modulus}`);
    });
}

/** Extension headers and TCP options: there or not. */
export function optional(profile: Profile): fc.Arbitrary<Fragment> {
  const headers = ['hbh', 'rt', 'frag', 'dst'].map(name => `exthdr ${name}`);
  const options = ['maxseg', 'window', 'sack-perm', 'timestamp'].map(name => `tcp option ${name}`);
  const available = [
    ...(profile.network === 'ip6' ? headers : []),
    ...(profile.transport === 'tcp' && profile.network !== 'arp' ? options : []),
  ];
  if (available.length === 0) return fc.constant(inline('meta mark 0'));
  return fc
    .tuple(fc.constantFrom(...available), fc.constantFrom('exists', 'missing'))
    .map(parts => inline(parts.join(' ')));
}
