// What all generators of nft text draw with: a seeded source of choices, and lists of alternatives written as text.

import { Random } from '../../support/random.ts';

/** One alternative: a text, or something that draws one. */
export type Choice = string | ((draw: Draw) => string);

export class Draw {
  readonly random: Random;
  /** Declarations that what was drawn so far needs: text of each, once. */
  readonly declarations: Set<string> = new Set();
  /** The family of the table that is drawn for. */
  family = 'ip';
  #names = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  oneIn(times: number): boolean {
    return this.random.oneIn(times);
  }

  pick<T>(list: readonly T[]): T {
    return this.random.pick(list);
  }

  /** One of the alternatives, each as likely as the other. */
  one(...choices: readonly Choice[]): string {
    const choice = this.pick(choices);
    return typeof choice === 'string' ? choice : choice(this);
  }

  /** The text, or nothing; `times` is how rarely it is there. */
  maybe(choice: Choice, times = 2): string {
    return this.oneIn(times) ? this.one(choice) : '';
  }

  /** `least` to `most` texts. */
  several(choice: Choice, separator: string, least = 1, most = 4): string {
    const count = least + this.below(most - least + 1);
    return Array.from({ length: count }, () => this.one(choice)).join(separator);
  }

  number(limit: number): number {
    return this.oneIn(5) ? this.pick([0, 1, limit - 1, limit >>> 1]) : this.below(limit);
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
  }

  name(prefix: string): string {
    this.#names++;
    return `${prefix}${this.#names}`;
  }

  /** Writes parts with single spaces between them, without the empty ones. */
  words(...parts: readonly string[]): string {
    return parts.filter(part => part !== '').join(' ');
  }
}
