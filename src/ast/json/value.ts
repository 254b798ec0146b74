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
