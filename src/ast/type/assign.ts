// `X set Y`: writes to meta and ct keys, to the packet, to TCP options.

import { metaKeys } from '../../model/meta-keys.ts';
import type { AssignStatement, CtExpression, MetaExpression } from '../nodes/index.ts';
import { evaluateArgument, noRange } from './argument.ts';
import { isConstant } from './constants.ts';
import { ctKey } from './ct.ts';
import type { Evaluation } from './evaluation.ts';
import { type ExthdrNode, isExthdr, typedExthdr } from './exthdr.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import { suggest } from './literal/suggest.ts';
import { evaluateObjectReference } from './objects.ts';
import { evaluatePayloadSet, isPayloadTarget } from './payload-set.ts';
import { requireMetaFamily } from './selector-families.ts';
import type { TypedExthdr, TypedStatement } from './typed.ts';

export function evaluateAssign(evaluation: Evaluation, statement: AssignStatement): TypedStatement {
  const { target } = statement;
  if (target.kind === 'meta') return evaluateMetaSet(evaluation, statement, target);
  if (target.kind === 'ct') return evaluateCtSet(evaluation, statement, target);
  if (isPayloadTarget(target)) return evaluatePayloadSet(evaluation, statement, target);
  if (isExthdr(target)) return evaluateExthdrSet(evaluation, statement, target);
  return fail('not-settable', 'this cannot be set', target.span);
}

function evaluateMetaSet(
  evaluation: Evaluation,
  statement: AssignStatement,
  target: MetaExpression,
): TypedStatement {
  const key = metaKeys.get(target.key);
  if (key === undefined)
    return fail(
      'unknown-key',
      `there is no meta key \`${target.key}\``,
      target.span,
      suggest(target.key, target.span, metaKeys.keys()),
    );
  const given = unwrap(statement.value);
  if (target.key === 'secmark' && given.kind !== 'ct') return evaluateSecmark(evaluation, statement);
  if (!key.settable) fail('not-settable', `meta ${key.name} cannot be set`, target.span);
  requireMetaFamily(evaluation.family, target.key, target.span);
  evaluation.statementBits = key.bits;
  const value = noRange(evaluateArgument(evaluation, statement.value, key), `meta ${key.name} set`);
  return { kind: 'meta_set', key: key.irName, value, span: statement.span };
}

/** By name, or through a map to objects. */
function evaluateSecmark(evaluation: Evaluation, { value, span }: AssignStatement): TypedStatement {
  const reference = { kind: 'object_reference', objectType: 'secmark', object: value, span } as const;
  return evaluateObjectReference(evaluation, reference);
}

function evaluateCtSet(
  evaluation: Evaluation,
  statement: AssignStatement,
  target: CtExpression,
): TypedStatement {
  const key = ctKey(target);
  if (!key.settable) fail('not-settable', `ct ${key.name} cannot be set`, target.span);
  evaluation.statementBits = key.bits;
  const value = noRange(evaluateArgument(evaluation, statement.value, key), `ct ${key.name} set`);
  if (key.name === 'secmark' && isConstant(value))
    fail('secmark-constant', 'a security mark cannot be set to a constant', statement.value.span);
  const { direction } = target;
  return {
    kind: 'ct_set',
    key: key.irName,
    ...(direction !== undefined && { direction }),
    value,
    span: statement.span,
  };
}

function evaluateExthdrSet(
  evaluation: Evaluation,
  statement: AssignStatement,
  node: ExthdrNode,
): TypedStatement {
  const target = typedExthdr(node);
  if (target.header !== 'tcpopt' || target.present) fail('not-settable', 'this cannot be set', node.span);
  checkOptionPart(target);
  const wanted = { type: target.type, bits: target.bits, order: 'network' } as const;
  const value = noRange(evaluateArgument(evaluation, statement.value, wanted), 'tcp option set');
  return { kind: 'exthdr_set', target, value, span: statement.span };
}

/** What the kernel writes of an option. */
function checkOptionPart({ offset, bits, span }: TypedExthdr): void {
  const isWritable = offset >= 16 && offset % 8 === 0 && (bits === 16 || bits === 32);
  if (!isWritable)
    fail('not-settable', 'only 2 or 4 bytes behind kind and length of an option can be set', span);
}
