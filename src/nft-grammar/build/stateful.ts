// Statements that keep state: counter, limit, quota, ct count, last.

import type {
  ByteAmount,
  ByteUnit,
  ConnlimitStatement,
  CounterStatement,
  LastStatement,
  LimitArguments,
  LimitStatement,
  NumberLiteral,
  QuotaArguments,
  QuotaStatement,
  TimeLiteral,
} from '../../ast/nodes/index.ts';
import { type Branch, type Derivation, listItems } from '../derivation.ts';
import { type Build, type Constructor, constant, keyword, node, part } from './compiler.ts';

const counter: Constructor = (branch, compiler) => {
  const values = new Map<string, Build<NumberLiteral>>();
  for (const item of listItems(branch.children[1] ?? null)) {
    values.set(keyword(item.children[0]), compiler.build<NumberLiteral>(item));
  }
  return node(
    branch,
    (view): Omit<CounterStatement, 'span'> => ({
      kind: 'counter',
      ...part('packets', values.get('packets'), view),
      ...part('bytes', values.get('bytes'), view),
    }),
  );
};

const modeOf = (derivation: Derivation | undefined): 'over' | 'until' | undefined =>
  (keyword(derivation) || undefined) as 'over' | 'until' | undefined;

const packetLimit: Constructor = (branch, compiler) => {
  const mode = modeOf(branch.children[0]);
  const rate = compiler.build<NumberLiteral>(branch.children[1]);
  const per = keyword(branch.children[3]) as LimitArguments['per'];
  const burstBranch = branch.children[4] as Branch | null;
  const burst = burstBranch === null ? undefined : compiler.build<NumberLiteral>(burstBranch.children[1]);
  return (view): LimitArguments => ({
    ...constant('mode', mode),
    rate: rate(view),
    per,
    ...part('burst', burst, view),
    ...constant('burstUnit', burst && 'packets'),
  });
};

const byteLimit: Constructor = (branch, compiler) => {
  const mode = modeOf(branch.children[0]);
  const rate = compiler.build<NumberLiteral>(branch.children[1]);
  const rateUnit = keyword(branch.children[2]) as ByteUnit;
  const per = keyword(branch.children[4]) as LimitArguments['per'];
  const burst = compiler.optional<ByteAmount>(branch.children[5]);
  return (view): LimitArguments => {
    const amount = burst?.(view);
    return {
      ...constant('mode', mode),
      rate: rate(view),
      rateUnit,
      per,
      ...constant('burst', amount?.number),
      ...constant('burstUnit', amount?.unit),
    };
  };
};

const byteAmount: Constructor = (branch, compiler) => {
  const number = compiler.build<NumberLiteral>(branch.children[0]);
  const unit = keyword(branch.children[1]) as ByteUnit;
  return (view): ByteAmount => ({ number: number(view), unit });
};

const limit: Constructor = (branch, compiler) => {
  const limits = compiler.build<LimitArguments>(branch.children[2]);
  return node(branch, (view): Omit<LimitStatement, 'span'> => ({ kind: 'limit', ...limits(view) }));
};

const quotaArguments: Constructor = (branch, compiler) => {
  const mode = modeOf(branch.children[0]);
  const amount = compiler.build<ByteAmount>(branch.children[1]);
  const used = compiler.optional<ByteAmount>(branch.children[2]);
  return (view): QuotaArguments => ({
    ...constant('mode', mode),
    amount: amount(view),
    ...part('used', used, view),
  });
};

const quota: Constructor = (branch, compiler) => {
  const quotas = compiler.build<QuotaArguments>(branch.children[1]);
  return node(branch, (view): Omit<QuotaStatement, 'span'> => ({ kind: 'quota', ...quotas(view) }));
};

const connlimit: Constructor = (branch, compiler) => {
  const over = branch.children[2] !== null;
  const count = compiler.build<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<ConnlimitStatement, 'span'> => ({ kind: 'connlimit', over, count: count(view) }),
  );
};

const last: Constructor = (branch, compiler) => {
  const used = compiler.optional<TimeLiteral>(branch.children[1]);
  return node(branch, (view): Omit<LastStatement, 'span'> => ({ kind: 'last', ...part('used', used, view) }));
};

export const statefulConstructors: readonly (readonly [string, Constructor])[] = [
  ['counter', counter],
  ['packetLimit', packetLimit],
  ['byteLimit', byteLimit],
  ['byteAmount', byteAmount],
  ['limit', limit],
  ['quotaArguments', quotaArguments],
  ['quota', quota],
  ['connlimit', connlimit],
  ['last', last],
];
