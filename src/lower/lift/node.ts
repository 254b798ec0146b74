// Trees, once they are resolved, as nodes.

import type {
  Element,
  Expression,
  InnerExpression,
  MatchStatement,
  SetExpression,
} from '../../ast/nodes/index.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import { liftElements } from './elements.ts';
import { exthdrNode } from './exthdr-node.ts';
import { jsonLiteral } from './json-literal.ts';
import { inRange, literalOf } from './literal.ts';
import { numberNode, symbolNode } from './make.ts';
import type { TableContext } from './table-context.ts';
import type {
  Binary,
  Constant,
  Ct,
  Hash,
  MapUse,
  Meta,
  Payload,
  Relation,
  SetUse,
  Text,
  Tree,
} from './tree.ts';
import { isFlags } from './types.ts';

/** Keys of meta that are listed without the word. */
export const bareMetaKeys: ReadonlySet<string> = new Set([
  'iif',
  'oif',
  'iifname',
  'oifname',
  'iifgroup',
  'oifgroup',
]);

const rawBases = { link: 'll', network: 'nh', transport: 'th', inner: 'ih' } as const;

export class NodeMaker {
  readonly #context: TableContext;
  readonly #span: Span;

  constructor(context: TableContext, span: Span) {
    this.#context = context;
    this.#span = span;
  }

  expression(tree: Tree): Expression {
    const span = this.#span;
    switch (tree.kind) {
      case 'value':
        return this.#literal(tree);
      case 'text':
        return textLiteral(tree, span);
      case 'prefix':
        return {
          kind: 'prefix',
          base: this.expression(tree.base),
          length: numberNode(tree.length, span),
          span,
        };
      case 'range': {
        const numeric = new NodeMaker({ ...this.#context, options: inRange(this.#context.options) }, span);
        return { kind: 'range', from: numeric.expression(tree.from), to: numeric.expression(tree.to), span };
      }
      case 'list':
        return { kind: 'list', items: tree.items.map(item => this.expression(item)), span };
      case 'payload':
        return this.#payload(tree);
      case 'exthdr':
        return exthdrNode(tree, span);
      case 'meta':
        return this.#meta(tree);
      case 'ct':
        return this.#ct(tree);
      case 'selector':
        return tree.node;
      case 'hash':
        return this.#hash(tree);
      case 'binary':
        return this.#binary(tree);
      case 'swapped':
        return this.expression(tree.argument);
      case 'concat':
        return { kind: 'concat', parts: tree.parts.map(part => this.expression(part)), span };
      case 'set':
        return this.set(tree);
      case 'map':
        return this.#map(tree);
    }
  }

  get #isJson(): boolean {
    return this.#context.options.format === 'json';
  }

  #literal(tree: Constant): Expression {
    const { options } = this.#context;
    return this.#isJson ? jsonLiteral(tree, options, this.#span) : literalOf(tree, options, this.#span);
  }

  /** `@name`, or the elements of a set that the rule made for itself. */
  set(use: SetUse): Expression {
    const { set } = use;
    if ((set.flags & SetFlag.anonymous) === 0)
      return { kind: 'set_reference', name: set.name, span: this.#span };
    const elements: readonly Element[] = liftElements(this.#context, set, use);
    const expression: SetExpression = { kind: 'set', elements: listOf(elements), span: this.#span };
    return expression;
  }

  match({ operator, left, right }: Relation): MatchStatement {
    const isLeftOut = operator === '==' && !this.#isJson && !showsEquals(left, right);
    const shown = isLeftOut ? 'implicit' : operator;
    return {
      kind: 'match',
      operator: shown,
      left: this.expression(left),
      right: this.expression(right),
      span: this.#span,
    };
  }

  #map({ key, map }: MapUse): Expression {
    return { kind: 'map', key: this.expression(key), map: this.set(map), span: this.#span };
  }

  #payload({ base, offset, bits, protocol, field, tunnel }: Payload): Expression {
    const span = this.#span;
    const expression =
      protocol === undefined || field === undefined
        ? ({
            kind: 'raw_payload',
            base: rawBases[base],
            offset: numberNode(offset, span),
            length: numberNode(bits, span),
            span,
          } as const)
        : ({ kind: 'payload', protocol: protocol.name, field: field.name, span } as unknown as Expression);
    if (tunnel === undefined || tunnel === protocol) return expression;
    return { kind: 'inner', tunnel: tunnel.name, expression, span } as unknown as InnerExpression;
  }

  /** nft does not list which tunnel a key of meta is read in. */
  #meta({ key: { name } }: Meta): Expression {
    return { kind: 'meta', key: name, qualified: !bareMetaKeys.has(name), span: this.#span };
  }

  #ct({ key: { name }, direction, family: known }: Ct): Expression {
    const [first = '', second] = name.split(' ');
    const key = second ?? first;
    // Text names the family also where the key does not.
    const named = this.#isJson ? undefined : known;
    const family = second === undefined ? named : (first as 'ip' | 'ip6');
    return {
      kind: 'ct',
      key,
      ...(direction !== undefined && { direction }),
      ...(direction !== undefined && family !== undefined && { family }),
      span: this.#span,
    };
  }

  #hash({ source, modulus, seed, offset }: Hash): Expression {
    const span = this.#span;
    const settings = {
      modulus: numberNode(modulus, span),
      ...(seed !== undefined && { seed: numberNode(seed, span, `0x${seed.toString(16)}`) }),
      ...(offset !== 0 && { offset: numberNode(offset, span) }),
      span,
    };
    if (source === undefined) return { kind: 'symhash', ...settings };
    return { kind: 'jhash', expression: this.expression(source), ...settings };
  }

  #binary({ operator, left, right }: Binary): Expression {
    return {
      kind: 'binary',
      operator,
      left: this.expression(left),
      right: this.expression(right),
      span: this.#span,
    };
  }
}

/** `==` is listed where it would be read as something else without. */
function showsEquals(left: Tree, right: Tree): boolean {
  return left.kind === 'binary' || (right.kind === 'value' && isFlags(right.type));
}

export function textLiteral({ text, wildcard }: Text, span: Span): Expression {
  if (wildcard) return symbolNode(`${text}*`, span, 'wildcard');
  return symbolNode(text.endsWith('*') ? `${text.slice(0, -1)}\\*` : text, span, 'quoted');
}

export function listOf(elements: readonly Element[]): SetExpression['elements'] {
  return {
    length: elements.length,
    at(index: number): Element {
      const element = elements[index];
      if (element === undefined) throw new RangeError(`no element ${index}`);
      return element;
    },
  };
}
