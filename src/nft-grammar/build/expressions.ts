// Expressions other than selectors.

import type {
  BinaryExpression,
  BinaryOperator,
  CatchallExpression,
  ConcatExpression,
  Expression,
  ListExpression,
  MapExpression,
  Name,
  NumberLiteral,
  PrefixExpression,
  RangeExpression,
  SetExpression,
  SetReference,
  SymbolExpression,
  TypedSymbolExpression,
  VariableExpression,
  VerdictExpression,
  VerdictName,
} from '../../ast/nodes/index.ts';
import { type Branch, type Derivation, isLeaf, type Leaf, listItems, listMembers } from '../derivation.ts';
import { TokenKind } from '../token.ts';
import {
  type Build,
  type Compiler,
  type Constructor,
  keyword,
  node,
  part,
  rangeOf,
  tokenOf,
} from './compiler.ts';

function symbolForm(kind: number): SymbolExpression['form'] {
  if (kind === TokenKind.quoted) return 'quoted';
  return kind === TokenKind.wildcard ? 'wildcard' : 'plain';
}

const symbol: Constructor = branch => {
  const leaf = branch.children[0] as Leaf;
  const form = symbolForm(leaf.kind);
  return node(branch, (view): Omit<SymbolExpression, 'span'> => {
    const text = view.text(leaf.index);
    const enclosed = form === 'quoted' || text.startsWith('[');
    return { kind: 'symbol', text: enclosed ? text.slice(1, -1) : text, form };
  });
};

const keywordSymbol: Constructor = branch => {
  const text = keyword(branch.children[0]);
  return node(branch, (): Omit<SymbolExpression, 'span'> => ({ kind: 'symbol', text, form: 'keyword' }));
};

function typeOfKeyword(text: string): TypedSymbolExpression['type'] {
  if (text === 'exists' || text === 'missing') return 'boolean';
  return text === 'redirect' ? 'icmp_type' : 'inet_proto';
}

const typedSymbol: Constructor = branch => {
  const text = keyword(branch.children[0]);
  const type = typeOfKeyword(text);
  return node(branch, (): Omit<TypedSymbolExpression, 'span'> => ({ kind: 'typed_symbol', text, type }));
};

const variable: Constructor = branch => {
  const token = tokenOf(branch.children[0]);
  return node(branch, (view): Omit<VariableExpression, 'span'> => {
    const attachment = view.attachment(token, 'variable');
    // An undefined variable has been reported where it was read; its statement is not built.
    const definition = attachment!.definition;
    return { kind: 'variable', name: definition.name, value: definition.value };
  });
};

const set: Constructor = branch => {
  const token = tokenOf(branch.children[0]);
  return node(branch, (view): Omit<SetExpression, 'span'> => {
    const elements = view.attachment(token, 'elements')!.elements;
    return { kind: 'set', elements };
  });
};

const setReference: Constructor = (branch, compiler) => {
  const name = compiler.build<Name>(branch.children[1]);
  return node(
    branch,
    (view): Omit<SetReference, 'span'> => ({ kind: 'set_reference', name: name(view).text }),
  );
};

const group: Constructor = (branch, compiler) => compiler.build(branch.children[1]);

/** How tightly an operator binds. */
const precedence: Readonly<Record<string, number>> = { '|': 1, '^': 2, '&': 3, '<<': 4, '>>': 4 };

/** Operands and operators in turn, as written. */
interface Operands {
  readonly operands: readonly Derivation[];
  readonly operators: readonly string[];
}

/** The loosest operator splits a stretch; all are left associative, so the last of equals does. */
function splitAt(operators: readonly string[], from: number, to: number): number {
  let best = from;
  for (let at = from; at < to; at++)
    if (precedence[operators[at]!]! <= precedence[operators[best]!]!) best = at;
  return best;
}

function buildOperation(all: Operands, from: number, to: number, compiler: Compiler): Build<Expression> {
  if (from === to) return compiler.build<Expression>(all.operands[from]);
  const at = splitAt(all.operators, from, to);
  const left = buildOperation(all, from, at, compiler);
  const right = buildOperation(all, at + 1, to, compiler);
  const operator = all.operators[at] as BinaryOperator;
  const { first } = rangeOf(all.operands[from]!);
  const { last } = rangeOf(all.operands[to]!);
  return (view): BinaryExpression => ({
    kind: 'binary',
    operator,
    left: left(view),
    right: right(view),
    span: view.span(first, last),
  });
}

const operation: Constructor = (branch, compiler) => {
  const members = listMembers(branch.children[0]!);
  const operands = members.filter((_, index) => index % 2 === 0);
  const operators = members.filter((_, index) => index % 2 === 1).map(keyword);
  return buildOperation({ operands, operators }, 0, operators.length, compiler);
};

const concat: Constructor = (branch, compiler) => {
  const parts = compiler.buildAll<Expression>(listItems(branch.children[0]!));
  if (parts.length === 1) return parts[0]!;
  return node(
    branch,
    (view): Omit<ConcatExpression, 'span'> => ({
      kind: 'concat',
      parts: parts.map(build => build(view)),
    }),
  );
};

const list: Constructor = (branch, compiler) => {
  const items = compiler.buildAll<Expression>(listItems(branch.children[0]!));
  return node(
    branch,
    (view): Omit<ListExpression, 'span'> => ({
      kind: 'list',
      items: items.map(build => build(view)),
    }),
  );
};

const prefix: Constructor = (branch, compiler) => {
  const base = compiler.build<Expression>(branch.children[0]);
  const length = compiler.build<NumberLiteral>(branch.children[2]);
  return node(
    branch,
    (view): Omit<PrefixExpression, 'span'> => ({
      kind: 'prefix',
      base: base(view),
      length: length(view),
    }),
  );
};

const range: Constructor = (branch, compiler) => {
  const from = compiler.build<Expression>(branch.children[0]);
  const to = compiler.build<Expression>(branch.children[2]);
  return node(
    branch,
    (view): Omit<RangeExpression, 'span'> => ({ kind: 'range', from: from(view), to: to(view) }),
  );
};

const map: Constructor = (branch, compiler) => {
  const key = compiler.build<Expression>(branch.children[0]);
  const target = compiler.build<Expression>(branch.children[2]);
  return node(
    branch,
    (view): Omit<MapExpression, 'span'> => ({ kind: 'map', key: key(view), map: target(view) }),
  );
};

const catchall: Constructor = branch =>
  node(branch, (): Omit<CatchallExpression, 'span'> => ({ kind: 'catchall' }));

const verdict: Constructor = (branch, compiler) => {
  const name = keyword(branch.children[0]) as VerdictName;
  const chain = compiler.optional<Name | VariableExpression>(branch.children[1]);
  return node(
    branch,
    (view): Omit<VerdictExpression, 'span'> => ({
      kind: 'verdict',
      verdict: name,
      ...part('chain', chain, view),
    }),
  );
};

/** The leaf at the head of a branch, for constructors that are told apart by their keyword. */
export const headKeyword = (branch: Branch): string => {
  const [head] = branch.children;
  return head !== undefined && isLeaf(head) ? head.text : '';
};

export const expressionConstructors: readonly (readonly [string, Constructor])[] = [
  ['symbol', symbol],
  ['keywordSymbol', keywordSymbol],
  ['typedSymbol', typedSymbol],
  ['variable', variable],
  ['set', set],
  ['setReference', setReference],
  ['group', group],
  ['operation', operation],
  ['concat', concat],
  ['list', list],
  ['prefix', prefix],
  ['range', range],
  ['map', map],
  ['catchall', catchall],
  ['verdict', verdict],
];
