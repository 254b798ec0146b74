// Finds the arm that a number belongs to: a chain of comparisons for few values, a binary search for many. The verifier
// walks each instruction of such a search once (docs/architecture.md), and its depth is the logarithm of its size.

import {
  alu,
  jump,
  jumpIf,
  loadImm64,
  mov64,
  R2,
  R3,
  R4,
  type Register,
  sub64,
} from '../../bpf-asm/build.ts';
import type { Condition } from '../../bpf-asm/isa.ts';
import type { Arm, NodeId } from '../flow/graph.ts';
import type { Code } from './code.ts';

/** A number in a register, or in two (the high half first). */
export interface Subject {
  readonly high?: Register;
  readonly low: Register;
  /** Whether all values fit 32 bits, so that 32-bit comparisons do. */
  readonly narrow: boolean;
  /** The largest value it can have. */
  readonly maximum: bigint;
}

export interface SearchTargets {
  /** The label of a node. */
  readonly to: (id: NodeId) => string;
  /** The node that is laid out next. */
  readonly next: NodeId | undefined;
}

/** Arms that are single values are tried one after the other up to this many. */
const longestChain = 3;

const opposite: Readonly<Partial<Record<Condition, Condition>>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  gt: 'le',
  le: 'gt',
};

class Search {
  private readonly code: Code;
  private readonly subject: Subject;
  private readonly otherwise: NodeId;
  private readonly targets: SearchTargets;

  constructor(code: Code, subject: Subject, otherwise: NodeId, targets: SearchTargets) {
    this.code = code;
    this.subject = subject;
    this.otherwise = otherwise;
    this.targets = targets;
  }

  /** `last`: the code behind is the node laid out next, so that a jump there can be saved. */
  run(arms: readonly Arm[], low: bigint, high: bigint, last: boolean): void {
    if (arms.length === 0) {
      this.finish(this.otherwise, last);
      return;
    }
    if (arms.length === 1) {
      this.one(arms[0]!, low, high, last);
      return;
    }
    const isChain = arms.length <= longestChain && arms.every(arm => arm.low === arm.high);
    if (isChain) {
      this.chain(arms, low, high, last);
      return;
    }
    const middle = arms.length >> 1;
    const pivot = arms[middle]!.low;
    const right = this.code.fresh('right');
    this.branch('ge', pivot, right);
    this.run(arms.slice(0, middle), low, pivot - 1n, false);
    this.code.label(right);
    this.run(arms.slice(middle), pivot, high, last);
  }

  private chain(arms: readonly Arm[], low: bigint, high: bigint, last: boolean): void {
    const final = arms.at(-1)!;
    for (const arm of arms.slice(0, -1)) this.branch('eq', arm.low, this.targets.to(arm.to));
    this.one(final, low, high, last);
  }

  private one(arm: Arm, low: bigint, high: bigint, last: boolean): void {
    const reachesLow = arm.low <= low;
    const reachesHigh = arm.high >= high;
    if (reachesLow && reachesHigh) {
      this.finish(arm.to, last);
      return;
    }
    if (arm.low === arm.high) {
      this.split('eq', arm.low, arm.to, last);
      return;
    }
    if (reachesLow) {
      this.split('le', arm.high, arm.to, last);
      return;
    }
    if (reachesHigh) {
      this.split('ge', arm.low, arm.to, last);
      return;
    }
    if (this.subject.high !== undefined) {
      this.branch('lt', arm.low, this.targets.to(this.otherwise));
      this.split('le', arm.high, arm.to, last);
      return;
    }
    this.inside(arm, last);
  }

  /** low <= x <= high as one unsigned comparison of x - low. */
  private inside(arm: Arm, last: boolean): void {
    const width = this.subject.narrow ? 32 : 64;
    const fits = arm.low < 1n << 31n;
    this.code.emit(mov64(R3, this.subject.low));
    if (this.subject.narrow) this.code.emit(alu(32, 'sub', R3, Number(arm.low)));
    else if (fits) this.code.emit(sub64(R3, Number(arm.low)));
    else this.code.emit(loadImm64(R2, arm.low), alu(width, 'sub', R3, R2));
    const moved = new Search(this.code, { ...this.subject, low: R3 }, this.otherwise, this.targets);
    moved.split('le', arm.high - arm.low, arm.to, last);
  }

  /** Goes to `yes` if the condition holds, else to `otherwise`. */
  private split(condition: Condition, value: bigint, yes: NodeId, last: boolean): void {
    if (last && this.targets.next === yes && this.subject.high === undefined) {
      this.branch(opposite[condition]!, value, this.targets.to(this.otherwise));
      this.finish(yes, last);
      return;
    }
    this.branch(condition, value, this.targets.to(yes));
    this.finish(this.otherwise, last);
  }

  private finish(node: NodeId, last: boolean): void {
    const label = this.targets.to(node);
    if (!last || this.targets.next !== node) this.code.emit(jump(label));
  }

  private branch(condition: Condition, value: bigint, label: string): void {
    const { high, low, narrow } = this.subject;
    if (high !== undefined) {
      this.wide(condition, value, high, low, label);
      return;
    }
    if (narrow) this.code.emit(jumpIf(condition, low, Number(value), label, { width: 32 }));
    else this.compare(condition, low, value, label);
  }

  private compare(condition: Condition, register: Register, value: bigint, label: string): void {
    if (value < 1n << 31n) this.code.emit(jumpIf(condition, register, Number(value), label));
    else this.code.emit(loadImm64(R4, value), jumpIf(condition, register, R4, label));
  }

  /** 128 bits: the high halves decide unless they are equal. */
  private wide(condition: Condition, value: bigint, high: Register, low: Register, label: string): void {
    const [top, bottom] = [value >> 64n, value & ((1n << 64n) - 1n)];
    const done = this.code.fresh('differs');
    if (condition === 'ne') {
      this.compare('ne', high, top, label);
      this.compare('ne', low, bottom, label);
      return;
    }
    if (condition === 'eq') {
      this.compare('ne', high, top, done);
      this.compare('eq', low, bottom, label);
      this.code.label(done);
      return;
    }
    const isGreater = condition === 'gt' || condition === 'ge';
    this.compare(isGreater ? 'gt' : 'lt', high, top, label);
    this.compare('ne', high, top, done);
    this.compare(condition, low, bottom, label);
    this.code.label(done);
  }
}

/** Arms are sorted and disjoint. */
export function emitSearch(
  code: Code,
  subject: Subject,
  arms: readonly Arm[],
  otherwise: NodeId,
  targets: SearchTargets,
): void {
  new Search(code, subject, otherwise, targets).run(arms, 0n, subject.maximum, true);
}
