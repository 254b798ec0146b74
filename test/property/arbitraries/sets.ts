// Arbitraries of sets and maps in rules: written in place or declared, single values and intervals, concatenations.

import fc from 'fast-check';
import { type Field, fieldsFor, formatValue, type Profile } from './fields.ts';
import { type Fragment, inline, isOrdered, valueIn, verdictText } from './fragment.ts';

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

/** `type …` or `typeof …` of a declaration; absent where the set can only stand in the rule. */
type DeclaredType = string | undefined;

const typeOf = ({ type }: Field): DeclaredType => type && `type ${type}`;

/** Written in place, or declared in the table where the field has a datatype. */
function asSet(
  selector: string,
  type: DeclaredType,
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
    declaration: { keyword: 'set', body: `${type}; ${flags}elements = { ${list} }` },
  };
}

export function set(field: Field): fc.Arbitrary<Fragment> {
  return fc
    .tuple(fc.constantFrom('', '!= '), keyElements(field), fc.boolean())
    .map(([sign, { keys, isInterval }, isNamed]) =>
      asSet(field.text, typeOf(field), sign, keys, isInterval, isNamed),
    );
}

/** Fields of a concatenation: numbers and what is declared by its datatype, none of them a name with a wildcard. */
export function concatenable(profile: Profile): readonly Field[] {
  return fieldsFor(profile).filter(
    ({ type, kind }) => kind === 'number' || (type !== undefined && kind !== 'name'),
  );
}

/** One part of a concatenated key: from and to, equal for a single value. */
type Part = readonly [from: bigint, to: bigint];

function part(field: Field, withRanges: boolean): fc.Arbitrary<Part> {
  const single = valueIn(field).map((value): Part => [value, value]);
  if (!withRanges) return single;
  const range = fc.tuple(valueIn(field), valueIn(field)).map(([a, b]): Part => (a < b ? [a, b] : [b, a]));
  return fc.oneof({ weight: 2, arbitrary: single }, { weight: 1, arbitrary: range });
}

function lies(parts: readonly Field[], point: readonly bigint[], key: readonly Part[]): boolean {
  return key.every(
    ([from, to], index) => parts[index]!.blurred || (from <= point[index]! && point[index]! <= to),
  );
}

/** nf_tables refuses a key whose start or end lies in an earlier one; other overlaps it takes, and the first wins. */
function withoutClashes(
  parts: readonly Field[],
  keys: readonly (readonly Part[])[],
): readonly (readonly Part[])[] {
  return keys.filter((key, index) => {
    const ends = [key.map(([from]) => from), key.map(([, to]) => to)];
    return !keys.slice(0, index).some(earlier => ends.some(end => lies(parts, end, earlier)));
  });
}

function partText(field: Field, [from, to]: Part): string {
  const text = formatValue(field, from);
  return from === to ? text : `${text}-${formatValue(field, to)}`;
}

/**
 * Ranges of the last part that are many prefixes would make which element wins a matter of the processor (docs/semantics.md):
 * those of long fields are one.
 */
const mostBitsOfRanges = 32;

/** A key that reaches over most of the values: it overlaps earlier ones, which win where they match too. */
function wideKey(parts: readonly Field[]): readonly Part[] {
  return parts.map(({ points, bits }, index): Part => {
    const last = (1n << BigInt(bits)) - 1n;
    const sorted = points.filter(value => value <= last).sort((a, b) => (a < b ? -1 : 1));
    if (bits <= mostBitsOfRanges || index < parts.length - 1) return [sorted[0]!, sorted.at(-1)!];
    const half = (1n << BigInt(bits / 2)) - 1n;
    return [sorted.at(-1)! & ~half, sorted.at(-1)! | half];
  });
}

function partOf(field: Field, isLast: boolean, withRanges: boolean): fc.Arbitrary<Part> {
  return part(field, withRanges && !(isLast && field.bits > mostBitsOfRanges));
}

function concatenatedKeys(parts: readonly Field[]): fc.Arbitrary<{ keys: string[]; isInterval: boolean }> {
  return fc.constantFrom('single', 'ranges', 'overlapping').chain(kind =>
    fc
      .array(
        fc.tuple(
          ...parts.map((field, index) => partOf(field, index === parts.length - 1, kind !== 'single')),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map(some => {
        const drawn = kind === 'overlapping' ? [...some, wideKey(parts)] : some;
        return {
          keys: withoutClashes(parts, drawn).map(key =>
            key.map((one, index) => partText(parts[index]!, one)).join(' . '),
          ),
          isInterval: drawn.some(key => key.some(([from, to]) => from !== to)),
        };
      }),
  );
}

/** By the names of the datatypes where all have one: those are other sets than of expressions. */
function selectorOf(parts: readonly Field[]): { selector: string; type: string } {
  const selector = parts.map(({ text }) => text).join(' . ');
  const types = parts.map(({ type }) => type);
  return { selector, type: types.includes(undefined) ? `typeof ${selector}` : `type ${types.join(' . ')}` };
}

export function concatenation(profile: Profile): fc.Arbitrary<Fragment> {
  const candidates = concatenable(profile);
  if (candidates.length < 2) return fc.constant(inline('meta mark 0'));
  return fc.uniqueArray(fc.constantFrom(...candidates), { minLength: 2, maxLength: 3 }).chain(parts => {
    const { selector, type } = selectorOf(parts);
    return fc
      .tuple(fc.constantFrom('', '!= '), concatenatedKeys(parts), fc.boolean())
      .map(([sign, { keys, isInterval }, isNamed]) => asSet(selector, type, sign, keys, isInterval, isNamed));
  });
}

function asMap(
  selector: string,
  type: DeclaredType,
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
    declaration: { keyword: 'map', body: `${type} : ${dataType}; ${flags}elements = { ${list} }` },
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
          asMap(field.text, typeOf(field), keys, isInterval, isNamed, data, dataType, keyword, list),
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
  return fc.oneof({ weight: 3, arbitrary: ofOne }, { weight: 2, arbitrary: ofMany });
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
