// The state of evaluating one rule. What a literal means depends on what was said before it: nft keeps the type of the
// last expression that has one of its own, and so does `expected`. The state belongs to one rule and ends with it.

import type { ByteOrder, Datatype } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import type { Protocol } from '../../model/protocol.ts';
import { defaultLimits } from '../../nft-grammar/options.ts';
import type { Span } from '../../source/span.ts';
import type { SetExpression, Statement } from '../nodes/index.ts';
import { refuse } from './failure.ts';
import type { EvaluateOptions } from './options.ts';
import { ProtocolContext } from './protocol-context.ts';
import type { TableScope } from './scope.ts';
import type { TypedPart, TypedStatement } from './typed.ts';

/** What the next literal is taken for. */
export interface Expected {
  /** Absent: nothing is known. */
  readonly type?: Datatype;
  readonly bits: number;
  readonly order: ByteOrder;
  /** The largest value allowed, if the width does not tell. */
  readonly maximum?: bigint;
  /** The parts of the key that is being matched, or of the concatenation being read. */
  readonly key?: readonly TypedPart[];
}

export const nothingExpected: Expected = { bits: 0, order: 'none' };

/** Where a literal stands that is to be stored: bit fields are not taken apart in a write to the packet. */
export type StatementKind = 'other' | 'payload_set';

export class Evaluation {
  readonly table: TableScope;
  readonly options: EvaluateOptions;
  /** Typed statements so far, with those that were implied. */
  readonly statements: TypedStatement[] = [];
  readonly #outer: ProtocolContext;
  #inner: ProtocolContext | undefined;
  expected: Expected = nothingExpected;
  /** Width of what a statement sets; 0 in matches. */
  statementBits = 0;
  statementKind: StatementKind = 'other';
  /** The tunnel whose inside the current expression reads. */
  tunnel: Protocol | undefined;
  /** Depth of the lists that are being evaluated: ranges may be part of a concatenation in an element only. */
  listDepth = 0;
  /** Binary operators inside each other. */
  binaryDepth = 0;
  /** Variables that stand for others. */
  #variableDepth = 0;

  constructor(table: TableScope, options: EvaluateOptions) {
    this.table = table;
    this.options = options;
    this.#outer = new ProtocolContext(table.family);
  }

  /** Counts expressions within variables. These share their values, so that a short text can stand for very many. */
  step(span: Span, count = 1): void {
    if (this.#variableDepth === 0) return;
    const limit = this.options.limits?.expansions ?? defaultLimits.expansions;
    this.table.ordinals.expansions += count;
    if (this.table.ordinals.expansions > limit)
      refuse(
        'expression-too-large',
        `variables stand for more than ${limit} values, all uses together`,
        span,
      );
  }

  /** Evaluates what a variable stands for. */
  expand<T>(evaluate: () => T): T {
    this.#variableDepth++;
    try {
      return evaluate();
    } finally {
      this.#variableDepth--;
    }
  }

  /** Evaluates the elements of a list. One that was evaluated before has been reached through a variable. */
  withinList<T>(list: SetExpression, evaluate: () => T): T {
    const { lists } = this.table.ordinals;
    const isAgain = lists.has(list);
    lists.add(list);
    if (!isAgain && this.#variableDepth === 0) return evaluate();
    return this.expand(() => {
      this.step(list.span, list.elements.length);
      return evaluate();
    });
  }

  get family(): Family {
    return this.table.family;
  }

  /** The protocols known of the packet; inside a tunnel, of the packet in it. */
  get protocols(): ProtocolContext {
    if (this.tunnel === undefined) return this.#outer;
    this.#inner ??= new ProtocolContext('bridge');
    return this.#inner;
  }

  expect(
    type: Datatype | undefined,
    bits: number,
    order: ByteOrder = type?.order ?? 'none',
    more: Pick<Expected, 'maximum' | 'key'> = {},
  ): void {
    this.expected = { ...(type !== undefined && { type }), bits, order, ...more };
  }

  /** Begins a statement: nothing is expected any more. */
  begin(statement: Statement): void {
    this.expected = nothingExpected;
    this.statementBits = 0;
    this.statementKind =
      statement.kind === 'assign' && isPacketField(statement.target.kind) ? 'payload_set' : 'other';
    this.tunnel = undefined;
    this.listDepth = 0;
    this.binaryDepth = 0;
  }
}

function isPacketField(kind: string): boolean {
  return kind === 'payload' || kind === 'raw_payload' || kind === 'inner';
}
