// How deep chains call each other. The kernel checks this from each base chain on: a chain and fifteen below it. What no
// base chain reaches may even be a loop.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Reference } from './references.ts';
import type { TableState } from './table-state.ts';

/** Levels a packet can be in at one time, the base chain counted; goto counts as jump does. */
const deepest = 16;

type Jump = Reference & { readonly kind: 'chain' };

/** Jumps of the chains of one table, each looked at once. */
export class Jumps {
  readonly #table: TableState;
  readonly #known = new Map<string, readonly Jump[]>();

  constructor(table: TableState) {
    this.#table = table;
  }

  of(chain: string): readonly Jump[] {
    const known = this.#known.get(chain) ?? jumpsOf(this.#table, chain);
    this.#known.set(chain, known);
    return known;
  }
}

/** Jumps of a chain's rules, and those of the verdict maps they look up in. */
function jumpsOf(table: TableState, chain: string): readonly Jump[] {
  const jumps: Jump[] = [];
  const sets = new Set<string>();
  for (const { uses } of table.chains.get(chain)?.rules ?? []) {
    for (const reference of uses.references) {
      if (reference.kind === 'chain') jumps.push(reference);
      else if (reference.kind === 'set') sets.add(reference.text);
    }
  }
  const elements = [...sets].flatMap(name => table.sets.get(name)?.references ?? []);
  for (const reference of elements) if (reference.kind === 'chain') jumps.push(reference);
  return jumps;
}

/** Chains from the base chain down, as they call each other; `undefined` while the depth is allowed. */
class DepthCheck {
  readonly #jumps: Jumps;
  /** Levels below a chain, its own counted. */
  readonly #heights = new Map<string, number>();
  readonly diagnostics: Diagnostic[] = [];

  constructor(jumps: Jumps) {
    this.#jumps = jumps;
  }

  #report(jump: Jump, path: readonly string[]): void {
    const loops = path.includes(jump.text);
    const trail = [...path, jump.text].join(' -> ');
    this.diagnostics.push({
      code: loops ? 'jump-loop' : 'jump-too-deep',
      severity: 'error',
      message: loops
        ? `a jump to \`${jump.text}\` closes a loop: ${trail}`
        : `chains may call each other ${deepest - 1} levels deep: ${trail}`,
      span: jump.span,
    });
  }

  /** True if all is well below `chain`, which `path` ends with. Stops at the first fault. */
  visit(chain: string, path: readonly string[]): boolean {
    const known = this.#heights.get(chain);
    if (known !== undefined && path.length - 1 + known <= deepest) return true;
    let height = 1;
    for (const jump of this.#jumps.of(chain)) {
      if (path.includes(jump.text) || path.length >= deepest) {
        this.#report(jump, path);
        return false;
      }
      if (!this.visit(jump.text, [...path, jump.text])) return false;
      height = Math.max(height, 1 + (this.#heights.get(jump.text) ?? 0));
    }
    this.#heights.set(chain, height);
    return true;
  }
}

/** At most one diagnostic a base chain. */
export function checkNesting(table: TableState, jumps: Jumps): readonly Diagnostic[] {
  const check = new DepthCheck(jumps);
  for (const chain of table.chains.values()) {
    if (chain.base !== undefined) check.visit(chain.name, [chain.name]);
  }
  return check.diagnostics;
}
