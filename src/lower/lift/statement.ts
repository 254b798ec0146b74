// Statements of a rule, in order, from its register code: each expression either fills a register or ends a statement.

import type { LogFlag, LogStatement, Statement } from '../../ast/nodes/index.ts';
import { objectKind } from '../../ast/type/object-types.ts';
import { integerType, stringType } from '../../model/datatype.ts';
import { logLevels } from '../../model/log-levels.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, IrRule, IrSet, SetId, Verdict } from '../linear/ir.ts';
import { bitwiseTree } from './bitwise.ts';
import type { Draft } from './draft.ts';
import { setUpdateDraft } from './dynset.ts';
import { exthdrTree } from './exthdr.ts';
import { nameNode, numberNode, symbolNode, textNode } from './make.ts';
import { relationOf } from './match.ts';
import { dupDraft, fwdDraft, natDraft, portNatDraft, tproxyDraft } from './nat.ts';
import { synproxyArguments } from './object.ts';
import { rawPayload } from './payload.ts';
import { Registers } from './registers.ts';
import { ctTree, metaTree, selectorTree } from './selector.ts';
import { statefulStatement } from './stateful.ts';
import type { TableContext } from './table-context.ts';
import { type Constant, constantOf, type MapUse, range, setType, setUse, type Tree } from './tree.ts';
import { verdictNode } from './verdict.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>;

/** The rules of a chain that a rule made for itself. */
export type AnonymousRules = (
  chain: string,
) => (Statement & { readonly kind: 'anonymous_chain' })['rules'] | undefined;

class StatementReader {
  readonly #context: TableContext;
  readonly #rulesOf: AnonymousRules;
  readonly #registers = new Registers();
  readonly drafts: Draft[] = [];

  constructor(context: TableContext, rulesOf: AnonymousRules) {
    this.#context = context;
    this.#rulesOf = rulesOf;
  }

  read(expression: Expression, span: Span): void {
    const value = selectorTree(expression, this.#registers, span) ?? bitwiseTree(expression, this.#registers);
    if (value !== undefined) this.#store(expression, value);
    else if (expression.op === 'immediate') this.#store(expression, constantOf(expression.value));
    else if (expression.op === 'lookup' && expression.dest !== undefined) this.#map(expression, span);
    else this.#end(expression, span);
  }

  #store(expression: Expression, tree: Tree): void {
    const holder = expression.op === 'inner' ? expression.expression : expression;
    if ('dest' in holder && typeof holder.dest === 'number') this.#registers.store(holder.dest, tree);
  }

  #set(id: number): IrSet {
    const set = this.#context.sets.get(id as SetId);
    if (set === undefined) throw new Error(`no set ${id}`);
    return set;
  }

  #mapUse(source: Of<'lookup'>['source'], id: number): MapUse {
    const map = setUse(this.#set(id));
    const key = this.#registers.value(source, map.bits);
    if (key.kind === 'concat') key.partTypes = undefined;
    const [first] = map.set.userData?.data?.parts ?? [];
    const bits = map.set.data?.kind === 'value' ? map.set.data.length * 8 : 0;
    return { kind: 'map', key, map, type: first?.type ?? integerType, bits, order: first?.order ?? 'none' };
  }

  #map({ source, set, dest }: Of<'lookup'>, span: Span): void {
    const use = this.#mapUse(source, set);
    if (dest === 'verdict') this.drafts.push({ kind: 'vmap', key: use.key, map: use.map, span });
    else if (dest !== undefined) this.#registers.store(dest, use);
  }

  #end(expression: Expression, span: Span): void {
    const relation = relationOf(expression, this.#registers, id => this.#set(id));
    if (relation !== undefined) this.drafts.push({ kind: 'match', relation, span });
    else this.drafts.push(this.#draft(expression, span));
  }

  #draft(expression: Expression, span: Span): Draft {
    const registers = this.#registers;
    const { family } = this.#context;
    switch (expression.op) {
      case 'payload_write':
        return this.#payloadSet(expression, span);
      case 'exthdr_write': {
        const target = exthdrTree({ ...expression, present: false });
        const value = registers.load(expression.source);
        setType(value, target.type, target.order);
        return { kind: 'exthdr_set', target, value, span };
      }
      case 'meta_set': {
        const target = metaTree(expression.key);
        const value = registers.load(expression.source);
        setType(value, target.type, target.order);
        return { kind: 'meta_set', target, value, span };
      }
      case 'ct_set': {
        const target = ctTree(expression);
        const value = registers.load(expression.source);
        setType(value, target.type, target.order);
        return { kind: 'ct_set', target, value, span };
      }
      case 'nat':
        return natDraft(expression, registers, family, span);
      case 'masq':
      case 'redir':
        return portNatDraft(expression, registers, span);
      case 'tproxy':
        return tproxyDraft(expression, registers, family, span);
      case 'dup':
        return dupDraft(expression, registers, family, span);
      case 'fwd':
        return fwdDraft(expression, registers, span);
      case 'dynset':
        return setUpdateDraft(expression, registers, this.#set(expression.set), span);
      case 'objref_map': {
        const value = this.#mapUse(expression.source, expression.set);
        setType(value, stringType, 'host');
        const { data } = value.map.set;
        return { kind: 'object_map', objectType: data?.kind === 'object' ? data.type : 0, value, span };
      }
      case 'queue':
      case 'queue_register':
        return this.#queue(expression, span);
      case 'reject': {
        const { type, code } = expression;
        return { kind: 'reject', type, code, verbose: false, span };
      }
      default:
        return { kind: 'node', node: this.#node(expression, span), span };
    }
  }

  #payloadSet({ base, offset, length, source }: Of<'payload_write'>, span: Span): Draft {
    const target = rawPayload(base === 'tunnel' ? 'inner' : base, offset * 8, length * 8);
    return { kind: 'payload_set', target, value: this.#registers.load(source), span };
  }

  #queue(expression: Of<'queue' | 'queue_register'>, span: Span): Draft {
    const flags = queueFlags.filter(([bit]) => (expression.flags & bit) !== 0).map(([, name]) => name);
    if (expression.op === 'queue_register')
      return { kind: 'queue', flags, queue: this.#registers.load(expression.source), span };
    const { first, total } = expression;
    const last = first + total - 1;
    const queue = total > 1 ? range(queueNumber(first), queueNumber(last)) : queueNumber(first);
    return { kind: 'queue', flags, queue, span };
  }

  #node(expression: Expression, span: Span): Statement {
    switch (expression.op) {
      case 'verdict':
        return this.#verdict(expression.verdict, span);
      case 'log':
        return logNode(expression, span);
      case 'objref':
        return {
          kind: 'object_reference',
          objectType: objectKind(expression.type),
          object: symbolNode(expression.name, span, 'quoted'),
          span,
        };
      case 'notrack':
        return { kind: 'notrack', span };
      case 'synproxy':
        return { kind: 'synproxy', ...synproxyArguments(expression, span), span };
      case 'flow_offload':
        return { kind: 'flow', flowtable: nameNode(expression.flowtable, span), span };
      case 'exthdr_reset': {
        const { header } = exthdrTree({
          header: 'tcpopt',
          type: expression.type,
          offset: 0,
          length: 1,
          present: true,
        });
        const option = header?.name ?? numberNode(expression.type, span);
        return { kind: 'option_strip', option: { kind: 'tcp_option', option, span }, span };
      }
      default: {
        const node = statefulStatement(expression, span);
        if (node === undefined) throw new Error(`no statement is made of ${expression.op}`);
        return node;
      }
    }
  }

  #verdict(verdict: Verdict, span: Span): Statement {
    const rules = 'chain' in verdict ? this.#rulesOf(verdict.chain) : undefined;
    if (rules !== undefined && 'chain' in verdict)
      return { kind: 'anonymous_chain', verdict: verdict.kind, rules, span };
    return { kind: 'verdict_statement', verdict: verdictNode(verdict, span), span };
  }
}

/** NFT_QUEUE_FLAG_* */
const queueFlags = [
  [1, 'bypass'],
  [2, 'fanout'],
] as const;

function queueNumber(value: number): Constant {
  return { kind: 'value', value: BigInt(value), bits: 16, type: integerType, order: 'none' };
}

/** NF_LOG_* */
const logFlags: readonly (readonly [number, LogFlag])[] = [
  [1, 'tcp sequence'],
  [2, 'tcp options'],
  [4, 'ip options'],
  [8, 'skuid'],
  [32, 'ether'],
];
const allLogFlags = 0x2f;
const warning = 4;

function logNode(
  { prefix, level, group, snaplen, queueThreshold, flags }: Of<'log'>,
  span: Span,
): LogStatement {
  const number = (value: number) => numberNode(value, span);
  const listed = logFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return {
    kind: 'log',
    ...(prefix !== undefined && { prefix: textNode(prefix, span) }),
    ...(group !== undefined && { group: number(group) }),
    ...(snaplen !== undefined && { snaplen: number(snaplen) }),
    ...(queueThreshold !== undefined && queueThreshold > 0 && { queueThreshold: number(queueThreshold) }),
    ...(level !== undefined && level !== warning && { level: logLevels[level]! }),
    flags: (flags & allLogFlags) === allLogFlags ? ['all'] : listed,
    span,
  };
}

/** What the rule's expressions say, before anything is resolved. */
export function readStatements(
  context: TableContext,
  rule: IrRule,
  rulesOf: AnonymousRules,
): readonly Draft[] {
  const reader = new StatementReader(context, rulesOf);
  const { expressions, origins, span } = rule;
  for (const [index, expression] of expressions.entries()) reader.read(expression, origins[index] ?? span);
  return reader.drafts;
}
