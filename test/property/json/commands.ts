// Commands in JSON, drawn around a listing: what it lists is added in one form or another, then changed.

import type { Random } from '../../support/random.ts';

type Properties = Readonly<Record<string, unknown>>;
type Item = readonly [kind: string, properties: Properties];

const only = (object: object): Item => Object.entries(object)[0] as Item;

/** A handle in a command is a place, so that what is added leaves its own behind. */
function withoutHandle({ handle: _, ...rest }: Properties): Properties {
  return rest;
}

function addition(random: Random, [kind, properties]: Item): object {
  const form = random.below(4);
  if (form === 0) return { [kind]: properties };
  const verb = form === 1 && kind !== 'rule' ? 'create' : 'add';
  return { [verb]: { [kind]: withoutHandle(properties) } };
}

const statements: readonly object[] = [
  { accept: null },
  { drop: null },
  { counter: null },
  { jump: { target: 'other' } },
];

class Changes {
  readonly #random: Random;
  readonly #items: readonly Item[];

  constructor(random: Random, items: readonly Item[]) {
    this.#random = random;
    this.#items = items;
  }

  #one(...kinds: readonly string[]): Item | undefined {
    const found = this.#items.filter(([kind]) => kinds.includes(kind));
    return found.length === 0 ? undefined : this.#random.pick(found);
  }

  #rule(): object {
    const random = this.#random;
    const [, chain] = this.#one('chain') ?? ['chain', {}];
    const { family, table, name } = chain;
    const place = random.pick([{}, { index: random.below(3) }, { handle: random.below(8) }]);
    return { family, table, chain: name, ...place, expr: [random.pick(statements)] };
  }

  #named(item: Item | undefined, more: object = {}): object {
    const [kind, { family, table, name }] = item ?? ['table', { family: 'ip', table: 't', name: 't' }];
    return { [kind]: { family, table, name, ...more } };
  }

  draw(): object {
    const random = this.#random;
    const any = random.pick(this.#items);
    const set = this.#one('set', 'map');
    const elements = { ...set?.[1], elem: set?.[1]['elem'] ?? [1] } as Properties;
    const { family, table, name, elem } = elements;
    return random.pick<() => object>([
      () => ({ add: { rule: this.#rule() } }),
      () => ({ insert: { rule: this.#rule() } }),
      () => ({ replace: { rule: { ...this.#rule(), handle: random.below(8) } } }),
      () => ({ delete: { rule: { ...this.#rule(), handle: random.below(8) } } }),
      () => ({ delete: { [any[0]]: any[1] } }),
      () => ({ destroy: { [any[0]]: withoutHandle(any[1]) } }),
      () => ({ flush: this.#named(this.#one('chain')) }),
      () => ({ flush: this.#named(set) }),
      () => ({ rename: this.#named(this.#one('chain'), { newname: 'renamed' }) }),
      () => ({ [random.pick(['add', 'create', 'delete'])]: { element: { family, table, name, elem } } }),
    ])();
  }
}

export function drawnCommands(random: Random, listing: string): string {
  const { nftables } = JSON.parse(listing) as { readonly nftables: readonly object[] };
  const items = nftables.map(only).filter(([kind]) => kind !== 'metainfo');
  if (items.length === 0) return listing;
  const changes = new Changes(random, items);
  const drawn = Array.from({ length: 1 + random.below(2) }, () => changes.draw());
  return JSON.stringify({ nftables: [...items.map(item => addition(random, item)), ...drawn] });
}
