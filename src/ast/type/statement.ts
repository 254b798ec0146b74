// The typed form of a statement.

import { integerType, verdictType } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import type {
  AnonymousChainStatement,
  LogFlag,
  LogLevel,
  LogStatement,
  NumberLiteral,
  OptionStripStatement,
  QueueStatement,
  Statement,
  SynproxyArguments,
  VerdictMapStatement,
  VerdictStatement,
} from '../nodes/index.ts';
import { evaluateArgument } from './argument.ts';
import { evaluateAssign } from './assign.ts';
import { evaluateMeter, evaluateSetUpdate } from './dynset.ts';
import type { Evaluation } from './evaluation.ts';
import { typedExthdr } from './exthdr.ts';
import { fail } from './failure.ts';
import { pin, slotOf, unseen } from './literal-slot.ts';
import { lowBits } from './low-bits.ts';
import { evaluateMapOf } from './map.ts';
import { evaluateMatch } from './match.ts';
import { evaluateDup, evaluateFwd, evaluateNat, evaluateTproxy } from './nat.ts';
import { evaluateObjectReference } from './objects.ts';
import { evaluateReject } from './reject.ts';
import { typedRule } from './rule.ts';
import { evaluateStateful } from './stateful.ts';
import type { TypedStatement } from './typed.ts';
import { verdictOf } from './verdict.ts';

export function evaluateStatement(evaluation: Evaluation, statement: Statement): TypedStatement {
  evaluation.begin(statement);
  switch (statement.kind) {
    case 'match':
      return evaluateMatch(evaluation, statement);
    case 'verdict_statement':
      return evaluateVerdictStatement(evaluation, statement);
    case 'vmap':
      return evaluateVerdictMap(evaluation, statement);
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'last':
      return evaluateStateful(evaluation.table, statement);
    case 'log':
      return evaluateLog(evaluation, statement);
    case 'reject':
      return evaluateReject(evaluation, statement);
    case 'nat':
      return evaluateNat(evaluation, statement);
    case 'tproxy':
      return evaluateTproxy(evaluation, statement);
    case 'queue':
      return evaluateQueue(evaluation, statement);
    case 'dup':
      return evaluateDup(evaluation, statement);
    case 'fwd':
      return evaluateFwd(evaluation, statement);
    case 'synproxy':
      return { kind: 'synproxy', ...synproxyState(evaluation, statement), span: statement.span };
    case 'set_update':
      return evaluateSetUpdate(evaluation, statement);
    case 'meter':
      return evaluateMeter(evaluation, statement);
    case 'assign':
      return evaluateAssign(evaluation, statement);
    case 'object_reference':
      return evaluateObjectReference(evaluation, statement);
    case 'flow':
      return { kind: 'flow', flowtable: statement.flowtable.text, span: statement.span };
    case 'notrack':
      return { kind: 'notrack', span: statement.span };
    case 'option_strip':
      return evaluateOptionStrip(statement);
    case 'anonymous_chain':
      return evaluateAnonymousChain(evaluation, statement);
    case 'xt':
      return fail('unsupported-statement', 'foreign xtables expressions cannot be loaded', statement.span);
  }
}

function evaluateVerdictStatement(
  evaluation: Evaluation,
  { verdict, span }: VerdictStatement,
): TypedStatement {
  return { kind: 'verdict', verdict: verdictOf(evaluation, verdict), span };
}

function evaluateVerdictMap(evaluation: Evaluation, { key, map, span }: VerdictMapStatement): TypedStatement {
  evaluation.expect(verdictType, 0);
  const verdict = evaluateMapOf(evaluation, key, map, span);
  if (verdict.type.class !== 'verdict')
    fail('type-mismatch', `the map gives values of type ${verdict.type.description}, not verdicts`, map.span);
  return { kind: 'verdict', verdict, span };
}

/** The rules of a chain without a name stand by themselves. Such chains do not nest. */
function evaluateAnonymousChain(
  { table, options }: Evaluation,
  { verdict, rules, span }: AnonymousChainStatement,
): TypedStatement {
  if (table.inAnonymousChain) fail('nested-chain', 'a chain without a name cannot hold another', span);
  const name = table.ordinals.chain();
  table.inAnonymousChain = true;
  try {
    const typed = rules.map(rule => typedRule(table, rule, options));
    table.anonymousChains.push({ name, span, anonymous: true, rules: typed });
  } finally {
    table.inAnonymousChain = false;
  }
  return { kind: 'anonymous_chain', verdict, chain: name, span };
}

/** Of syslog; audit goes to the audit system instead. */
const logLevels: Readonly<Record<LogLevel, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
  audit: 8,
};

/** NF_LOG_* */
const logFlags: Readonly<Record<LogFlag, number>> = {
  'tcp sequence': 0x01,
  'tcp options': 0x02,
  'ip options': 0x04,
  skuid: 0x08,
  ether: 0x20,
  all: 0x2f,
};

const longestPrefix = 127;

function low({ table }: Evaluation, { value, span }: NumberLiteral, bits: 16 | 32): number {
  return Number(lowBits(table, value, bits, span));
}

function evaluateLog(evaluation: Evaluation, statement: LogStatement): TypedStatement {
  const { prefix, group, snaplen, queueThreshold, level, span } = statement;
  const flags = statement.flags.reduce((sum, flag) => sum | logFlags[flag], 0);
  checkLog(statement, flags);
  const text = prefix && unseen(prefix, 'text');
  if (prefix !== undefined) checkPrefix(text!, prefix.span);
  const typed: TypedLog = {
    kind: 'log',
    ...(text !== undefined && { prefix: text }),
    ...(level !== undefined && { level: logLevels[level] }),
    ...(group !== undefined && { group: low(evaluation, group, 16) }),
    ...(group !== undefined && snaplen !== undefined && { snaplen: low(evaluation, snaplen, 32) }),
    ...(group !== undefined &&
      queueThreshold !== undefined && { queueThreshold: low(evaluation, queueThreshold, 16) }),
    flags,
    span,
  };
  const slot = prefix && slotOf(prefix);
  return slot === undefined
    ? typed
    : slot.follow(typed, 'prefix', other => (isPrefix(other) ? other : undefined));
}

type TypedLog = Extract<TypedStatement, { readonly kind: 'log' }>;

/** Texts that surely are as long as they look. */
const isPrefix = (text: string): boolean => /^[\x20-\x7e]{1,127}$/.test(text);

function checkLog(
  { group, snaplen, queueThreshold, level, prefix, span }: LogStatement,
  flags: number,
): void {
  const hasGroup = group !== undefined || snaplen !== undefined || queueThreshold !== undefined;
  if (hasGroup && level !== undefined) fail('exclusive', 'level and group exclude each other', span);
  if (hasGroup && flags !== 0) fail('exclusive', 'flags and group exclude each other', span);
  if (level === 'audit' && (prefix !== undefined || hasGroup || flags !== 0))
    fail('exclusive', 'log level audit takes no other options', span);
}

function checkPrefix(text: string, span: Span): void {
  const { length } = new TextEncoder().encode(text);
  if (length === 0) fail('empty-string', 'a log prefix has at least one character', span);
  if (length > longestPrefix)
    fail('string-too-long', `a log prefix has at most ${longestPrefix} bytes`, span);
}

const queueFlags = { bypass: 1, fanout: 2 } as const;

function evaluateQueue(evaluation: Evaluation, statement: QueueStatement): TypedStatement {
  const { span } = statement;
  const flags = statement.flags.reduce((sum, flag) => sum | queueFlags[flag], 0);
  if (statement.queue === undefined) return { kind: 'queue', flags, span };
  const queue = evaluateArgument(evaluation, statement.queue, { type: integerType, bits: 16, order: 'host' });
  if ((flags & queueFlags.fanout) !== 0 && queue.kind !== 'range')
    fail('missing-range', 'fanout needs a range of queues', statement.queue.span);
  if ((evaluation.expected.maximum ?? 0n) > 0xffffn)
    fail('value-out-of-range', 'the number of a queue is at most 65535', statement.queue.span);
  for (const number of queue.kind === 'range' ? [queue.from, queue.to] : [queue])
    if (number.kind === 'value') pin(number);
  return { kind: 'queue', queue, flags, span };
}

/** NF_SYNPROXY_OPT_* */
const synproxyFlags = { mss: 1, wscale: 2, sackPermitted: 4, timestamp: 8 } as const;

const largestScale = 14n;

function windowScale({ value, text, span }: NumberLiteral): number {
  if (value > largestScale) fail('value-out-of-range', `${text} exceeds the range 0-${largestScale}`, span);
  return Number(value);
}

function synproxyState(
  evaluation: Evaluation,
  { mss, wscale, timestamp, sackPermitted }: SynproxyArguments,
): {
  readonly mss: number;
  readonly wscale: number;
  readonly flags: number;
} {
  const flags =
    (mss === undefined ? 0 : synproxyFlags.mss) |
    (wscale === undefined ? 0 : synproxyFlags.wscale) |
    (sackPermitted ? synproxyFlags.sackPermitted : 0) |
    (timestamp ? synproxyFlags.timestamp : 0);
  return {
    mss: mss === undefined ? 0 : low(evaluation, mss, 16),
    wscale: wscale === undefined ? 0 : windowScale(wscale),
    flags,
  };
}

function evaluateOptionStrip({ option, span }: OptionStripStatement): TypedStatement {
  return { kind: 'option_strip', option: typedExthdr({ ...option, field: 'kind' }).option, span };
}
