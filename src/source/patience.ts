// A limit on time for a core that reads no clock: the caller is asked now and then whether the result still matters.

/** Steps between two questions. A step is a statement, an element or a rule: some microseconds. */
const stepsBetween = 64;

/** Work ended in the middle of it, since the caller waits no longer. Who began the work catches it. */
export class OutOfPatience extends Error {}

/** Counts a step of the work; throws OutOfPatience if it should not be made any more. */
export type Step = () => void;

export class Patience {
  readonly #isOverdue: (() => boolean) | undefined;
  #steps = 0;
  #hasEnded = false;

  constructor(isOverdue: (() => boolean) | undefined) {
    this.#isOverdue = isOverdue;
  }

  /** True once the caller has said that it waits no longer. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Counts a step; true if it should not be made any more. */
  isOut(): boolean {
    if (this.#isOverdue === undefined) return false;
    if (!this.#hasEnded && this.#steps++ % stepsBetween === 0) this.#hasEnded = this.#isOverdue();
    return this.#hasEnded;
  }

  /** For work that cannot be left half done. */
  readonly step: Step = () => {
    if (this.isOut()) throw new OutOfPatience(outOfPatience);
  };
}

export const outOfPatience = 'this takes longer than the caller wants to wait';
