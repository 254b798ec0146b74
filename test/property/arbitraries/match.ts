// Arbitraries of one test in a rule: a field, an operator and a value.

import fc from 'fast-check';
import { type Field, fieldsFor, formatValue, type Profile } from './fields.ts';
import { bounds, type Fragment, inline, valueIn } from './fragment.ts';
import { concatenation, set } from './sets.ts';

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
