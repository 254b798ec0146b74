// The state of evaluating one rule. What a literal means depends on what was said before it: nft keeps the type of the
// last expression that has one of its own, and so does `expected`. The state belongs to one rule and ends with it.

import type { ByteOrder, Datatype } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type { Statement } from '../nodes/index.ts';
import { refuse } from './failure.ts';
import type { EvaluateOptions } from './options.ts';
import { ProtocolContext } from './protocol-context.ts';
import type { TableScope } from './scope.ts';
import type { TypedPart, TypedStatement } from './typed.ts';

const stepLimit = 5_000_000;

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
  #steps = 0;

  constructor(table: TableScope, options: EvaluateOptions) {
    this.table = table;
    this.options = options;
    this.#outer = new ProtocolContext(table.family);
  }

  /** Counts an expression. Variables share their values, so that a short text can stand for very many of them. */
  step(span: Span): void {
    if (++this.#steps > stepLimit)
      refuse('expression-too-large', `more than ${stepLimit} values, variables expanded`, span);
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
