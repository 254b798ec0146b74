// Elements of sets and maps: pairs of points as ranges again, in the order in which nft lists them.

import type { Element, Expression } from '../../ast/nodes/index.ts';
import { swapBytes } from '../../ast/type/literal/number.ts';
import { booleanType, integerType } from '../../model/datatype.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import { ElementFlag, type IrSet, type IrType, type ValuePart } from '../linear/ir.ts';
import { onesOf } from './bits.ts';
import { symbolNode, textNode, timeNode } from './make.ts';
import { rangeOrPrefix } from './nat.ts';
import { NodeMaker } from './node.ts';
import { isHexadecimal } from './payload.ts';
import { statefulStatement } from './stateful.ts';
import type { TableContext } from './table-context.ts';
import { type Constant, concat, constant, range, type SetUse, type Text, type Tree } from './tree.ts';
import { hasPrefixes, isFlags, isString, rawType } from './types.ts';
import { flagTree, shiftConstant, textOf } from './value.ts';
import { verdictNode } from './verdict.ts';

type Part = Pick<IrType['parts'][number], 'type' | 'bits' | 'order'>;

/** An element that is listed: its place in the columns and its key. */
interface Listed {
  readonly index: number;
  readonly key: Tree | 'catchall';
  readonly rank: bigint;
}

const padded = (length: number): number => (length + 3) & ~3;

function typeofParts(expression: Expression): readonly Expression[] {
  if (expression.kind === 'variable') return typeofParts(expression.value);
  return expression.kind === 'concat' ? expression.parts : [expression];
}

function isRaw(expression: Expression | undefined): boolean {
  if (expression?.kind === 'variable') return isRaw(expression.value);
  if (expression?.kind === 'payload') return isHexadecimal(expression.protocol, expression.field);
  return expression?.kind === 'raw_payload';
}

/** Numbers at a place that is no known field are listed in hexadecimal; in data of several parts that is not known. */
function partsOf(type: IrType | undefined, parts: readonly ValuePart[], isData: boolean): readonly Part[] {
  if (type !== undefined && type.parts.length > 0) {
    const named = type.typeof === undefined ? [] : typeofParts(type.typeof);
    if (isData && type.parts.length > 1) return type.parts;
    return type.parts.map((part, index) => (isRaw(named[index]) ? { ...part, type: rawType } : part));
  }
  return parts.map(({ length, order }) => ({ type: integerType, bits: length * 8, order }));
}

/** The constants of a value: each part begins at a whole word. */
function constantsOf(bytes: Uint8Array, start: number, parts: readonly Part[], asIs: boolean): Constant[] {
  let at = start;
  return parts.map(({ type, bits, order }) => {
    const length = Math.ceil(bits / 8);
    const read = constant(bytes.subarray(at, at + length));
    at += padded(length);
    const isSwapped = order === 'host' && !asIs && !isString(type);
    const value = isSwapped ? swapBytes(read.value, length) : read.value;
    return { ...read, value, type, order: asIs ? 'network' : order, bits };
  });
}

/** A value is named whatever the order that it was kept in. */
function single(value: Constant): Tree {
  if (isString(value.type)) return textOf(value, true);
  const named: Constant = { ...value, order: 'none' };
  return isFlags(value.type) ? flagTree(named) : named;
}

/** A value, a prefix, a wildcard or a range of one part. */
function between(from: Constant, to: Constant): Tree {
  if (from.value === to.value) return single(from);
  if (isString(from.type)) return wildcardOf(from, to) ?? range(textOf(from, true), textOf(to, true));
  const both = { ...range(from, to), type: from.type, order: from.order };
  return hasPrefixes(from.type) ? rangeOrPrefix(both) : both;
}

/** All texts that begin with the same characters. */
function wildcardOf(from: Constant, to: Constant): Text | undefined {
  const free = (to.value ^ from.value).toString(2).length;
  const isWhole = free % 8 === 0 && to.value - from.value === onesOf(free);
  if (!isWhole) return undefined;
  return {
    ...textOf({ ...from, value: from.value >> BigInt(free), bits: from.bits - free }, true),
    wildcard: true,
  };
}

/**
 * nft 1.1.7 reads plain numbers that are keys of maps (named ones, and of all maps to objects) in the wrong byte order
 * when it lists them: 1 is listed as 16777216.
 */
function isMisread({ flags, data }: IrSet, parts: readonly Part[]): boolean {
  const [only] = parts;
  if (parts.length !== 1 || only?.type !== integerType || only.order !== 'host' || data === undefined)
    return false;
  const isAnonymous = (flags & SetFlag.anonymous) !== 0;
  return (flags & SetFlag.interval) === 0 && (!isAnonymous || data.kind === 'object');
}

/**
 * nft 1.1.7 keeps no types of the keys of anonymous maps: where they have several parts, it takes plain numbers for parts of
 * no length when it lists them. They are listed as 0, and what is behind them is read from their place.
 */
function hasUnsizedNumbers({ flags, data }: IrSet, parts: readonly Part[]): boolean {
  return (flags & SetFlag.anonymous) !== 0 && data?.kind === 'value' && parts.length > 1;
}

function unsized(part: Part): Part {
  return part.type === integerType || part.type === rawType ? { ...part, type: integerType, bits: 0 } : part;
}

class ElementLister {
  readonly #set: IrSet;
  readonly #use: SetUse | undefined;
  readonly #parts: readonly Part[];

  constructor(set: IrSet, use: SetUse | undefined, isFaithful: boolean) {
    this.#set = set;
    this.#use = use;
    const parts = partsOf(set.userData?.key, set.keyParts, false);
    const compared = use?.partTypes ?? [];
    this.#parts = parts.map((part, index) => {
      const type = compared[index];
      if (type === rawType || (type !== undefined && part.type === booleanType)) return { ...part, type };
      return part;
    });
    if (isFaithful) return;
    if (isMisread(set, this.#parts)) this.#parts = [{ ...this.#parts[0]!, order: 'network' }];
    if (hasUnsizedNumbers(set, this.#parts)) this.#parts = this.#parts.map(unsized);
  }

  list(): readonly Listed[] {
    const isInterval = (this.#set.flags & SetFlag.interval) !== 0;
    if (!isInterval) return this.#points();
    return this.#parts.length > 1 ? this.#ranges() : this.#intervals();
  }

  #isCatchall(index: number): boolean {
    return (this.#set.elements.flags[index]! & ElementFlag.catchall) !== 0;
  }

  #keys(index: number, column: Uint8Array, asIs: boolean): Constant[] {
    return constantsOf(column, index * this.#set.keyLength, this.#parts, asIs);
  }

  #tree(parts: readonly Tree[]): Tree {
    return parts.length === 1 ? this.#typed(parts[0]!) : concat([...parts]);
  }

  /** Keys of an anonymous set are what they are compared with. */
  #typed(tree: Tree): Tree {
    const { keyType, shifted } = this.#use ?? {};
    for (const each of endsOf(tree)) {
      if (each.kind !== 'value') continue;
      if (keyType !== undefined) each.type = keyType.type;
      if (shifted !== undefined) shiftConstant(each, shifted.by, shifted.bits);
    }
    return tree;
  }

  /** Sorted by value; each once. */
  #points(): readonly Listed[] {
    const known = new Map<string, Listed>();
    for (let index = 0; index < this.#set.elements.count; index++) {
      const listed = this.#point(index);
      const name = this.#isCatchall(index) ? '*' : this.#bytes(index, this.#set.elements.keys);
      if (!known.has(name)) known.set(name, listed);
    }
    return sorted([...known.values()]);
  }

  #bytes(index: number, column: Uint8Array): string {
    const { keyLength } = this.#set;
    return column.subarray(index * keyLength, (index + 1) * keyLength).join();
  }

  #point(index: number): Listed {
    const { keys } = this.#set.elements;
    if (this.#isCatchall(index)) return { index, key: 'catchall', rank: this.#lastRank() };
    const parts = this.#keys(index, keys, false);
    const [first] = parts;
    if (parts.length === 1 && first !== undefined && isFlags(first.type))
      return { index, key: this.#tree([single(first)]), rank: first.value & -first.value };
    const rank = parts.reduce((sum, part) => {
      const bytes = Math.ceil(part.bits / 8);
      // In a concatenation nft ranks strings by their last character first.
      const value = parts.length > 1 && isString(part.type) ? swapBytes(part.value, bytes) : part.value;
      return (sum << BigInt(bytes * 8)) | value;
    }, 0n);
    return { index, key: this.#tree(parts.map(single)), rank };
  }

  /** Behind all others, but nft ranks texts higher still. */
  #lastRank(): bigint {
    const isText = this.#parts.length === 1 && isString(this.#parts[0]!.type);
    return isText ? -1n : onesOf(this.#set.keyLength * 8 + 1);
  }

  /** Concatenations of ranges stand as they were added. */
  #ranges(): readonly Listed[] {
    const { count, keys, keyEnds = keys } = this.#set.elements;
    const listed: Listed[] = [];
    const seen = new Set<string>();
    for (let index = 0; index < count; index++) {
      if (this.#isCatchall(index)) continue;
      const name = `${this.#bytes(index, keys)}-${this.#bytes(index, keyEnds)}`;
      if (seen.has(name)) continue;
      seen.add(name);
      const from = this.#keys(index, keys, true);
      const to = this.#keys(index, keyEnds, true);
      listed.push({ index, key: concat(from.map((first, part) => between(first, to[part]!))), rank: 0n });
    }
    return [...listed, ...this.#catchall()];
  }

  /** The element for all other keys, which is listed last. */
  #catchall(): readonly Listed[] {
    const { count } = this.#set.elements;
    const index = Array.from({ length: count }, (_, each) => each).find(each => this.#isCatchall(each));
    return index === undefined ? [] : [{ index, key: 'catchall', rank: 0n }];
  }

  /** Pairs of a first value and the one behind the last; without the second an interval ends where the next begins. */
  #intervals(): readonly Listed[] {
    const { elements, keyLength } = this.#set;
    const { count, flags, keys } = elements;
    const highest = onesOf(keyLength * 8);
    const points = Array.from({ length: count }, (_, index) => index)
      .filter(index => !this.#isCatchall(index))
      .map(index => ({
        index,
        isEnd: (flags[index]! & ElementFlag.intervalEnd) !== 0,
        from: this.#keys(index, keys, true)[0]!,
      }))
      .sort((a, b) => compare(a.from.value, b.from.value) || Number(b.isEnd) - Number(a.isEnd))
      .filter((point, place, all) => {
        const before = all[place - 1];
        return before?.from.value !== point.from.value || before.isEnd !== point.isEnd;
      });
    const listed: Listed[] = [];
    points.forEach(({ index, isEnd, from }, place) => {
      const next = points[place + 1];
      // An interval that was added twice begins twice.
      const isRepeated = next !== undefined && !next.isEnd && next.from.value === from.value;
      if (isEnd || isRepeated) return;
      const last = next === undefined ? highest : next.from.value - 1n;
      listed.push({ index, key: this.#tree([between(from, { ...from, value: last })]), rank: from.value });
    });
    return [...listed, ...this.#catchall()];
  }
}

function endsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'range':
      return [tree.from, tree.to];
    case 'prefix':
      return [tree.base];
    case 'binary':
      return [...endsOf(tree.left), ...endsOf(tree.right)];
    default:
      return [tree];
  }
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (listed: readonly Listed[]): readonly Listed[] =>
  [...listed].sort((a, b) => compare(a.rank, b.rank));

/** `use`: how a rule uses an anonymous set. */
export function liftElements(context: TableContext, set: IrSet, use?: SetUse): readonly Element[] {
  const isFaithful = context.options.explicit !== undefined;
  return new ElementLister(set, use, isFaithful).list().map(listed => elementNode(context, set, listed));
}

function elementNode(context: TableContext, set: IrSet, { index, key }: Listed): Element {
  const { elements } = set;
  const span = elements.spans?.[index] ?? set.span;
  const maker = new NodeMaker(context, span);
  const data = dataOf(context, set, index, span);
  return {
    kind: 'element',
    key: key === 'catchall' ? { kind: 'catchall', span } : maker.expression(key),
    ...(data !== undefined && { data }),
    ...extrasOf(set, index, span),
    span,
  };
}

type Extras = Pick<Element, 'timeout' | 'expires' | 'comment' | 'statements'>;

/** Elements without statements or a time of their own have those that the set gives to all. */
function extrasOf(
  { elements, expressions: common = [], timeout: usual = 0n }: IrSet,
  index: number,
  span: Span,
): Extras {
  const extras = elements.extras?.get(index) ?? {};
  const { timeout = usual, expires, comment, expressions = common } = extras;
  return {
    ...(timeout !== usual && {
      timeout:
        timeout === 0n
          ? { kind: 'time', text: 'never', milliseconds: 'never', span }
          : timeNode(timeout, span),
    }),
    ...(expires !== undefined && { expires: timeNode(expires, span) }),
    ...(comment !== undefined && { comment: textNode(comment, span) }),
    statements: expressions.flatMap(expression => statefulStatement(expression, span) ?? []),
  };
}

function dataOf(
  context: TableContext,
  { data, elements, userData }: IrSet,
  index: number,
  span: Span,
): Expression | undefined {
  switch (data?.kind) {
    case 'verdict': {
      const verdict = elements.verdicts?.[index];
      return verdict && verdictNode(verdict, span);
    }
    case 'object': {
      const name = elements.objects?.[index];
      return name === undefined ? undefined : symbolNode(name, span, 'quoted');
    }
    case 'value': {
      const parts = partsOf(userData?.data, data.parts, true);
      const trees = valueTrees(elements.data!, index * data.length, parts, data.interval === true);
      return new NodeMaker(context, span).expression(trees.length === 1 ? trees[0]! : concat(trees));
    }
    case undefined:
      return undefined;
  }
}

/** Of data that are ranges, all parts of the first value stand before those of the last. */
function valueTrees(bytes: Uint8Array, start: number, parts: readonly Part[], isInterval: boolean): Tree[] {
  const first = constantsOf(bytes, start, parts, false);
  if (!isInterval) return first.map(single);
  const size = parts.reduce((sum, { bits }) => sum + padded(Math.ceil(bits / 8)), 0);
  const last = constantsOf(bytes, start + size, parts, false);
  return first.map((from, index) => {
    const to = last[index]!;
    // A single address is listed as a prefix where it stands alone.
    return parts.length === 1 && hasPrefixes(from.type)
      ? rangeOrPrefix({ ...range(from, to), type: from.type, order: from.order })
      : between(from, to);
  });
}
