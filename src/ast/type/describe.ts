// How messages name types and expressions: as nouns of an English sentence.

import type { Datatype } from '../../model/datatype.ts';
import type { TypedExpression } from './typed.ts';

/** What is spoken with a vowel first; letters of an initialism are spoken by their names (`an SCTP header`). */
const vowelSound = /^(?:[aeioAEIO]|[uU](?!s|ni|[A-Z])|hour\b|mptcp\b|[FHLMNRSX][A-Z]+\b)/;

/** `noun` behind `a` or `an`. */
export function withArticle(noun: string): string {
  return `${vowelSound.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** A value of `type`, with its article. Descriptions are nft's own, and not all of them read on inside a sentence. */
export function describeType({ description }: Datatype): string {
  if (description.endsWith(' bits')) return description;
  const noun = description.replace(/^(?:Hour|Day|Relative)\b/, word => word.toLowerCase());
  return withArticle(noun.replace(/^boolean type$/, 'boolean'));
}

const nouns: Readonly<Partial<Record<TypedExpression['kind'], string>>> = {
  value: 'value',
  prefix: 'prefix',
  range: 'range',
  concat: 'concatenation',
  verdict: 'verdict',
  map: 'map',
  set_literal: 'set',
  set_reference: 'set',
};

/** What `expression` is, with its article. */
export function describeKind({ kind }: TypedExpression): string {
  return withArticle(nouns[kind] ?? 'expression');
}
