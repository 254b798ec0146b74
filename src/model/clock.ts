// The value of the map `rule_clock`: what a program cannot ask of the kernel's clocks.

/** Offsets of two signed 64-bit numbers of the machine's byte order (little endian). */
export const clockValue = {
  /** Nanoseconds that CLOCK_TAI is ahead of CLOCK_REALTIME. */
  taiOffset: 0,
  /** Seconds that the kernel's time zone (settimeofday(2)) is west of UTC: only `meta day` counts them. */
  west: 8,
} as const;

/** Bytes. */
export const clockValueSize = 16;
