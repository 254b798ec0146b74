// meta time, hour and day (nft_meta.c; fact 56 of docs/semantics.md): CLOCK_REALTIME, which no helper gives. CLOCK_TAI less
// the seconds that it is ahead is the same; how many those are, and how far west of UTC the kernel believes to be, stands
// in the map `rule_clock`, which the loader fills in. nf_tables takes the second of the last timer tick for hours and days;
// here it begins on time, so a packet in the first tick of an hour's second may be judged as one that came after it.

import {
  add64,
  alu64,
  call,
  div64,
  load,
  loadImm64,
  loadMapValue,
  mov64,
  R0,
  R1,
  R2,
  R3,
  sub64,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import { clockValue } from '../../model/clock.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import type { Place } from './target.ts';

const keys: readonly string[] = ['time', 'hour', 'day'];
const nanoseconds = 1_000_000_000;
const day = 86_400;
/** 1970 began on a Thursday. */
const firstDay = 4;
const taiHelperSince = [6, 1] as const;

export function isClockKey(key: string): boolean {
  return keys.includes(key);
}

export function refuseClock(key: string, { kernel }: Place): string | undefined {
  if (!isClockKey(key) || kernelAtLeast(kernel, taiHelperSince)) return undefined;
  return `\`meta ${key}\` needs Linux ${taiHelperSince.join('.')}, the target machine has ${kernel.join('.')}`;
}

/** R1 = nanoseconds since 1970, R2 = the map's value. */
function loadTime({ code, compilation }: Copy): void {
  code.emit(call(helperNumber.ktime_get_tai_ns), mov64(R1, R0));
  code.emit(loadMapValue(R2, compilation.clockMap, 0), load(8, R3, R2, clockValue.taiOffset), sub64(R1, R3));
}

export function locateClock(copy: Copy, key: string): Located {
  const { code } = copy;
  copy.facts = afterCall(copy.facts);
  loadTime(copy);
  if (key !== 'time') code.emit(loadImm64(R3, BigInt(nanoseconds)), div64(R1, R3));
  if (key === 'hour') code.emit(alu64('mod', R1, day));
  if (key === 'day') {
    code.emit(load(8, R3, R2, clockValue.west), sub64(R1, R3), div64(R1, day));
    code.emit(add64(R1, firstDay), alu64('mod', R1, 7));
  }
  return { kind: 'value', register: R1 };
}
