// Collects the expressions of one rule and hands out registers, a stack of sixteen 32-bit words: nft takes four words
// for any single value and as many as it needs for a concatenation, and gives them back in reverse order.

import { fail, refuse } from '../../ast/type/failure.ts';
import type { TypedExpression } from '../../ast/type/typed.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, Register } from './ir.ts';

const registerWords = 16;
const valueWords = 4;

/** Words that a value of so many bits takes. */
export function wordsOf(bits: number): number {
  return Math.ceil(bits / 32);
}

function spaceOf(expression: TypedExpression | undefined): number {
  return expression?.kind === 'concat' ? wordsOf(expression.bits) : valueWords;
}

/** Bytes of a constant in an expression; longer ones stand in sets only. */
const longestConstant = 16;

function checkConstants(expression: Expression, span: Span): void {
  const constant =
    expression.op === 'cmp' || expression.op === 'immediate'
      ? expression.value
      : expression.op === 'range'
        ? expression.from
        : undefined;
  if (constant !== undefined && constant.bytes.length > longestConstant)
    fail('value-too-long', `a value has at most ${longestConstant} bytes`, span);
}

export class Emitter {
  readonly expressions: Expression[] = [];
  readonly origins: Span[] = [];
  #nextWord = 0;

  /** Takes registers for `expression` (or any single value) and returns the first. */
  take(span: Span, expression?: TypedExpression): Register {
    const first = this.#nextWord;
    this.#nextWord += spaceOf(expression);
    if (this.#nextWord > registerWords)
      refuse(
        'out-of-registers',
        `this statement needs more than ${registerWords * 4} bytes of registers`,
        span,
      );
    return first as Register;
  }

  release(expression?: TypedExpression): void {
    this.#nextWord -= spaceOf(expression);
  }

  /**
   * Runs `generate` with the words of the concatenation `key` set aside, even where there are no more: as in nft, that
   * keeps what the parts of a map's key need away from the key itself.
   */
  beside(key: TypedExpression, generate: () => void): void {
    const words = key.kind === 'concat' ? wordsOf(key.bits) : 0;
    this.#nextWord += words;
    generate();
    this.#nextWord -= words;
  }

  emit(expression: Expression, span: Span): void {
    checkConstants(expression, span);
    this.expressions.push(expression);
    this.origins.push(span);
  }
}

/** The kernel reads no register that was not written: of `operand`, `bits` are read. */
export function checkLoaded(operand: TypedExpression, bits: number): void {
  if (wordsOf(operand.bits) >= wordsOf(bits)) return;
  const message = `this has ${operand.bits} bits, less than the ${bits} that are read`;
  fail('value-too-short', message, operand.span);
}

/** The word `words` behind `register`. */
export function behind(register: Register, words: number): Register {
  return (register + words) as Register;
}
