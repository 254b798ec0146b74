// Statements other than nat and queue.

import type {
  AnonymousChainStatement,
  AssignStatement,
  CtExpression,
  DupStatement,
  Expression,
  FlowStatement,
  FwdStatement,
  MatchOperator,
  MatchStatement,
  MetaExpression,
  Name,
  NotrackStatement,
  NumberLiteral,
  ObjectReferenceStatement,
  ObjectType,
  OptionStripStatement,
  RejectStatement,
  SelectorExpression,
  SynproxyStatement,
  TcpOptionExpression,
  TextLiteral,
  VerdictExpression,
  VerdictMapStatement,
  VerdictStatement,
  XtStatement,
} from '../../ast/nodes/index.ts';
import { type Branch, isBranch, listItems } from '../derivation.ts';
import {
  type Build,
  type Compiler,
  type Constructor,
  constant,
  keyword,
  node,
  part,
  tokenOf,
} from './compiler.ts';
import { ctTarget, metaTarget } from './state-selectors.ts';

const match: Constructor = (branch, compiler) => {
  const operator = keyword(branch.children[1]) || 'implicit';
  const left = compiler.build<Expression>(branch.children[0]);
  const right = compiler.build<Expression>(branch.children[2]);
  const mask = compiler.optional<Expression>(branch.children[4]);
  return node(
    branch,
    (view): Omit<MatchStatement, 'span'> => ({
      kind: 'match',
      operator: operator as MatchOperator,
      left: left(view),
      right: right(view),
      ...part('mask', mask, view),
    }),
  );
};

const verdictStatement: Constructor = (branch, compiler) => {
  const verdict = compiler.build<VerdictExpression>(branch.children[0]);
  return node(
    branch,
    (view): Omit<VerdictStatement, 'span'> => ({ kind: 'verdict_statement', verdict: verdict(view) }),
  );
};

const vmap: Constructor = (branch, compiler) => {
  const key = compiler.build<Expression>(branch.children[0]);
  const map = compiler.build<Expression>(branch.children[2]);
  return node(
    branch,
    (view): Omit<VerdictMapStatement, 'span'> => ({ kind: 'vmap', key: key(view), map: map(view) }),
  );
};

const anonymousChain: Constructor = branch => {
  const verdict = keyword(branch.children[0]) as 'jump' | 'goto';
  const block = tokenOf(branch.children[1]);
  return node(
    branch,
    (view): Omit<AnonymousChainStatement, 'span'> => ({
      kind: 'anonymous_chain',
      verdict,
      rules: view.attachment(block, 'rules')!.rules,
    }),
  );
};

/** `target set value`: the value is the last part. */
const lastPart = <T>(branch: Branch, compiler: Compiler): Build<T> =>
  compiler.build<T>(branch.children[branch.children.length - 1]);

const assignMeta: Constructor = (branch, compiler) => {
  const target = metaTarget(branch);
  const value = lastPart<Expression>(branch, compiler);
  return node(branch, (view): Omit<AssignStatement, 'span'> | Omit<ObjectReferenceStatement, 'span'> => {
    const meta: MetaExpression = target(view);
    const built = value(view);
    // A security mark is set from a named object, unless it is taken from conntrack.
    if (meta.key === 'secmark' && built.kind !== 'ct') {
      return { kind: 'object_reference', objectType: 'secmark', object: built };
    }
    return { kind: 'assign', target: meta, value: built };
  });
};

const assignCt: Constructor = (branch, compiler) => {
  const target = ctTarget(branch);
  const value = lastPart<Expression>(branch, compiler);
  return node(branch, (view): Omit<AssignStatement, 'span'> | Omit<ObjectReferenceStatement, 'span'> => {
    const ct: CtExpression = target(view);
    if (ct.key === 'helper')
      return { kind: 'object_reference', objectType: 'ct helper', object: value(view) };
    return { kind: 'assign', target: ct, value: value(view) };
  });
};

const assign: Constructor = (branch, compiler) => {
  const target = compiler.build<SelectorExpression>(branch.children[0]);
  const value = lastPart<Expression>(branch, compiler);
  return node(
    branch,
    (view): Omit<AssignStatement, 'span'> => ({
      kind: 'assign',
      target: target(view),
      value: value(view),
    }),
  );
};

const objectReference: Constructor = (branch, compiler) => {
  const ct = keyword(branch.children[0]) === 'ct';
  const objectType = (ct ? `ct ${keyword(branch.children[1])}` : keyword(branch.children[0])) as ObjectType;
  const object = lastPart<Expression>(branch, compiler);
  return node(
    branch,
    (view): Omit<ObjectReferenceStatement, 'span'> => ({
      kind: 'object_reference',
      objectType,
      object: object(view),
    }),
  );
};

const reject: Constructor = (branch, compiler) => {
  const protocol = keyword(branch.children[2]);
  const code = isBranch(branch.children[4] ?? null)
    ? compiler.build<Expression>(branch.children[4])
    : undefined;
  const form = protocol === 'tcp' ? 'tcp reset' : protocol || undefined;
  return node(
    branch,
    (view): Omit<RejectStatement, 'span'> => ({
      kind: 'reject',
      ...constant('with', form as RejectStatement['with']),
      ...part('code', code, view),
    }),
  );
};

const dup: Constructor = (branch, compiler) => {
  const to = compiler.build<Expression>(branch.children[2]);
  const device = compiler.optional<Expression>(branch.children[3]);
  return node(
    branch,
    (view): Omit<DupStatement, 'span'> => ({
      kind: 'dup',
      to: to(view),
      ...part('device', device, view),
    }),
  );
};

const fwd: Constructor = (branch, compiler) => {
  const device = compiler.build<Expression>(branch.children[2]);
  return node(branch, (view): Omit<FwdStatement, 'span'> => ({ kind: 'fwd', device: device(view) }));
};

const fwdVia: Constructor = (branch, compiler) => {
  const family = keyword(branch.children[1]) as 'ip' | 'ip6';
  const address = compiler.build<Expression>(branch.children[3]);
  const device = compiler.build<Expression>(branch.children[5]);
  return node(
    branch,
    (view): Omit<FwdStatement, 'span'> => ({
      kind: 'fwd',
      family,
      address: address(view),
      device: device(view),
    }),
  );
};

const synproxy: Constructor = (branch, compiler) => {
  const items = listItems(branch.children[1] ?? null);
  const values = new Map<string, Build<NumberLiteral>>();
  for (const item of items) {
    if (item.name === 'argument') values.set(keyword(item.children[0]), compiler.build<NumberLiteral>(item));
  }
  const flags = items.filter(item => item.name === 'option').map(item => keyword(item.children[0]));
  return node(
    branch,
    (view): Omit<SynproxyStatement, 'span'> => ({
      kind: 'synproxy',
      ...part('mss', values.get('maxseg'), view),
      ...part('wscale', values.get('wscale'), view),
      timestamp: flags.includes('timestamp'),
      sackPermitted: flags.includes('sack-perm'),
    }),
  );
};

const notrack: Constructor = branch =>
  node(branch, (): Omit<NotrackStatement, 'span'> => ({ kind: 'notrack' }));

const flow: Constructor = (branch, compiler) => {
  const name = compiler.build<TextLiteral>(branch.children[3]);
  return node(branch, (view): Omit<FlowStatement, 'span'> => {
    const { text, span } = name(view);
    const flowtable: Name = { kind: 'name', text, span };
    return { kind: 'flow', flowtable };
  });
};

const optionStrip: Constructor = (branch, compiler) => {
  const target: Branch = { name: 'optionStripTarget', children: branch.children };
  const option = compiler.build<TcpOptionExpression>(target);
  return node(
    branch,
    (view): Omit<OptionStripStatement, 'span'> => ({ kind: 'option_strip', option: option(view) }),
  );
};

const xt: Constructor = (branch, compiler) => {
  const type = tokenOf(branch.children[1]);
  const name = compiler.build<TextLiteral>(branch.children[2]);
  return node(
    branch,
    (view): Omit<XtStatement, 'span'> => ({ kind: 'xt', type: view.text(type), name: name(view).text }),
  );
};

export const statementConstructors: readonly (readonly [string, Constructor])[] = [
  ['match', match],
  ['verdictStatement', verdictStatement],
  ['vmap', vmap],
  ['anonymousChain', anonymousChain],
  ['assignMeta', assignMeta],
  ['assignCt', assignCt],
  ['assign', assign],
  ['objectReference', objectReference],
  ['reject', reject],
  ['dup', dup],
  ['fwd', fwd],
  ['fwdVia', fwdVia],
  ['synproxy', synproxy],
  ['notrack', notrack],
  ['flow', flow],
  ['optionStrip', optionStrip],
  ['xt', xt],
];
