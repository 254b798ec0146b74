// Register code of a statement.

import { carry, unseen } from '../../ast/type/literal-slot.ts';
import type { TypedStatement } from '../../ast/type/typed.ts';
import { genCtSet, genExthdrSet, genMetaSet, genPayloadSet, genQueue } from './assign.ts';
import { genDynset, genObjectMap } from './dynset.ts';
import type { Emitter } from './emitter.ts';
import type { Expression } from './ir.ts';
import { genMatch } from './match.ts';
import { genDup, genFwd, genNat, genTproxy } from './nat.ts';
import { statefulExpression } from './stateful.ts';
import { genVerdict } from './verdict.ts';

type Kind = TypedStatement['kind'];
type Statement<K extends Kind> = Extract<TypedStatement, { readonly kind: K }>;
type Generators = { readonly [K in Kind]: (emitter: Emitter, statement: Statement<K>) => void };

/** Statements that are one expression and use no register. */
function simple<K extends Kind>(
  expression: (statement: Statement<K>) => Expression,
): (emitter: Emitter, statement: Statement<K>) => void {
  return (emitter, statement) => emitter.emit(expression(statement), statement.span);
}

function logExpression(statement: Statement<'log'>): Expression {
  const { level, group, snaplen, queueThreshold, flags } = statement;
  const prefix = unseen(statement, 'prefix');
  const expression = {
    op: 'log',
    ...(prefix !== undefined && { prefix }),
    ...(level !== undefined && { level }),
    ...(group !== undefined && { group }),
    ...(snaplen !== undefined && { snaplen }),
    ...(queueThreshold !== undefined && { queueThreshold }),
    flags,
  } as const;
  return carry(statement, expression, 'prefix');
}

const generators: Generators = {
  match: genMatch,
  verdict: (emitter, { verdict }) => genVerdict(emitter, verdict),
  payload_set: genPayloadSet,
  exthdr_set: genExthdrSet,
  meta_set: genMetaSet,
  ct_set: genCtSet,
  nat: genNat,
  tproxy: genTproxy,
  queue: genQueue,
  dup: genDup,
  fwd: genFwd,
  dynset: genDynset,
  object_map: genObjectMap,
  counter: simple<'counter'>(statefulExpression),
  limit: simple<'limit'>(statefulExpression),
  quota: simple<'quota'>(statefulExpression),
  connlimit: simple<'connlimit'>(statefulExpression),
  last: simple<'last'>(statefulExpression),
  log: simple<'log'>(logExpression),
  reject: simple<'reject'>(({ type, code }) => ({ op: 'reject', type, code })),
  synproxy: simple<'synproxy'>(({ mss, wscale, flags }) => ({ op: 'synproxy', mss, wscale, flags })),
  notrack: simple<'notrack'>(() => ({ op: 'notrack' })),
  flow: simple<'flow'>(({ flowtable }) => ({ op: 'flow_offload', flowtable })),
  object: simple<'object'>(({ objectType, name }) => ({ op: 'objref', type: objectType, name })),
  option_strip: simple<'option_strip'>(({ option }) => ({
    op: 'exthdr_reset',
    header: 'tcpopt',
    type: option,
  })),
  anonymous_chain: simple<'anonymous_chain'>(({ verdict, chain }) => ({
    op: 'verdict',
    verdict: { kind: verdict, chain },
  })),
};

export function genStatement(emitter: Emitter, statement: TypedStatement): void {
  const generate = generators[statement.kind] as (emitter: Emitter, statement: TypedStatement) => void;
  generate(emitter, statement);
}
