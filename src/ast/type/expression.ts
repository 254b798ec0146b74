// The type of an expression, by kind.

import {
  booleanType,
  type Datatype,
  icmpTypeType,
  inetProtocolType,
  integerType,
} from '../../model/datatype.ts';
import { ipProtocolNumbers } from '../../model/protocol.ts';
import type {
  Expression,
  NumberLiteral,
  SymbolExpression,
  TypedSymbolExpression,
  VerdictExpression,
} from '../nodes/index.ts';
import { evaluateBinary } from './binary.ts';
import { evaluateConcat } from './concat.ts';
import { fitInteger, fitString, isString, largestFit, plainStringValue } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { attempt, fail } from './failure.ts';
import { decimalReader, readIpv4Words, readIpv6Words } from './fast-literals.ts';
import { evaluatePrefix, evaluateRange } from './interval.ts';
import { evaluateList } from './list.ts';
import { type Literal, readLiteral } from './literal/literal.ts';
import { type LiteralNode, type SlotReader, type SlotWords, slotOf, unseen } from './literal-slot.ts';
import { evaluateMap } from './map.ts';
import type { EvaluateOptions } from './options.ts';
import { evaluateSelector } from './selector.ts';
import { evaluateSetLiteral } from './set-literal.ts';
import { evaluateSetReference } from './set-reference.ts';
import type { TypedExpression, TypedPrefix, TypedValue, TypedVerdict } from './typed.ts';
import { verdictOf } from './verdict.ts';

/** The typed form of `expression` where `evaluation.expected` is wanted. Fails (failure.ts) if there is none. */
export function evaluateExpression(evaluation: Evaluation, expression: Expression): TypedExpression {
  evaluation.step(expression.span);
  switch (expression.kind) {
    case 'number':
      return evaluateNumber(evaluation, expression);
    case 'symbol':
      return evaluateSymbol(evaluation, expression);
    case 'typed_symbol':
      return evaluateTypedSymbol(evaluation, expression);
    case 'variable':
      return evaluation.expand(() => evaluateExpression(evaluation, expression.value));
    case 'prefix':
      return evaluatePrefix(evaluation, expression);
    case 'range':
      return evaluateRange(evaluation, expression);
    case 'concat':
      return evaluateConcat(evaluation, expression);
    case 'list':
      return evaluateList(evaluation, expression);
    case 'binary':
      return evaluateBinary(evaluation, expression);
    case 'set':
      return evaluateSetLiteral(evaluation, expression);
    case 'set_reference':
      return evaluateSetReference(evaluation, expression);
    case 'map':
      return evaluateMap(evaluation, expression);
    case 'verdict':
      return evaluateVerdict(evaluation, expression);
    case 'catchall':
      return fail('misplaced-catchall', '`*` stands for all other keys in an element only', expression.span);
    default:
      return evaluateSelector(evaluation, expression);
  }
}

function expectedType(evaluation: Evaluation, literal: Literal): Datatype {
  const { type } = evaluation.expected;
  return type ?? fail('untyped-literal', `what \`${literal.text}\` means here is not known`, literal.span);
}

/** `-5`, which only a definition can hold, is no text to nft: a number of so many bits, whatever type is wanted. */
const negativeBits = 32;

/** A number is read as the text it stands for: the wanted type decides what it means. */
function evaluateNumber(evaluation: Evaluation, number: NumberLiteral): TypedValue | TypedPrefix {
  const type = evaluation.expected.type;
  const value = unseen(number, 'value');
  const { span } = number;
  if (value < 0n) return fitInteger(evaluation, BigInt.asUintN(negativeBits, value), integerType, span);
  const typed =
    type?.literal === 'number'
      ? fitInteger(evaluation, value, type, span)
      : readTyped(evaluation, { text: String(value), span });
  return followed(evaluation, number, typed);
}

function evaluateSymbol(evaluation: Evaluation, symbol: SymbolExpression): TypedValue | TypedPrefix {
  const { span } = symbol;
  return followed(evaluation, symbol, readTyped(evaluation, { text: unseen(symbol, 'text'), span }));
}

/** If the literal is followed, its value is, too. */
function followed(
  evaluation: Evaluation,
  literal: NumberLiteral | SymbolExpression,
  typed: TypedValue | TypedPrefix,
): TypedValue | TypedPrefix {
  const slot = slotOf(literal);
  if (slot === undefined) return typed;
  const reader = typed.kind === 'value' ? readerOf(evaluation, literal.kind, typed) : undefined;
  if (typed.kind === 'value' && reader !== undefined) {
    return slot.follow(typed, 'value', reader, wordsOf(evaluation, literal.kind, typed));
  }
  slot.look();
  return typed;
}

/** Decimal and hexadecimal numbers whose text says their value. */
const plainNumber = /^(?:0|[1-9]\d{0,17}|0x[0-9a-f]{1,30})$/;

/** Of diagnostics that nobody sees. */
const nowhere: LiteralNode['span'] = { file: 0 as LiteralNode['span']['file'], from: 0, to: 0 };

function readerOf(
  evaluation: Evaluation,
  kind: LiteralNode['kind'],
  { type, bits }: TypedValue,
): SlotReader | undefined {
  if (isString(type)) {
    // A string that tells its own width decides more than its value.
    const isFixed = kind === 'symbol' && evaluation.expected.bits > 0;
    return isFixed ? text => plainStringValue(text, bits) : undefined;
  }
  const limit = largestFit(evaluation);
  const fit = (value: bigint | undefined): bigint | undefined =>
    value === undefined || value > limit ? undefined : value;
  const read = (text: string, options: EvaluateOptions): bigint | undefined =>
    attempt([], () => readLiteral({ text, span: nowhere }, type, options));
  if (kind === 'symbol')
    return (text, options) => (text.startsWith('[') ? undefined : fit(read(text, options)));
  return (text, options) => {
    if (!plainNumber.test(text)) return undefined;
    const value = BigInt(text);
    return fit(type.literal === 'number' ? value : read(String(value), options));
  };
}

const largestWord = 0xffff_ffff;

/** What reads the usual literals as `readerOf` does, but faster: where no symbol or name can stand for digits. */
function wordsOf(
  evaluation: Evaluation,
  kind: LiteralNode['kind'],
  { type }: TypedValue,
): SlotWords | undefined {
  const limit = largestFit(evaluation);
  if ([...(type.symbols?.keys() ?? [])].some(symbol => /^[0-9]/.test(symbol))) return undefined;
  const decimal = (largest: number): SlotWords | undefined =>
    kind === 'number' && evaluation.expected.bits <= 32
      ? { width: 1, read: decimalReader(limit < BigInt(largest) ? Number(limit) : largest) }
      : undefined;
  switch (type.literal) {
    case 'ipv4':
      return kind === 'symbol' && limit === 0xffff_ffffn ? { width: 1, read: readIpv4Words } : undefined;
    case 'ipv6':
      return kind === 'symbol' && limit >> 127n === 1n ? { width: 4, read: readIpv6Words } : undefined;
    case 'number':
      return decimal(largestWord);
    case 'service':
      return decimal(0xffff);
    case 'mark':
      return evaluation.options.names?.marks === undefined ? decimal(largestWord) : undefined;
    default:
      return undefined;
  }
}

function readTyped(evaluation: Evaluation, literal: Literal): TypedValue | TypedPrefix {
  const type = expectedType(evaluation, literal);
  if (isString(type)) return fitString(evaluation, literal.text, literal.span);
  const value = readLiteral(literal, type, evaluation.options);
  return fitInteger(evaluation, value, type, literal.span);
}

/** Words that bring their own type, so that `ip protocol tcp` works and `ip saddr tcp` is a type conflict. */
function evaluateTypedSymbol(evaluation: Evaluation, symbol: TypedSymbolExpression): TypedValue {
  const { text, span } = symbol;
  switch (symbol.type) {
    case 'boolean':
      return fitInteger(evaluation, text === 'exists' ? 1n : 0n, booleanType, span);
    case 'icmp_type':
      return fitInteger(evaluation, 5n, icmpTypeType, span);
    case 'inet_proto': {
      const number = ipProtocolNumbers[text as keyof typeof ipProtocolNumbers];
      return fitInteger(evaluation, BigInt(number), inetProtocolType, span);
    }
  }
}

function evaluateVerdict(evaluation: Evaluation, expression: VerdictExpression): TypedVerdict {
  const verdict = verdictOf(evaluation, expression);
  evaluation.expect(verdict.type, 0);
  return verdict;
}
