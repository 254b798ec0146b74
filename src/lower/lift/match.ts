// Matches: what is compared with what. Compared bytes that are several fields become several matches, two comparisons
// that are a range become one, masked flags become a list of flags.

import { type HeaderBase, upperProtocol } from '../../model/protocol.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Expression, IrSet } from '../linear/ir.ts';
import { isPrefixMask, prefixLength } from './bits.ts';
import type { Match } from './draft.ts';
import { expandPayload, splitConstant } from './payload.ts';
import { announces, baseOfCt, baseOfMeta } from './protocol.ts';
import { constantParts, type Registers } from './registers.ts';
import type { Resolver } from './resolve.ts';
import {
  type Binary,
  type Constant,
  constantOf,
  copyTree,
  keyPartTypes,
  type List,
  type Payload,
  prefix,
  type Relation,
  type RelationOperator,
  range,
  setType,
  setUse,
  type Tree,
} from './tree.ts';
import { hasPrefixes, isFlags, isString } from './types.ts';

const operators: Readonly<Record<string, RelationOperator>> = {
  eq: '==',
  neq: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};

/** The relation of a comparison or look-up; `undefined` of any other expression. */
export function relationOf(
  expression: Expression,
  registers: Registers,
  setOf: (id: number) => IrSet,
): Relation | undefined {
  switch (expression.op) {
    case 'cmp':
      return comparison(expression, registers);
    case 'range': {
      const right = range(constantOf(expression.from), constantOf(expression.to));
      return { operator: expression.invert ? '!=' : '==', left: registers.load(expression.source), right };
    }
    case 'lookup': {
      if (expression.dest !== undefined) return undefined;
      const right = setUse(setOf(expression.set));
      const left = registers.value(expression.source, right.bits);
      return { operator: expression.invert ? '!=' : '==', left, right };
    }
    default:
      return undefined;
  }
}

function comparison(
  { operator, source, value }: Extract<Expression, { readonly op: 'cmp' }>,
  registers: Registers,
): Relation {
  const left = registers.load(source);
  const right = constantOf(value);
  const relation = { operator: operators[operator]!, left };
  if (left.bits > right.bits && !isString(left.type) && Math.ceil(left.bits / 8) * 8 > right.bits) {
    const { bits } = right;
    right.value <<= BigInt(left.bits - bits);
    right.bits = left.bits;
    return { ...relation, right: prefix(right, bits) };
  }
  if (left.bits === 0 || Math.ceil(left.bits / 8) * 8 >= right.bits) return { ...relation, right };
  const several = registers.several(source, right.bits);
  return { ...relation, left: several, right: constantParts(right, several.parts) };
}

/** The matches that `match` turns out to be: none if it became part of `previous`. */
export class MatchResolver {
  readonly #resolver: Resolver;
  readonly #match: Match;
  #expanded: Match[] | undefined;

  constructor(resolver: Resolver, match: Match) {
    this.#resolver = resolver;
    this.#match = match;
  }

  /** `undefined`: the match itself. */
  resolve(): readonly Match[] | undefined {
    this.#relation(this.#match.relation);
    return this.#expanded;
  }

  #relation(relation: Relation): void {
    const { left, right } = relation;
    if (left.kind === 'payload') {
      this.#payload(relation, left);
      return;
    }
    if (left.kind === 'concat' && right.kind === 'set')
      left.partTypes = right.set.userData?.key.parts.map(({ type }) => type);
    if (left.kind === 'swapped') turnBackHours(relation, left.argument);
    const set = left.kind === 'concat' && right.kind === 'set' ? right : undefined;
    relation.left = this.#resolver.withSet(set, () => this.#resolver.tree(left));
    setType(right, relation.left.type, relation.left.order);
    if (right.kind === 'set' && relation.left.kind === 'concat')
      right.partTypes = keyPartTypes(relation.left.parts);
    if (right.kind === 'concat' && relation.left.kind === 'concat') right.partTypes = relation.left.partTypes;
    relation.right = this.#resolver.tree(right);
    this.#after(relation);
  }

  #after(relation: Relation): void {
    const { left, right } = relation;
    if (left.kind === 'ct') this.#key(relation, baseOfCt(left.key.name));
    else if (left.kind === 'meta') this.#key(relation, baseOfMeta(left.key.name));
    else if (left.kind === 'binary') this.#binary(relation, left);
    else if (right.kind === 'set') setType(right, left.type, left.order);
  }

  #payload(relation: Relation, payload: Payload): void {
    const { operator, right } = relation;
    if (operator === '==' || operator === '!=') {
      if (right.kind === 'value') {
        this.#expand(relation, payload, right);
        return;
      }
      if (right.kind === 'set') this.#checkIcmp(payload, right.set);
    }
    this.#resolver.named(payload, right);
  }

  /** An anonymous set of ICMP types tells the message by its first element. */
  #checkIcmp(payload: Payload, { flags, elements, keyLength }: IrSet): void {
    const { protocols } = this.#resolver;
    const isAnonymous = (flags & SetFlag.anonymous) !== 0 && (flags & SetFlag.interval) === 0;
    if (!isAnonymous || elements.count === 0 || keyLength !== 1 || payload.bits !== 8) return;
    const protocol = protocols.at('transport');
    if (payload.base !== 'transport' || protocols.icmpType !== 0) return;
    if ((protocol?.name !== 'icmp' && protocol?.name !== 'icmpv6') || payload.offset !== 0) return;
    payload.protocol = protocol;
    payload.field = protocol.fields.get('type');
    protocols.icmpType = Math.min(...elements.keys.subarray(0, elements.count));
  }

  #expand(relation: Relation, payload: Payload, right: Constant): void {
    const { protocols, dependencies, family } = this.#resolver;
    const { operator } = relation;
    const isEqual = operator === '==';
    let base: HeaderBase | undefined = payload.base;
    let rest = right;
    this.#expanded = [];
    for (const part of expandPayload(payload, protocols)) {
      const split = splitConstant(rest, part.bits);
      rest = split.rest;
      const value: Constant = split.head;
      setType(value, part.type, part.order);
      const made: Match = {
        kind: 'match',
        relation: { operator, left: part, right: fieldValue(part, value) },
        span: this.#match.span,
      };
      if (isEqual) protocols.learn(made.relation);
      this.#expanded.push(made);
      if (payload.tunnel !== undefined) this.#inTunnel(payload, part);
      const known = base === undefined ? undefined : protocols.at(base);
      if (isEqual && part.announces && known !== undefined) {
        const next = upperProtocol(known, Number(value.value));
        if (next?.base === known.base && base === 'link') base = undefined;
      }
      dependencies.killByPayload(part, family);
      setType(made.relation.right, part.type, part.order);
      if (isEqual && part.announces) dependencies.remember(made, base);
    }
  }

  #inTunnel(payload: Payload, part: Payload): void {
    if (payload.protocol !== undefined && payload.protocol === payload.tunnel) {
      part.protocol = payload.protocol;
      part.field = payload.field;
    }
    part.tunnel = payload.tunnel!;
    this.#resolver.killOuter(payload);
  }

  /** A key of meta or ct. `base` is the header it speaks of. */
  #key(relation: Relation, base: HeaderBase | undefined): void {
    const { operator, left, right } = relation;
    if (right.kind === 'set') setType(right, left.type, left.order);
    if (operator !== '==' || right.kind === 'range' || right.kind === 'set') return;
    const { protocols, dependencies, family } = this.#resolver;
    protocols.learn(relation);
    if (base === 'transport') return;
    if (base !== undefined && dependencies.has(base) && dependencies.mayKillByKey(family, relation))
      dependencies.release(base);
    if (announces(left)) dependencies.remember(this.#match, base);
  }

  #binary(relation: Relation, left: Binary): void {
    const { operator, right } = relation;
    const isEquality = operator === '==' || operator === '!=';
    if (left.operator !== '&') {
      this.#shifted(relation, left);
      return;
    }
    const mask = left.right;
    if (isEquality && isFlags(right.type) && right.kind === 'value' && right.value === 0n) {
      relation.left = left.left;
      relation.right = flagList(mask);
      relation.operator = operator === '!=' ? 'implicit' : '!';
    } else if (
      hasPrefixes(left.left.type) &&
      right.kind === 'value' &&
      mask.kind === 'value' &&
      isPrefixMask(mask.value, mask.bits)
    ) {
      relation.left = left.left;
      relation.right = prefix(right, prefixLength(mask.value));
    } else if (mask.kind === 'value') {
      const inner = left.left;
      const matched = (payload: Payload): void => {
        relation.left = payload;
        this.#payload(relation, payload);
      };
      if (this.#resolver.unmask({ left: inner, mask, values: right, matched })) relation.left = inner;
    }
  }

  /** `(x & mask) >> shift` of what is no field by itself. */
  #shifted(relation: Relation, left: Binary): void {
    const masked = left.left;
    if (left.operator !== '>>' || left.right.kind !== 'value') return;
    if (masked.kind !== 'binary' || masked.operator !== '&' || masked.right.kind !== 'value') return;
    if (this.#resolver.unmask({ left: masked.left, mask: masked.right, values: left.right })) {
      left.left = masked.left;
      if (left.right.value === 0n) relation.left = left.left;
    }
  }
}

/** Of a field of which only the first bits are compared. */
function fieldValue({ field, bits }: Payload, value: Constant): Tree {
  if (field === undefined || bits >= field.length) return value;
  const whole: Constant = { ...value, value: value.value << BigInt(field.length - bits), bits: field.length };
  return prefix(whole, bits);
}

/** Flags joined by `|` as a list; one is what it is. */
export function flagList(mask: Tree): Tree {
  const items: Tree[] = [];
  const collect = (tree: Tree): void => {
    if (tree.kind === 'binary' && tree.operator === '|') {
      collect(tree.left);
      collect(tree.right);
    } else items.push(tree);
  };
  collect(mask);
  if (items.length === 1) return items[0]!;
  const list: List = { kind: 'list', items, type: mask.type, bits: mask.bits, order: mask.order };
  return list;
}

/** Ranges of hours over midnight UTC were turned round. */
function turnBackHours(relation: Relation, key: Tree): void {
  const { operator, right } = relation;
  if (key.kind !== 'meta' || key.key.name !== 'hour' || right.kind !== 'range' || operator !== '!=') return;
  const { from, to } = right;
  if (from.kind !== 'value' || to.kind !== 'value' || from.value > to.value) return;
  right.from = to;
  right.to = from;
  relation.operator = 'implicit';
}

/** `x >= a x <= b` is a range, `x < a x > b` everything else; nft looks at the kind of `x` only. */
export function mergedRange(previous: Match, match: Match): Match | undefined {
  const before = previous.relation;
  const after = match.relation;
  const inner = (tree: Tree): Tree => (tree.kind === 'swapped' ? tree.argument : tree);
  const kindOf = (tree: Tree): string => (tree.kind === 'selector' ? tree.node.kind : tree.kind);
  if (kindOf(inner(before.left)) !== kindOf(inner(after.left))) return undefined;
  const isInside = before.operator === '>=' && after.operator === '<=';
  const isOutside = before.operator === '<' && after.operator === '>';
  if (!isInside && !isOutside) return undefined;
  const right = range(copyTree(before.right), copyTree(after.right));
  setType(right, after.right.type, after.right.order);
  const relation: Relation = { operator: isInside ? '==' : '!=', left: copyTree(after.left), right };
  return { kind: 'match', relation, span: previous.span };
}
