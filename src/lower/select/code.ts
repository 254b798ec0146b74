// Instructions in the making: items, fresh labels, the origin of what is emitted, and code that is put at the end
// because it is rarely run.

import type { AssemblyItem, Instruction } from '../../bpf-asm/instruction.ts';

export class Code {
  readonly items: AssemblyItem[] = [];
  private cold: (() => void)[] = [];
  private labels = 0;
  private origin = -1;

  /** A label that no other place has. */
  fresh(name: string): string {
    this.labels++;
    return `${name}_${this.labels}`;
  }

  /** What is emitted from now on stands for this span. */
  setOrigin(origin: number): void {
    this.origin = origin;
  }

  emit(...instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      this.items.push(this.origin < 0 ? instruction : { ...instruction, origin: this.origin });
    }
  }

  label(name: string): void {
    this.items.push({ label: name });
  }

  /** Runs later: what it emits stands behind all that is emitted until `flush`. */
  later(emit: () => void): void {
    const { origin } = this;
    this.cold.push(() => {
      this.origin = origin;
      emit();
    });
  }

  /** Emits what was put off; that may put off more. */
  flush(): void {
    while (this.cold.length > 0) {
      const [first, ...rest] = this.cold;
      this.cold = rest;
      first?.();
    }
  }
}
