// Selectors of what is not in the packet: meta, conntrack, routes, sockets, hashes, policies.

import type {
  CtExpression,
  Expression,
  FibExpression,
  FibFlag,
  IpsecExpression,
  JhashExpression,
  MetaExpression,
  NumberLiteral,
  NumgenExpression,
  OsfExpression,
  RtExpression,
  SocketExpression,
  SymhashExpression,
  TunnelExpression,
} from '../../ast/nodes/index.ts';
import { type Branch, listMembers } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, constant, keyword, node, part } from './compiler.ts';
import { keywords } from './selectors.ts';

const canonicalMetaKey = (key: string): string => (key === 'secpath' ? 'ipsec' : key);

/** The builder of `meta key` or a bare `key`, whatever stands behind it in the branch. */
export function metaTarget(branch: Branch): Build<MetaExpression> {
  const qualified = keyword(branch.children[0]) === 'meta';
  const key = canonicalMetaKey(keyword(branch.children[qualified ? 1 : 0]));
  const target = { name: 'meta', children: branch.children.slice(0, qualified ? 2 : 1) };
  return node(
    target,
    (): Omit<MetaExpression, 'span'> => ({ kind: 'meta', key, qualified }),
  ) as Build<MetaExpression>;
}

/** The builder of `ct [direction] key`, whatever stands behind it in the branch. */
export function ctTarget(branch: Branch): Build<CtExpression> {
  const words = keywords(branch);
  const end = words.includes('set') ? words.indexOf('set') : words.length;
  const directed = words[1] === 'original' || words[1] === 'reply';
  const [first, second] = words.slice(directed ? 2 : 1, end);
  const target = { name: 'ct', children: branch.children.slice(0, end) };
  return node(
    target,
    (): Omit<CtExpression, 'span'> => ({
      kind: 'ct',
      key: second ?? first!,
      ...constant('direction', directed ? (words[1] as 'original' | 'reply') : undefined),
      ...constant('family', second === undefined ? undefined : (first as 'ip' | 'ip6')),
    }),
  ) as Build<CtExpression>;
}

const fib: Constructor = branch => {
  const flags = listMembers(branch.children[1]!)
    .map(keyword)
    .filter(flag => flag !== '.') as FibFlag[];
  const result = keyword(branch.children[2]) as FibExpression['result'];
  return node(branch, (): Omit<FibExpression, 'span'> => ({ kind: 'fib', flags, result }));
};

const checkedFib: Constructor = (branch, compiler) => {
  const flags = listMembers(branch.children[1]!).map(keyword);
  const refuse = (message: string): void => compiler.refuse(branch.children[1]!, 'invalid-fib', message);
  if (flags.includes('saddr') === flags.includes('daddr')) refuse('fib needs one of saddr and daddr');
  if (flags.includes('iif') && flags.includes('oif')) refuse('fib takes one of iif and oif');
  return fib(branch, compiler);
};

const rt: Constructor = branch => {
  const family = keyword(branch.children[1] ?? undefined);
  const key = keyword(branch.children[2]) as RtExpression['key'];
  return node(
    branch,
    (): Omit<RtExpression, 'span'> => ({
      kind: 'rt',
      key,
      ...constant('family', family === '' ? undefined : (family as 'ip' | 'ip6')),
    }),
  );
};

const socket: Constructor = (branch, compiler) => {
  const key = keyword(branch.children[1]) as SocketExpression['key'];
  const level = compiler.optional<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<SocketExpression, 'span'> => ({ kind: 'socket', key, ...part('level', level, view) }),
  );
};

const osf: Constructor = branch => {
  const ttl = branch.children[1];
  const mode = ttl === null ? undefined : (keyword((ttl as Branch).children[1]) as 'loose' | 'skip');
  const key = keyword(branch.children[2]) as OsfExpression['key'];
  return node(branch, (): Omit<OsfExpression, 'span'> => ({ kind: 'osf', key, ...constant('ttl', mode) }));
};

const numgen: Constructor = (branch, compiler) => {
  const mode = keyword(branch.children[1]) as NumgenExpression['mode'];
  const modulus = compiler.build<NumberLiteral>(branch.children[3]);
  const offset = compiler.optional<NumberLiteral>(branch.children[4]);
  return node(
    branch,
    (view): Omit<NumgenExpression, 'span'> => ({
      kind: 'numgen',
      mode,
      modulus: modulus(view),
      ...part('offset', offset, view),
    }),
  );
};

const jhash: Constructor = (branch, compiler) => {
  const expression = compiler.build<Expression>(branch.children[1]);
  const modulus = compiler.build<NumberLiteral>(branch.children[3]);
  const seed = compiler.optional<NumberLiteral>(branch.children[4]);
  const offset = compiler.optional<NumberLiteral>(branch.children[5]);
  return node(
    branch,
    (view): Omit<JhashExpression, 'span'> => ({
      kind: 'jhash',
      expression: expression(view),
      modulus: modulus(view),
      ...part('seed', seed, view),
      ...part('offset', offset, view),
    }),
  );
};

const symhash: Constructor = (branch, compiler) => {
  const modulus = compiler.build<NumberLiteral>(branch.children[2]);
  const offset = compiler.optional<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<SymhashExpression, 'span'> => ({
      kind: 'symhash',
      modulus: modulus(view),
      ...part('offset', offset, view),
    }),
  );
};

const ipsec: Constructor = (branch, compiler) => {
  const spnum = compiler.optional<NumberLiteral>(branch.children[2]);
  if (spnum) checkSpnum(spnum, compiler);
  const [, direction, ...rest] = keywords(branch);
  const key = rest[rest.length - 1] as IpsecExpression['key'];
  const family = rest.length === 2 ? (rest[0] as 'ip' | 'ip6') : undefined;
  return node(
    branch,
    (view): Omit<IpsecExpression, 'span'> => ({
      kind: 'ipsec',
      direction: direction as 'in' | 'out',
      ...part('spnum', spnum, view),
      key,
      ...constant('family', family),
    }),
  );
};

function checkSpnum(number: Build<NumberLiteral>, compiler: Compiler): void {
  compiler.check(view => {
    const { value, span } = number(view);
    const message = `spnum is at most 255, not ${value}`;
    return value <= 255n ? undefined : { code: 'value-out-of-range', severity: 'error', message, span };
  });
}

const tunnel: Constructor = branch => {
  const key = keyword(branch.children[1]) as TunnelExpression['key'];
  return node(branch, (): Omit<TunnelExpression, 'span'> => ({ kind: 'tunnel', key }));
};

export const stateSelectorConstructors: readonly (readonly [string, Constructor])[] = [
  ['meta', metaTarget],
  ['ct', ctTarget],
  ['fib', checkedFib],
  ['rt', rt],
  ['socket', socket],
  ['osf', osf],
  ['numgen', numgen],
  ['jhash', jhash],
  ['symhash', symhash],
  ['ipsec', ipsec],
  ['tunnel', tunnel],
];
