// What the grammar makes of a statement: a tree of constructor names over tokens, without positions or texts, so that
// it stands for every statement of the same shape. build/ turns it into functions that make nodes.

import { TokenKind } from './token.ts';

/** A token as the parser sees it: its kind, the canonical text if it is a keyword (else empty), its ordinal. */
export interface Leaf {
  readonly index: number;
  readonly kind: number;
  readonly text: string;
}

const isEnd = (kind: number): boolean => kind >= TokenKind.separatorEnd && kind <= TokenKind.elementEnd;

export interface Branch {
  readonly name: string;
  readonly children: readonly Derivation[];
}

/** Null where something optional was left out. */
export type Derivation = Leaf | Branch | null;

type Postprocessor = (children: Derivation[]) => Derivation;

/** `{% as("name") %}`: the production is built by the constructor of that name. */
export const as =
  (name: string): Postprocessor =>
  children => ({ name, children });

/** `{% pass %}`: the production is its first symbol. */
export const pass: Postprocessor = children => children[0]!;

/** `{% nothing %}`: what stands there says nothing. */
export const nothing: Postprocessor = () => null;

/** `{% first %}` and `{% more %}`: a list and what is added to it. Cells, not arrays: Earley shares prefixes. */
export const first: Postprocessor = as('first');
export const more: Postprocessor = as('more');

export const isLeaf = (derivation: Derivation): derivation is Leaf =>
  derivation !== null && 'kind' in derivation;

export const isBranch = (derivation: Derivation): derivation is Branch =>
  derivation !== null && 'children' in derivation;

/** The members of a left recursive list, separators included: whatever stands beside the list itself. */
export function listMembers(list: Derivation): readonly Derivation[] {
  const members: Derivation[] = [];
  let cell: Derivation = list;
  while (isBranch(cell) && cell.name === 'more') {
    const head: Derivation = cell.children[0] ?? null;
    const headIsList =
      isBranch(head) && (head.name === 'more' || head.name === 'first' || head.name === 'none');
    for (let at = cell.children.length - 1; at >= (headIsList ? 1 : 0); at--)
      members.push(cell.children[at]!);
    cell = headIsList ? head : null;
  }
  if (isBranch(cell) && cell.name === 'first') members.push(cell.children[0]!);
  else if (cell !== null && !isBranch(cell)) members.push(cell);
  return members.reverse();
}

/** The branches of a list: its members without separators. */
export const listItems = (list: Derivation): readonly Branch[] => listMembers(list).filter(isBranch);

/** The first and last token of a derivation, what ends a statement aside; undefined if it has none. */
export function tokenRange(derivation: Derivation): { first: number; last: number } | undefined {
  const firstLeaf = edgeLeaf(derivation, false);
  const lastLeaf = edgeLeaf(derivation, true);
  return firstLeaf && lastLeaf ? { first: firstLeaf.index, last: lastLeaf.index } : undefined;
}

function edgeLeaf(derivation: Derivation, fromEnd: boolean): Leaf | undefined {
  if (derivation === null) return undefined;
  if (isLeaf(derivation)) return isEnd(derivation.kind) ? undefined : derivation;
  const { children } = derivation;
  for (let step = 0; step < children.length; step++) {
    const leaf = edgeLeaf(children[fromEnd ? children.length - 1 - step : step]!, fromEnd);
    if (leaf) return leaf;
  }
  return undefined;
}

const isFolded = (kind: number): boolean => kind >= TokenKind.set && kind <= TokenKind.block;

/** Ordinals of the tokens that are no keywords; what is folded has tokens of its own. */
export function literalsOf(derivation: Derivation, into: number[] = []): number[] {
  if (isLeaf(derivation)) {
    if (derivation.text === '' && !isFolded(derivation.kind)) into.push(derivation.index);
  } else for (const child of derivation?.children ?? []) literalsOf(child, into);
  return into;
}
