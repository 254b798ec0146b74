// Nodes that nobody wrote: names, numbers and texts with the span of what they were lifted from.

import type {
  Name,
  NumberLiteral,
  SymbolExpression,
  TextLiteral,
  TimeLiteral,
} from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import { durationText } from './duration.ts';

export function nameNode(text: string, span: Span): Name {
  return { kind: 'name', text, span };
}

/** `text` is how it is listed, decimal by default. */
export function numberNode(value: bigint | number, span: Span, text: string = String(value)): NumberLiteral {
  return { kind: 'number', text, value: BigInt(value), span };
}

export function textNode(text: string, span: Span): TextLiteral {
  return { kind: 'text', text, span };
}

export function symbolNode(
  text: string,
  span: Span,
  form: SymbolExpression['form'] = 'plain',
): SymbolExpression {
  return { kind: 'symbol', text, form, span };
}

/** The handle of what is lifted, if it has one. */
export function handleOf({ handle }: { readonly handle?: number | undefined }): { readonly handle?: number } {
  return handle === undefined ? {} : { handle };
}

export function timeNode(milliseconds: bigint, span: Span): TimeLiteral {
  return { kind: 'time', text: durationText(milliseconds), milliseconds, span };
}
