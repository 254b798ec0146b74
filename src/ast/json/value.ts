// JSON as a tree in which everything has its place in the text.

import type { Span } from '../../source/span.ts';

interface Placed {
  readonly span: Span;
}

export interface JsonObject extends Placed {
  readonly kind: 'object';
  /** In the order written. Of two members of one name the last one counts. */
  readonly members: ReadonlyMap<string, JsonValue>;
  /** Places of the names. */
  readonly names: ReadonlyMap<string, Span>;
}

export interface JsonArray extends Placed {
  readonly kind: 'array';
  readonly items: readonly JsonValue[];
}

/** The span holds the quotes. */
export interface JsonString extends Placed {
  readonly kind: 'string';
  readonly text: string;
}

/** Exact, however large. */
export interface JsonInteger extends Placed {
  readonly kind: 'integer';
  readonly value: bigint;
}

/** A number with a fraction or an exponent. No place of a ruleset takes one. */
export interface JsonReal extends Placed {
  readonly kind: 'real';
}

export interface JsonBoolean extends Placed {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface JsonNull extends Placed {
  readonly kind: 'null';
}

export type JsonValue = JsonObject | JsonArray | JsonString | JsonInteger | JsonReal | JsonBoolean | JsonNull;

/** What stands at `offset`, from the root down: `nftables[3].add.rule.expr[0]`. Empty for the root itself. */
export function pathTo(root: JsonValue, offset: number): string {
  let path = '';
  let at: JsonValue | undefined = root;
  while (at !== undefined) {
    const [step, inner]: readonly [string, JsonValue | undefined] = stepTo(at, offset);
    path += step;
    at = inner;
  }
  return path.replace(/^\./, '');
}

const holds = ({ from, to }: Span, offset: number): boolean => from <= offset && offset < to;

function stepTo(value: JsonValue, offset: number): readonly [string, JsonValue | undefined] {
  if (value.kind === 'array') {
    const index = value.items.findIndex(item => holds(item.span, offset));
    return index < 0 ? ['', undefined] : [`[${index}]`, value.items[index]];
  }
  if (value.kind !== 'object') return ['', undefined];
  for (const [name, member] of value.members) if (holds(member.span, offset)) return [pathStep(name), member];
  for (const [name, span] of value.names) if (holds(span, offset)) return [pathStep(name), undefined];
  return ['', undefined];
}

const pathStep = (name: string): string => (/^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
