// What the kernel's helpers would read from the machine. The interpreter itself has no clock and no chance.

export interface Environment {
  /** CLOCK_MONOTONIC, in nanoseconds. */
  readonly monotonicTime: () => bigint;
  /** CLOCK_BOOTTIME, in nanoseconds. */
  readonly bootTime: () => bigint;
  /** CLOCK_TAI, in nanoseconds. */
  readonly taiTime: () => bigint;
  readonly jiffies: () => bigint;
  /** Unsigned, 32 bits. */
  readonly random: () => number;
  readonly cpu: number;
}

/** Time stands still at zero, and every drawn number is zero. */
export const fixedEnvironment: Environment = {
  monotonicTime: () => 0n,
  bootTime: () => 0n,
  taiTime: () => 0n,
  jiffies: () => 0n,
  random: () => 0,
  cpu: 0,
};
