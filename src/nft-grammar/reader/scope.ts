// Names that `define` binds, in the scopes of nft: the file, a table, a chain, a block of rules.

import type { Definition } from '../build/view.ts';
import { nearest } from '../near.ts';

/** The file itself and three levels below it; nft has no more. */
export const deepestScope = 3;

export class Scope {
  readonly depth: number;
  private readonly parent: Scope | undefined;
  private readonly names = new Map<string, Definition>();

  constructor(parent?: Scope) {
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** The definition that is seen from here. */
  find(name: string): Definition | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }

  define(definition: Definition): void {
    this.names.set(definition.name, definition);
  }

  /** Forgets a name of this very scope; outer ones stay, and a name that is not there is no error to nft. */
  undefine(name: string): void {
    this.names.delete(name);
  }

  /** All names seen from here, inner ones first. */
  *visible(): Iterable<string> {
    yield* this.names.keys();
    if (this.parent) yield* this.parent.visible();
  }

  nearest(name: string): string | undefined {
    return nearest(name, this.visible());
  }
}
