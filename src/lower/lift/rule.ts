// A rule: its register code as statements, resolved one after the other, then as nodes.

import type { Rule, Statement } from '../../ast/nodes/index.ts';
import type { IrRule } from '../linear/ir.ts';
import type { Draft, Match } from './draft.ts';
import { handleOf, textNode } from './make.ts';
import { MatchResolver, mergedRange } from './match.ts';
import { Resolver } from './resolve.ts';
import { StatementResolver } from './resolve-statement.ts';
import { readStatements } from './statement.ts';
import { statementNode } from './statement-node.ts';
import type { TableContext } from './table-context.ts';
import type { Tree } from './tree.ts';

export function liftRule(context: TableContext, rule: IrRule): Rule {
  const { span, comment } = rule;
  return {
    kind: 'rule',
    get statements() {
      return liftStatements(context, rule);
    },
    ...(comment !== undefined && { comment: textNode(comment, span) }),
    ...handleOf(rule),
    span,
  };
}

function liftStatements(context: TableContext, rule: IrRule): readonly Statement[] {
  // JSON has no form for a chain without a name: nft puts its text there.
  const inText: TableContext = { ...context, options: { ...context.options, format: 'text' } };
  const rulesOf = (name: string): readonly Rule[] | undefined =>
    context.anonymousChains.get(name)?.rules.map(each => liftRule(inText, each));
  const isExplicit = context.options.explicit?.has(rule.id) === true;
  const drafts = new RuleResolver(context, isExplicit).resolve(readStatements(context, rule, rulesOf));
  return drafts.map(draft => statementNode(context, draft));
}

class RuleResolver {
  readonly #removed = new Set<Draft>();
  readonly #outer: Resolver;
  readonly #inner: Resolver;
  readonly #done: Draft[] = [];

  constructor({ family }: TableContext, isExplicit: boolean) {
    const remove = (match: Match): void => {
      if (!isExplicit) this.#removed.add(match);
    };
    this.#outer = new Resolver(family, remove);
    // Inside of a tunnel everything begins with an Ethernet header.
    this.#inner = new Resolver('bridge', remove, this.#outer);
  }

  resolve(drafts: readonly Draft[]): readonly Draft[] {
    for (const draft of drafts) {
      const resolver = readsInside(draft) ? this.#inner : this.#outer;
      if (draft.kind === 'match') this.#match(resolver, draft);
      else if (draft.kind === 'vmap') this.#map(resolver, draft);
      else this.#statement(resolver, draft);
    }
    return this.#done.filter(draft => !this.#removed.has(draft));
  }

  #match(resolver: Resolver, match: Match): void {
    const expanded = new MatchResolver(resolver, match).resolve();
    const { dependencies } = resolver;
    if (expanded !== undefined) {
      this.#done.push(...expanded);
      dependencies.previous = undefined;
      return;
    }
    const { previous } = dependencies;
    const merged = previous === undefined ? undefined : mergedRange(previous, match);
    if (merged !== undefined) this.#removed.add(previous!);
    this.#done.push(merged ?? match);
    dependencies.previous = merged ?? match;
  }

  #map(resolver: Resolver, draft: Extract<Draft, { readonly kind: 'vmap' }>): void {
    const use = { kind: 'map', key: draft.key, map: draft.map } as unknown as Extract<
      Tree,
      { readonly kind: 'map' }
    >;
    resolver.tree(use);
    draft.key = use.key;
    resolver.dependencies.previous = undefined;
    this.#done.push(draft);
  }

  #statement(resolver: Resolver, draft: Draft): void {
    new StatementResolver(resolver).resolve(draft);
    this.#done.push(draft);
    resolver.dependencies.forget();
  }
}

/** Whether a statement is about a packet inside of a tunnel. */
function readsInside(draft: Draft): boolean {
  if (draft.kind === 'match') return isInside(draft.relation.left);
  if (draft.kind === 'vmap') return isInside(draft.key);
  return draft.kind === 'set_update' && draft.data === undefined && isInside(draft.key);
}

function isInside(tree: Tree): boolean {
  switch (tree.kind) {
    case 'binary':
      return isInside(tree.left);
    case 'concat':
      return tree.parts.some(isInside);
    case 'payload':
    case 'meta':
      return tree.tunnel !== undefined;
    default:
      return false;
  }
}
