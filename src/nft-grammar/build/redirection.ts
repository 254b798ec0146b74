// Statements that send a packet elsewhere: nat, tproxy, queue.

import type {
  Expression,
  NatFlag,
  NatStatement,
  NumberLiteral,
  QueueStatement,
  RangeExpression,
  TproxyStatement,
  VariableExpression,
} from '../../ast/nodes/index.ts';
import { type Branch, type Derivation, isBranch, listItems, listMembers } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, constant, keyword, node, part } from './compiler.ts';

/** Where to: what nat, masquerade, redirect and tproxy have in common. */
interface Target {
  readonly family: 'ip' | 'ip6' | undefined;
  readonly form: NatStatement['form'] | undefined;
  readonly address: Build<Expression> | undefined;
  readonly port: Build<Expression> | undefined;
}

const noTarget: Target = { family: undefined, form: undefined, address: undefined, port: undefined };

/** `address`, `address : port` or `: port`. */
function readPair(branch: Branch, compiler: Compiler): Target {
  const colon = branch.children.findIndex(child => keyword(child) === ':');
  const values = branch.children.filter(isBranch).map(value => compiler.build<Expression>(value));
  return colon === 0
    ? { ...noTarget, port: values[0] }
    : { ...noTarget, address: values[0], port: values[1] };
}

function formOf(words: readonly string[]): NatStatement['form'] | undefined {
  if (words.includes('addr')) return 'concat';
  return (['interval', 'prefix'] as const).find(form => words.includes(form));
}

function readTarget(derivation: Derivation | undefined, compiler: Compiler): Target {
  if (!isBranch(derivation ?? null)) return noTarget;
  const branch = derivation as Branch;
  const value = branch.children[branch.children.length - 1];
  if (branch.name === 'natPair') return readPair(branch, compiler);
  if (branch.name === 'natPort') return { ...noTarget, port: compiler.build<Expression>(value) };
  const words = branch.children.map(child => keyword(child));
  const form = formOf(words);
  const family = (['ip', 'ip6'] as const).find(version => words[0] === version);
  const pair = isBranch(value ?? null) && (value as Branch).name === 'natPair';
  const target = pair
    ? readPair(value as Branch, compiler)
    : { ...noTarget, address: compiler.build<Expression>(value) };
  return { ...target, family, form };
}

/** Keywords of `a, b`; where several groups follow each other nft keeps the last. */
function readFlags(derivation: Derivation | undefined): readonly string[] {
  if (!isBranch(derivation ?? null)) return [];
  const { children } = derivation as Branch;
  return listMembers(children[children.length - 1]!)
    .map(keyword)
    .filter(flag => flag !== ',');
}

const nat: Constructor = (branch, compiler) => {
  const action = keyword(branch.children[0]) as NatStatement['action'];
  const target = readTarget(branch.children[1], compiler);
  const flags = readFlags(branch.children[2]) as readonly NatFlag[];
  return node(
    branch,
    (view): Omit<NatStatement, 'span'> => ({
      kind: 'nat',
      action,
      ...constant('family', target.family),
      ...constant('form', target.form),
      ...part('address', target.address, view),
      ...part('port', target.port, view),
      flags,
    }),
  );
};

const tproxy: Constructor = (branch, compiler) => {
  const family = (keyword(branch.children[1]) || undefined) as 'ip' | 'ip6' | undefined;
  const target = readTarget(branch.children[3], compiler);
  return node(
    branch,
    (view): Omit<TproxyStatement, 'span'> => ({
      kind: 'tproxy',
      ...constant('family', family),
      ...part('address', target.address, view),
      ...part('port', target.port, view),
    }),
  );
};

type QueueNumber = NumberLiteral | VariableExpression | RangeExpression;

/** `queue num 1-3 bypass`: arguments in any order; the last number holds and flags add up. */
const queue: Constructor = (branch, compiler) => {
  const items = listItems(branch.children[1] ?? null);
  const flags = items.filter(item => item.name === 'flags').flatMap(readFlags) as QueueStatement['flags'];
  const number = items
    .filter(item => item.name === 'argument')
    .map(item => compiler.build<QueueNumber>(item));
  return node(
    branch,
    (view): Omit<QueueStatement, 'span'> => ({
      kind: 'queue',
      flags,
      ...part('queue', number[number.length - 1], view),
    }),
  );
};

/** `queue flags bypass to expression`. */
const queueTo: Constructor = (branch, compiler) => {
  const word = branch.children[1];
  const flags = (
    isBranch(word ?? null) ? readFlags((word as Branch).children[1]) : []
  ) as QueueStatement['flags'];
  const target = compiler.build<Expression>(branch.children[3]);
  return node(
    branch,
    (view): Omit<QueueStatement, 'span'> => ({ kind: 'queue', flags, queue: target(view) }),
  );
};

export const redirectionConstructors: readonly (readonly [string, Constructor])[] = [
  ['nat', nat],
  ['tproxy', tproxy],
  ['queue', queue],
  ['queueTo', queueTo],
];
