// A small generator of numbers that gives the same numbers for the same seed, for tests that print their seed.

/** mulberry32: 32 bits of state, good enough to draw test cases. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= result < limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % limit;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const usual = 20_261_121;

/**
 * SEED of the environment, which draws other cases; by default always the same, so that whether a commit passes does not
 * depend on the hour. Tests name their seed when they fail.
 */
export const seed: number = Number(process.env['SEED'] ?? usual);
